"""Masks: where values are masked, a layer does what it does of the shorter array, in all four layers that take one."""

import numpy as np
import pytest
from hypothesis import strategies as st
from laws_numbers import OF_GRADIENTS, assert_all_same, assert_identical, assert_same, law, numbers
from laws_points import at, learned, points, rows, shown, spread

from normspec import Running
from normspec.layers import SPECS
from normspec.reference.layers import step

MASKED = pytest.mark.parametrize("layer", [layer for layer, spec in SPECS.items() if "mask" in spec.laws and layer != "batch_renorm"])
"""Layers whose y is of this x and its mask alone; with batch renormalization it is of averages, too, and so it has laws of its own."""
RUNNING = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")


@st.composite
def masked(draw, layer):
    """Draw a point, x, dy, parameters, and a mask that leaves every set one value at least."""
    point = draw(points(layer))
    flags = draw(st.lists(st.booleans(), min_size=point.sets.size, max_size=point.sets.size))
    mask = np.array(flags).reshape(point.shape)
    mask[np.unravel_index(np.unique(point.sets, return_index=True)[1], mask.shape)] = True
    return point, draw(numbers(point.shape)), draw(numbers(point.shape)), draw(learned(point)), mask


@MASKED
@law(st.data())
def test_a_masked_set_is_the_shorter_one(layer, data):
    """Each set of values gives, where the mask is true, y and dx of layer norm over those values alone, where dy is 0 elsewhere."""
    point, x, dy, values, mask = data.draw(masked(layer))
    found = at(point, x, dy * mask, values, mask=mask)
    told = {name: point.told[name] for name in ("epsilon", "epsilon_place", "correction")}
    scale, shift = (rows(point.sets, spread(point, values[name])) for name in ("scale", "shift"))
    every = (rows(point.sets, a) for a in (x, dy, mask, found["y"], found["dx"]))
    for a, cotangent, kept, y, dx, by, plus in zip(*every, scale, shift, strict=True):
        alone = shown("layer_norm", a[kept], cotangent[kept] * by[kept], axes=(0,), **told)
        assert_same(y[kept], alone["y"] * by[kept] + plus[kept])
        assert_same(dx[kept], alone["dx"])
        assert_same(dx[~kept], 0 * dx[~kept])


@MASKED
@law(st.data())
def test_a_mask_along_an_axis_is_a_shorter_axis(layer, data):
    """Where the mask is false at some indices of an axis along which no parameter lies, all else is as if x had not these."""
    over = {"batch_norm": {"channel_axes": (1,)}, "layer_norm": {"axes": (0, 2), "parameter_axes": (1,)}}
    over |= {"instance_norm": {"channel_axes": (1,)}, "group_norm": {"channel_axes": (1,), "groups": 2}}
    running = {"running": RUNNING} if layer in ("batch_norm", "instance_norm") else {}
    x, dy, *of_channels = (data.draw(numbers(shape)) for shape in ((2, 4, 3), (2, 4, 3), (4,), (4,), (4,), (4,)))
    values = dict(zip(("scale", "shift", "running_mean", "running_variance"), of_channels, strict=True))
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=3, max_size=3).filter(any)))

    def taken(a, cotangent, **mask):
        y, state, pullback = step(layer, values, {"x": a, **mask}, "train", {"epsilon": 0.25, **over[layer], **running})
        return {"y": y, **pullback(cotangent), **state}

    found = taken(x, dy * kept, mask=kept.reshape(1, 1, 3))
    assert_all_same({name: a[..., kept] if name in ("x", "y") else a for name, a in found.items()}, taken(x[..., kept], dy[..., kept]))


@MASKED
@law(st.data())
def test_a_mask_that_is_true_everywhere_is_none(layer, data):
    """With a mask of all values, of any shape that broadcasts, a layer gives what it gives without."""
    point, x, dy, values, _ = data.draw(masked(layer))
    whole = np.ones(data.draw(st.sampled_from((x.shape, (1,) * x.ndim))), dtype=bool)
    assert_all_same(at(point, x, dy, values, mask=whole), at(point, x, dy, values))


@MASKED
@law(st.data())
def test_what_is_masked_is_normalized_by_the_others(layer, data):
    """Where the mask is false, a value reaches its own y, in which it is shifted and scaled as the others are, and no other."""
    point, x, _, values, mask = data.draw(masked(layer))
    found, other = (at(point, np.where(mask, x, a), values=values, mask=mask)["y"] for a in (x, x + 1))
    assert_identical({"y": found[mask]}, {"y": other[mask]})
    bare = lambda a: at(point, a, mask=mask)["y"]
    assert_same(bare(np.where(mask, x, x + 2)) - bare(x), 2 * (bare(np.where(mask, x, x + 1)) - bare(x)))


@MASKED
@law(st.data())
def test_the_gradient_with_a_mask_sums_to_zero(layer, data):
    """With a mask, too, the cotangents of all values of a set, masked or not, sum to 0: a shift of all of them moves no y."""
    point, x, dy, values, mask = data.draw(masked(layer))
    dx = rows(point.sets, at(point, x, dy, values, mask=mask)["dx"])
    assert_same(np.sum(dx, axis=1), 0 * dx[:, 0], terms=OF_GRADIENTS)
