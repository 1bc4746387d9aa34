"""Gradients: identities of the cotangent of x, and the whole pullback against differences of y."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from laws_numbers import OF_GRADIENTS, assert_all_same, assert_at_most, assert_same, law, numbers
from laws_points import (
    BOTH,
    STANDARDIZING,
    at,
    divisor,
    epsilons,
    learned,
    owned,
    points,
    root,
    rows,
    spread,
    statistic,
    steps,
)

from normspec import Running
from normspec.reference import weight_norm, weight_norm_vjp
from normspec.reference.layers import LAYERS, step

STEP = 2.0**-28
FOLLOWS = 1e-18
"""A difference over four points errs by 2e-34, the step's fourth power, times a fifth derivative, and by y's roundings over the step.

At an epsilon of 2^-10 such a derivative can be 1e14; the roundings, 1e-32 at most, come to 1e-23.
"""


@pytest.mark.parametrize("layer", STANDARDIZING)
@law(st.data())
def test_the_gradient_of_what_takes_the_mean_sums_to_zero(layer, data):
    """The cotangents of the values that share a mean sum to 0: no step along them moves it."""
    point, x, dy = data.draw(steps(layer))
    dx = rows(point.sets, at(point, x, dy, data.draw(learned(point)))["dx"])
    assert_same(np.sum(dx, axis=1), 0 * dx[:, 0], terms=OF_GRADIENTS)


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_the_gradient_along_x_is_that_of_epsilon_alone(layer, data):
    """The sum of x times its cotangent is that of h times the normalized x, times epsilon's share of the divisor: 0 without epsilon."""
    point, x, dy = data.draw(steps(layer))
    values = data.draw(learned(point))
    found = at(point, x, dy, values)
    h = dy * spread(point, values["scale"]) if "scale" in values else dy
    along = np.sum(rows(point.sets, h * at(point, x)["y"]), axis=1, keepdims=True)
    assert_same(np.sum(rows(point.sets, x * found["dx"]), axis=1, keepdims=True), along * share_of_epsilon(point, x), terms=OF_GRADIENTS)


def share_of_epsilon(point, x):
    """Give epsilon's share in what the divisor is made of: all or nothing of it where epsilon is a floor."""
    seen, epsilon, order = statistic(point, x), point.told["epsilon"], point.told.get("order", 2.0)
    if point.told["epsilon_place"] == "floor":
        return np.where(root(seen, order) <= epsilon, 0 * seen + 1, 0 * seen)
    whole = (seen if point.told["epsilon_place"] == "inside" else root(seen, order)) + epsilon
    return epsilon / np.where(whole == 0, whole + 1, whole)


@law(numbers((3, 4), nowhere_zero=True), numbers((3, 4)), numbers((3,)), st.sampled_from((2.0**-20, 0.1, 4.0)))
def test_weight_norm_learns_at_right_angles(x, dy, scale, rate):
    """Without epsilon, dx is the part of dy at a right angle to x, times scale over the norm: no descent makes a weight shorter."""
    dx = weight_norm_vjp(weight_norm(x, scale, channel_axes=(0,), epsilon=0.0)[1], dy, channel_axes=(0,))["x"]
    sums = lambda a: np.sum(a, axis=1, keepdims=True)
    assert_same(sums(x * dx), 0 * scale[:, None])
    assert_same(dx, scale[:, None] / np.sqrt(sums(x * x)) * (dy - x * sums(x * dy) / sums(x * x)))
    assert_at_most(sums(x * x), sums((x - rate * dx) ** 2))


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_the_closed_form(layer, data):
    """The cotangent of x is h less its mean, if the mean is taken, and the normalized x times h's share along it, over the divisor."""
    point, x, dy = data.draw(steps(layer))
    told = {"epsilon": point.told["epsilon"] or 0.5, "epsilon_place": "inside", **({"order": 2.0} if layer == "lp_norm" else {})}
    point = point._replace(told=point.told | told)
    h, normal = rows(point.sets, dy), rows(point.sets, at(point, x)["y"])
    over_norms = dict.fromkeys(("lp_norm", "weight_norm", "scale_norm"), 1)
    degrees = {"rms_norm": point.n, **over_norms}.get(layer, max(point.n - point.told.get("correction", 0), 1))
    way = normal * np.sum(h * normal, axis=1, keepdims=True) / degrees
    centre = np.mean(h, axis=1, keepdims=True) * (layer in STANDARDIZING)
    assert_same(rows(point.sets, at(point, x, dy)["dx"]), (h - centre - way) / divisor(point, statistic(point, x)))


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_the_derivative_is_symmetric(layer, data):
    """Without parameters, what output i makes of input j is what j makes of i: <g, J t> = <J g, t>, with no difference taken."""
    point, x, dy = data.draw(steps(layer))
    told = {"order": 2.0} if layer == "lp_norm" else {}
    other = data.draw(numbers(x.shape))
    there, back = (np.sum(a * at(point, x, b, **told)["dx"]) for a, b in ((other, dy), (dy, other)))
    assert_same(there, back)


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_the_pullback_is_linear(layer, data):
    """The cotangents of a sum of cotangents, each times a number, are the sums of theirs."""
    point, x, dy = data.draw(steps(layer))
    values, other = data.draw(learned(point)), data.draw(numbers(x.shape))
    one, two = (at(point, x, a, values) for a in (dy, other))
    both = {name: 3 * one[name] - 0.25 * two[name] for name in one if name != "y"}
    found = at(point, x, 3 * dy - 0.25 * other, values)
    assert_all_same({name: found[name] for name in both}, both)


