"""Full normalization: what it is of the batch's whole weight, what its modes have in common, and of which state its gradient is made."""

import numpy as np
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_identical, assert_same, law, numbers

from normspec.reference.layers import step

SHAPE = (3, 2, 4)
STATE = ("running_mean", "running_square")
OVER = (0, 2)


@st.composite
def layers(draw, *, rates=(0.0, 0.125, 0.875, 1.0)):
    """Draw semantic parameters, values that leave the variance on either side of epsilon, x and a cotangent."""
    told = {"channel_axes": (1,), "epsilon": draw(st.sampled_from((0.25, 64.0))), "rate": draw(st.sampled_from(rates))}
    values = {name: draw(numbers((2,))) for name in ("scale", "shift", *STATE)}
    values["running_square"] = values["running_mean"] ** 2 + abs(values["running_square"])
    return told, values, draw(numbers(SHAPE)), draw(numbers(SHAPE))


def taken(told, values, x, dy, mode="train", layer="full_norm"):
    """Give what a step shows, and the state after it."""
    y, state, pullback = step(layer, values, {"x": x}, mode, told)
    return {"y": y, **{f"d{name}": a for name, a in pullback(dy).items()}}, state


@law(layers(rates=(1.0,)))
def test_full_norm_of_the_whole_weight_is_batch_norm(drawn):
    """At rate 1 y and all cotangents are those of batch norm without epsilon, where the batch's variance is epsilon or more."""
    told, values, x, dy = drawn
    x = x + 40 * np.arange(4)  # so that it is
    plain = {"channel_axes": (1,), "epsilon": 0.0}
    assert_all_same(taken(told, values, x, dy)[0], taken(plain, values, x, dy, layer="batch_norm")[0])


@law(layers())
def test_full_norm_evaluates_with_what_it_trained_with(drawn):
    """In train y is that of evaluate and freeze with the state after it; the cotangent of x is another."""
    told, values, x, dy = drawn
    trained, state = taken(told, values, x, dy)
    for mode in ("evaluate", "freeze"):
        evaluated, kept = taken(told, {**values, **state}, x, dy, mode)
        assert_identical({name: evaluated[name] for name in ("y", "dscale", "dshift")}, {n: trained[n] for n in ("y", "dscale", "dshift")})
        assert_identical(kept, state)


@law(layers())
def test_the_gradient_of_full_norm_has_no_rate(drawn):
    """With the state after a step as it is, the cotangents are the same whatever rate led there."""
    told, values, x, dy = drawn
    trained, state = taken(told, values, x, dy)
    assert_all_same(trained, taken({**told, "rate": 0.0}, {**values, **state}, x, dy)[0])


@law(layers())
def test_the_gradient_of_full_norm_has_no_mean(drawn):
    """Where the variance is epsilon, the cotangent of x is scale dy less its mean, over the root of epsilon; so its mean is 0."""
    told, values, x, dy = drawn
    told = {**told, "epsilon": 4096.0}
    h = dy * values["scale"][:, None]
    assert_same(taken(told, values, x, dy)[0]["dx"], (h - np.mean(h, axis=OVER, keepdims=True)) / 64)


@law(layers())
def test_full_norm_moves_towards_means(drawn):
    """The state moves by the rate towards the means of x and of its squares; at rate 0 it stays."""
    told, values, x, dy = drawn
    _, state = taken(told, values, x, dy)
    for name, a in zip(STATE, (x, x * x), strict=True):
        assert_same(state[name], (1 - told["rate"]) * values[name] + told["rate"] * np.mean(a, axis=OVER))
