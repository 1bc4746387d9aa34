"""`build(spec, like=x)`: layers for people, on the library of x, and what they say where something does not fit."""

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch

import normspec
from normspec.conformance.cases import cases
from normspec.layers import SPECS
from normspec.reference import build, group_norm

RNG = np.random.default_rng(3)
X = RNG.normal(1.5, 2.0, size=(5, 6, 7)).astype(np.float32)
BATCH_NORM = next(case.spec for case in cases(layer="batch_norm"))
SPECTRAL = next(case.spec for case in cases(layer="spectral_norm"))
LIBRARIES = {"numpy": np.asarray, "torch": torch.from_numpy, "jax": jax.numpy.asarray, "tensorflow": tf.constant}


@pytest.mark.parametrize("asarray", LIBRARIES.values(), ids=LIBRARIES)
def test_a_layer_lives_on_the_library_of_x_and_learns(asarray):
    layer = build(BATCH_NORM, like=asarray(X))
    y, pullback = layer(asarray(X), mode="train")
    assert type(y) is type(asarray(X))
    mean = X.astype(np.float64).mean(axis=(0, 2))
    np.testing.assert_allclose(np.asarray(layer.read()["running_mean"]), 0.125 * mean, rtol=1e-5)
    assert set(pullback(y)) == {"x", "scale", "shift"}
    evaluated, _ = layer(asarray(X), mode="evaluate")
    normal = (X - 0.125 * mean[:, None]) / np.sqrt(np.asarray(layer.read()["running_variance"])[:, None] + 2.0**-10)
    np.testing.assert_allclose(np.asarray(evaluated), normal, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("asarray", LIBRARIES.values(), ids=LIBRARIES)
def test_what_is_loaded_is_what_is_used(asarray):
    layer = build(BATCH_NORM, like=asarray(X))
    shift = np.arange(6, dtype=np.float32)
    layer.load({"scale": asarray(np.zeros(6, np.float32)), "shift": asarray(shift)})
    y, _ = layer(asarray(X), mode="evaluate")
    np.testing.assert_array_equal(np.asarray(y), np.broadcast_to(shift[:, None], X.shape))


def test_parameters_may_have_another_dtype_than_x():
    layer = build(BATCH_NORM, like=torch.from_numpy(X).bfloat16(), parameter_dtype="float32")
    assert {a.dtype for a in layer.read().values()} == {torch.float32}
    assert layer(torch.from_numpy(X).bfloat16(), mode="train")[0].dtype == torch.bfloat16
    assert {a.dtype for a in build(BATCH_NORM, like=torch.from_numpy(X).bfloat16()).read().values()} == {torch.bfloat16}


@pytest.mark.parametrize("layer", SPECS)
def test_every_layer_is_built_and_takes_a_step(layer):
    case = next(case for case in cases(layer=layer, dtype="float32") if case.steps[0].mode == "train")
    x = case.steps[0].inputs["x"]
    built = build(case.spec, like=x)
    y, pullback = built(mode="train", **case.steps[0].inputs)
    assert y.shape == x.shape
    assert pullback(y)["x"].shape == x.shape


def test_a_spectral_norm_is_warmed_up_on_the_weight_that_it_is_made_with():
    w = RNG.normal(size=(4, 9))
    y, _ = build(SPECTRAL, like=w)(w, mode="evaluate")
    assert SPECTRAL.warm_up == 15
    assert abs(np.linalg.svd(y)[1][0] - 1) < 1e-3
    assert "u" not in build(SPECTRAL, like=w).read()


def test_a_weight_norm_that_starts_at_the_norm_leaves_the_weight_as_it_is():
    spec = next(case.spec for case in cases(layer="weight_norm") if case.spec.initial_scale == "norm")
    w = RNG.normal(size=(4, 3, 5))
    layer = build(spec, like=w)
    np.testing.assert_allclose(layer.read()["scale"], np.sqrt((w**2).sum(axis=(1, 2))), rtol=1e-14)
    np.testing.assert_allclose(layer(w, mode="train")[0], w, rtol=1e-14)


def test_scale_lies_along_the_channels_even_where_the_width_is_as_long():
    x, scale = RNG.normal(size=(2, 6, 5, 6)), np.arange(1.0, 7.0)
    y, _ = group_norm(x, scale, groups=3, channel_axes=(1,), epsilon=0.0)
    plain, _ = group_norm(x, groups=3, channel_axes=(1,), epsilon=0.0)
    np.testing.assert_array_equal(y, plain * scale[:, None, None])


def test_what_no_layer_can_be_is_no_spec():
    with pytest.raises(normspec.InvalidSpec, match="groups must be an integer of at least 1, got 0"):
        type(next(case.spec for case in cases(layer="group_norm")))(
            **{**vars(next(case.spec for case in cases(layer="group_norm"))), "groups": 0}
        )
