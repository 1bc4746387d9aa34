"""Translations proved by running them, for every pair of frameworks: three steps of training here, two there."""

from contextlib import ExitStack, closing
from dataclasses import fields, replace
from itertools import permutations

import pytest

from normspec.conformance.subject import Answer, Subject
from normspec.conformance.translations.proof import NotProved, prove
from normspec.errors import InvalidInput
from normspec.layers import SPECS
from normspec.load import deviations
from normspec.translation.translate import Translation, translate

KERAS = tuple(f"keras:{backend}" for backend in ("tensorflow", "jax", "torch", "numpy", "openvino"))
OF_KERAS = {
    "batch_norm": "keras.layers.BatchNormalization()",
    "batch_renorm": "keras.layers.BatchNormalization(renorm=True)",
    "layer_norm": "keras.layers.LayerNormalization()",
    "instance_norm": "keras.layers.GroupNormalization(groups=-1)",
    "group_norm": "keras.layers.GroupNormalization(groups=3)",
    "rms_norm": "keras.layers.RMSNormalization()",
    "lp_norm": "keras.layers.UnitNormalization()",
    "feature_norm": "keras.layers.Normalization()",
    "spectral_norm": "keras.layers.SpectralNormalization(layer)",
}
CALLS = {
    "torch": {
        "batch_norm": "torch.nn.BatchNorm2d(5)",
        "layer_norm": "torch.nn.LayerNorm(7)",
        "instance_norm": "torch.nn.InstanceNorm2d(5, affine=True)",
        "group_norm": "torch.nn.GroupNorm(3, 6)",
        "rms_norm": "torch.nn.RMSNorm(7)",
        "lp_norm": "torch.nn.functional.normalize(x, dim=-1)",
        "local_response_norm": "torch.nn.LocalResponseNorm(5)",
        "weight_norm": "torch.nn.utils.parametrizations.weight_norm(module)",
        "spectral_norm": "torch.nn.utils.parametrizations.spectral_norm(module)",
    },
    **dict.fromkeys(KERAS, OF_KERAS),
    "tensorflow": {
        "batch_norm": "tf.compat.v1.nn.fused_batch_norm(x, scale, offset, mean, variance, exponential_avg_factor=0.01)",
        "lp_norm": "tf.math.l2_normalize(x, axis=-1)",
        "local_response_norm": "tf.nn.local_response_normalization(x, 2)",
    },
    "tf_keras": {layer: f"tf_{call}" for layer, call in OF_KERAS.items() if layer not in ("instance_norm", "rms_norm")},
    "flax:nnx": {
        "batch_norm": "flax.nnx.BatchNorm(5)",
        "layer_norm": "flax.nnx.LayerNorm(7)",
        "instance_norm": "flax.nnx.InstanceNorm(5)",
        "group_norm": "flax.nnx.GroupNorm(6, num_groups=3)",
        "rms_norm": "flax.nnx.RMSNorm(7)",
        "weight_norm": "flax.nnx.WeightNorm(layer)",
        "spectral_norm": "flax.nnx.SpectralNorm(layer)",
    },
    "flax:linen": {
        "batch_norm": "flax.linen.BatchNorm()",
        "layer_norm": "flax.linen.LayerNorm()",
        "instance_norm": "flax.linen.InstanceNorm()",
        "group_norm": "flax.linen.GroupNorm(num_groups=3)",
        "rms_norm": "flax.linen.RMSNorm()",
        "weight_norm": "flax.linen.WeightNorm(layer)",
        "spectral_norm": "flax.linen.SpectralNorm(layer)",
    },
    "haiku": {
        "batch_norm": "haiku.BatchNorm(True, True, 0.9)",
        "layer_norm": "haiku.LayerNorm(-1, True, True)",
        "instance_norm": "haiku.InstanceNorm(True, True)",
        "group_norm": "haiku.GroupNorm(3)",
        "rms_norm": "haiku.RMSNorm(-1)",
        "spectral_norm": "haiku.SpectralNorm(eps=1e-12)",
    },
    "equinox": {
        "batch_norm": "equinox.nn.BatchNorm(5, 'batch', mode='ema')",
        "layer_norm": "equinox.nn.LayerNorm(7)",
        "group_norm": "equinox.nn.GroupNorm(3, 6)",
        "rms_norm": "equinox.nn.RMSNorm(7, use_bias=False)",
        "weight_norm": "equinox.nn.WeightNorm(layer)",
        "spectral_norm": "equinox.nn.SpectralNorm(layer, 'weight')",
    },
    "mlx": {
        "batch_norm": "mlx.nn.BatchNorm(5)",
        "layer_norm": "mlx.nn.LayerNorm(7)",
        "instance_norm": "mlx.nn.InstanceNorm(5)",
        "group_norm": "mlx.nn.GroupNorm(3, 6)",
        "rms_norm": "mlx.nn.RMSNorm(7)",
    },
    "paddle": {
        "batch_norm": "paddle.nn.BatchNorm2D(5)",
        "layer_norm": "paddle.nn.LayerNorm(7)",
        "instance_norm": "paddle.nn.InstanceNorm2D(5)",
        "group_norm": "paddle.nn.GroupNorm(3, 6)",
        "lp_norm": "paddle.nn.functional.normalize(x, axis=-1)",
        "local_response_norm": "paddle.nn.LocalResponseNorm(5)",
        "weight_norm": "paddle.nn.utils.weight_norm(layer)",
        "spectral_norm": "paddle.nn.utils.spectral_norm(layer)",
    },
    "tinygrad": {
        "batch_norm": "tinygrad.nn.BatchNorm(5)",
        "layer_norm": "tinygrad.nn.LayerNorm(7)",
        "instance_norm": "tinygrad.nn.InstanceNorm(5)",
        "group_norm": "tinygrad.nn.GroupNorm(3, 6)",
        "rms_norm": "tinygrad.nn.RMSNorm(7)",
        "lp_norm": "tinygrad.Tensor.normalize()",
    },
    "mindspore": {  # not lrn: of the window and the exponent that others have by default, it cannot be executed
        "batch_norm": "mindspore.nn.BatchNorm2d(5)",
        "layer_norm": "mindspore.nn.LayerNorm((7,))",
        "group_norm": "mindspore.nn.GroupNorm(3, 6)",
        "lp_norm": "mindspore.ops.L2Normalize(axis=-1)",
    },
    "transformers:llama": {"rms_norm": "LlamaRMSNorm(7)"},
    "transformers:gemma": {"rms_norm": "GemmaRMSNorm(7)"},
    "transformers:t5": {"rms_norm": "T5LayerNorm(7)"},
    "jax": {"layer_norm": "jax.nn.standardize(x)"},
    "onnx:reference": {
        "batch_norm": "onnx.BatchNormalization()",
        "layer_norm": "onnx.LayerNormalization(x, scale, shift)",
        "instance_norm": "onnx.InstanceNormalization()",
        "lp_norm": "onnx.LpNormalization()",
    },
    "onnx:onnxruntime": {
        "batch_norm": "onnx.BatchNormalization()",
        "layer_norm": "onnx.LayerNormalization(x, scale, shift)",
        "rms_norm": "onnx.RMSNormalization()",
        "lp_norm": "onnx.LpNormalization()",
        "local_response_norm": "onnx.LRN(size=5)",
    },
    "openvino": {  # not lrn: along the last axis, where TensorFlow has the channels, it cannot be compiled
        "group_norm": "openvino.opset12.group_normalization(num_groups=3, epsilon=1e-5)",
        "lp_norm": "openvino.opset1.normalize_l2(axes=-1, eps=1e-12, eps_mode='add')",
    },
}
"""A call of each layer that a framework has, by the names of implementations."""
OWNING_NOTHING = {
    "torch": "torch.nn.LayerNorm(7, elementwise_affine=False)",
    **dict.fromkeys(KERAS, "keras.layers.LayerNormalization(center=False, scale=False)"),
    "tf_keras": "tf_keras.layers.LayerNormalization(center=False, scale=False)",
    "flax:nnx": "flax.nnx.LayerNorm(7, use_bias=False, use_scale=False)",
    "flax:linen": "flax.linen.LayerNorm(use_bias=False, use_scale=False)",
    "haiku": "haiku.LayerNorm(-1, False, False)",
    "equinox": "equinox.nn.LayerNorm(7, use_weight=False, use_bias=False)",
    "mlx": "mlx.nn.LayerNorm(7, affine=False)",
}
"""Layer norms without parameters, for which alone JAX' function has a place."""
CHANNELS_FIRST = {
    "batch_norm": (3, 5, 7, 6),
    "instance_norm": (3, 5, 7, 6),
    "group_norm": (3, 6, 5, 4),
    "local_response_norm": (3, 16, 5, 4),
}
"""x of layers whose channels lie along an axis, in frameworks that have them first."""
FIRST = {"torch", "equinox", "openvino", "paddle", "tinygrad", "mindspore"}
"""These frameworks, beside ONNX."""
SHAPES = {"weight_norm": (5, 7), "spectral_norm": (5, 7)}
OTHERWISE = (3, 5, 7)
FAR_BELOW = {"lp_norm": {"epsilon", "epsilon_place"}, "weight_norm": {"epsilon", "epsilon_place"}}
FAR_BELOW["spectral_norm"] = FAR_BELOW["lp_norm"]
"""What is lost and moves nothing, for norms are so much larger."""
NOTHING = {"channel_axes", "one_value", "variance", "initial_scale", "at_zero", "warm_up"}
"""What is lost and moves nothing on such x, or only what is born."""
MORE = {"scale", "shift"}
"""What moves nothing where it is in the target alone."""
EVALUATED = {"grouping", "evaluation"}
"""What is lost and shows in every mode."""
BOTH = {"torch", "equinox", "paddle"}
"""Who keeps both vectors of spectral norm, for its evaluation needs both; all others keep u."""
PAIRS = [(layer, *pair) for layer in SPECS for pair in permutations((name for name in CALLS if layer in CALLS[name]), 2)]
ITERATED = {(name, "paddle") for name in ("flax:nnx", "flax:linen", "haiku")}
"""Whose evaluation iterates, as that of Paddle's layer does, which keeps u; that of its hook does not."""
APART = [row for row in PAIRS if row[0] == "spectral_norm" and (row[1] in BOTH) != (row[2] in BOTH) and row[1:] not in ITERATED]
"""Of v, which the one side keeps, the other has nothing."""
ROWS = [row for row in PAIRS if row not in APART and (row[2] != "jax" or row[1] in OWNING_NOTHING)]
SLACK = 1.0
"""Bounds by which an honest result may be from what was predicted."""


