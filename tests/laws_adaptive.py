"""A style from which x takes its mean and its deviation: what it is beside a scale and a shift, and what a style leaves as it is."""

import numpy as np
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, law, numbers

from normspec.reference import quad
from normspec.reference.layers import step

SHAPE, STYLE = (3, 2, 5), (3, 2, 4)
CHANNELS = {"channel_axes": (1,)}


@st.composite
def keywords(draw):
    """Draw what the layer is told of x."""
    place = draw(st.sampled_from(("inside", "outside")))
    return {**CHANNELS, "epsilon": 0.25, "epsilon_place": place, "correction": draw(st.sampled_from((0, 1)))}


def shown(layer, told, inputs, dy):
    """Give y and the cotangents of a step."""
    y, _, pullback = step(layer, {}, inputs, "train", told)
    return {"y": y, **{f"d{name}": a for name, a in pullback(dy).items()}}


def of_style(style, epsilon, correction):
    """Give the deviation and the mean of a style for every sample and channel, and its deviations from this mean."""
    n = style.shape[2]
    mean = np.sum(style, axis=2, keepdims=True) / n
    spread = style - mean
    return np.sqrt(np.sum(spread**2, axis=2) / (n - correction) + epsilon), mean[..., 0], spread


@law(keywords(), numbers(SHAPE), numbers(STYLE), numbers(SHAPE), st.sampled_from((0, 1)))
def test_the_style_is_a_scale_and_a_shift_of_conditional_instance_norm(told, x, style, dy, correction):
    """Y and dx are those of a scale that is the deviation and a shift that is the mean; dstyle is their cotangents, carried on."""
    found = shown("adaptive_instance_norm", {**told, "style_epsilon": 0.25, "style_correction": correction}, {"x": x, "style": style}, dy)
    scale, shift, spread = of_style(style, quad.asarray(0.25), correction)
    given = shown("conditional_instance_norm", told, {"x": x, "scale": scale, "shift": shift}, dy)
    carried = given["dshift"][..., None] / 4 + spread * (given["dscale"] / scale)[..., None] / (4 - correction)
    assert_all_same(found, {"y": given["y"], "dx": given["dx"], "dstyle": carried})


@law(numbers(SHAPE), st.sampled_from((0, 1)))
def test_x_as_its_own_style_stays(x, correction):
    """Where the style's deviation has the epsilon and the correction of x, inside the root."""
    told = {**CHANNELS, "epsilon": 0.25, "style_epsilon": 0.25, "correction": correction, "style_correction": correction}
    y, _, _ = step("adaptive_instance_norm", {}, {"x": x, "style": x}, "train", told)
    assert_same(y, x)


@law(keywords(), numbers(SHAPE), numbers(STYLE), numbers(SHAPE), st.permutations(range(4)))
def test_a_style_has_no_order(told, x, style, dy, order):
    """Places of the style may change, and its cotangents go with them."""
    told = {**told, "style_epsilon": 0.25}
    usual = shown("adaptive_instance_norm", told, {"x": x, "style": style}, dy)
    other = shown("adaptive_instance_norm", told, {"x": x, "style": style[..., order]}, dy)
    assert_all_same(other, {**usual, "dstyle": usual["dstyle"][..., order]})


@law(keywords(), numbers(SHAPE), numbers(STYLE), numbers(SHAPE))
def test_a_style_twice_over_is_the_style(told, x, style, dy):
    """With the population's variance; each of two equal values has half the cotangent."""
    told = {**told, "style_epsilon": 0.25}
    usual = shown("adaptive_instance_norm", told, {"x": x, "style": style}, dy)
    twice = shown("adaptive_instance_norm", told, {"x": x, "style": np.concatenate([style, style], axis=2)}, dy)
    assert_all_same({**twice, "dstyle": 2 * twice["dstyle"][..., :4]}, usual)