# ---- the dot product


class Function(NamedTuple):
    """A step of a layer as a function of arrays that are differentiated, others being constant."""

    layer: str
    mode: str
    arrays: dict[str, Any]
    state: dict[str, Any]
    told: dict[str, Any]

    def __call__(self, arrays):
        values = {name: a for name, a in arrays.items() if name != "x"} | self.state
        return step(self.layer, values, {"x": arrays["x"]}, self.mode, self.told)


@st.composite
def functions(draw, layer):
    """Draw any layer with parameters and state where its y has derivatives: no root of 0 is taken, and no divisor is just at its floor."""
    if layer in LAYERS.keys() & {*BOTH}:
        point = draw(points(layer, most=24))
        told = point.told | ({"fraction": draw(st.sampled_from((1.0, 0.5)))} if layer == "rms_norm" else {})
        told |= {"epsilon": told["epsilon"] or 0.25}
        arrays, state, mode = {"x": draw(numbers(point.shape, nowhere_zero=True)), **draw(learned(point))}, {}, "train"
        at_the_floor = told["epsilon_place"] == "floor"
        lengths = root(statistic(point, arrays["x"]), told.get("order", 2.0)) - told["epsilon"] * at_the_floor
        assume(told["epsilon_place"] == "inside" or np.min(np.abs(lengths)) > 1e-3)
        if layer in ("batch_norm", "instance_norm"):
            state, told, mode = draw(with_running(point, told))
        return Function(layer, mode, arrays, state, told)
    x, told = draw(numbers((3, 4, 2), nowhere_zero=True)), draw(epsilons("mean_variance_norm"))
    if layer == "local_response_norm":
        window = {"before": draw(st.integers(0, 4)), "after": draw(st.integers(0, 2)), "edges": draw(st.sampled_from(("zeros", "valid")))}
        window |= {"coefficient": 0.625, "exponent": draw(st.sampled_from((0.5, 0.75, 2.0))), "bias": 1.5}
        return Function(layer, "train", {"x": x}, {}, {"channel_axes": (1,), **window})
    if layer in EVALUATED:
        of_size, least, told = EVALUATED[layer]
        arrays = {"x": x, "scale": draw(numbers((4,))), "shift": draw(numbers((4,)))}
        state = {"running_mean": draw(numbers((4,))), of_size: least + abs(draw(numbers((4,))))}
        return Function(layer, "evaluate", arrays, state, {"channel_axes": (1,), "epsilon": 0.25, **told})
    if layer in SCALED_AND_SHIFTED:
        more, how = SCALED_AND_SHIFTED[layer]
        own = {"x": draw(numbers((6, 4, 2), nowhere_zero=True))}
        own |= {} if "style" in more else {name: draw(numbers((4,))) for name in ("scale", "shift")}
        return Function(layer, "train", own | {name: draw(of()) for name, of in more.items()}, {}, draw(st.fixed_dictionaries(how)))
    if layer in OBSERVING:
        return draw(OBSERVING[layer](x, told))
    state = {"u": draw(numbers((4,), nowhere_zero=True)), "v": draw(numbers((6,), nowhere_zero=True))}
    assume(abs(np.sum(np.moveaxis(x, 1, 0).reshape(4, 6) * state["u"][:, None] * state["v"])) > 1)  # sigma
    return Function(layer, "evaluate", {"x": x}, state, told | {"channel_axes": (1,)})


