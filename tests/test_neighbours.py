"""The neighbours of a case, from the oracle and from plain layers; and the score: which of them the cases tell from the truth."""

from dataclasses import replace

import numpy as np
import plain
import pytest
from alternative import drawn, shown, wide

from normspec.clauses import clauses
from normspec.conformance.cases import case_of, cases, draw
from normspec.conformance.cases.batch_norm import FIRST
from normspec.conformance.cases.layer_norm import LAST
from normspec.conformance.child import answer_to
from normspec.conformance.expectation import dtypes_of, expectation
from normspec.conformance.judge import judge
from normspec.conformance.neighbours import mutants
from normspec.conformance.neighbours.alternative import Shown
from normspec.conformance.neighbours.alternatives import alternatives, kinds, of_field
from normspec.conformance.neighbours.mutants import answer_of, score, summed
from normspec.conformance.oracle import truth
from normspec.layers import SPECS, all_clauses


def labels(case):
    return [a.label for a in alternatives(case)]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("layer", SPECS)
def test_every_alternative_shows_something_and_has_bounds(layer):
    """Whatever a case loads or masks: else a diagnosis would end the run."""
    chosen = [case for case in cases(layer=layer) if case.situation.dtype == "float32"]
    drawn_of = [*chosen[::5], *(case for case in chosen if ".mask/" in case.id or "-empty" in case.id)]
    found = [shown for case in drawn_of for a in alternatives(case) if (shown := a.shown())]
    assert len(found) > 50
    assert all(set(shown.bounds()) <= set(shown.seen) for shown in found)


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("update: the statistics move twice", {"updates": lambda mode: 2 * (mode in ("train", "observe"))}),
        ("update: the statistics stay", {"updates": lambda _: 0}),
        ("keep: evaluation moves the statistics, then uses them", {"updates": lambda _: 1}),
        ("running.correction = 0", {"bessel": lambda *_: 1}),
        ("running.rate = 0.875", {"weight": lambda running, _: 1 - running.rate}),
        ("epsilon = 0.015625", {"inverse_deviation": lambda v, *_: 1 / np.sqrt(v + 2.0**-6)}),
    ],
)
def test_an_alternative_shows_what_a_plain_layer_of_its_meaning_does(label, changes):
    case = drawn(FIRST, (5, 3, 7), (9, 3, 5))
    seen = shown(case, label).seen
    _, played = answer_to(case, plain.implementation(**changes))
    differing = 0
    for expected in expectation(case):
        got = played[expected.quantity]
        np.testing.assert_allclose(got, wide(seen[expected.quantity]), rtol=1e-11, atol=1e-13)
        differing += not np.allclose(got, wide(expected.value), rtol=1e-3)
    assert differing


def test_alternatives_are_of_their_clauses_and_every_one_is_a_kind_or_a_usual_value():
    known = {(clause.id, label) for layer in SPECS for clause, label in kinds(layer)}
    usual = {"epsilon = 0.001", "epsilon = 1e-05", "epsilon = 1e-06"}
    for case in cases()[::7]:
        for a in alternatives(case):
            assert (a.clause, a.label) in known or a.label in usual or a.label.startswith("running.rate = "), a.label
            assert a.clause.startswith(case.clause.partition(".")[0])


def test_points_that_mean_the_same_here_are_one_alternative():
    case, at_rank_3 = drawn(LAST, (3, 5, 6, 7)), drawn(LAST, (5, 3, 7))
    assert [a.label for a in of_field(case, "axes")] == ["axes = (-2, -1)", "axes = (1,)", "axes = (-2,)"]
    assert [a.label for a in of_field(at_rank_3, "axes")] == ["axes = (-2, -1)", "axes = (1,)"]
    assert "statistics_dtype = 'input'" not in labels(case)
    assert "statistics_dtype = 'input'" in labels(drawn(LAST, (5, 3, 7), dtypes=draw.HALF))


def test_a_record_has_its_fields_for_neighbours_and_no_other_record():
    assert [a.label for a in of_field(drawn(FIRST, (5, 3, 7)), "running")] == ["running = None"]
    without = drawn(replace(FIRST, running=None), (5, 3, 7))
    assert [a.label for a in of_field(without, "running")] == ["running = Running(...)"]
    assert not [label for label in labels(without) if label.startswith("running.")]


def test_the_truth_itself_answered_honestly_conforms_in_every_case():
    for case in cases()[::5]:
        answer = answer_of(case, Shown(truth(case), dtypes_of(case), dict))
        assert {check.verdict for check in judge(case, answer)} == {"conforms"}, case.id


SPARED = {
    "spectral_norm": {"warm_up = 15": "equivalent"},  # without one, what is born is random, and no case can ask for it
}


def found_spec(layer):
    return next(case.spec for case in cases(layer=layer))


@pytest.mark.parametrize("layer", SPECS)
def test_every_mutant_is_killed_by_a_check_that_cites_its_clause(layer):
    found = score(layer)
    assert [(m.clause, m.label) for m in found] == [(clause.id, label) for clause, label in kinds(layer)]
    assert [m for m in found if m.fate == "survivor"] == []
    spared = {m.label: m.fate for m in found if m.fate != "killed"}
    permitted = {f"variance = {point!r}": "equivalent" for point in ("two_pass", "one_pass") if hasattr(found_spec(layer), "variance")}
    assert spared == {**permitted, **SPARED.get(layer, {}), "statistics_dtype = 'widened'": "permitted"}
    killed = [m for m in found if m.fate == "killed"]
    assert summed(found) == f"{len(killed)} of {len(killed)} mutants killed; {len(spared) - 1} equivalent, 1 permitted"
    assert {m.clause for m in killed} >= {c.id for c in clauses(SPECS[layer]) if len(c.points) > 1 and not c.permits}
    for m in killed:
        case = case_of(m.case)
        seen = next(a.shown() for a in alternatives(case) if (a.clause, a.label) == (m.clause, m.label))
        (check,) = (check for check in judge(case, answer_of(case, seen)) if check.quantity == m.quantity)
        assert check.verdict == "fails", m
        assert m.clause in check.clauses, m


@pytest.mark.parametrize(
    ("clause", "label", "why"),
    [
        ("batch-norm.correction", "correction = 1", "no check that cites the clause fails"),
        ("batch-norm.channel-axes", "channel_axes = (0,)", "no check that cites the clause fails"),
        ("batch-norm.one-value", "one_value = 'shift'", "the oracle tells no difference in"),
    ],
)
def test_without_the_cases_of_its_clause_a_mutant_survives(clause, label, why, monkeypatch):
    monkeypatch.setattr(mutants, "cases", lambda layer, seed=0: tuple(c for c in cases(layer=layer, seed=seed) if c.clause != clause)[:40])
    monkeypatch.setattr(mutants, "MOST", 2)
    survivor = mutants.fate_of("batch_norm", all_clauses()[clause], label)
    assert survivor.fate == "survivor"
    assert survivor.why.startswith(why)
