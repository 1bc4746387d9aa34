"""What differences do to numbers, against formulas written out here."""

from dataclasses import replace

import numpy as np
import pytest

import normspec
from normspec import Situation, translate
from normspec.clauses import neighbours
from normspec.conformance.translations.effects import LINES, labels, of_fields, of_one_value, of_translation, off, state
from normspec.conformance.translations.stated import SPREADS, evaluated, few_groups, has_sizes, retold, trained
from normspec.layers import SPECS
from normspec.layers.geometry import per_statistic
from normspec.translation.bare import typical
from normspec.translation.reading import reading

TORCH = reading("nn.BatchNorm2d(3)")
AT = Situation(shape=(3, 4, 5, 6), dtype="float32", parameter_dtype="float32")


def status(call, to, n=8, **situation):
    return {line: found.status for line, found in of_translation(translate(call, to=to, **situation), n).items()}


def test_epsilon_in_evaluation_is_off_by_what_the_formula_says():
    case = evaluated(TORCH.spec, TORCH.situation, 8)
    v = {name: np.asarray(a, dtype=np.float64).reshape(1, -1, 1, 1) for name, a in case.values.items() if np.ndim(a)}
    x = case.steps[0].inputs["x"].astype(np.float64)
    y = [v["scale"] * (x - v["running_mean"]) / np.sqrt(v["running_variance"] + e) + v["shift"] for e in (1e-5, 1e-3)]
    found = off(TORCH.spec, replace(TORCH.spec, epsilon=1e-3), TORCH.situation, 8)["evaluation"]
    assert found.quantity == "y"
    assert found.error == pytest.approx(np.max(np.abs(y[1] - y[0])) / np.max(np.abs(y[0])), rel=1e-9)
    assert found.error > 0.01


@pytest.mark.parametrize("n", [8, 8192])
def test_the_correction_moves_the_running_variance_by_its_factor(n):
    case = trained(TORCH.spec, TORCH.situation, n)
    moved = {correction: np.ones(3) for correction in (0, 1)}
    for step in case.steps:
        x = step.inputs["x"].astype(np.float64)
        moved = {c: r + 0.1 * (x.var(axis=(0, 2, 3), ddof=c) - r) for c, r in moved.items()}
    spec = replace(TORCH.spec, running=replace(TORCH.spec.running, correction=0))
    found = off(TORCH.spec, spec, TORCH.situation, n)
    assert found["evaluation"].none
    assert found["training"].none
    assert found["running statistics"].quantity == "running_variance"
    expected = np.max(np.abs(moved[0] - moved[1])) / np.max(np.abs(moved[1] - 1))
    assert found["running statistics"].error == pytest.approx(expected, rel=1e-6)


def test_the_stated_numbers_are_as_stated():
    for n in (8, 8192):
        case = trained(TORCH.spec, TORCH.situation, n)
        x = case.steps[0].inputs["x"]
        assert per_statistic(TORCH.spec, x.shape) == n
    assert x.std(axis=(0, 2, 3)) == pytest.approx([1, 0.1, 0.01], rel=0.05)
    instance = reading("nn.InstanceNorm2d(3)")
    x = trained(instance.spec, instance.situation, 8192).steps[0].inputs["x"]
    assert x.shape[:2] == (1, 3)
    assert x.std(axis=(0, 2, 3)) == pytest.approx([1, 0.1, 0.01], rel=0.05)
    layer = reading("nn.LayerNorm(5)")
    x = trained(layer.spec, layer.situation, 8192).steps[0].inputs["x"]
    assert per_statistic(layer.spec, x.shape) == 8192
    assert x.std(axis=-1).ravel() == pytest.approx([1, 0.1, 0.01], rel=0.05)


def test_same_is_by_the_defaults_and_bridged_by_the_call():
    assert status("keras.layers.LayerNormalization()", "torch") == dict(zip(LINES, ("bridged", "bridged", "same"), strict=True))
    assert set(status("nn.LayerNorm(3, eps=1e-3)", "keras").values()) == {"same"}
    found = status("keras.layers.BatchNormalization()", "torch")
    assert found == {"evaluation": "bridged", "training": "bridged", "running statistics": "off"}
    assert set(status("keras.layers.BatchNormalization()", "tf_keras", rank=2).values()) == {"same"}
    assert status("keras.layers.BatchNormalization()", "tf_keras")["running statistics"] == "bridged"


def test_a_rate_that_is_rounded_on_its_way_is_the_same():
    assert status("nn.BatchNorm2d(3, momentum=0.012345678901234567)", "tf_keras")["running statistics"] == "bridged"


def test_what_one_alone_has_is_named():
    found = of_translation(translate("linen.LayerNorm(use_scale=False)", to="torch"), 8)
    assert found["evaluation"].status == "bridged"  # a scale of ones changes nothing until it is learned
    assert found["training"].off == (float("inf"), "has dscale")
    found = of_translation(translate("nn.BatchNorm2d(3)", to="tf.nn.batch_normalization"), 8)
    assert found["running statistics"].off.quantity == "lacks running_mean"


