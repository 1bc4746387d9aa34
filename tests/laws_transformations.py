"""Transformations: what y and the cotangent of x become where x is scaled, shifted or permuted."""

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, differ, law, numbers
from laws_points import (
    BOTH,
    DIVIDING,
    SCALED,
    STANDARDIZING,
    at,
    back,
    epsilons,
    from_front,
    group_of_channel,
    learned,
    rows,
    shown,
    spread,
    steps,
)

FACTORS = st.sampled_from((-3.0, -1.0, -0.5, 0.25, 0.75, 5.0))


def of_scaled(point, a):
    """Give the epsilon that is to a x what the point's own is to x."""
    power = 1 if point.told["epsilon_place"] != "inside" else point.told.get("order", 2)
    return point.told["epsilon"] * abs(a) ** power


@pytest.mark.parametrize("layer", BOTH)
@law(st.data(), FACTORS)
def test_scaling_with_epsilon(layer, data, a):
    """Of a x, with epsilon times a^2 inside the root (|a|^p inside a p-th root) and |a| beside it, y is that of x with the sign of a."""
    point, x, _ = data.draw(steps(layer))
    assert_same(at(point, a * x, epsilon=of_scaled(point, a))["y"], np.sign(a) * at(point, x)["y"])


@pytest.mark.parametrize("layer", BOTH)
@law(st.data(), FACTORS)
def test_scaling_divides_the_gradient(layer, data, a):
    """The cotangent of a x, with epsilon scaled likewise, is that of x over |a|: longer weights learn more slowly."""
    point, x, dy = data.draw(steps(layer))
    assert_same(at(point, a * x, dy, epsilon=of_scaled(point, a))["dx"] * a, np.sign(a) * at(point, x, dy)["dx"])


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_minus_x_gives_minus_y(layer, data):
    """Before scale and shift, every layer is odd, and its gradient even."""
    point, x, dy = data.draw(steps(layer))
    found = at(point, x, dy)
    assert_all_same(at(point, -x, dy), {"y": -found["y"], "dx": found["dx"]})


@pytest.mark.parametrize("layer", STANDARDIZING)
@law(st.data())
def test_shifting_changes_nothing(layer, data):
    """All that is shown stays where a number of its own is added to every set of values that shares a mean."""
    point, x, dy = data.draw(steps(layer))
    values = data.draw(learned(point))
    shifts = data.draw(numbers((point.sets.max() + 1,)))
    assert_all_same(at(point, x + shifts[point.sets], dy, values), at(point, x, dy, values))


@pytest.mark.parametrize("layer", DIVIDING)
def test_shifting_changes_what_takes_no_mean(layer):
    """RMS norm, Lp norm and weight norm are not invariant to a shift."""
    x, over = np.array([[3.0, 4.0]]), {"channel_axes": (0,)} if layer == "weight_norm" else {"axes": (1,)}
    assert differ(shown(layer, x, epsilon=0.0, **over)["y"], shown(layer, x + 1, epsilon=0.0, **over)["y"])


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_order_within_a_set_is_kept(layer, data):
    """Values that share a statistic may change places: y and the cotangents change places with them."""
    point, x, dy = data.draw(steps(layer))
    orders = [data.draw(st.permutations(range(point.n))) for _ in range(point.sets.max() + 1)]
    move = lambda a: back(point.sets, np.take_along_axis(rows(point.sets, a), np.array(orders), axis=1))
    assert_all_same(at(point, move(x), move(dy)), {name: move(a) for name, a in at(point, x, dy).items()})


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_order_of_sets_is_kept(layer, data):
    """Whole sets of values may change places."""
    point, x, dy = data.draw(steps(layer))
    order = data.draw(st.permutations(range(point.sets.max() + 1)))
    move = lambda a: back(point.sets, rows(point.sets, a)[order])
    assert_all_same(at(point, move(x), move(dy)), {name: move(a) for name, a in at(point, x, dy).items()})


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_no_set_knows_of_another(layer, data):
    """What is shown where values share one statistic stays when everything else changes."""
    point, x, dy = data.draw(steps(layer))
    here = point.sets == data.draw(st.integers(0, point.sets.max()))
    changed = at(point, *(np.where(here, a, data.draw(numbers(x.shape))) for a in (x, dy)))
    assert_all_same({name: a[here] for name, a in changed.items()}, {name: a[here] for name, a in at(point, x, dy).items()})


