"""What the reference is told and cannot be: every error gives the name, what it must be and what it got, and nothing is taken silently."""

import numpy as np
import pytest
import torch

import normspec
from normspec import InvalidInput, Running
from normspec.conformance.cases import cases
from normspec.layers import SPECS
from normspec.reference import batch_norm, build, feature_norm, group_norm, layer_norm, layer_norm_vjp, rms_norm, spectral_norm, weight_norm

RNG = np.random.default_rng(7)
X = RNG.normal(1.5, 2.0, size=(5, 6, 7)).astype(np.float32)
BATCH_NORM = next(case.spec for case in cases(layer="batch_norm"))


RUNNING = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
V = RNG.normal(size=(4, 9))
_, SAVED = layer_norm(V, axes=(-1,), epsilon=0.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: group_norm(X, np.ones(7), groups=3, channel_axes=(1,), epsilon=1e-5),
            "scale must have shape (6,), one entry for each of the 6 channels along axis 1 of x, got (7,) where x has (5, 6, 7)",
        ),
        (
            lambda: group_norm(X, np.ones(6), groups=3, channel_axes=(1,), epsilon=1e-5, scale_per="group"),
            "scale must have shape (3,), one entry for each of the 3 groups, got (6,) where x has (5, 6, 7)",
        ),
        (
            lambda: group_norm(X, groups=4, channel_axes=(1,), epsilon=1e-5),
            "groups must divide the number of channels, which is 6 along axis 1 of x, got 4",
        ),
        (
            lambda: group_norm(X, groups=3, channel_axes=(0,), epsilon=1e-5),
            "batch_axes and channel_axes must have no axis in common, got (0,) and (0,)",
        ),
        (
            lambda: batch_norm(
                X, None, None, {"running_mean": np.zeros(6)}, mode="train", channel_axes=(1,), epsilon=1e-5, running=RUNNING
            ),
            "state must hold running_mean, running_variance where running is given, and lacks running_variance",
        ),
        (lambda: rms_norm(X, axes=(3,), epsilon=1e-5), "axes must be different axes of x, which has rank 3, got (3,)"),
        (
            lambda: weight_norm(V, np.ones(9), channel_axes=(0,)),
            "scale must have shape (4,), that of x along its axes (0,), got (9,) where x has (4, 9)",
        ),
        (
            lambda: spectral_norm(V, {"u": np.ones(9), "v": np.ones(9)}, mode="train", channel_axes=(0,), epsilon=0.0, first="v"),
            "u must have shape (4,) where x has (4, 9) and channel axis 0, got (9,)",
        ),
        (
            lambda: feature_norm(V, {"mean": np.zeros(9)}, mode="evaluate", channel_axes=(1,), epsilon=1e-7),
            "state must hold mean, variance, count, and lacks variance, count",
        ),
        (lambda: build(BATCH_NORM, like=np.ones((2, 3, 4), int)), "like must have dtype float64, float32, float16 or bfloat16, got int64"),
        (
            lambda: layer_norm([[1.0, 2.0]], axes=(-1,), epsilon=1e-5),
            "x must be an array, got a list: make it one first, with numpy.asarray for example",
        ),
        (
            lambda: build(normspec.read("torch.nn.LayerNorm(2)"), like=[[1.0, 2.0]]),
            "like must be an array, got a list: make it one first, with numpy.asarray for example",
        ),
        (lambda: layer_norm(np.ones((2, 3), int), axes=(-1,), epsilon=1e-5), "x must be floating, got int64: convert it first"),
        (
            lambda: layer_norm(V, axes=(-1,), epsilon=1e-5, epsilon_place="insde"),
            "epsilon_place must be 'inside' or 'outside', got 'insde'",
        ),
        (
            lambda: layer_norm(V, axes=(-1,), epsilon=1e-5, statistics_dtype="wide"),
            "statistics_dtype must be 'widened', 'input' or 'float32', got 'wide'",
        ),
        (lambda: layer_norm(V, axes=(-1,), epsilon=-1.0), "epsilon must be finite and not negative, got -1.0"),
        (
            lambda: batch_norm(X, mode="training", channel_axes=(1,), epsilon=1e-5),
            "mode must be 'train', 'evaluate', 'freeze' or 'observe', got 'training'",
        ),
        (lambda: rms_norm(V, axes=(-1,), epsilon=1e-5, fraction=0.0), "fraction must be more than 0 and at most 1, got 0.0"),
        (lambda: layer_norm(V, axes=-1, epsilon=0.0), "axes must be a tuple of integers, axes of x, got -1"),
        (lambda: layer_norm(V, axes=(True,), epsilon=0.0), "axes must be a tuple of integers, axes of x, got (True,)"),
        (lambda: layer_norm(V, axes=("1",), epsilon=0.0), "axes must be a tuple of integers, axes of x, got ('1',)"),
        (lambda: layer_norm(V, axes=(-1,), epsilon=10**400), "epsilon must be finite and not negative, got 1000"),
        (lambda: layer_norm(V, axes=(-1,), epsilon=True), "epsilon must be finite and not negative, got True"),
        (lambda: layer_norm(V, 2.0, axes=(-1,), epsilon=0.0), "scale must be an array, got a float"),
        (lambda: layer_norm(V, np.ones(9, int), axes=(-1,), epsilon=0.0), "scale must be floating, got int64: convert it first"),
        (lambda: layer_norm(V, np.ones(9) * 1j, axes=(-1,), epsilon=0.0), "scale must be floating, got complex128: convert it first"),
        (lambda: layer_norm(V, torch.ones(9), axes=(-1,), epsilon=0.0), "scale must be an array of x's library, numpy, got one of torch"),
        (
            lambda: layer_norm(V, axes=(-1,), epsilon=0.0, mask=np.ones(V.shape)),
            "mask must be boolean, true at what counts, got float64: compare it with 0 first",
        ),
        (
            lambda: layer_norm(V, axes=(-1,), epsilon=0.0, mask=np.ones((1, 4, 9), bool)),
            "mask must broadcast to x, which has shape (4, 9), got (1, 4, 9)",
        ),
        (
            lambda: layer_norm(V, axes=(-1,), epsilon=0.0, mask=np.ones(4, bool)),
            "mask must broadcast to x, which has shape (4, 9), got (4,)",
        ),
        (lambda: layer_norm_vjp(SAVED, V[:1], axes=(-1,)), "dy must have the shape of y, (4, 9), got (1, 9)"),
        (lambda: layer_norm_vjp(SAVED, V.astype(int), axes=(-1,)), "dy must be floating, got int64: convert it first"),
        (lambda: layer_norm_vjp(SAVED, torch.ones(4, 9), axes=(-1,)), "dy must be an array of x's library, numpy, got one of torch"),
        (lambda: layer_norm_vjp(None, V, axes=(-1,)), "saved must be what the forward function gave last"),
        (
            lambda: layer_norm_vjp(SAVED, V, axes=(0,)),
            "keywords must be those that the forward function was given: what was saved has shape (4, 1), and by these would have (1, 9)",
        ),
        (
            lambda: batch_norm(X, None, None, 3, mode="train", channel_axes=(1,), epsilon=1e-5, running=RUNNING),
            "state must be a dict of arrays by their names, or None, got 3",
        ),
        (
            lambda: batch_norm(X, mode="train", channel_axes=(1,), epsilon=1e-5, running=0.1),
            "running must be a Running or None, got 0.1",
        ),
        (lambda: build("torch.nn.LayerNorm(3)", like=X), "spec must be a layer's, as normspec.read gives of a call"),
        (
            lambda: build(BATCH_NORM, like=X, parameter_dtype="float8"),
            "parameter_dtype must be one of float64, float32, float16, bfloat16, or None for like's, got 'float8'",
        ),
        (
            lambda: build(BATCH_NORM, like=X).load({"weight": np.ones(6, np.float32)}),
            "values must be of scale, shift, running_mean, running_variance, got weight",
        ),
        (lambda: rms_norm(V, axes=(-1,), epsilon=0.0, rounding="late"), "rounding must be "),
    ],
)
def test_errors_say_name_must_and_got(call, message):
    with pytest.raises(InvalidInput) as refused:
        call()
    assert message in str(refused.value)


