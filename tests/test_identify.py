"""Identification: hidden layers, native ones and wrong ones are found to be the points that they are."""

from contextlib import ExitStack, closing
from dataclasses import replace

import numpy as np
import plain
import pytest
from drawn_specs import exists, records
from hypothesis import HealthCheck, given, settings

import normspec
from normspec.clauses import differences
from normspec.cli.asked import DTYPES, entries_of, of_entry, subjected
from normspec.cli.identify import identify_one, measured, rows_of
from normspec.conformance.child import answer_to
from normspec.conformance.identification.identify import identify
from normspec.conformance.identification.options import start, value_at
from normspec.conformance.subject import Answer, Subject
from normspec.layers import SPECS
from normspec.load import load
from normspec.normal import normal
from normspec.records import Case

SHAPE = (4, 6, 5)
SHAPES = {"local_response_norm": (3, 9, 5), "weight_norm": (5, 7, 4), "spectral_norm": (5, 7)}
HIDDEN = {
    **dict.fromkeys(("layer_norm", "group_norm", "mean_variance_norm", "feature_norm", "weight_norm", "weight_standardization"), 2),
    **dict.fromkeys(("batch_norm", "instance_norm"), 2),
    **dict.fromkeys(("rms_norm", "lp_norm", "local_response_norm", "spectral_norm"), 1),
}
"""How many layers of each kind are hidden: twenty."""
EXACT = normspec.Situation(shape=SHAPE, dtype="float64", parameter_dtype="float64")


