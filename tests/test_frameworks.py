"""The layers of every framework, judged for real: no failure, and every declared deviation happens."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch

import pytest

import normspec
from normspec.cli.asked import entries_of
from normspec.conformance.cases import case_of, cases
from normspec.conformance.run import Asked, run
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.layers import all_clauses
from normspec.load import BACKENDS, deviations, findings

NAMES = (
    "torch",
    "torch:functional",
    "torch:others",
    "keras:tensorflow",
    "keras:jax",
    "keras:torch",
    "keras:numpy",
    "keras:openvino",
    "tensorflow",
    "tf_keras",
    "flax:nnx",
    "flax:linen",
    "haiku",
    "equinox",
    "jax",
    "mlx",
    "paddle",
    "paddle:functional",
    "tinygrad",
    "mindspore",
    "onnx:reference",
    "onnx:onnxruntime",
    "openvino",
    "transformers:llama",
    "transformers:gemma",
    "transformers:t5",
)
GRADIENT_FREE = ("keras:numpy", "keras:openvino", "onnx:reference", "onnx:onnxruntime", "openvino")
COMPILED = (
    "layer-norm.output/last-rank-3/float32",
    "layer-norm.output-dtype/last-mixed/bfloat16+float32",
    "batch-norm.output-dtype/first-mixed/bfloat16+float32",
    "group-norm.output-dtype/first-input/bfloat16+float32",
    "batch-norm.pullback/first-frozen-then-trained-evaluate/float32",
    "weight-norm.output/first-usual/float16",
    "spectral-norm.gradient.x/floored-tall-7/float32",
    "lp-norm.tangent.y/floored-along/float32",
    "local-response-norm.tangent.y/first-along/float32",
    "spectral-norm.tangent.y/floored-along/float32",
)
"""Cases that show whether torch.compile compiles: it takes seconds for each, so it is not judged on all."""


def chosen(name, *, full):
    """Give the cases that a framework is judged on: every one, or the quick ones, those of its rows, and one of each kind."""
    if full:
        return cases()
    rows, first = deviations(name), {(c.clause, c.situation.dtype, frozenset(c.values)): c.id for c in reversed(cases())}
    kept = set(first.values())
    return tuple(case for case in cases() if case.quick or case.id in kept or any(is_of(row, case) for row in rows))


def is_of(row, case):
    """Tell whether a row is of some quantity of a case."""
    steps = (*range(len(case.steps)), "born")
    return any(row.covers(case, f"{step}.{quantity}") for step in steps for quantity in row.quantities)


@pytest.fixture(scope="module", params=NAMES)
def judged(request, tmp_path_factory):
    asked = chosen(request.param, full=request.config.getoption("--full"))
    found = run(Asked(name=request.param, cases=asked, out=tmp_path_factory.mktemp("results")))
    return request.param, asked, [check for _, checks in found for check in checks]


def test_every_verdict_is_a_conformity_a_declared_deviation_or_an_honest_unsupported(judged):
    *_, checks = judged
    assert [(c.case, c.quantity, c.detail) for c in checks if c.verdict == "fails"] == []
    assert all(c.detail for c in checks if c.verdict in ("unsupported", "deviates"))
    assert any(c.verdict == "conforms" for c in checks)


def test_what_torch_compiles_deviates_as_declared_and_not_as_what_it_calls(tmp_path):
    asked = Asked(name="torch:compile", cases=tuple(case_of(name) for name in COMPILED), out=tmp_path, timeout=300.0)
    checks = [check for _, found in run(asked) for check in found]
    assert {c.verdict for c in checks if ".tangent.d" not in c.quantity} == {"conforms", "deviates"}, [c.detail for c in checks]
    own = {row.id for row in findings("torch") if row.implementations == ("torch:compile",)}
    assert {c.detail.partition(":")[0] for c in checks if c.verdict == "deviates"} == own
    assert {c.verdict for c in checks if c.case == COMPILED[0]} == {"conforms"}


def test_gradients_are_judged_where_there_are_any(judged):
    name, _, checks = judged
    of_gradients = {c.verdict for c in checks if c.quantity.endswith(".dx") and c.detail != "has no gradients"}
    without = [c for c in checks if c.detail == "has no gradients"]
    assert ("conforms" in of_gradients) == (name not in GRADIENT_FREE)
    assert bool(without) == (name in GRADIENT_FREE)


def test_no_deviation_is_stale(judged):
    name, _, checks = judged
    happened = {(c.detail.partition(":")[0], c.quantity.partition(".")[2], c.dtype) for c in checks if c.verdict == "deviates"}
    layers = {entry.layer.replace("_", "-") for entry in entries_of(name)}  # a variant need not have every layer that a row is of
    rows = [row for row in deviations(name) if row.clause.partition(".")[0] in layers]
    declared = {(row.id, quantity, dtype) for row in rows for quantity in row.quantities for dtype in {x for x, _ in row.dtypes}}
    assert happened == declared


def test_no_deviation_is_wider_than_what_is_seen(judged):
    """A share is 1, and the bound that of an honest layer of another meaning; or it is at most 2.5 times what is seen."""
    name, _, checks = judged
    used = {}
    for check in checks:
        if check.of_row is not None:
            key = check.detail.partition(":")[0], check.quantity.partition(".")[2]
            used[key] = max(used.get(key, 0.0), check.of_row)
    shares = {(row.id, quantity): share for row in deviations(name) for quantity, share in row.quantities.items()}
    assert {key: share for key, share in used.items() if share < 0.4 and shares[key] != 1.0} == {}


def test_every_clause_is_judged_or_named_unsupported_in_every_dtype(judged):
    *_, checks = judged
    cells = {(clause, check.dtype) for check in checks for clause in (*check.clauses, check.case.partition("/")[0])}
    asked = {(c, d) for c in all_clauses() for d in ("float64", "float32", *(() if ".tangent." in c else ("float16", "bfloat16")))}
    assert asked - cells == set()


TWICE = (
    "is differentiated once",
    "it differentiates nothing",
    "does not support it because",
    "gradient registry has no entry",
    "has no forward mode",
)
"""Why there may be no derivatives along a direction."""
TOGETHER = ("takes no shards", "takes shards of one length")
"""Why an x may not be taken in shards."""
NO_KERNEL = ("ONNX Runtime ", "has no such kernel")
"""What is in a reason why there may be no such layer in some dtype."""
NOT_ALL = "to the last digit"
"""What is in the reason why a scale may not be loaded that is kept as something else."""
IN_INFERENCE = "runs in inference alone"
"""What is in the reason why there may be no step of training, nor what comes after one."""
REASONS = (
    "has no gradients",
    "takes no mask",
    "a mask is taken along all axes but the last",
    "owns nothing",
    "a dtype policy computes in the variables' dtype",
    "arrays of the batch's",
    "are given when the layer is made: it has none before",
    "takes the averages from the x that it is given",
    " layout",
    "have one dtype",
    *NO_KERNEL,
    NOT_ALL,
    IN_INFERENCE,
    *TWICE,
    *TOGETHER,
)
"""Why a check may be unsupported in a case that the dialect can say."""
NO_SUCH_ARRAYS = ("mask", " layout", "have one dtype", *NO_KERNEL, NOT_ALL, IN_INFERENCE, *TWICE, *TOGETHER)
"""Why a whole case may be."""


def sayable(name, asked):
    """Give the ids of the cases that a framework's dialect can say, of those asked."""
    dialect, _, variant = name.partition(":")
    own = variant if variant in {entry.variant for entry in entries(dialect)} else ""
    found = set()
    for case in asked:
        with suppress(normspec.Unsupported):
            native(entries(dialect), own, case.spec, case.situation)
            found.add(case.id)
    return found


