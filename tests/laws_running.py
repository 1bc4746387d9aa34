"""Running statistics: what a layer keeps of many batches, in closed form, and what evaluation makes of it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_identical, assert_same, differ, law, numbers
from laws_points import at, divisor, from_front, learned, numbered, owned, points, rows, shown, spread, statistic

from normspec import Running
from normspec.reference.layers import step
from normspec.reference.quad import asarray

RUNNING = Running(rate=0.125, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
KEEPING = pytest.mark.parametrize("layer", ["batch_norm", "instance_norm"])
RATES = st.sampled_from((0.1, 0.125, 0.99, 1.0))


@st.composite
def averages(draw, layer, **fields):
    """Draw a point with running statistics, a state, and batches."""
    point = draw(points(layer))
    running = replace(RUNNING, rate=draw(RATES), correction=draw(st.sampled_from((0, 1))), **fields)
    state = {"running_mean": draw(numbers(owned(point))), "running_variance": draw(numbers(owned(point))) ** 2, "count": np.asarray(0)}
    batches = draw(st.lists(numbers(point.shape), min_size=1, max_size=4))
    return point._replace(told=point.told | {"running": running}), state, batches


def after(point, state, batches, mode="observe", **other):
    """Give the running mean and variance after these batches."""
    for x in batches:
        state = step(point.layer, state, {"x": x}, mode, {**point.told, **other})[1]
    return {name: state[name] for name in ("running_mean", "running_variance")}


def observations(point, batches):
    """Give what is observed of every batch: the mean over its samples of mean and variance, each with the correction of what is kept."""
    told = {**point.told, "correction": point.told["running"].correction}
    channels = numbered(point.shape, from_front(point.told["channel_axes"], len(point.shape)))

    def of_channels(column):  # every sample has as many places of a channel as the next: their mean is that over samples
        return np.mean(rows(channels, column.reshape(-1)[point.sets]), axis=1).reshape(owned(point))

    means = [of_channels(np.mean(rows(point.sets, x), axis=1)) for x in batches]
    return {"running_mean": means, "running_variance": [of_channels(statistic(point._replace(told=told), x)) for x in batches]}


def exact(number):
    return asarray(np.float64(number))


@KEEPING
@law(st.data())
def test_closed_form_of_the_average(layer, data):
    """After T batches r is k^T r_0 + the sum of (1 - k) k^(T - t) s_t, with k = 1 - rate."""
    point, state, batches = data.draw(averages(layer))
    keep, last, found = 1 - exact(point.told["running"].rate), len(batches), after(point, state, batches)
    for name, seen in observations(point, batches).items():
        weighed = sum((1 - keep) * keep ** (last - t) * s for t, s in enumerate(seen, 1))
        assert_same(found[name], keep**last * state[name] + weighed)


@KEEPING
@law(st.data())
def test_closed_form_of_the_debiased_average(layer, data):
    """Debiased, r is the average that began at 0, over 1 - k^T: whatever it began at, it is made of what was observed alone."""
    point, state, batches = data.draw(averages(layer, start="debiased"))
    keep, last, found = 1 - exact(point.told["running"].rate), len(batches), after(point, state, batches)
    for name, seen in observations(point, batches).items():
        weighed = sum((1 - keep) * keep ** (last - t) * s for t, s in enumerate(seen, 1))
        assert_same(found[name] * (1 - keep**last), weighed)


@KEEPING
@law(st.data())
def test_the_cumulative_average_is_the_arithmetic_mean(layer, data):
    """Debiased at rate 0, r is the arithmetic mean of all observations."""
    point, state, batches = data.draw(averages(layer, start="debiased"))
    found = after(point, state, batches, running=replace(point.told["running"], rate=0.0))
    for name, seen in observations(point, batches).items():
        assert_same(found[name], sum(seen) / len(seen))


@KEEPING
@law(st.data())
def test_starting_with_the_first_is_starting_at_it(layer, data):
    """Where the first observation has weight 1, r is the average that began at it."""
    point, state, batches = data.draw(averages(layer, start="first"))
    began = {name: seen[0] for name, seen in observations(point, batches).items()}
    going_on = replace(point.told["running"], start="initial")
    assert_all_same(after(point, state, batches), after(point, began, batches[1:], running=going_on))


@KEEPING
@law(st.data())
def test_averages_follow_scale_and_shift(layer, data):
    """Of a x + c, the running mean is a times that of x, plus c, and the running variance a^2 times, where they began so."""
    point, state, batches = data.draw(averages(layer))
    a, c = data.draw(st.sampled_from((-3.0, 0.5))), data.draw(numbers(()))
    moved = lambda r: {"running_mean": a * r["running_mean"] + c, "running_variance": a * a * r["running_variance"]}
    assert_all_same(after(point, moved(state), [a * x + c for x in batches]), moved(after(point, state, batches)))


@KEEPING
@law(st.data())
def test_an_average_of_what_it_is_stays(layer, data):
    """A batch whose statistics are the running ones leaves them there."""
    point, state, (x, *_) = data.draw(averages(layer))
    state = state | {name: seen for name, (seen,) in observations(point, [x]).items()}
    assert_all_same(after(point, state, [x]), {name: state[name] for name in ("running_mean", "running_variance")})


@law(averages("instance_norm"))
def test_instance_norm_observes_what_its_samples_do_on_average(drawn):
    """What instance norm keeps after a batch is the mean of what it would keep after each of its samples alone."""
    point, state, (x, *_) = drawn
    point = point._replace(told=point.told | {"batch_axes": (0,), "channel_axes": (1,)}, sets=numbered(x.shape, (0, 1)))
    state = {name: a.reshape(-1)[:1].repeat(x.shape[1]) for name, a in state.items()}
    alone = [after(point, state, [x[i : i + 1]]) for i in range(len(x))]
    assert_all_same(after(point, state, [x]), {name: sum(one[name] for one in alone) / len(x) for name in alone[0]})


@KEEPING
@law(st.data())
def test_the_sample_variance_kept_is_larger_by_bessels_factor(layer, data):
    """With the sample's variance observed, what is kept of n values is n / (n - 1) times what is kept of the population's."""
    point, state, batches = data.draw(averages(layer))
    born = state | {"running_variance": 0 * state["running_variance"]}
    sample, population = (after(point, born, batches, running=replace(point.told["running"], correction=c)) for c in (1, 0))
    factor = exact(point.n) / max(point.n - 1, 1)
    assert_all_same(sample, population | {"running_variance": factor * population["running_variance"]})


@KEEPING
@law(st.data())
def test_training_does_not_see_what_is_kept(layer, data):
    """In training, y and cotangents are the same whatever the running statistics; and these move as in a step that only observes."""
    point, state, (x, *_) = data.draw(averages(layer))
    dy, values, other = data.draw(numbers(x.shape)), data.draw(learned(point)), {name: a * 0 + 1 for name, a in state.items()}
    assert_identical(at(point, x, dy, values | state), at(point, x, dy, values | other))
    assert_identical(after(point, state, [x], "train"), after(point, state, [x]))


@law(averages("batch_norm"), st.data())
def test_training_with_what_is_kept_is_evaluation_after_the_update(drawn, data):
    """Where a layer trains with running statistics, y is what evaluation gives with them as this step leaves them."""
    point, state, (x, *_) = drawn
    point = point._replace(told=point.told | {"epsilon": point.told["epsilon"] or 0.25})
    values = data.draw(learned(point))
    trained = at(point, x, values=values | state, train_with="running")["y"]
    assert_same(trained, at(point, x, values=values | after(point, state, [x]), mode="evaluate")["y"])


@KEEPING
@pytest.mark.parametrize("mode", ["evaluate", "freeze"])
@law(st.data())
def test_evaluation_is_affine_by_element(layer, mode, data):
    """Evaluation is scale (x - mean) / divisor + shift, element by element: affine in x, and its slope the gradient."""
    point, state, (x, *_) = data.draw(averages(layer))
    point = point._replace(told=point.told | {"epsilon": point.told["epsilon"] or 0.25})
    values, other, dy = data.draw(learned(point)), data.draw(numbers(x.shape)), data.draw(numbers(x.shape))
    evaluated = lambda a: at(point, a, dy, values | state, mode=mode)
    found, beside = evaluated(x), evaluated(other)
    assert_same(found["y"] + beside["y"], 2 * evaluated((x + other) / 2)["y"])
    mean, by = spread(point, state["running_mean"]), spread(point, values["scale"] / divisor(point, state["running_variance"]))
    assert_same(found["y"], (x - mean) * by + spread(point, values["shift"]))
    assert_same(found["dx"], dy * by)
    assert_identical(after(point, state, [x], mode), {name: state[name] for name in ("running_mean", "running_variance")})


@law(numbers((3, 2)), numbers((4, 2)), numbers((2,)), numbers((2,)))
def test_evaluation_does_not_see_the_rest_of_the_batch(x, rest, mean, deviation):
    """A sample that is evaluated is what it is in any other batch; in training, it is not."""
    told = {"channel_axes": (1,), "epsilon": 0.25, "running": RUNNING}
    state = {"running_mean": mean, "running_variance": deviation**2}
    evaluated = lambda a: shown("batch_norm", a, values=state, mode="evaluate", **told)["y"]
    assert np.array_equal(evaluated(np.concat([x[1:2], rest]))[:1], evaluated(x)[1:2])
    trained = lambda a: shown("batch_norm", asarray(np.array(a)), values=state, **told)["y"]
    assert differ(trained([[0.0, 0.0], [1.0, 3.0]])[:1], trained([[0.0, 0.0], [5.0, 1.0]])[:1])
