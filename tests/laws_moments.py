"""Moments and bounds: what the outputs of a layer sum to, how large they can be, and what they are where values are few or equal."""

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st
from laws_numbers import assert_at_most, assert_same, differ, law, numbers
from laws_points import BOTH, DIVIDING, STANDARDIZING, at, back, divisor, learned, mean, points, root, rows, shown, spread, statistic, steps

from normspec.reference.quad import asarray

PLAIN = {"epsilon": 0.0, "epsilon_place": "inside"}


def quad(number):
    return asarray(np.float64(number))


def share(statistic, divisor):
    """Give statistic / divisor^2, and 0 where both are 0."""
    return np.where(divisor == 0, statistic, statistic / np.where(divisor == 0, divisor + 1, divisor) ** 2)


@pytest.mark.parametrize("layer", STANDARDIZING)
@law(st.data())
def test_mean_and_variance_of_y(layer, data):
    """The mean of y is 0 and its variance v / (v + epsilon), v being x's: that is less than 1 wherever epsilon is positive."""
    point, x, _ = data.draw(steps(layer))
    y = rows(point.sets, at(point, x)["y"])
    assert_same(np.mean(y, axis=1), 0 * y[:, 0])
    variance = np.var(rows(point.sets, x), axis=1, keepdims=True)
    assert_same(np.var(y, axis=1, keepdims=True), share(variance, divisor(point, statistic(point, x))))
    if point.told["epsilon_place"] == "inside" and point.told["epsilon"] and point.told["correction"] == 0:
        assert_same(np.var(y, axis=1, keepdims=True), variance / (variance + point.told["epsilon"]))


@pytest.mark.parametrize("layer", DIVIDING)
@law(st.data())
def test_norm_of_y(layer, data):
    """The mean square, norm or p-norm of y is that of x over the divisor: without epsilon it is 1, or 0 where x is."""
    point, x, _ = data.draw(steps(layer))
    order, seen = point.told.get("order", 2.0), statistic(point, x)
    of_y = root(statistic(point, at(point, x)["y"]), order)
    assert_same(of_y * divisor(point, seen), root(seen, order))
    assert_same(root(statistic(point, at(point, x, **PLAIN)["y"]), order), np.sign(seen))


@law(steps("weight_norm"), st.data())
def test_the_length_of_a_weight_is_its_scale(drawn, data):
    """Without epsilon, a normalized weight is as long as its scale says, whatever x is."""
    point, x, _ = drawn
    scale = data.draw(learned(point))["scale"]
    y = at(point, x, values={"scale": scale}, **PLAIN)["y"]
    assert_same(statistic(point, y), spread_once(point, scale) ** 2 * np.sign(statistic(point, x)))


def spread_once(point, scale):
    return rows(point.sets, spread(point, scale))[:, :1]


@pytest.mark.parametrize("layer", BOTH)
@law(st.data())
def test_no_output_is_larger_than_a_root_of_their_number(layer, data):
    """No output of a set of n values is beyond sqrt(n - 1) where the mean is taken, sqrt(n) over a mean square, 1 over a norm."""
    point, x, _ = data.draw(steps(layer))
    most = {"rms_norm": point.n, "lp_norm": 1, "weight_norm": 1, "scale_norm": 1}.get(layer, point.n - 1)
    assert_at_most(np.abs(at(point, x)["y"]), np.sqrt(quad(most)))


@pytest.mark.parametrize("layer", BOTH)
@law(st.data(), st.sampled_from((-3.0, 0.125, 100.0)))
def test_one_value_apart_from_all_others_attains_the_bound(layer, data, value):
    """The bound is attained by one value that is not 0 among zeros, without epsilon; sample variances leave (n - 1) / sqrt(n)."""
    point = data.draw(points(layer))
    assume(point.n > 1)
    hot = np.zeros((point.sets.max() + 1, point.n))
    hot[:, data.draw(st.integers(0, point.n - 1))] = value
    y = rows(point.sets, at(point, back(point.sets, asarray(hot)), **PLAIN)["y"])
    n = quad(point.n)
    most = {"rms_norm": np.sqrt(n), "lp_norm": quad(1), "weight_norm": quad(1), "scale_norm": quad(1)}
    of_deviations = (n - 1) / np.sqrt(n) if point.told.get("correction") else np.sqrt(n - 1)
    assert_same(y[hot != 0] * np.sign(value), most.get(layer, of_deviations) + 0 * y[hot != 0])