def learning(layer):
    """Give a layer, its inputs and its pullback after a step of training."""
    case = next(case for case in cases(layer=layer, dtype="float32") if case.steps[0].mode == "train")
    inputs = case.steps[0].inputs
    built = build(case.spec, like=inputs["x"])
    return built, inputs, built(mode="train", **inputs)[1]


@pytest.mark.parametrize("layer", SPECS)
def test_every_gradient_refuses_a_dy_that_is_none(layer):
    _, inputs, pullback = learning(layer)
    dy = np.ones_like(inputs["x"])
    for wrong in (dy[..., None], dy[:0] if len(dy) else dy[None], dy.astype(int), dy * 1j, dy.tolist(), torch.from_numpy(dy), None):
        with pytest.raises(InvalidInput, match=r"^dy must "):
            pullback(wrong)
    assert pullback(dy)["x"].shape == dy.shape


@pytest.mark.parametrize("layer", SPECS)
def test_every_layer_refuses_an_x_that_is_none(layer):
    built, inputs, _ = learning(layer)
    for wrong in (inputs["x"].astype(int), inputs["x"] * 1j, inputs["x"].tolist(), None):
        with pytest.raises(InvalidInput, match=r"^x must be "):
            built(mode="train", **{**inputs, "x": wrong})


@pytest.mark.parametrize("layer", SPECS)
def test_every_layer_refuses_arrays_of_its_own_that_are_none(layer):
    for name in learning(layer)[0].read():
        for wrong in (lambda a: a[..., None].repeat(7, axis=-1), lambda a: a.astype(complex), lambda a: a.tolist()):
            built, inputs, _ = learning(layer)
            built.load({name: wrong(built.read()[name])})
            with pytest.raises(InvalidInput, match=name):
                built(mode="train", **inputs)


@pytest.mark.parametrize("layer", SPECS)
def test_every_layer_with_modes_refuses_another(layer):
    built, inputs, _ = learning(layer)
    with pytest.raises(InvalidInput, match="mode must be 'train', 'evaluate', 'freeze' or 'observe', got 'eval'"):
        built(mode="eval", **inputs)
