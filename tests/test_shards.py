"""An x that several devices take together: what is asked, of whom, and what merging comes to by the numbers."""

from io import BytesIO

import numpy as np
import pytest

import normspec
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.oracle import truth
from normspec.conformance.subject import Answer
from normspec.conformance.wire import receive_case, send_case
from normspec.dtypes import FLOATS, statistics
from normspec.errors import Unsupported
from normspec.load import deviations

SHARDED = [case for case in cases() if case.situation.shards]
EQUAL = (1, 1, 1, 1, 1)

WEIGHTS = {
    "initial": lambda rate, _: rate,
    "first": lambda rate, k: 1 if k == 1 else rate,
    "debiased": lambda rate, k: rate / (1 - (1 - rate) ** k),
}
"""What the k-th observation weighs."""
NARROW = {dtype: FLOATS[dtype].roundoff for dtype in ("float16", "bfloat16")}
"""Roundoffs of dtypes in which statistics may be taken, by the spec and so in truth."""


def test_shards_are_the_whole_x():
    assert {case.situation.shards for case in SHARDED} == {EQUAL, (3, 2), (4, 0, 1)}
    assert all(len(step.inputs["x"]) == sum(case.situation.shards) for case in SHARDED for step in case.steps)


@pytest.mark.parametrize("case", SHARDED, ids=lambda case: case.id)
def test_the_truth_is_that_of_moments_merged_with_their_weights(case):
    """Of each shard the number of values, the mean and the sum of squares about it, as devices exchange them (Chan, Golub, LeVeque)."""
    x = np.asarray(case.steps[0].inputs["x"], np.float64)
    at = case.spec.geometry(x.shape)
    pieces = [piece for piece in np.split(x, np.cumsum(case.situation.shards)[:-1]) if piece.size]
    n, mean, squares = 0, np.zeros(at.owned), np.zeros(at.owned)
    for piece in pieces:
        more, own = piece.size // np.size(mean), piece.mean(axis=at.axes)
        squares += ((piece - np.reshape(own, at.broadcast)) ** 2).sum(axis=at.axes) + (own - mean) ** 2 * n * more / (n + more)
        mean, n = mean + (own - mean) * more / (n + more), n + more
    running = case.spec.running
    for name, seen in (("running_mean", mean), ("running_variance", squares / (n - running.correction))):
        weight = WEIGHTS[running.start](running.rate, 1 + int(case.values.get("count", 0)))
        moved = (1 - weight) * case.values[name].astype(np.float64) + weight * seen
        kept = 1e-12 if running.state_dtype == "parameter" else 1e-6  # of which dtype the state is
        narrow = 4 * NARROW.get(statistics(case.spec, case.situation.dtype), 0.0)
        must = {"rtol": max(kept, narrow), "atol": narrow * np.abs(moved).max()}
        np.testing.assert_allclose(np.asarray(truth(case)[f"0.{name}"]).astype(np.float64), moved, **must)


@pytest.mark.parametrize(("name", "taken"), [("torch", set()), ("flax:nnx", {EQUAL}), ("tf_keras", {EQUAL, (3, 2), (4, 0, 1)})])
def test_shards_are_asked_of_whom_takes_them(name, taken):
    found = set()
    for case in (case for case in SHARDED if case.situation.dtype == "float32"):
        try:
            checks = list(judge(case, Answer(*answer_to(case, normspec.load(name))), deviations(name)))
        except Unsupported:
            continue
        found |= {case.situation.shards for check in checks if check.verdict != "unsupported"}
        assert "fails" not in {check.verdict for check in checks}
    assert found == taken


def test_shards_go_over_the_wire():
    stream = BytesIO()
    send_case(stream, SHARDED[0])
    stream.seek(0)
    assert receive_case(stream).situation == SHARDED[0].situation