@st.composite
def layered(draw, x, _):
    """Draw batch layer normalization."""
    state = {"batch_mean": draw(numbers((4, 2))), "feature_mean": draw(numbers((3, 4))), "count": np.asarray(3)}
    state |= {"batch_variance": abs(draw(numbers((4, 2)))), "feature_variance": abs(draw(numbers((3, 4))))}
    arrays, mode = {"x": x, "scale": draw(numbers((2,))), "shift": draw(numbers((2,)))}, draw(st.sampled_from(("train", "evaluate")))
    return Function("batch_layer_norm", mode, arrays, state, {"epsilon": 0.25, "delta": 0.125})


@st.composite
def with_moments(draw, x, told):
    """Draw feature normalization."""
    state = {"mean": draw(numbers((4,))), "variance": draw(numbers((4,), nowhere_zero=True)) ** 2}
    how = told | {"channel_axes": (1,), "observes": False, "invert": draw(st.booleans())}
    return Function("feature_norm", "train", {"x": x}, state, how)


OBSERVING = {"batch_layer_norm": layered, "feature_norm": with_moments}
"""Layers that keep what they observed of samples, or of features."""
ALONG = st.just((1,))
EPSILON = st.just(0.25)
SCALED_AND_SHIFTED = {
    "ghost_batch_norm": (
        {},
        {
            "channel_axes": ALONG,
            "epsilon": EPSILON,
            "ghost_size": st.sampled_from((1, 2, 3, 6)),
            "grouping": st.sampled_from(("contiguous", "interleaved")),
        },
    ),
    **dict.fromkeys(
        ("conditional_instance_norm", "conditional_batch_norm"),
        (
            {name: lambda: numbers((6, 4)) for name in ("scale", "shift")},
            {"channel_axes": ALONG, "epsilon": EPSILON, "correction": st.sampled_from((0, 1))},
        ),
    ),
    "adaptive_instance_norm": (
        {"style": lambda: numbers((6, 4, 5))},
        {
            "channel_axes": ALONG,
            "epsilon": EPSILON,
            "style_epsilon": EPSILON,
            **dict.fromkeys(("correction", "style_correction"), st.sampled_from((0, 1))),
        },
    ),
    "dynamic_tanh": ({"alpha": lambda: numbers(())}, {"parameter_axes": ALONG}),
    "global_response_norm": ({}, {"axes": st.just((2,)), "channel_axes": ALONG, "epsilon": EPSILON}),
    "filter_response_norm": (
        {"threshold": lambda: st.sampled_from((-1e3, 1e3)).flatmap(far), "offset": lambda: numbers((), nowhere_zero=True)},
        {"axes": st.just((2,)), "parameter_axes": ALONG, "epsilon": EPSILON},
    ),
}
"""Parameters besides scale and shift, or other ones, or a style instead, and keywords.

Every value is far from a threshold, on the one side or the other.
"""


def far(at):
    return numbers((4,)).map(lambda a: a + at)


RUNNING = Running(rate=0.125, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
EVALUATED = {"batch_renorm": ("running_deviation", 0.5, {"running": RUNNING}), "full_norm": ("running_square", 20.0, {"rate": 0.125})}
"""Layers whose gradient in training is not that of y, and has laws of its own: what they keep of size, at least, and keywords."""


@st.composite
def with_running(draw, point, told):
    running = replace(RUNNING, rate=draw(st.sampled_from((0.125, 0.75))), correction=draw(st.sampled_from((0, 1))))
    state = {"running_mean": draw(numbers(owned(point))), "running_variance": draw(numbers(owned(point))) ** 2}
    how = {"train_with": draw(st.sampled_from(("batch", "running")))} if point.layer == "batch_norm" else {}
    return state, told | {"running": running, **how}, draw(st.sampled_from(("train", "evaluate", "freeze")))


@pytest.mark.parametrize("layer", LAYERS)
@law(st.data())
def test_the_pullback_is_the_transposed_of_the_derivative(layer, data):
    """<g, J t> = <J^T g, t>: the difference of y along a direction, met by g, is the sum of every cotangent met by its direction."""
    function = data.draw(functions(layer))
    direction = {name: data.draw(numbers(a.shape)) for name, a in function.arrays.items()}
    dy = data.draw(numbers(function.arrays["x"].shape))
    beside = lambda k: function({name: a + k * STEP * direction[name] for name, a in function.arrays.items()})[0]
    slope = (8 * (beside(1) - beside(-1)) - (beside(2) - beside(-2))) / (12 * STEP)
    cotangents = function(function.arrays)[2](dy)
    assert cotangents.keys() == function.arrays.keys()
    assert_same(np.sum(dy * slope), sum(np.sum(a * direction[name]) for name, a in cotangents.items()), FOLLOWS)