@pytest.mark.parametrize("layer", STANDARDIZING)
@law(st.data())
def test_two_values_give_signs(layer, data):
    """Of two values without epsilon, y is 1 for the larger and -1 for the smaller, whatever they are: 0 where they are equal."""
    point = data.draw(points(layer).filter(lambda point: point.n == 2))
    x = data.draw(numbers(point.shape))
    assert_same(rows(point.sets, at(point, x, **PLAIN, correction=0)["y"]), np.sign(rows(point.sets, x) - mean(point, x)))


@pytest.mark.parametrize("layer", STANDARDIZING)
@law(st.data())
def test_one_value_or_equal_values_give_shift(layer, data):
    """Where all values of a set are equal, or there is only one, y is shift; the gradient is then h - mean h, over the divisor."""
    point = data.draw(points(layer))
    values, level, dy = data.draw(learned(point)), data.draw(numbers((point.sets.max() + 1,))), data.draw(numbers(point.shape))
    found = at(point, level[point.sets], dy, values)
    assert_same(found["y"], spread(point, values["shift"]) if "shift" in values else 0 * dy)
    h = rows(point.sets, dy * (spread(point, values["scale"]) if "scale" in values else 1))
    epsilon = quad(point.told["epsilon"])
    divided_by = np.sqrt(epsilon) if point.told["epsilon_place"] == "inside" else epsilon
    slope = 1 / divided_by if epsilon else epsilon  # without epsilon the divisor is 0, and counts as infinite
    assert_same(rows(point.sets, found["dx"]), (h - np.mean(h, axis=1, keepdims=True)) * slope)


@pytest.mark.parametrize("layer", DIVIDING)
@law(st.data())
def test_zeros_stay_zeros(layer, data):
    """Where x is 0, y is 0; the gradient is then h over the divisor of 0: the root of epsilon, or epsilon; 0 without epsilon."""
    point = data.draw(points(layer))
    dy = data.draw(numbers(point.shape))
    found = at(point, 0 * dy, dy)
    epsilon = quad(point.told["epsilon"])
    divided_by = root(epsilon, point.told.get("order", 2.0)) if point.told["epsilon_place"] == "inside" else epsilon
    assert_same(found["y"], 0 * dy)
    assert_same(found["dx"], dy / divided_by if epsilon else 0 * dy)


@pytest.mark.parametrize("layer", [*STANDARDIZING, "rms_norm"])
@law(st.data())
def test_a_second_time_divides_once_more(layer, data):
    """A layer of its own y is y over sqrt(w + epsilon), w being the variance of y: without epsilon, the second time changes nothing."""
    point, x, _ = data.draw(steps(layer))
    once = at(point, x)["y"]
    again = at(point, once)["y"]
    assert_same(rows(point.sets, again) * divisor(point, statistic(point, once)), rows(point.sets, once))
    plain = at(point, x, **PLAIN)["y"]
    assert_same(at(point, plain, **PLAIN)["y"], plain)


@law(numbers((2, 4)), st.sampled_from((0.25, 2.0**-10)))
def test_a_second_time_can_change_nothing_with_epsilon(x, epsilon):
    """A layer with epsilon is its own square on x whose variance is 1 - epsilon, or 0, and nowhere else."""
    normal = shown("layer_norm", x, axes=(1,), epsilon=0.0)["y"]
    same = normal * np.sqrt(quad(1 - epsilon))
    once = shown("layer_norm", same, axes=(1,), epsilon=epsilon)["y"]
    assert_same(shown("layer_norm", once, axes=(1,), epsilon=epsilon)["y"], once)
    if differ(normal, 0 * normal):
        once = shown("layer_norm", 4 * same, axes=(1,), epsilon=epsilon)["y"]
        assert differ(shown("layer_norm", once, axes=(1,), epsilon=epsilon)["y"], once, by=1e-5)


@law(steps("mean_variance_norm"))
def test_without_division_the_mean_alone_is_taken(drawn):
    """Where mean and variance norm does not divide, y is x less its mean, and its gradient dy less its mean."""
    point, x, dy = drawn
    for a, found in zip((x, dy), at(point, x, dy, divide=False, **PLAIN).values(), strict=True):
        assert_same(rows(point.sets, found), rows(point.sets, a) - mean(point, a))
