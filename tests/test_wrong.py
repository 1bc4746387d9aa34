"""Wrong implementations fail on a clause that names their fault; honest ones pass in every dtype, and so does the reference."""

import warnings

import numpy as np
import plain
import pytest
from broken import BROKEN, InPlace
from broken import implementation as broken_reference
from honest import HONEST
from wrong import WRONG

import normspec
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.subject import Answer
from normspec.load import deviations

BYSTANDERS = {"inputs", "parameters", "born", "running.initial-mean", "running.initial-variance", "output-dtype", "gradient.dtype"}
"""Clauses that none of the faults here breaks."""


def verdicts(implementation, chosen=None, known=()):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # wrong implementations divide by zero and worse
        for case in chosen or cases():
            yield from judge(case, Answer(*answer_to(case, implementation)), known)


def broken(checks):
    return {clause for check in checks if check.verdict == "fails" for clause in check.clauses}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_implementation_fails_on_the_clause_that_names_its_fault(fault):
    changes, clauses = WRONG[fault]
    found = broken(verdicts(plain.implementation(**changes)))
    assert set(clauses) <= found
    assert not {clause.partition(".")[2] for clause in found} & BYSTANDERS


@pytest.mark.parametrize("fault", BROKEN, ids=lambda fault: fault.__name__)
def test_a_broken_reference_fails_on_the_clause_that_names_its_fault(fault):
    assert BROKEN[fault] <= broken(verdicts(broken_reference(fault)))


def test_state_that_is_moved_in_place_is_honest():
    assert broken(verdicts(broken_reference(InPlace))) == set()


@pytest.mark.parametrize("fault", ["y", "epsilon", "running", "gradient"])
def test_no_fault_of_16_bits_hides_behind_torchs_deviations(fault):
    """The rows excuse what PyTorch does, by a measured share, and nothing besides."""
    changes = {
        "y": {"normalize": lambda x, m, r, s, t: (x - m) * r * s * np.float32(1.05) + t},
        "epsilon": {"inverse_deviation": lambda v, s, _: 1 / np.sqrt(v + 2 * s.epsilon)},
        "running": {"weight": lambda running, k: 0.9 * plain.weight(running, k)},
        "gradient": {"through_statistics": False},
    }[fault]
    chosen = [case for case in cases() if case.situation.dtype == "bfloat16" and case.situation.parameter_dtype == "bfloat16"]
    assert broken(verdicts(plain.implementation(**changes), chosen, deviations("torch")))


@pytest.mark.parametrize("variant", HONEST)
def test_an_honest_variant_passes_in_every_dtype(variant):
    checks = list(verdicts(plain.implementation(**HONEST[variant])))
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