def test_what_the_dialect_can_say_is_judged(judged):
    name, asked, checks = judged
    known = sayable(name, asked)
    silent = [(c.case, c.quantity, c.detail) for c in checks if c.case in known and c.verdict == "unsupported"]
    assert [row for row in silent if not any(reason in row[2] for reason in REASONS)] == []
    spoken = {c.case for c in checks if c.verdict in ("conforms", "deviates")}
    assert spoken <= known
    of_no_such_arrays = {c.case for c in checks if any(reason in c.detail for reason in NO_SUCH_ARRAYS)}
    assert known - spoken - of_no_such_arrays == set()


@pytest.mark.parametrize("name", BACKENDS)
def test_a_deviation_says_where_what_and_how(name):
    for row in findings(name):
        assert row.clause in all_clauses()
        assert row.title
        assert row.size
        assert row.promise
        assert row.source
        assert row.reproduction.startswith(f"docs/findings/{name}_")
        assert datetime.now(tz=UTC).date() - row.reviewed < timedelta(days=400), "look whether it still holds, then write today's date"
        assert row.cases == "*" or any(fnmatch(case.id, row.cases) for case in cases())
        assert set(row.implementations) <= {*NAMES, "torch:compile"}
        if row.within and not row.no_number:  # a bound that is wider: its share is measured, and not all of it
            assert max(row.quantities.values()) < 1


def test_what_torch_cannot_say_is_unsupported_with_every_reason():
    spec = next(case.spec for case in cases() if case.spec.layer == "batch_norm" and case.spec.correction == 1)
    at = normspec.Situation(shape=(5, 3, 7), dtype="float32", parameter_dtype="float32")
    with pytest.raises(normspec.Unsupported, match=r"torch\.nn\.BatchNorm1d has batch-norm\.correction = 0, not 1"):
        normspec.load("torch").build(spec, at)