def test_other_axes_are_not_compared():
    found = of_translation(translate("linen.LayerNorm(feature_axes=1)", to="torch"), 8)
    assert {line.off.quantity for line in found.values()} == {"other axes"}


def test_one_value_per_statistic():
    assert of_one_value(TORCH.spec, TORCH.situation) == "refused"
    keras = reading("keras.layers.BatchNormalization(center=False)")
    assert of_one_value(keras.spec, keras.situation) == "gives shift"


def test_each_field_is_told_alone():
    keras = normspec.read("keras.layers.BatchNormalization(axis=1)")
    found = of_fields(TORCH.spec, keras, TORCH.situation, 8)
    assert list(found) == ["epsilon", "running.rate", "running.correction", "one_value"]
    told = {path: {line for line, of in effect.items() if not of.none} for path, effect in found.items()}
    assert told == {
        "epsilon": {"evaluation", "training"},
        "running.rate": {"running statistics"},
        "running.correction": {"running statistics"},
        "one_value": set(),
    }
    assert found["running.rate"]["running statistics"].error == pytest.approx(0.9, abs=0.02)


def test_a_field_that_no_layer_has_so_alone_is_none():
    outside = replace(TORCH.spec, epsilon_place="outside")
    nothing = replace(TORCH.spec, epsilon=0.0)
    assert of_fields(outside, nothing, TORCH.situation, 8)["epsilon"] is None


def wide(a):
    return np.asarray(a, dtype=np.float64)


def test_epsilon_of_group_norm_is_off_by_what_the_formula_says_of_two_groups():
    found = reading("nn.GroupNorm(32, 64)")
    case = evaluated(few_groups(found.spec), found.situation, 8)
    x = wide(case.steps[0].inputs["x"])
    assert x.shape == (3, 4, 2, 2)
    assert (found.spec.groups, case.spec.groups) == (32, 2)
    groups = x.reshape(3, 2, -1)
    scale, shift = (wide(case.values[name]).reshape(1, 4, 1, 1) for name in ("scale", "shift"))
    y = [
        scale * ((groups - groups.mean(axis=2, keepdims=True)) / np.sqrt(groups.var(axis=2, keepdims=True) + e)).reshape(x.shape) + shift
        for e in (1e-5, 1e-3)
    ]
    seen = off(found.spec, replace(found.spec, epsilon=1e-3), found.situation, 8)["evaluation"]
    assert seen.error == pytest.approx(np.max(np.abs(y[1] - y[0])) / np.max(np.abs(y[0])), rel=1e-9)


def test_other_groups_are_not_compared():
    asked = reading("nn.GroupNorm(2, 8)")
    for changed in ({"groups": 4}, {"grouping": "interleaved"}, {"scale_per": "group"}, {"groups": 5}):
        assert {line.quantity for line in off(asked.spec, replace(asked.spec, **changed), asked.situation, 8).values()} == {"other groups"}


def test_what_is_observed_moves_the_moments_of_feature_norm_and_so_what_comes_after():
    asked = reading("keras.layers.Normalization()")
    case = trained(asked.spec, asked.situation, 8)
    assert [step.mode for step in case.steps] == ["observe", "train"] * 3
    seen, errors = np.zeros((0, 3)), []
    for observed, used in zip(case.steps[::2], case.steps[1::2], strict=True):
        seen = np.concatenate([seen, wide(observed.inputs["x"])])
        variances = [seen.var(axis=0, ddof=ddof) for ddof in (0, 1)]
        for a in (wide(used.inputs["x"]) - seen.mean(axis=0), wide(used.cotangent)):
            y = [a / np.sqrt(variance) for variance in variances]
            errors.append(np.max(np.abs(y[1] - y[0])) / np.max(np.abs(y[0])))
    found = off(asked.spec, replace(asked.spec, correction=1), asked.situation, 8)
    assert found["evaluation"].none
    assert found["training"].error == pytest.approx(max(errors), rel=1e-5)
    assert found["running statistics"].quantity == "variance"
    expected = np.max(np.abs(variances[1] - variances[0])) / np.max(np.abs(variances[0] - 1))
    assert found["running statistics"].error == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("n", [8, 8192])
def test_the_coefficient_of_a_window_is_off_by_what_the_formula_says_whatever_n_is(n):
    asked = reading("nn.LocalResponseNorm(5)")
    x = wide(evaluated(asked.spec, asked.situation, n).steps[0].inputs["x"])
    assert x.shape == (3, 16, 1, 1)
    padded = np.pad(x**2, ((0, 0), (2, 2), (0, 0), (0, 0)))
    squares = sum(padded[:, k : k + 16] for k in range(5))
    y = [x / (1 + c * squares) ** 0.75 for c in (2e-5, 0.5)]
    found = off(asked.spec, replace(asked.spec, coefficient=0.5), asked.situation, n)
    assert found["evaluation"].error == pytest.approx(np.max(np.abs(y[1] - y[0])) / np.max(np.abs(y[0])), rel=1e-9)