class Subjects(dict):
    """The subjects by name, each started when it is first asked for."""

    def __init__(self, folder, ending):
        self.folder, self.ending = folder, ending

    def __missing__(self, name):
        log = self.ending.enter_context((self.folder / f"{name.replace(':', '-')}.log").open("wb"))
        self[name] = self.ending.enter_context(closing(Subject(name, log)))
        return self[name]


@pytest.fixture(scope="module")
def subjects(tmp_path_factory):
    with ExitStack() as ending:
        yield Subjects(tmp_path_factory.mktemp("proof"), ending)


def shape_of(layer, here):
    if layer not in CHANNELS_FIRST:
        return SHAPES.get(layer, OTHERWISE)
    samples, channels, *space = CHANNELS_FIRST[layer]
    return CHANNELS_FIRST[layer] if here in FIRST or here.startswith("onnx") else (samples, *space, channels)


@pytest.mark.parametrize(("layer", "here", "there"), ROWS, ids=lambda name: name.replace(":", "-"))
def test_what_goes_on_is_what_the_translation_says_and_off_by_what_it_predicts(subjects, layer, here, there):
    dialect = there if there.startswith(("flax", "transformers")) else there.partition(":")[0]
    t = translate(OWNING_NOTHING[here] if there == "jax" else CALLS[here][layer], to=dialect, shape=shape_of(layer, here))
    assert t.spec.layer == layer
    proof = prove(t, subjects[here], subjects[there], deviations(there))
    assert [(c.quantity, c.detail) for c in proof.checks if c.verdict == "fails"] == []
    off = {step.quantity for step in proof.steps if step.predicted > SLACK}
    lost = {path for path, asked, _ in t.differences if path not in MORE or asked} - NOTHING - FAR_BELOW.get(layer, set())
    assert bool(off) == bool(lost), (off, t.differences)
    at_once = any(quantity.startswith("0.") for quantity in off)
    assert at_once == bool(lost & EVALUATED), "an evaluation straight after the translation agrees, but where it means something else"
    found = {c.quantity for c in proof.checks if c.verdict == "deviates"}  # and so are off by something else than was predicted
    for step in proof.steps:
        close = step.measured == step.predicted or abs(step.measured - step.predicted) <= max(SLACK, step.slack)
        assert close or step.quantity in found, step
    assert any(step.quantity == "0.y" for step in proof.steps)
    if lost == {"running.correction"}:
        assert {q.partition(".")[2] for q in off} <= {"running_variance", "y", "dx", "dscale"}
        assert {q for q in off if q.endswith(".y")} <= {"3.y"}


