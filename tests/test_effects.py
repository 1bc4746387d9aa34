"""What differences do to numbers, against formulas written out here."""

from dataclasses import replace

import numpy as np
import pytest

import normspec
from normspec import translate
from normspec.conformance.translations.effects import LINES, of_fields, of_one_value, of_translation, off
from normspec.conformance.translations.stated import evaluated, trained
from normspec.translation.reading import reading

TORCH = reading("nn.BatchNorm2d(3)")


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
