"""Ghost batch normalization: batch normalization of each ghost, whatever the ghosts are made of."""

import numpy as np
import pytest
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, law, numbers
from laws_points import shown

from normspec import Running
from normspec.reference.layers import step

SHAPE, GHOST = (6, 2, 3), 2
TOLD = {"channel_axes": (1,), "epsilon": 0.25}
KEPT = Running(rate=0.125, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
GROUPS = {"contiguous": ((0, 1), (2, 3), (4, 5)), "interleaved": ((0, 3), (1, 4), (2, 5))}
"""The samples of each ghost."""


@pytest.mark.parametrize("grouping", GROUPS)
@law(numbers(SHAPE), numbers(SHAPE), numbers((2,)), numbers((2,)))
def test_every_ghost_is_a_batch(grouping, x, dy, scale, shift):
    """Ghost batch norm is, on the samples of each ghost, batch norm of them alone; cotangents of parameters are the sums of theirs."""
    values = {"scale": scale, "shift": shift}
    found = shown("ghost_batch_norm", x, dy, values, ghost_size=GHOST, grouping=grouping, **TOLD)
    parts = [shown("batch_norm", x[list(own)], dy[list(own)], values, **TOLD) for own in GROUPS[grouping]]
    for own, part in zip(GROUPS[grouping], parts, strict=True):
        assert_all_same({name: found[name][list(own)] for name in ("y", "dx")}, {name: part[name] for name in ("y", "dx")})
    for name in ("dscale", "dshift"):
        assert_same(found[name], sum(part[name] for part in parts))


@pytest.mark.parametrize("grouping", GROUPS)
@law(numbers(SHAPE), numbers(SHAPE), numbers((2,)), numbers((2,)), st.sampled_from(("each", "mean", "whole")))
def test_one_ghost_of_the_whole_batch_is_batch_norm(grouping, x, dy, mean, root, observed):
    """A ghost of every sample is batch norm, with its running statistics, whatever of the ghosts is observed."""
    state = {"running_mean": mean, "running_variance": root * root}
    ghosts = {"ghost_size": SHAPE[0], "grouping": grouping, "observed": observed}
    outcomes = []
    for layer, more in (("ghost_batch_norm", ghosts), ("batch_norm", {})):
        y, after, pullback = step(layer, state, {"x": x}, "train", {**TOLD, **more, "running": KEPT})
        outcomes.append({"y": y, "dx": pullback(dy)["x"], **after})
    assert_all_same(*outcomes)


@law(numbers(SHAPE), numbers((2,)), numbers((2,)), st.sampled_from((0.0, 0.125, 0.75, 1.0)))
def test_ghosts_observed_each_are_as_many_steps(x, mean, root, rate):
    """Observing each of k ghosts leaves (1 - rate)^k of what was kept, and rate (1 - rate)^(k - i) of the i-th."""
    state, k = {"running_mean": mean, "running_variance": root * root}, SHAPE[0] // GHOST
    running = Running(rate=rate, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    told = {**TOLD, "ghost_size": GHOST, "observed": "each", "running": running}
    _, after, _ = step("ghost_batch_norm", state, {"x": x}, "train", told)
    parts = [x[list(own)] for own in GROUPS["contiguous"]]
    of = {
        "running_mean": [np.mean(a, axis=(0, 2)) for a in parts],
        "running_variance": [np.mean((a - np.mean(a, axis=(0, 2), keepdims=True)) ** 2, axis=(0, 2)) for a in parts],
    }
    for name, each in of.items():
        closed = state[name] * (1 - rate) ** k + sum(rate * (1 - rate) ** (k - i) * a for i, a in enumerate(each, 1))
        assert_same(after[name], closed)


@law(numbers(SHAPE))
def test_the_mean_of_ghosts_misses_what_lies_between_them(x):
    """Of ghosts of one size, the mean of the means is that of the batch; the mean of the variances is less by the means' variance."""
    none = {"running_mean": x[0, :, 0] * 0, "running_variance": x[0, :, 0] * 0 + 1}
    at_once = Running(rate=1.0, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    told = {**TOLD, "ghost_size": GHOST, "running": at_once}
    _, of_ghosts, _ = step("ghost_batch_norm", none, {"x": x}, "observe", {**told, "observed": "mean"})
    _, of_batch, _ = step("ghost_batch_norm", none, {"x": x}, "observe", {**told, "observed": "whole"})
    means = np.stack([np.mean(x[list(own)], axis=(0, 2)) for own in GROUPS["contiguous"]])
    between = np.mean((means - np.mean(means, axis=0)) ** 2, axis=0)
    assert_same(of_ghosts["running_mean"], of_batch["running_mean"])
    assert_same(of_ghosts["running_variance"] + between, of_batch["running_variance"])