@pytest.mark.parametrize(("layer", "here", "there"), APART, ids=lambda name: name.replace(":", "-"))
def test_vectors_that_have_no_place_or_no_source_are_told_and_not_made_up(subjects, layer, here, there):
    t = translate(CALLS[here][layer], to=there if there.startswith("flax") else there.partition(":")[0], shape=shape_of(layer, here))
    assert ("evaluation", t.spec.evaluation, t.meant.evaluation) in t.differences
    refused = (InvalidInput, r"v.* must have a place in the target") if here in BOTH else (NotProved, r"v.* must come from the source")
    with pytest.raises(refused[0], match=refused[1]):
        prove(t, subjects[here], subjects[there])


def test_a_translation_that_says_of_its_call_what_it_does_not_mean_is_refused(subjects):
    t = translate(OF_KERAS["batch_norm"], to="torch", shape=shape_of("batch_norm", "keras:numpy"))
    with pytest.raises(NotProved, match=r"differs in running\.rate"):
        prove(replace(t, arguments={**t.arguments, "momentum": 0.99}), subjects["keras:numpy"], subjects["torch"])


def test_a_target_that_shows_nothing_proves_nothing(subjects):
    class Silent:
        def ask(self, case):
            pass

        def answer(self):
            return Answer({"unsupported": "has no such layer"}, {})

    t = translate(OF_KERAS["layer_norm"], to="torch", shape=OTHERWISE)
    with pytest.raises(NotProved, match="has no such layer"):
        prove(t, subjects["keras:numpy"], Silent())


def test_a_state_that_is_converted_wrongly_shows(subjects):
    t = translate(OF_KERAS["batch_norm"], to="torch", shape=shape_of("batch_norm", "keras:numpy"))
    wrong = Swapped(**{f.name: getattr(t, f.name) for f in fields(t)})
    proof = prove(wrong, subjects["keras:numpy"], subjects["torch"])
    failing = {c.quantity for c in proof.checks if c.verdict == "fails"}
    assert {"0.y", "1.running_mean", "1.running_variance"} <= failing
    assert any(abs(s.measured - s.predicted) > 100 for s in proof.steps)


class Swapped(Translation):
    def convert(self, arrays):
        found = super().convert(arrays)
        return {**found, "running_mean": found["running_var"], "running_var": found["running_mean"]}