@law(numbers((3, 4, 2)), st.integers(0, 2), epsilons("layer_norm"))
def test_samples_know_one_another_in_batch_norm_alone(x, i, told):
    """A sample alone gives what it gives in a batch, in layer, group, instance and RMS norm; batch norm is another function there."""
    lonely = {"layer_norm": {"axes": (1, 2)}, "group_norm": {"groups": 2, "channel_axes": (1,)}, "instance_norm": {"channel_axes": (1,)}}
    for layer, over in {**lonely, "rms_norm": {"axes": (1,)}}.items():
        assert_same(shown(layer, x[i : i + 1], **over, **told)["y"], shown(layer, x, **over, **told)["y"][i : i + 1])
    first = np.array([[0.0, 1.0], [1.0, 3.0]])
    assert differ(*(shown("batch_norm", a, channel_axes=(1,), epsilon=0.25)["y"][:1] for a in (first, first[:1])))


@pytest.mark.parametrize("layer", SCALED)
@law(st.data())
def test_scale_and_shift_come_last(layer, data):
    """With scale and shift, y is scale times what it is without parameters, plus shift, each entry along its own axes."""
    point, x, dy = data.draw(steps(layer))
    values = data.draw(learned(point))
    scale, shift = (spread(point, values[name]) if name in values else 0 for name in ("scale", "shift"))
    bare, found = at(point, x, scale * dy), at(point, x, dy, values)
    assert_same(found["y"], scale * bare["y"] + shift)
    assert_same(found["dx"], bare["dx"])


@pytest.mark.parametrize("layer", [layer for layer in SCALED if layer != "scale_norm"])  # whose scale has no channels
@law(st.data())
def test_channels_permute_with_their_parameters(layer, data):
    """Indices along an axis of scale and shift may change places where these do, too: in groups, within each, and whole groups."""
    point, x, dy = data.draw(steps(layer))
    values = data.draw(learned(point))
    axes = from_front(point.told["axes" if layer in ("layer_norm", "rms_norm") else "channel_axes"], x.ndim)
    assume(axes)
    entry = data.draw(st.integers(0, len(axes) - 1))
    order = data.draw(channel_orders(point, x.shape[axes[entry]]))
    of_scale = order_of_scale(point, order)

    def moved(arrays):
        like_x = ("x", "y", "dx", "dy")
        return {n: np.take(a, order, axes[entry]) if n in like_x else np.take(a, of_scale, entry) for n, a in arrays.items()}

    here = moved({"x": x, "dy": dy})
    assert_all_same(at(point, here["x"], here["dy"], moved(values)), moved(at(point, x, dy, values)))


@st.composite
def channel_orders(draw, point, channels):
    """Draw an order of the channels: any, but in groups one that moves them within their group, and whole groups."""
    if point.layer != "group_norm":
        return draw(st.permutations(range(channels)))
    groups = point.told["groups"]
    members = [np.flatnonzero(group_of_channel(point.told, channels) == g) for g in range(groups)]
    order = np.empty(channels, int)
    for to, group in enumerate(draw(st.permutations(range(groups)))):
        order[members[to]] = members[group][list(draw(st.permutations(range(channels // groups))))]
    return order


def order_of_scale(point, order):
    """Give the order of the entries of scale: that of the channels, or that of the groups which they are in."""
    if point.told.get("scale_per") != "group":
        return order
    group = group_of_channel(point.told, len(order))
    return [group[order[np.flatnonzero(group == g)[0]]] for g in range(point.told["groups"])]
