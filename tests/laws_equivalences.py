"""Equivalences: two layers are one where their statistics are of the same values, in y and in every cotangent."""

import numpy as np
import pytest
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, law, numbers
from laws_points import BOTH, at, divisor, epsilons, from_front, learned, mean, owned, shown, statistic, steps

from normspec import Running
from normspec.layers.axes import others
from normspec.reference import batch_norm, feature_norm

IMAGES = st.sampled_from([(2, 3, 4), (1, 4, 3), (3, 6, 2), (2, 4, 3, 1), (1, 2, 3, 3)])
"""Shapes of samples, channels, and places."""
NONE = {"epsilon": 0.0, "epsilon_place": "inside"}


@st.composite
def images(draw, shapes=IMAGES):
    """Draw x, a cotangent, a scale and a shift for every channel, and what all standardizing layers are told."""
    shape = draw(shapes)
    values = {name: draw(numbers(shape[1:2])) for name in ("scale", "shift")}
    told = draw(epsilons("batch_norm")) | {"correction": draw(st.sampled_from((0, 1)))}
    return draw(numbers(shape)), draw(numbers(shape)), values, told


@law(images())
def test_group_norm_of_one_group_is_layer_norm(drawn):
    """Group norm of one group is layer norm over every axis but that of the samples; its scale lies along the channels all the same."""
    x, dy, values, told = drawn
    axes = tuple(range(1, x.ndim))
    of_groups = shown("group_norm", x, dy, values, groups=1, channel_axes=(1,), **told)
    assert_all_same(of_groups, shown("layer_norm", x, dy, values, axes=axes, parameter_axes=(1,), **told))


@law(images(), st.sampled_from(("contiguous", "interleaved")))
def test_group_norm_of_single_channels_is_instance_norm(drawn, grouping):
    """Group norm with as many groups as channels is instance norm, however channels are grouped."""
    x, dy, values, told = drawn
    of_groups = shown("group_norm", x, dy, values, groups=x.shape[1], channel_axes=(1,), grouping=grouping, **told)
    assert_all_same(of_groups, shown("instance_norm", x, dy, values, channel_axes=(1,), **told))


@law(images(IMAGES.map(lambda shape: (1, *shape[1:]))))
def test_batch_norm_of_one_sample_is_instance_norm(drawn):
    """Batch norm of a batch of one is instance norm."""
    x, dy, values, told = drawn
    assert_all_same(
        shown("batch_norm", x, dy, values, channel_axes=(1,), **told), shown("instance_norm", x, dy, values, channel_axes=(1,), **told)
    )


@law(images())
def test_instance_norm_is_batch_norm_of_one_sample_with_more_channels(drawn):
    """Instance norm of (N, C, ...) is batch norm of the same values as (1, N C, ...), scale and shift being those of each sample."""
    x, dy, values, told = drawn
    flat = (1, x.shape[0] * x.shape[1], *x.shape[2:])
    tiled = {name: np.concat([a] * x.shape[0]) for name, a in values.items()}
    found = shown("batch_norm", x.reshape(flat), dy.reshape(flat), tiled, channel_axes=(1,), **told)
    by_sample = {name: a.reshape(x.shape) if name in ("y", "dx") else np.sum(a.reshape(x.shape[:2]), axis=0) for name, a in found.items()}
    assert_all_same(by_sample, shown("instance_norm", x, dy, values, channel_axes=(1,), **told))


@law(images(st.sampled_from([(2, 3), (5, 4), (1, 6), (4, 1)])))
def test_layer_norm_is_batch_norm_transposed(drawn):
    """Layer norm of (N, C) without parameters is batch norm of the transposed (C, N)."""
    x, dy, _, told = drawn
    turned = shown("batch_norm", x.T, dy.T, channel_axes=(1,), **told)
    assert_all_same({name: a.T for name, a in turned.items()}, shown("layer_norm", x, dy, axes=(1,), **told))


@law(steps("batch_norm"))
def test_batch_norm_is_layer_norm_over_the_other_axes(drawn):
    """Batch norm in training is layer norm over every axis but the channels': they differ in what evaluation does."""
    point, x, dy = drawn
    told = {name: value for name, value in point.told.items() if name != "channel_axes"}
    channels = from_front(point.told["channel_axes"], x.ndim)
    assert_all_same(at(point, x, dy), shown("layer_norm", x, dy, axes=others(tuple(channels), x.ndim), **told))


@law(steps("instance_norm"))
def test_mean_variance_norm_is_layer_norm_and_instance_norm_without_parameters(drawn):
    """Mean and variance norm is layer norm over its axes, and instance norm with every other axis one of samples or channels."""
    point, x, dy = drawn
    told = {name: value for name, value in point.told.items() if not name.endswith("axes")}
    kept = from_front(point.told["batch_axes"] + point.told["channel_axes"], x.ndim)
    found = shown("mean_variance_norm", x, dy, axes=others(tuple(kept), x.ndim), **told)
    assert_all_same(found, shown("layer_norm", x, dy, axes=others(tuple(kept), x.ndim), **told))
    assert_all_same(found, at(point, x, dy))