def drawn(layer, count):
    found = []

    @settings(max_examples=80, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(records(SPECS[layer]))
    def draw(spec):
        of = SHAPES.get(layer, SHAPE)
        shows = layer != "local_response_norm" or (spec.coefficient and spec.channel_axes == (1,))  # an axis longer than the window
        if exists(spec, of) and spec not in found and shows:
            found.append(spec)

    draw()
    return found[len(found) // 2 :][:count]  # not the simplest, which are drawn first


def asks(by):
    return lambda case: Answer(*answer_to(case, by))


def hidden(spec):
    reference = load("reference:numpy")
    return replace(reference, build=lambda _, situation: reference.build(spec, situation))


def neutral(spec, shape):
    """Give what is asked of a hidden layer: the first points. Of arrays that are born random, it must say where they lie."""
    asked = start(spec.layer, shape, {})
    return replace(asked, channel_axes=spec.channel_axes) if spec.layer == "spectral_norm" else asked


def shows_the_same(spec, other, shape):
    """Tell whether two layers give the same on an x that identification has not seen, as far as they own the same arrays."""
    rng = np.random.default_rng(5)
    at = replace(EXACT, shape=shape)
    slots = {**other.slots(shape), **spec.slots(shape)}
    values = {name: rng.uniform(0.5, 1.5, size=slot.shape) if slot.role != "count" else np.asarray(2) for name, slot in slots.items()}
    modes = ("observe", "train", "evaluate") if "observe" in getattr(spec, "moves", ()) else ("train", "evaluate")
    steps = tuple(normspec.Step(mode=mode, inputs={"x": rng.normal(size=shape) * 3}, cotangent=rng.normal(size=shape)) for mode in modes)
    seen = []
    for one in (spec, other):
        case = Case(id="", clause="", spec=one, situation=at, values={n: values[n] for n in one.slots(shape)}, steps=steps)
        seen.append(answer_to(case, load("reference:numpy"))[1])
    both = [name for name in seen[0].keys() & seen[1].keys() if not name.startswith("born")]
    return f"{len(modes) - 1}.y" in both and all(np.allclose(seen[0][name], seen[1][name], 1e-6, equal_nan=True) for name in both)


def test_twenty_are_hidden():
    assert sum(HIDDEN.values()) == 20


@pytest.mark.parametrize("layer", HIDDEN)
def test_a_hidden_layer_is_found_from_what_it_shows(layer):
    shape = SHAPES.get(layer, SHAPE)
    for spec in drawn(layer, HIDDEN[layer]):
        found = identify(neutral(spec, shape), shape, asks(hidden(spec)))
        assert found.spec is not None, (spec, found.where)
        for path, points in found.undecided.items():
            assert all(shows_the_same(spec, point, shape) for point in points), (path, spec, points)
        at = replace(EXACT, shape=shape)
        off = {path: pair for path, *pair in differences(normal(spec, at), normal(found.spec, at)) if path not in found.undecided}
        several = layer == "group_norm" and shows_the_same(spec, found.spec, shape)  # one layer, by three fields of another
        assert set(off) <= {"fraction"} or several, (spec, off)
        if "fraction" in off:
            (row,) = (row for row in found.evidence if row.path == "fraction")
            assert row.least <= spec.fraction < row.most
        wrong = [row for row in found.evidence if row.away <= 1]
        assert wrong == []


@pytest.mark.parametrize("call", ["torch.nn.LayerNorm(6, eps=3e-4)", "torch.nn.utils.parametrizations.weight_norm(m, dim=1)"])
def test_a_native_layer_is_found(call):
    what = subjected(call, None, "", None)
    found = identify(what.asked, what.shape, asks(load(what.name)))
    at = replace(EXACT, shape=what.shape)
    assert list(differences(normal(what.asked, at), normal(found.spec, at))) == []


NATIVE = (
    "torch",
    "torch:functional",
    "torch:others",
    "flax:nnx",
    "flax:linen",
    "jax",
    "tensorflow",
    "tf_keras",
    "keras:tensorflow",
    "haiku",
    "equinox",
    "mlx",
    "paddle",
    "paddle:functional",
    "tinygrad",
    "mindspore",
    "onnx:reference",
    "onnx:onnxruntime",
    "openvino",
    "transformers:llama",
    "transformers:gemma",
    "transformers:t5",
)
KERAS = ("keras:jax", "keras:torch", "keras:numpy", "keras:openvino")
"""The other backends of the one dialect that has several."""
PADDLE = {
    "BatchNorm1D": "one value",
    "functional.normalize": "even, least, less, nothing, small, tiny, trained, zeros",
    "utils.weight_norm": "even, least, less, made, small, tiny, trained",
    "SpectralNorm": "even, large, least, less, nothing, offset, small, tiny, trained",
}
"""The probes in which layers of Paddle are none that is known."""
DIFFERS = {
    ("torch.nn.BatchNorm1d", "batch_norm"): {"batch-norm.statistics-dtype": "'input'"},
    ("torch.nn.SyncBatchNorm", "batch_norm"): {"batch-norm.statistics-dtype": "'input'"},
    ("torch.nn.InstanceNorm1d", "instance_norm"): {"instance-norm.statistics-dtype": "'input'"},
    ("torch.nn.functional.batch_norm", "batch_norm"): {"batch-norm.statistics-dtype": "'input'"},
    ("torch.nn.functional.instance_norm", "instance_norm"): {"instance-norm.statistics-dtype": "'input'"},
    ("tf_keras.layers.BatchNormalization", "batch_norm"): {"batch-norm.running.rate": "0.0099999997764826"},
    ("tf_keras.layers.BatchNormalization", "ghost_batch_norm"): {"ghost-batch-norm.running.rate": "0.0099999997764826"},
    ("tf_keras.layers.BatchNormalization", "batch_renorm"): {"float64": "dshift, running_variance, y"},  # it raises in training
    ("keras.layers.BatchNormalization", "batch_renorm"): {"batch-renorm.statistics-dtype": "'float32'"},
    ("flax.nnx.WeightNorm", "weight_norm"): {"scale": "born float64, not bfloat16"},
    ("flax.linen.BatchNorm", "batch_norm"): {"float64": "running_variance"},
    ("equinox.nn.BatchNorm", "batch_norm"): {"batch-norm.output-dtype": "'input'"},  # where y would be wider, training raises
    ("onnx:reference", "onnx.opset15.BatchNormalization"): {"no known point": "bfloat16 mixed, float16 mixed"},
    **{
        (f"onnx:{engine}", f"onnx.opset{opset}.GroupNormalization"): {"group-norm.variance": "'one_pass'"}
        for engine in ("reference", "onnxruntime")
        for opset in (18, 21)
    },
    ("onnx:reference", "onnx.opset23.RMSNormalization"): {"rms-norm.rounding": "'last'", "rms-norm.output-dtype": "'input'"},
    ("onnx:onnxruntime", "onnx.opset23.RMSNormalization"): {"rms-norm.rounding": "'last'"},
    **{("paddle", f"paddle.nn.{name}"): {"no known point": probes} for name, probes in PADDLE.items()},
    ("paddle.nn.functional.batch_norm", "batch_norm"): {"no known point": "one value"},
    ("paddle.nn.GroupNorm", "group_norm"): {"group-norm.variance": "'one_pass'"},
    ("paddle.nn.functional.group_norm", "group_norm"): {
        "no known point": "even, large, least, less, nothing, one value, small, tiny, trained"
    },
    **{
        (f"paddle.nn.{name}", f"{layer}_norm"): {f"{layer}-norm.epsilon": "9.99999974737875e-06"}
        for layer in ("layer", "instance")
        for name in (f"functional.{layer}_norm", {"layer": "LayerNorm", "instance": "InstanceNorm1D"}[layer])
    },
    **{
        (f"paddle.nn.{name}", "local_response_norm"): {"local-response-norm.statistics-dtype": "'float32'"}
        for name in ("LocalResponseNorm", "functional.local_response_norm")
    },
    ("torch:others", "torch.nn.CrossMapLRN2d"): {"no known point": "even, large, least, offset, small, tiny, trained"},
    ("tinygrad.nn.BatchNorm", "batch_norm"): {"no known point": "one value"},  # it moves the mean by what it refuses
    ("tinygrad.nn.GroupNorm", "group_norm"): {"no known point": "float16"},  # clang refuses its code for 12 ones
    ("tinygrad.nn.RMSNorm", "rms_norm"): {"rms-norm.rounding": "'last'", "float64": "dx, y"},  # no point is both in 16 bits
    ("tinygrad.Tensor.normalize", "lp_norm"): {"no known point": "zeros"},
    ("mindspore.nn.BatchNorm1d", "batch_norm"): {"no known point": "float16, one value"},
    ("mindspore.nn.LayerNorm", "layer_norm"): {"float64": "dshift, dx"},
    ("mindspore.nn.GroupNorm", "group_norm"): {"group-norm.epsilon": "9.99999974737875e-06"},
    ("mindspore.ops.L2Normalize", "lp_norm"): {"no known point": "least, less, nothing, small, tiny, zeros"},
    ("onnx:reference", "onnx.opset13.LRN"): {"no known point": "even, large, offset, small, tiny, trained"},
    ("onnx:reference", "onnx.opset13.MeanVarianceNormalization"): {
        "mean-variance-norm.epsilon": "1e-09",
        "mean-variance-norm.epsilon-place": "'outside'",
        "mean-variance-norm.variance": "'one_pass'",
        "float64": "y",
    },
    ("onnx:onnxruntime", "onnx.opset13.MeanVarianceNormalization"): {"float64": "y"},
    ("openvino", "openvino.opset6.mvn"): {"float64": "y"},  # float64 in float32, but bfloat16 in bfloat16: no point has both
    ("openvino", "openvino.opset1.normalize_l2"): {"float64": "y"},
}
"""What is measured to be another than what is promised: the findings. Where float64 is named, it is of no known point there.

By layer, or by implementation where a dialect has several.
"""
NARROW = {"statistics-dtype": "'float32'"}
ONE_PASS = {"variance": "'one_pass'"}
BORN = {"float64": ""}
"""Parameters are born float32 there, which is all that is wrong."""
CUT = {"statistics-dtype": "'input'", "float64": "y"}
"""A bfloat16 y errs by more than a rounding, as if it were computed in that, and float64 is computed in float32."""
DIFFERS_ON = {
    **{("keras:jax", layer): NARROW for layer in ("batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm")},
    ("keras:jax", "batch_renorm"): NARROW,
    ("keras:torch", "batch_renorm"): ONE_PASS | NARROW,
    ("keras:numpy", "batch_renorm"): ONE_PASS | BORN,
    ("keras:openvino", "batch_renorm"): ONE_PASS | CUT | {"float64": "renorm_deviation, renorm_mean, running_mean"},
    ("keras:jax", "lp_norm"): {"no known point": "zeros"},
    ("keras:jax", "spectral_norm"): {"replaces": "False"},
    **{("keras:torch", layer): ONE_PASS | NARROW for layer in ("batch_norm", "group_norm", "instance_norm")},
    **{("keras:torch", layer): NARROW for layer in ("layer_norm", "rms_norm")},
    ("keras:torch", "lp_norm"): {"no known point": "even, large, least, less, nothing, small, tiny, trained, zeros"},
    ("keras:torch", "feature_norm"): {"float64": "dx, y"},
    ("keras:torch", "spectral_norm"): {"float64": "u, y"},
    **{("keras:numpy", layer): ONE_PASS | BORN for layer in ("batch_norm", "layer_norm", "group_norm", "instance_norm")},
    ("keras:numpy", "rms_norm"): BORN,
    ("keras:numpy", "lp_norm"): {"float64": "y"},
    ("keras:numpy", "feature_norm"): {"float64": "variance"},
    ("keras:numpy", "spectral_norm"): {"epsilon": "0.0", "epsilon-place": "'inside'", **NARROW},
    **{("keras:openvino", layer): ONE_PASS | CUT for layer in ("layer_norm", "group_norm", "instance_norm")},
    ("keras:openvino", "batch_norm"): ONE_PASS | CUT | {"float64": "running_mean, running_variance"},
    ("keras:openvino", "rms_norm"): CUT,
    **{("keras:openvino", layer): {"float64": "y"} for layer in ("lp_norm", "feature_norm", "spectral_norm")},
}
"""The same of Keras' other backends, by the layer and the last of a clause's path."""
OF_ONE_DTYPE = (("LayerNorm", "layer_norm"), ("GroupNorm", "group_norm"), ("InstanceNorm1D", "instance_norm"))
"""Layers of Paddle that own something, which has the dtype of x."""
ALIKE = {
    ("torch.nn.InstanceNorm1d", "instance_norm"): {"batch_axes", "channel_axes"},  # nothing lies along either: it owns nothing
    ("torch.nn.functional.instance_norm", "instance_norm"): {"batch_axes", "channel_axes"},
    ("torch.nn.functional.batch_norm", "batch_norm"): {"running.initial_mean", "running.initial_variance"},  # its caller's
    ("tf.nn.batch_normalization", "batch_norm"): {"output_dtype"},  # x and parameters have one dtype, here and in the next two
    ("tf.nn.batch_normalization", "layer_norm"): {"output_dtype"},
    ("tf_keras.layers.LayerNormalization", "layer_norm"): {"output_dtype"},
    ("tf_keras.layers.BatchNormalization", "batch_renorm"): {"running.state_dtype"},  # it trains in float32 alone
    ("tf_keras.layers.BatchNormalization", "ghost_batch_norm"): {"one_value"},  # no ghost has one value: the batch is not divisible by more
    ("keras.layers.RMSNormalization", "rms_norm"): {"output_dtype"},
    ("haiku.BatchNorm", "batch_norm"): {"output_dtype", "running.initial_mean", "running.initial_variance"},  # born of x besides
    **{(f"haiku.{name}Norm", f"{name.lower()}_norm"): {"output_dtype"} for name in ("Layer", "Group", "Instance", "RMS")},
    ("equinox.nn.BatchNorm", "batch_norm"): {"correction"},  # nothing is divided by the batch's own deviation
    ("mlx.nn.InstanceNorm", "instance_norm"): {"batch_axes", "channel_axes"},  # it owns nothing, either
    ("mlx.nn.RMSNorm", "rms_norm"): {"output_dtype"},  # where y is wider than x it rounds elsewhere, which is another point
    **{(f"paddle.nn.{name}", layer): {"output_dtype"} for name, layer in OF_ONE_DTYPE},
    ("paddle.nn.functional.instance_norm", "instance_norm"): {"batch_axes", "channel_axes"},
    ("transformers.models.t5.modeling_t5.T5LayerNorm", "rms_norm"): {"output_dtype"},  # x and weight have one dtype
    **{  # y has the dtype of x, and so has what the operator owns
        (f"onnx.{name}Normalization", layer): {"output_dtype"}
        for name, layer in (
            ("opset17.Layer", "layer_norm"),
            ("opset22.Instance", "instance_norm"),
            ("opset21.Group", "group_norm"),
            ("opset18.Group", "group_norm"),
        )
    },
    ("openvino.opset5.batch_norm_inference", "batch_norm"): {  # what it has is its caller's, and it takes nothing from x
        "correction",
        "running.correction",
        "running.initial_mean",
        "running.initial_variance",
        "output_dtype",
    },
    ("openvino.opset12.group_normalization", "group_norm"): {"output_dtype"},  # all has the dtype of x
    ("keras.layers.SpectralNormalization", "spectral_norm"): {"warm_up"},  # u is born random, and u alone shows a warm-up
    ("tf_keras.layers.SpectralNormalization", "spectral_norm"): {"warm_up"},
    ("keras.layers.Normalization", "feature_norm"): {"observes", "correction"},  # adapt() of Keras 3 cannot go on from what is loaded
}
"""What nothing shows in any probe, and why."""
ALIKE_ON = {
    **{(name, "spectral_norm"): {"replaces"} for name in ("keras:numpy", "keras:openvino")},  # it shows in gradients alone
    **{(name, "batch_renorm"): {"correction"} for name in ("keras:numpy", "keras:openvino")},  # r takes it out of y: it shows in gradients
    ("onnx:onnxruntime", "batch_norm"): {"running.initial_mean", "running.initial_variance"},  # its caller's
    ("onnx:onnxruntime", "rms_norm"): {"output_dtype"},  # a scale of another dtype is refused
}


def natives():
    """Give every native layer that is judged, at one rank."""
    for name in (*NATIVE, *KERAS):
        yield from ((name, entry) for entry in entries_of(name) if not entry.native.endswith(("Norm2d", "Norm3d", "Norm2D", "Norm3D")))


@pytest.fixture(scope="module")
def subjects(tmp_path_factory):
    """Give what asks an implementation in a process of its own, the one asked last being kept."""
    with ExitStack() as ending:
        log, kept = ending.enter_context((tmp_path_factory.mktemp("log") / "log").open("wb")), {}

        def subject(what):
            if (what.name, what.like) not in kept:
                for other in kept.values():
                    other.close()
                kept.clear()
                kept[what.name, what.like] = ending.enter_context(closing(Subject(what.name, log, like=what.like)))
            return kept[what.name, what.like].play

        yield subject


@pytest.mark.parametrize(("name", "entry"), tuple(natives()), ids=lambda value: getattr(value, "native", value))
def test_every_native_layer_is_found_to_be_what_it_promises_but_for_the_findings(name, entry, subjects):
    what = of_entry(entry, name)
    what, found, earlier = measured(what, lambda: of_entry(entry, name, DTYPES[1:]), subjects(what))
    differs = {row[0]: row[1].partition(" (")[0] for row in rows_of(what, found) if row[3] == "no"} | dict(found.dtypes)
    if earlier:
        quantities = {part.partition(".")[2] for part in earlier[0].partition(", for ")[2].split(", ")}
        differs["float64"] = ", ".join(sorted(quantities))
    if found.spec is None:  # and what is nearest says nothing
        differs = {"no known point": ", ".join(sorted({where.partition(":")[0] for where in found.where}))}
    key, on = (entry.native, entry.layer), (name, entry.layer)
    if name in KERAS:
        differs = {clause.partition(".")[2] or clause: value for clause, value in differs.items()}
    assert differs == (DIFFERS_ON.get(on, {}) if name in KERAS else DIFFERS.get((name, entry.native), DIFFERS.get(key, {})))
    assert set(found.undecided) == ALIKE.get(key, set()) | ALIKE_ON.get(on, set())


ASKED = normspec.read("torch.nn.BatchNorm1d(6, eps=9.765625e-4, momentum=0.125)", rank=3, dtype="float64")


OCCUPIED = {
    "population for sample variance": (plain.implementation(bessel=lambda *_: 1.0), {"running.correction": 0}),
    "rate reversed": (plain.implementation(weight=lambda running, k: 1 - plain.weight(running, k)), {"running.rate": 0.875}),
    "updated twice": (plain.implementation(updates=lambda mode: 2 * (mode in ("train", "observe"))), {"running.rate": 1 - 0.875**2}),
    "sample for population variance": (hidden(replace(ASKED, correction=1)), {"correction": 1}),
    "epsilon outside the root": (hidden(replace(ASKED, epsilon_place="outside")), {"epsilon_place": "outside"}),
}
"""Fault -> the implementation, and the fields in which the point that it really occupies differs from the one asked for."""


@pytest.mark.parametrize("fault", OCCUPIED)
def test_a_wrong_layer_is_found_to_be_the_point_that_it_occupies(fault):
    by, occupied = OCCUPIED[fault]
    found = identify(ASKED, SHAPE, asks(by))
    assert found.spec is not None, found.where
    assert {path: value for path, _, value in differences(normal(ASKED, EXACT), normal(found.spec, EXACT))} == occupied


def test_what_is_no_point_is_said_to_be_none_and_to_which_it_is_nearest():
    asked = normspec.read("torch.nn.LayerNorm(5)", rank=3, dtype="float64")
    by = plain.implementation(normalize=lambda x, mean, inverse, scale, shift: 1.01 * plain.normalize(x, mean, inverse, scale, shift))
    found = identify(asked, SHAPE, asks(by))
    assert found.spec is None
    assert found.away > 1e6
    for path in ("axes", "parameter_axes", "correction", "scale", "shift"):
        assert value_at(found.nearest, path) == value_at(normal(asked, EXACT), path), path


def test_without_a_layer_the_command_prints_a_row_for_each_layer_of_a_framework(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert identify_one("jax", None, "", None) == 0
    said = capsys.readouterr().out
    assert "jax, every layer by its defaults" in said
    assert "jax.nn.standardize (layer_norm) │ 11     │ 11 " in said


def test_the_command_prints_a_row_for_each_clause_and_says_whether_all_are_as_asked(capsys):
    assert identify_one("torch", "torch.nn.functional.normalize", "", 2) == 0
    said = capsys.readouterr().out
    assert all(f"lp-norm.{field}" in said for field in ("axes", "order", "epsilon", "epsilon-place", "at-zero", "statistics-dtype"))
    assert "1e-12" in said
    assert "'floor'" in said
