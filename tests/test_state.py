"""Weights out of what frameworks keep them in, and back: with live layers of each, as they save them."""

import numpy as np
import pytest

from normspec import InvalidInput, Unsupported, translate
from normspec.translation.state import arrays_of, weights_of

BN = {"scale": np.arange(3.0) + 1, "shift": np.arange(3.0) - 1, "mean": np.arange(3.0) + 2, "variance": np.arange(3.0) + 3}
NAMES = {
    "torch.nn.BatchNorm2d(3)": ("weight", "bias", "running_mean", "running_var"),
    "keras.layers.BatchNormalization()": ("gamma", "beta", "moving_mean", "moving_variance"),
    "flax.linen.BatchNorm()": ("scale", "bias", "mean", "var"),
    "flax.nnx.BatchNorm(3)": ("scale", "bias", "mean", "var"),
    "onnx.opset15.BatchNormalization()": ("scale", "B", "input_mean", "input_var"),
    "openvino.opset5.batch_norm_inference(epsilon=1e-5)": ("gamma", "beta", "mean", "variance"),
}
WEIGHTS = {
    "torch.nn.BatchNorm2d(3)": (
        "net.bn",
        dict(zip(("net.bn.weight", "net.bn.bias", "net.bn.running_mean", "net.bn.running_var"), BN.values(), strict=True)),
    ),
    "keras.layers.BatchNormalization()": ("", list(BN.values())),
    "flax.linen.BatchNorm()": (
        "block/bn",
        {
            "params": {"block": {"bn": {"scale": BN["scale"], "bias": BN["shift"]}}},
            "batch_stats": {"block": {"bn": {"mean": BN["mean"], "var": BN["variance"]}}},
        },
    ),
    "flax.nnx.BatchNorm(3)": ("bn", {"bn": {"scale": BN["scale"], "bias": BN["shift"], "mean": BN["mean"], "var": BN["variance"]}}),
    "onnx.opset15.BatchNormalization()": ("x, s, b, m, v", dict(zip("sbmv", BN.values(), strict=True))),
    "openvino.opset5.batch_norm_inference(epsilon=1e-5)": ("x,g,b,m,v", dict(zip("gbmv", BN.values(), strict=True))),
}
"""By a call: where a layer's weights are, and what they are kept in."""


@pytest.mark.parametrize("call", WEIGHTS)
def test_arrays_are_taken_by_name_and_put_back(call):
    at, weights = WEIGHTS[call]
    found = arrays_of(weights, call, at)
    assert {name: a.tolist() for name, a in found.items()} == {name: a.tolist() for name, a in zip(NAMES[call], BN.values(), strict=True)}
    assert repr(weights_of(found, call, at)) == repr(weights)


@pytest.mark.parametrize("to", ["torch", "keras", "flax:linen", "flax:nnx", "onnx", "openvino"])
@pytest.mark.parametrize("call", WEIGHTS)
def test_weights_of_one_framework_become_those_of_another(call, to):
    t = translate(call, to=to, shape=(2, 3, 5, 7) if call[0] in "to" else (2, 5, 7, 3))
    at, weights = WEIGHTS[call]
    (other,) = (own for own in WEIGHTS if own.startswith(t.target.native))
    place, must = WEIGHTS[other]
    assert repr(weights_of(t.convert(arrays_of(weights, call, at)), t.call, place)) == repr(must)


def test_what_torch_saves_is_taken():
    torch = pytest.importorskip("torch")
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 3, 1), torch.nn.BatchNorm2d(3))
    found = arrays_of(net.state_dict(), net[1], "1")
    assert list(found) == ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"]
    net.load_state_dict({**net.state_dict(), **weights_of({**found, "bias": torch.ones(3)}, net[1], "1")})
    assert net[1].bias.tolist() == [1, 1, 1]


def test_what_keras_saves_is_taken():
    keras = pytest.importorskip("keras")
    for layer in (
        keras.layers.BatchNormalization(scale=False, dtype="float32"),
        keras.layers.LayerNormalization(center=False),
        keras.layers.RMSNormalization(),
        keras.layers.GroupNormalization(3),
    ):
        layer.build((None, 4, 3))
        found = arrays_of(layer.get_weights(), layer)
        assert list(found) == [v.name for v in layer.weights]
        layer.set_weights(weights_of(found, layer))


def test_what_flax_keeps_is_taken():
    linen, jax, nnx = pytest.importorskip("flax.linen"), pytest.importorskip("jax"), pytest.importorskip("flax.nnx")
    layer = linen.BatchNorm(use_running_average=False)
    variables = layer.init(jax.random.key(0), np.ones((2, 3), np.float32))
    assert sorted(arrays_of(variables, "linen.BatchNorm()")) == ["bias", "mean", "scale", "var"]
    module = nnx.BatchNorm(3, rngs=nnx.Rngs(0))
    found = arrays_of(nnx.to_pure_dict(nnx.state(module)), "nnx.BatchNorm(3)")
    nnx.update(module, weights_of({**found, "bias": np.ones(3, np.float32)}, "nnx.BatchNorm(3)"))
    assert module.bias.get_value().tolist() == [1, 1, 1]


def test_what_haiku_keeps_goes_on_as_a_layer_that_took_as_many_steps():
    haiku, jax = pytest.importorskip("haiku"), pytest.importorskip("jax")
    call = "haiku.BatchNorm(True, True, 0.75)"
    step = haiku.transform_with_state(lambda x: haiku.BatchNorm(True, True, 0.75)(x, is_training=True))
    batches = np.random.default_rng(0).normal(size=(4, 5, 3)).astype(np.float32)
    parameters, state = step.init(jax.random.key(0), batches[0])
    for x in batches[:2]:
        _, state = step.apply(parameters, state, None, x)
    found = arrays_of((parameters, state), call, "batch_norm")
    assert found["mean_ema/counter"] == 2
    again = weights_of(found, call, "batch_norm")
    for x in batches[2:]:
        (_, state), (_, other) = step.apply(parameters, state, None, x), step.apply(again[0], again[1], None, x)
        again = again[0], other
    np.testing.assert_allclose(again[1]["batch_norm/~/mean_ema"]["average"], state["batch_norm/~/mean_ema"]["average"], rtol=1e-5)


def test_what_is_missing_is_named():
    with pytest.raises(InvalidInput, match=r"weights of torch\.nn\.LayerNorm must have bias at 'ln', got weight"):
        arrays_of({"ln.weight": np.ones(3), "other.bias": np.ones(3)}, "torch.nn.LayerNorm(3)", "ln")
    with pytest.raises(InvalidInput, match=r"must be gamma, beta, moving_mean, moving_variance, got a list of 2"):
        arrays_of([np.ones(3)] * 2, "keras.layers.BatchNormalization()")
    with pytest.raises(InvalidInput, match=r"must be gamma, beta, moving_mean, moving_variance, got a list of 5"):
        arrays_of([np.ones(3)] * 5, "keras.layers.BatchNormalization()")
    with pytest.raises(Unsupported, match=r"weights must be of one of torch, .* got a layer of equinox"):
        arrays_of({}, "equinox.nn.LayerNorm(3)")
