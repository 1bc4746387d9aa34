"""Wrong implementations fail on a clause that names their fault; honest ones pass in every dtype, and so does the reference."""

import warnings
from collections import Counter

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
from normspec.conformance.neighbours.diagnosis import Memory, diagnosed
from normspec.conformance.subject import Answer
from normspec.load import deviations

BYSTANDERS = {"inputs", "parameters", "born", "running.initial-mean", "running.initial-variance", "output-dtype", "gradient.dtype"}
"""Clauses that none of the faults here breaks."""


EQUALS = {
    "sample for population variance": "correction = 1",
    "population for sample variance": "running.correction = 0",
    "rate reversed": "running.rate = 0.875",
    "epsilon outside the root": "epsilon_place = 'outside'",
    "epsilon 1e-6 for 1e-5": "epsilon = 1e-06",
    "statistics as constants in the gradient": "gradient.x: the way through the statistics dropped",
    "evaluation by batch statistics": "running = None",
    "scale along the wrong axis": "parameter_axes = (1,)",
    "statistics updated twice": "update: the statistics move twice",
    "statistics updated in evaluation": "keep: evaluation moves the statistics, then uses them",
    "float16 statistics": "statistics_dtype = 'input'",
    "shift dropped when scale is absent": "shift = False",
}
"""Fault -> the neighbour that it is, which most of the values that are named must equal."""

ALONE = {
    "epsilon 1e-6 for 1e-5",
    "statistics as constants in the gradient",
    "statistics updated twice",
    "shift dropped when scale is absent",
}
"""Faults that are a neighbour in every case: no clause but those that name them is blamed."""


def verdicts(implementation, chosen=None, known=()):
    memory = Memory()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # wrong implementations divide by zero and worse
        for case in chosen or (*cases(layer="batch_norm"), *cases(layer="layer_norm")):
            answer = Answer(*answer_to(case, implementation))
            yield from diagnosed(case, answer, judge(case, answer, known), memory)


def broken(checks):
    return {clause for check in checks if check.verdict == "fails" for clause in check.clauses}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_implementation_fails_on_the_clause_that_names_its_fault(fault):
    changes, clauses = WRONG[fault]
    checks = [check for check in verdicts(plain.implementation(**changes)) if check.verdict == "fails"]
    found = broken(checks)
    assert set(clauses) <= found
    assert not {clause.partition(".")[2] for clause in found} & BYSTANDERS
    assert found == set(clauses) or fault not in ALONE
    named = Counter(check.equals for check in checks if check.equals)
    assert max(named, key=named.get, default=None) == EQUALS.get(fault)


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
    checks = list(verdicts(normspec.load(f"reference:{variant}"), cases()))
    assert [c for c in checks if c.verdict == "fails"] == []
    unsupported = {c.detail for c in checks if c.verdict == "unsupported"}
    assert all("as the standard has none" in reason for reason in unsupported)


def test_no_false_alarm_on_other_numbers(pytestconfig):
    reference = normspec.load("reference:numpy")
    for seed in range(1, 1 + pytestconfig.getoption("--seeds")):
        failing = [(c.case, c.quantity, c.detail) for c in verdicts(reference, cases(seed=seed)) if c.verdict == "fails"]
        assert failing == []
