"""Wrong implementations fail on a clause that names their fault; honest ones pass in every dtype, and so does the reference."""

import warnings

import plain
import pytest
from honest import HONEST, KIND_ONLY
from wrong import WRONG

import normspec
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.subject import Answer

BYSTANDERS = {"inputs", "parameters", "born", "running.initial-mean", "running.initial-variance", "output-dtype", "gradient.dtype"}
"""Clauses that none of the faults here breaks."""


def verdicts(implementation, chosen=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # wrong implementations divide by zero and worse
        for case in chosen or cases():
            yield from judge(case, Answer(*answer_to(case, implementation)))


def broken(checks):
    return {clause for check in checks if check.verdict == "fails" for clause in check.clauses}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_implementation_fails_on_the_clause_that_names_its_fault(fault):
    changes, clauses = WRONG[fault]
    found = broken(verdicts(plain.implementation(**changes)))
    assert set(clauses) <= found
    assert not {clause.partition(".")[2] for clause in found} & BYSTANDERS


@pytest.mark.parametrize("variant", HONEST)
def test_an_honest_variant_passes_in_every_dtype(variant):
    chosen = [case for case in cases() if variant not in KIND_ONLY or "accuracy" not in case.clause]
    checks = list(verdicts(plain.implementation(**HONEST[variant]), chosen))
    assert [c for c in checks if c.verdict == "fails"] == []
    assert sum(c.verdict == "conforms" for c in checks) > 18_000


@pytest.mark.parametrize("variant", ["numpy", "torch", "array_api_strict"])
def test_the_reference_conforms(variant):
    checks = list(verdicts(normspec.load(f"reference:{variant}")))
    assert [c for c in checks if c.verdict == "fails"] == []
    unsupported = {c.detail for c in checks if c.verdict == "unsupported"}
    assert all("as the standard has none" in reason for reason in unsupported)


def test_no_false_alarm_on_other_numbers(pytestconfig):
    reference = normspec.load("reference:numpy")
    for seed in range(1, 1 + pytestconfig.getoption("--seeds")):
        failing = [(c.case, c.quantity, c.detail) for c in verdicts(reference, cases(seed=seed)) if c.verdict == "fails"]
        assert failing == []
