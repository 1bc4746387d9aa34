"""Merging: moments of parts are a commutative monoid, and give the moments of the whole, in batches, shards and streams."""

import numpy as np
import pytest
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, law, numbers

from normspec import Running
from normspec.reference import Moments, batch_norm, feature_norm, merged, observed
from normspec.reference.quad import asarray

FEATURES = (1, 3)


@st.composite
def parts(draw, least=1, most=4):
    """Draw batches of any number of rows, of three features each."""
    return [draw(numbers((draw(st.integers(1, 5)), 3))) for _ in range(draw(st.integers(least, most)))]


def moments(x):
    return observed(x, (0,))


@st.composite
def moments_of_values(draw):
    """Draw the moments of some values, or of none: then the mean can be anything."""
    if draw(st.booleans()):
        return moments(draw(numbers((draw(st.integers(1, 5)), 3))))
    return Moments(0, draw(numbers(FEATURES)), asarray(np.zeros(FEATURES)))


def assert_same_moments(found, must):
    assert int(found.count) == int(must.count)
    if int(must.count):  # of no values there is no mean
        assert_same(found.mean, must.mean)
    assert_same(found.m2, must.m2)


@law(moments_of_values(), numbers(FEATURES))
def test_merging_with_nothing_changes_nothing(seen, anywhere):
    """Moments of no values are the identity, on either side, wherever their mean is said to be."""
    nothing = Moments(0, anywhere, 0 * anywhere)
    assert_same_moments(merged(seen, nothing), seen)
    assert_same_moments(merged(nothing, seen), seen)


@law(moments_of_values(), moments_of_values())
def test_merging_is_commutative(a, b):
    """It does not matter which of two is merged with the other."""
    assert_same_moments(merged(a, b), merged(b, a))


@law(moments_of_values(), moments_of_values(), moments_of_values())
def test_merging_is_associative(a, b, c):
    """It does not matter which two of three are merged first."""
    assert_same_moments(merged(merged(a, b), c), merged(a, merged(b, c)))


@law(parts())
def test_parts_have_the_moments_of_the_whole(batches):
    """However values are cut into parts, the moments merged are those of all: their number, mean, and variance times number."""
    whole, found = np.concat(batches), Moments(0, asarray(np.zeros(FEATURES)), asarray(np.zeros(FEATURES)))
    for part in batches:
        found = merged(found, moments(part))
    assert_same_moments(
        found, Moments(len(whole), np.mean(whole, axis=0, keepdims=True), np.var(whole, axis=0, keepdims=True) * len(whole))
    )
    assert_same_moments(moments(whole), found)


@law(moments_of_values(), moments_of_values())
def test_squares_are_never_negative(a, b):
    """The sum of squared deviations of both is at least that of each together, and so never negative."""
    assert np.all(merged(a, b).m2 >= a.m2 + b.m2)
    assert np.all(a.m2 >= 0)


@law(moments_of_values(), moments_of_values(), st.sampled_from((-3.0, 0.25)), numbers(FEATURES))
def test_moments_follow_scale_and_shift(a, b, by, shift):
    """Moments of values scaled and shifted: the mean follows, squares follow the scale's square; merging before or after is one."""
    moved = lambda m: Moments(m.count, by * m.mean + shift, by * by * m.m2)
    assert_same_moments(merged(moved(a), moved(b)), moved(merged(a, b)))


@law(numbers((4, 3)), st.sampled_from((-3.0, 0.25)), numbers((3,)))
def test_observing_follows_scale_and_shift(x, by, shift):
    """What is observed of by x + shift is what is observed of x, moved likewise."""
    seen, found = moments(x), moments(by * x + shift)
    assert_same_moments(found, Moments(4, by * seen.mean + shift, by * by * seen.m2))


@law(parts(), st.integers(2, 4))
def test_merging_with_oneself_counts_twice(batches, times):
    """Moments merged with themselves are those of every value as often, so counts are weights."""
    (x, *_) = batches
    found = moments(x)
    for _ in range(times - 1):
        found = merged(found, moments(x))
    assert_same_moments(found, moments(np.concat([x] * times)))


# ---- layers


def streamed(batches, **told):
    """Give feature norm's state after a stream of batches."""
    state = {"mean": asarray(np.zeros(3)), "variance": asarray(np.ones(3)), "count": np.asarray(0)}
    for x in batches:
        state = feature_norm(x, state, mode="observe", channel_axes=(1,), epsilon=0.0, epsilon_place="inside", **told)[1]
    return state


@pytest.mark.parametrize("correction", [0, 1])
@law(parts(), st.randoms(use_true_random=False))
def test_a_stream_is_the_whole_in_any_order(correction, batches, random):
    """Feature norm after a stream of batches, in any order, has observed the whole at once."""
    whole = np.concat(batches)
    shuffled = random.sample(batches, len(batches))
    squares = np.var(whole, axis=0) * len(whole)
    must = {"mean": np.mean(whole, axis=0), "variance": squares / max(len(whole) - correction, 1), "count": np.asarray(len(whole))}
    assert_all_same(streamed(shuffled, correction=correction), must)


@law(parts(), st.sampled_from((-3.0, 0.25)), numbers((3,)), st.sampled_from(("inside", "outside", "floor")), st.sampled_from((0, 1)))
def test_feature_norm_undoes_scale_and_shift(batches, a, shift, place, correction):
    """Having observed a x + c, feature norm of it, with epsilon scaled likewise, is that of x with the sign of a."""
    x = batches[-1]
    told = {"epsilon_place": place, "correction": correction, "mode": "evaluate", "channel_axes": (1,)}
    normal = feature_norm(x, streamed(batches, correction=correction), epsilon=0.25, **told)[0]
    state = streamed([a * part + shift for part in batches], correction=correction)
    epsilon = 0.25 * (a * a if place == "inside" else abs(a))
    assert_same(feature_norm(a * x + shift, state, epsilon=epsilon, **told)[0], np.sign(a) * normal)


@law(parts(), numbers((3,)), numbers((3,)))
def test_shards_normalize_as_the_whole_does(batches, scale, shift):
    """Batch norm of every shard, with the moments merged of all, gives y of the whole batch, however it is sharded."""
    whole, found = np.concat(batches), Moments(0, asarray(np.zeros(FEATURES)), asarray(np.zeros(FEATURES)))
    for part in batches:
        found = merged(found, moments(part))
    state = {"running_mean": found.mean[0], "running_variance": found.m2[0] / found.count}
    running = Running(rate=0.5, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    told = {"channel_axes": (1,), "epsilon": 0.25}
    shards = [batch_norm(part, scale, shift, state, mode="evaluate", running=running, **told)[0] for part in batches]
    assert_same(np.concat(shards), batch_norm(whole, scale, shift, mode="train", **told)[0])


@law(st.lists(numbers((4, 3)), min_size=1, max_size=4))
def test_the_whole_varies_more_than_its_batches(batches):
    """Of batches of one size, the variance of all values is the mean of theirs plus the variance of their means.

    So the cumulative running variance of batch norm is less than what feature norm observes, wherever the means differ.
    """
    running = Running(rate=0.0, start="debiased", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    state = {"running_mean": asarray(np.zeros(3)), "running_variance": asarray(np.ones(3)), "count": np.asarray(0)}
    for x in batches:
        state = batch_norm(x, None, None, state, mode="observe", channel_axes=(1,), epsilon=0.0, running=running)[1]
    of_means = np.var(np.stack([np.mean(x, axis=0) for x in batches]), axis=0)
    assert_same(streamed(batches)["variance"], state["running_variance"] + of_means)
    assert_same(streamed(batches)["mean"], state["running_mean"])