@law(steps("weight_standardization"), st.data())
def test_weight_standardization_is_batch_norm_of_the_weight(drawn, data):
    """Weight standardization is batch norm in training, without shift and state, of the weight."""
    point, x, dy = drawn
    values = data.draw(learned(point))
    assert_all_same(at(point, x, dy, values), shown("batch_norm", x, dy, values, **point.told))


@law(steps("layer_norm"))
def test_layer_norm_is_rms_norm_of_deviations(drawn):
    """Layer norm is RMS norm of x less its mean, for epsilon inside the root and outside: x has mean 0 just where the two are one."""
    point, x, dy = drawn
    told = {name: value for name, value in point.told.items() if name != "correction"}
    centred = lambda a: a - np.mean(a, axis=told["axes"], keepdims=True)
    of_deviations = shown("rms_norm", centred(x), dy, **told)
    through = of_deviations | {"dx": centred(of_deviations["dx"])}
    assert_all_same(through, at(point, x, dy, correction=0))


@law(steps("batch_norm"), st.data())
def test_running_statistics_at_rate_one_are_those_of_the_batch(drawn, data):
    """Where a layer trains with running statistics and the new observation has weight 1, it trains with the batch's."""
    point, x, dy = drawn
    running = Running(
        rate=1.0, start="initial", correction=point.told["correction"], initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"
    )
    values = data.draw(learned(point))
    state = {"running_mean": data.draw(numbers(values["scale"].shape)), "running_variance": data.draw(numbers(values["scale"].shape)) ** 2}
    nowhere_flat = {"epsilon": point.told["epsilon"] or 0.5}  # of a running variance of 0 and no epsilon there is no y
    found = at(point, x, dy, values | state, running=running, train_with="running", **nowhere_flat)
    assert_all_same(found, at(point, x, dy, values, **nowhere_flat))


@law(steps("batch_norm"), st.sampled_from((True, False)))
def test_feature_norm_is_batch_norm_that_evaluates(drawn, by_moments):
    """Feature norm of observed moments is batch norm that evaluates with them; where it observed x alone, that trains on x."""
    point, x, dy = drawn
    told = point.told | {"epsilon": point.told["epsilon"] or 0.5}
    shape = tuple(x.shape[a] for a in from_front(told["channel_axes"], x.ndim))
    born = {"mean": x.reshape(-1)[:1].repeat(int(np.prod(shape))).reshape(shape) * 0, "count": np.asarray(0)}
    _, state, _ = feature_norm(x, born | {"variance": born["mean"] + 1}, mode="observe", **told)
    found = shown("feature_norm", x, dy, state, mode="evaluate", **told)
    if by_moments:
        running = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
        kept = {"running_mean": state["mean"], "running_variance": state["variance"]}
        assert_all_same(found, shown("batch_norm", x, dy, kept, mode="evaluate", running=running, **told))
    else:
        assert_same(found["y"], batch_norm(x, mode="train", **told)[0])


@pytest.mark.parametrize("invert", [False, True])
@law(
    numbers((2, 3, 2)),
    numbers((2, 3, 2)),
    numbers((3,)),
    numbers((3,)),
    epsilons("mean_variance_norm"),
    st.sampled_from(("divisor", "one")),
)
def test_feature_norm_undoes_its_inverse(invert, x, dy, mean, deviation, told, zero_variance):
    """What `invert` makes of a feature norm's y is x, the other way round, too; and so are the cotangents."""
    told |= {"channel_axes": (1,), "zero_variance": zero_variance, "epsilon": told["epsilon"] or 0.5}
    state = {"mean": mean, "variance": deviation * deviation}
    there = shown("feature_norm", x, dy, state, observes=False, invert=invert, **told)
    again = shown("feature_norm", there["y"], there["dx"], state, observes=False, invert=not invert, **told)
    assert_all_same(again, {"y": x, "dx": dy})


@law(steps("batch_norm"))
def test_scale_and_shift_can_undo_batch_norm(drawn):
    """With the divisor for scale and the mean for shift, batch norm is the identity."""
    point, x, _ = drawn
    found = {"scale": divisor(point, statistic(point, x)), "shift": mean(point, x)}
    assert_same(at(point, x, values={name: a.reshape(owned(point)) for name, a in found.items()})["y"], x)


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_axes_have_no_order(layer, data):
    """Of an x with its axes in another order, and keywords that name them there, y is the y of x in that order."""
    point, x, dy = data.draw(steps(layer))
    order = data.draw(st.permutations(range(x.ndim)))
    moved = {name: tuple(order.index(a % x.ndim) for a in value) for name, value in point.told.items() if name.endswith("axes")}
    found = at(point, np.transpose(x, order), np.transpose(dy, order), **moved)
    assert_all_same(found, {name: np.transpose(a, order) for name, a in at(point, x, dy).items()})
