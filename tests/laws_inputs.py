"""What is done to x before a network, and what a norm makes of what a linear layer before it does."""

import numpy as np
from hypothesis import strategies as st
from laws_numbers import assert_same, law, numbers
from laws_points import shown

from normspec.reference import feature_norm
from normspec.reference.quad import asarray

TOLD = {"channel_axes": (1,), "epsilon": 0.0, "epsilon_place": "inside"}


def _standardized(x):
    """Standardize every feature of x by its own moments."""
    none = np.sum(x * 0, axis=0)
    born = {"mean": none, "variance": none + 1, "count": np.asarray(0)}
    _, state, _ = feature_norm(x, born, mode="observe", **TOLD)
    return feature_norm(x, state, mode="evaluate", **TOLD)[0], state


def _with_spread(shape):
    """Draw an x none of whose features has equal values alone."""
    return numbers(shape).map(lambda x: x + asarray(np.arange(shape[0])[:, None] * np.float64(1000.0)))


@law(_with_spread((5, 3)))
def test_a_z_score_has_two_moments_and_keeps_the_shape(x):
    """A z-score has mean 0 and variance 1 and is no normal distribution: its skewness is that of x, and it may leave [-1, 1]."""
    y, state = _standardized(x)
    n = np.float64(x.shape[0])
    assert_same(np.sum(y * y, axis=0) / n, state["variance"] / state["variance"])
    c = x - state["mean"]
    skewness = np.sum(c * c * c, axis=0) / n / (state["variance"] * np.sqrt(state["variance"]))
    assert_same(np.sum(y * y * y, axis=0) / n, skewness)
    assert (np.max(np.abs(y), axis=0) >= 1).all()


@law(_with_spread((5, 3)))
def test_a_z_score_leaves_what_two_features_have_in_common(x):
    """A z-score whitens nothing: the correlation of two features stays."""
    y, state = _standardized(x)
    c = x - state["mean"]
    correlation = np.sum(c[:, 0] * c[:, 1]) / np.sqrt(np.sum(c[:, 0] * c[:, 0]) * np.sum(c[:, 1] * c[:, 1]))
    assert_same(np.sum(y[:, 0] * y[:, 1]) / np.float64(x.shape[0]), correlation)


@law(_with_spread((5, 3)))
def test_min_max_is_between_zero_and_one(x):
    """Feature norm with the least value for mean and the squared range for variance takes x to [0, 1], and attains both ends."""
    least, most = np.min(x, axis=0), np.max(x, axis=0)
    y, _, _ = feature_norm(x, {"mean": least, "variance": (most - least) * (most - least)}, mode="evaluate", observes=False, **TOLD)
    assert_same(np.min(y, axis=0), least * 0)
    assert_same(np.max(y, axis=0), least / least)


@law(numbers((4, 3)), numbers((3,)), numbers((4, 3)))
def test_a_bias_before_batch_norm_does_nothing(x, bias, dy):
    """Batch norm of x with a bias for each channel is batch norm of x, and the bias has no gradient."""
    told = {"channel_axes": (1,), "epsilon": 0.25, "correction": 0}
    with_bias, without = (shown("batch_norm", a, dy, **told) for a in (x + bias, x))
    assert_same(with_bias["y"], without["y"])
    assert_same(np.sum(with_bias["dx"], axis=0), bias * 0)


@law(numbers((4, 3)), numbers((3,)), numbers((4, 3)), st.just({"channel_axes": (1,), "epsilon": 0.25, "correction": 0}))
def test_a_bias_behind_batch_norm_learns_what_shift_learns(x, shift, dy, told):
    """A bias added to what batch norm gives has the gradient of shift: one of the two does nothing."""
    found = shown("batch_norm", x, dy, {"scale": shift * 0 + 1, "shift": shift}, **told)
    assert_same(found["dshift"], np.sum(dy, axis=0))
