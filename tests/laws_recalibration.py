"""Recalibration: what is pooled is the same of any batches, what is a mean of theirs is not, and both are what layers observe."""

from itertools import pairwise

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from laws_merging import parts
from laws_numbers import assert_all_same, assert_same, differ, law, numbers

from normspec import Running
from normspec.reference import batch_norm, feature_norm, recalibrate
from normspec.reference.quad import asarray

CORRECTIONS = st.sampled_from((0, 1))


def taken(batches, estimator, correction=0):
    return recalibrate(batches, channel_axes=(1,), estimator=estimator, correction=correction)


def cut(whole, at):
    """Give the rows of an x in batches that end at these places, some of them empty."""
    ends = [0, *sorted(at), len(whole)]
    return [whole[a:b] for a, b in pairwise(ends)]


@law(numbers((6, 3)), st.lists(st.integers(0, 6), max_size=4), st.permutations(range(6)), CORRECTIONS)
def test_pooled_statistics_are_those_of_the_whole(whole, at, order, correction):
    """However values are cut into batches, and in whichever order, the pooled statistics are those of one batch of all."""
    found = taken(cut(whole[order], at), "pooled", correction)
    assert_all_same(found, taken([whole], "pooled", correction))
    assert_same(found["running_variance"], np.var(whole, axis=0) * 6 / (6 - correction))


@law(numbers((3,), nowhere_zero=True))
def test_means_of_batches_depend_on_how_they_are_cut(values):
    """Of a and b, two values each, a first, the mean of the variances is 0 cut as aa, bb, and the whole's cut as ab, ab.

    Cut as a, abb it is a third number, and the mean of the means another, too.
    """
    a, b = values, -values
    halves = taken([np.stack([a, a]), np.stack([b, b])], "mean")
    mixed = taken([np.stack([a, b]), np.stack([a, b])], "mean")
    unequal = taken([np.stack([a]), np.stack([a, b, b])], "mean")
    whole = taken([np.stack([a, a, b, b])], "pooled")
    assert_same(halves["running_variance"], 0 * values)
    assert_same(mixed["running_variance"], whole["running_variance"])
    assert_same(unequal["running_variance"], values * values * 4 / 9)
    assert_same(unequal["running_mean"], values / 3)
    assert differ(unequal["running_mean"], whole["running_mean"])
    assert differ(halves["running_variance"], whole["running_variance"])


@law(st.lists(numbers((4, 3)), min_size=1, max_size=4))
def test_what_is_pooled_varies_by_the_means_of_batches_more(batches):
    """Of batches of one size, the pooled variance is the mean of theirs plus the variance of their means."""
    of_means = np.var(np.stack([np.mean(x, axis=0) for x in batches]), axis=0)
    one, other = taken(batches, "pooled"), taken(batches, "mean")
    assert_same(one["running_variance"], other["running_variance"] + of_means)
    assert_same(one["running_mean"], other["running_mean"])


@law(parts(), CORRECTIONS)
def test_means_of_batches_are_the_cumulative_average_of_batch_norm(batches, correction):
    """Batch norm that observes with start debiased and rate 0 keeps the mean of the batches' statistics, with its correction."""
    running = Running(rate=0.0, start="debiased", correction=correction, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    state = {"running_mean": asarray(np.zeros(3)), "running_variance": asarray(np.ones(3)), "count": np.asarray(0)}
    for x in batches:
        state = batch_norm(x, None, None, state, mode="observe", channel_axes=(1,), epsilon=0.0, running=running)[1]
    del state["count"]
    assert_all_same(taken(batches, "mean", correction), state)


@law(parts(), CORRECTIONS)
def test_what_is_pooled_is_what_feature_norm_observes(batches, correction):
    """Feature norm that observes the same stream keeps the pooled statistics."""
    state = {"mean": asarray(np.zeros(3)), "variance": asarray(np.ones(3)), "count": np.asarray(0)}
    for x in batches:
        state = feature_norm(x, state, mode="observe", channel_axes=(1,), epsilon=0.25, correction=correction)[1]
    assert_all_same(taken(batches, "pooled", correction), {f"running_{name}": state[name] for name in ("mean", "variance")})


@law(numbers((5, 3)), numbers((3,)), numbers((3,)))
def test_training_on_all_is_evaluation_after_recalibration(x, scale, shift):
    """With what is pooled of batches, evaluation of all their values is what training on them as one batch gives."""
    assume(differ(x, x[0], by=0.1))
    running = Running(rate=0.5, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    told = {"channel_axes": (1,), "epsilon": 0.25}
    state = taken([x[:2], x[2:]], "pooled")
    evaluated = batch_norm(x, scale, shift, state, mode="evaluate", running=running, **told)[0]
    assert_same(evaluated, batch_norm(x, scale, shift, mode="train", **told)[0])