def test_spectral_norm_is_evaluated_near_the_largest_singular_value():
    asked = reading("parametrizations.spectral_norm(layer)")
    case = evaluated(asked.spec, asked.situation, 8)
    x = wide(case.steps[0].inputs["x"])
    assert x.shape == (16, 3)
    estimate = wide(case.values["u"]) @ x @ wide(case.values["v"])
    assert np.linalg.norm(x, 2) * 0.9 < estimate < np.linalg.norm(x, 2)
    found = off(asked.spec, replace(asked.spec, evaluation="none"), asked.situation, 8)["evaluation"]
    assert found.error == pytest.approx(abs(estimate - 1), rel=1e-6)


def test_each_point_of_spectral_norm_is_told_where_it_matters():
    asked = reading("parametrizations.spectral_norm(layer)")

    def lines(**changed):
        return {line for line, of in off(asked.spec, replace(asked.spec, **changed), asked.situation, 8).items() if not of.none}

    assert lines(replaces=True) == {"training"}
    assert lines(evaluation="iterated") == {"evaluation", "running statistics"}  # there is no u to keep
    assert lines(iterations=3) == {"training", "running statistics"}
    assert lines(warm_up=0) == set()
    assert lines(channel_axes=(1,)) == set(LINES)


def test_the_weight_of_spectral_norm_changes_a_little_from_step_to_step():
    asked = reading("linen.SpectralNorm(layer)")
    xs = [wide(step.inputs["x"]) for step in trained(asked.spec, asked.situation, 8).steps]
    assert 0 < np.max(np.abs(xs[1] - xs[0])) < 0.5 * np.max(np.abs(xs[0]))
    free = reading("linen.WeightNorm(layer)")
    xs = [wide(step.inputs["x"]) for step in trained(free.spec, free.situation, 8).steps]
    assert np.max(np.abs(xs[1] - xs[0])) > 0.5 * np.max(np.abs(xs[0]))


def test_what_is_kept_gives_the_last_line_its_name():
    assert labels("running_mean", "running_variance")["running statistics"] == "running statistics"
    assert labels("mean", "variance")["running statistics"] == "mean and variance"
    assert labels("u", "v")["running statistics"] == "u and v"
    assert list(labels()) == ["evaluation", "training"]
    found = reading("parametrizations.spectral_norm(layer)")
    assert list(state(found.spec, found.situation)) == ["u", "v"]
    assert state(reading("nn.GroupNorm(2, 4)").spec, reading("nn.GroupNorm(2, 4)").situation) == {}


def test_a_call_that_is_off_is_not_the_same_by_defaults_that_it_does_not_keep():
    t = translate("nn.LayerNorm(3, eps=1e-6)", to="flax:linen")
    assert of_translation(t, 8)["evaluation"].status == "same"
    found = of_translation(replace(t, meant=replace(t.meant, epsilon=1e-3)), 8)
    assert [found[line].status for line in LINES] == ["off", "off", "same"]


def test_a_target_that_must_be_told_what_is_not_known_is_bridged():
    assert status("linen.GroupNorm(num_groups=None, group_size=8, use_fast_variance=False)", "torch") == dict.fromkeys(LINES, "bridged")


@pytest.mark.parametrize("layer", SPECS)
@pytest.mark.parametrize("n", [1, 8, 8192])
def test_every_layer_has_stated_inputs_of_that_many_values(layer, n):
    spec = few_groups(typical(layer))
    found = [spec, *(other for other in (neighbours(spec, "running") if hasattr(spec, "running") else ()) if other.running is None)]
    for each in found:
        for case in (evaluated(each, AT, n), trained(each, AT, n)):
            shape = case.situation.shape
            assert len(shape) == 4
            assert {step.inputs["x"].shape for step in case.steps} == {shape}
            assert not has_sizes(each, 4) or per_statistic(each, shape) == n
            assert has_sizes(each, 4) == (layer not in ("local_response_norm", "spectral_norm", "dynamic_tanh"))
            assert max(shape) >= len(SPREADS)


def test_what_another_layer_has_besides_is_loaded_alike():
    found = reading("keras.layers.SpectralNormalization(layer)")
    case = evaluated(found.spec, found.situation, 8)
    assert list(case.values) == ["u"]
    both = retold(case, replace(found.spec, evaluation="kept"))
    assert list(both.values) == ["u", "v"]
    assert (both.values["u"] == case.values["u"]).all()
    assert wide(both.values["v"]) @ wide(both.values["v"]) == pytest.approx(1, rel=1e-6)
