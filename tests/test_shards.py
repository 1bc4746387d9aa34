"""An x that several devices take together: what is asked, of whom, and what merging comes to by the numbers."""

import subprocess
import sys
from functools import reduce
from io import BytesIO

import numpy as np
import pytest

from normspec.conformance.cases import cases
from normspec.conformance.oracle import truth
from normspec.conformance.run import Asked, run
from normspec.conformance.wire import receive_case, send_case
from normspec.dtypes import FLOATS, statistics
from normspec.reference import merged, observed

SHARDED = [case for case in cases() if case.situation.shards]
EQUAL = (1, 1, 1, 1, 1)
ANY = {EQUAL, (3, 2), (4, 0, 1)}
TAKEN = {name: {EQUAL} for name in ("flax:nnx", "flax:linen", "haiku", "equinox")} | dict.fromkeys(("keras:tensorflow", "tf_keras"), ANY)
"""The shards that each implementation takes."""

WEIGHTS = {
    "initial": lambda rate, _: rate,
    "first": lambda rate, k: 1 if k == 1 else rate,
    "debiased": lambda rate, k: rate / (1 - (1 - rate) ** k),
}
"""What the k-th observation weighs."""
NARROW = {dtype: FLOATS[dtype].roundoff for dtype in ("float16", "bfloat16")}
"""Roundoffs of dtypes in which statistics may be taken, by the spec and so in truth."""


def test_shards_are_the_whole_x():
    assert {case.situation.shards for case in SHARDED} == ANY
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


@pytest.mark.parametrize("case", [case for case in SHARDED if case.situation.dtype == "float64"], ids=lambda case: case.id)
def test_the_references_moments_of_shards_merge_into_those_of_the_whole(case):
    """Those of a shard without values among them, in either order."""
    for step in case.steps:
        x = step.inputs["x"]
        axes = case.spec.geometry(x.shape).axes
        pieces = [observed(piece, axes) for piece in np.split(x, np.cumsum(case.situation.shards)[:-1])]
        for order in (pieces, pieces[::-1]):
            found = reduce(merged, order)
            assert found.count == x.size // np.size(found.mean)
            np.testing.assert_allclose(found.mean, x.mean(axis=axes, keepdims=True), rtol=1e-13, atol=1e-14)
            np.testing.assert_allclose(found.m2, x.var(axis=axes, keepdims=True) * found.count, rtol=1e-13)


@pytest.mark.parametrize("name", ["torch", "torch:others", *TAKEN])
def test_shards_are_asked_of_whom_takes_them(name, tmp_path):
    """In a process of its own, for a library is told of its devices before it first runs."""
    asked = {case.id: case.situation.shards for case in SHARDED if case.situation.dtype == "float32"}
    judged = run(Asked(name=name, cases=tuple(case for case in SHARDED if case.id in asked), out=tmp_path))
    checks = [check for _, found in judged for check in found]
    assert [(check.case, check.quantity, check.detail) for check in checks if check.verdict == "fails"] == []
    assert {asked[check.case] for check in checks if check.verdict != "unsupported"} == TAKEN.get(name, set())


ON_DEVICES = """
import jax, numpy as np
from normspec.backends.pure import together

def apply(parameters, state, x):
    mean = jax.lax.pmean(x.mean(), "shards")
    return (x - mean) * parameters, mean

x = np.arange(10.0).reshape(5, 2) ** 2
y, mean = together(apply, 5, "shards")(3.0, 0.0, x)
print(len(y.sharding.device_set), np.allclose(y, 3 * (x - x.mean())))
y, state = together(lambda *given: (apply(*given)[0], {"mean": apply(*given)[1]}), 10, "shards")(3.0, 0.0, x.reshape(10, 1))
print(len(y.sharding.device_set), np.allclose(y.reshape(5, 2), 3 * (x - x.mean())))
"""


def test_jax_takes_shards_on_as_many_devices_and_on_one_where_there_are_fewer():
    said = subprocess.run([sys.executable, "-c", ON_DEVICES], capture_output=True, text=True, check=True).stdout.split()
    assert said == ["5", "True", "1", "True"]


IN_TWO_PROCESSES = """
import sys
from datetime import timedelta
import torch

rank, store = int(sys.argv[1]), sys.argv[2]
torch.distributed.init_process_group("gloo", init_method=f"file://{store}", rank=rank, world_size=2, timeout=timedelta(seconds=60))
layer, x = torch.nn.SyncBatchNorm(3), torch.ones(4, 3)
assert layer.eval()(x).shape == x.shape
try:
    layer.train()(x)
except ValueError as reason:
    print(layer.num_batches_tracked.item(), reason)
torch.distributed.destroy_process_group()
"""


def test_torch_synchronizes_no_two_processes_on_a_cpu(tmp_path):
    """It evaluates there, and refuses to train: so it is unsupported, and this tells when that ends."""
    command = [sys.executable, "-c", IN_TWO_PROCESSES]
    ran = [subprocess.Popen([*command, str(rank), str(tmp_path / "store")], stdout=subprocess.PIPE, text=True) for rank in (0, 1)]
    try:
        said = [process.communicate(timeout=120)[0] for process in ran]
    finally:
        for process in ran:
            process.kill()
    assert all("SyncBatchNorm expected input tensor to be on GPU" in text for text in said)


def test_shards_go_over_the_wire():
    stream = BytesIO()
    send_case(stream, SHARDED[0])
    stream.seek(0)
    assert receive_case(stream).situation == SHARDED[0].situation
