"""Wrong implementations fail on a clause that names their fault; honest ones pass in every dtype, and so does the reference."""

import warnings
from collections import Counter
from dataclasses import replace
from typing import get_args

import numpy as np
import plain
import pytest
from honest import HONEST, in_place

import normspec
from normspec.clauses import clause_id
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.mutants.implementation import implementation_of, mutant_of
from normspec.conformance.mutants.score import layers_of
from normspec.conformance.neighbours.diagnosis import Memory, diagnosed
from normspec.conformance.subject import Answer
from normspec.layers import SPECS
from normspec.load import deviations
from normspec.records import Layout

BYSTANDERS = {"inputs", "parameters", "born", "running.initial-mean", "running.initial-variance", "output-dtype", "gradient.dtype"}
"""Clauses that none of the faults here breaks."""


EQUALS = {
    "sample-variance": "correction = 1",
    "population-for-sample": "running.correction = 0",
    "momentum-reversed": "running.rate = 0.875",
    "epsilon-outside": "epsilon_place = 'outside'",
    "epsilon-hard-coded": "epsilon = 1e-06",
    "statistics-constant": "gradient.x: the way through the statistics dropped",
    "evaluation-takes-batch": "running = None",
    "scale-along-another-axis": "parameter_axes = (1,)",
    "updated-twice": "update: the statistics move twice",
    "evaluation-updates": "keep: evaluation moves the statistics, then uses them",
    "one-pass": None,
    "statistics-in-float16": "statistics_dtype = 'input'",
    "shift-needs-scale": "shift = False",
}
"""Mutant -> the neighbour that it is, which most of the values that are named must equal."""

ALONE = {"epsilon-hard-coded", "statistics-constant", "updated-twice", "shift-needs-scale"}
"""Faults that are a neighbour in every case: no clause but those that name them is blamed."""

THEMSELVES = {"updated-twice": plain.implementation(updates=lambda mode: 2 * (mode in ("train", "observe")))}
"""Faults whose neighbour is judged itself: the mutant moves the state after y, and so is another layer where train takes what is kept."""

JUDGED = ("batch_norm", "layer_norm")


def verdicts(implementation, chosen=None, known=()):
    memory = Memory()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # wrong implementations divide by zero and worse
        for case in chosen or (*cases(layer="batch_norm"), *cases(layer="layer_norm")):
            answer = Answer(*answer_to(case, implementation))
            yield from diagnosed(case, answer, judge(case, answer, known), memory)


def broken(checks):
    return {clause for check in checks if check.verdict == "fails" for clause in check.clauses}


@pytest.mark.parametrize("fault", EQUALS)
def test_a_wrong_implementation_fails_on_the_clause_that_names_its_fault(fault):
    mutant = mutant_of(fault)
    clauses = {clause_id(SPECS[layer], mutant.law) for layer in layers_of(mutant) if layer in JUDGED}
    checks = [check for check in verdicts(THEMSELVES.get(fault) or implementation_of(mutant)) if check.verdict == "fails"]
    found = broken(checks)
    assert clauses <= found
    assert not {clause.partition(".")[2] for clause in found} & BYSTANDERS
    assert found == clauses or fault not in ALONE
    named = Counter(check.equals for check in checks if check.equals)
    assert max(named, key=named.get, default=None) == EQUALS[fault]


def test_state_that_is_moved_in_place_is_honest():
    right = normspec.load("reference:numpy")
    assert broken(verdicts(replace(right, build=in_place, asarray=lambda a, _: np.array(a)))) == set()


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
    checks = list(verdicts(replace(plain.implementation(**HONEST[variant]), layouts=get_args(Layout))))
    assert [c for c in checks if c.verdict == "fails"] == []
    assert sum(c.verdict == "conforms" for c in checks) > 18_000


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # PyTorch's own, in forward mode
@pytest.mark.parametrize("variant", ["numpy", "torch", "array_api_strict"])
def test_the_reference_conforms(variant):
    checks = list(verdicts(normspec.load(f"reference:{variant}"), cases()))
    assert [c for c in checks if c.verdict == "fails"] == []
    of_tangents = {c.verdict for c in checks if ".tangent." in c.quantity}
    assert of_tangents == ({"conforms"} if variant == "torch" else {"unsupported"})
    unsupported = {c.detail for c in checks if c.verdict == "unsupported" and ".tangent." not in c.quantity}
    assert all("as the standard has none" in reason or reason.endswith(" layout") for reason in unsupported)
    assert variant != "numpy" or not unsupported


def test_no_false_alarm_on_other_numbers(pytestconfig):
    reference = normspec.load("reference:numpy")
    for seed in range(1, 1 + pytestconfig.getoption("--seeds")):
        failing = [(c.case, c.quantity, c.detail) for c in verdicts(reference, cases(seed=seed)) if c.verdict == "fails"]
        assert failing == []
