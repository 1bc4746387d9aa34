"""The mutants: each is a layer that is wrong, named by a clause that there is; and the suite's score on them."""

from dataclasses import replace
from functools import cache, partial

import numpy as np
import pytest
from variants import variants

import normspec
from normspec.clauses import clause_id
from normspec.conformance.cases import case_of, cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.mutants import MUTANTS, dividing, plain
from normspec.conformance.mutants.generated import NO_FAULT, at_point
from normspec.conformance.mutants.implementation import implementation, implementation_of
from normspec.conformance.mutants.neighbour import neighbouring
from normspec.conformance.mutants.record import DIVIDING, STANDARDIZING
from normspec.conformance.mutants.score import kills, layers_of, score
from normspec.conformance.mutants.table import kept, mutants_of
from normspec.conformance.neighbours.alternatives import kinds, path_of
from normspec.conformance.play import play
from normspec.conformance.subject import Answer
from normspec.layers import SPECS, all_clauses

RIGHT = replace(normspec.load("reference:numpy"), asarray=lambda a, _: np.array(a))
PLAIN = {layer: kind.with_parts() for kind, layers in ((plain, STANDARDIZING), (dividing, DIVIDING)) for layer in layers}
BY_ID = {mutant.id: mutant for mutant in MUTANTS}
HERE = {"two-stages-by-the-last-axis", "rows-beyond-16-bits"}
"""Faults that only arrays of many rows show, which are made below."""
ANEW = "the suite must kill it; if a case has another name, write the scores anew: python -m normspec.conformance.mutants.table"


def test_there_are_at_least_ninety_and_their_ids_are_unique():
    assert len(MUTANTS) >= 90
    assert len(BY_ID) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_is_told_by_a_clause_that_there_is_and_by_an_address_or_none(mutant):
    assert mutant.source == "" or mutant.source.startswith("https://")
    assert mutant.words
    assert layers_of(mutant)
    known = all_clauses()
    assert all(clause_id(SPECS[layer], mutant.law) in known for layer in layers_of(mutant))


@pytest.mark.parametrize("layer", PLAIN)
def test_the_plain_layer_of_right_parts_conforms_in_every_dtype(layer):
    by = replace(RIGHT, build=PLAIN[layer])
    verdicts = []
    with np.errstate(all="ignore"):
        for case in cases(layer=layer):
            verdicts += [check.verdict for check in judge(case, Answer(*answer_to(case, by)))]
    assert set(verdicts) <= {"conforms", "unsupported"}
    assert verdicts.count("conforms") > 500


def shown(case, by):
    try:
        with np.errstate(all="ignore"):
            return {name: value if isinstance(value, str) else np.asarray(value) for name, value in play(case, by).items()}
    except Exception as error:  # noqa: BLE001 - what a layer raises is shown, too
        return {"raised": f"{type(error).__name__}: {error}"}


def same(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def differ(one, other):
    return one.keys() != other.keys() or not all(same(one[name], other[name]) for name in one)


def differs(mutant, case):
    """Tell whether a mutant shows other bits than the right layer, and than the plain one where there is one."""
    got = shown(case, implementation_of(mutant))
    rights = [RIGHT, *([replace(RIGHT, build=PLAIN[case.spec.layer])] if case.spec.layer in PLAIN else [])]
    others = [shown(case, replace(by, asarray=lambda a, _: np.array(a))) for by in rights]
    return all(differ(got, other) for other in others if not unable(other))


def unable(seen):
    return seen.get("raised", "").startswith("Unsupported") or any(str(v).startswith("takes no mask") for v in seen.values())


@cache
def pool(layer, dtypes):
    return sorted((case for case in cases(layer=layer) if case.situation.dtype in dtypes), key=lambda case: not case.quick)


def calls(mutant):
    for layer in layers_of(mutant):
        for case in pool(layer, mutant.dtypes):
            if mutant.lives_in(case.spec, case.situation):
                yield case


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.id not in HERE], ids=lambda mutant: mutant.id)
def test_a_mutant_differs_from_the_right_layer_in_some_call(mutant):
    with np.errstate(all="ignore"):
        assert any(differs(mutant, case) for case in calls(mutant)) or any(
            differs(mutant, other) for case in list(calls(mutant))[:40] for other in variants(case)
        )


@pytest.mark.parametrize(
    ("mutant", "shape", "axes"), [("two-stages-by-the-last-axis", (70_001, 2, 3), (1, 2)), ("rows-beyond-16-bits", (65_537, 3), (1,))]
)
def test_a_mutant_of_many_rows_differs_from_the_right_layer(mutant, shape, axes):
    spec = normspec.LayerNorm(**{**vars(cases(layer="layer_norm")[0].spec), "axes": axes, "parameter_axes": axes, "epsilon": 2.0**-10})
    situation = normspec.Situation(shape=shape, dtype="float32", parameter_dtype="float32")
    x, dy = (np.random.default_rng(k).normal(size=shape).astype(np.float32) for k in (0, 1))
    found = []
    for by in (implementation(mutant), replace(RIGHT, build=PLAIN["layer_norm"])):
        y, pullback = by.build(spec, situation).forward({"x": x}, "train")
        found.append((y, pullback(dy).get("scale")))
    assert any(not np.allclose(one, other, rtol=1e-3) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("layer", SPECS)
def test_the_suite_kills_every_mutant_by_a_check_that_cites_its_clause(layer):
    assert kept()[layer].keys() == mutants_of(layer).keys(), ANEW
    alive = {name: case for name, case in kept()[layer].items() if not kills(mutants_of(layer)[name], case_of(case))}
    assert not alive, ANEW


def test_the_scores_that_are_kept_of_lp_norm_are_those_of_the_suite():
    found = {name: score(mutant, "lp_norm").case for name, mutant in mutants_of("lp_norm").items()}
    assert found == kept()["lp_norm"], ANEW


def test_every_point_of_which_no_layer_is_wrong_is_one_that_there_is():
    assert NO_FAULT.keys() <= {label for layer in SPECS for _, label in kinds(layer)}


@pytest.mark.parametrize("layer", SPECS)
def test_a_point_of_which_no_layer_is_wrong_is_told_by_no_case(layer):
    """A layer of it passes in the place of the one that was asked for: no case may cry wolf, and no mutant is missing."""
    for clause, label in kinds(layer):
        if clause.points and (clause.permits or label in NO_FAULT):
            made = neighbouring(partial(at_point, path_of(clause), label))
            by = replace(RIGHT, build=made["make"])
            chosen = [case for case in cases(layer=layer) if made["where"](case.spec, case.situation)][:24]
            with np.errstate(all="ignore"):
                failing = [check.case for case in chosen for check in judge(case, Answer(*answer_to(case, by))) if check.verdict == "fails"]
            assert chosen
            assert not failing, label


def test_what_the_layers_of_a_fault_share_reaches_no_other_case():
    one, other = (case_of(f"batch-norm.{name}/float32") for name in ("update/first-thrice", "update/first-initial-0.125-after-3"))
    by = implementation_of(BY_ID["state-of-the-class"])
    first, _, again = (answer_to(case, by)[1] for case in (one, other, one))
    assert not differ(first, again)


def test_what_has_no_fault_is_killed_by_nothing():
    """The layer in which a mutant of a neighbour has its place, but of its own spec: what hides and shows arrays is no fault itself."""
    for layer in SPECS:
        by = replace(RIGHT, build=neighbouring(lambda spec, _: spec)["make"])
        chosen = cases(layer=layer, profile="quick")
        with np.errstate(all="ignore"):
            verdicts = {check.verdict for case in chosen for check in judge(case, Answer(*answer_to(case, by)))}
        assert verdicts <= {"conforms", "unsupported"}


@pytest.mark.parametrize("layer", SPECS)
def test_y_of_another_dtype_fails_on_the_clause_of_the_dtype_alone(layer):
    mutant = next(m for m in (BY_ID["y-in-float64"], BY_ID["y-of-float64"]) if layer in layers_of(m))
    quick = cases(layer=layer, dtype="float32", profile="quick")
    checks = [c for case in quick for c in judge(case, Answer(*answer_to(case, implementation_of(mutant))))]
    failing = {clause for c in checks if c.quantity.endswith(".y") for clause in c.clauses if c.verdict == "fails"}
    assert failing == {clause_id(SPECS[layer], mutant.law)}


def test_a_mutant_is_an_implementation_like_any_other():
    assert normspec.load("mutants:updated-twice").name == "mutants:updated-twice"
    with pytest.raises(normspec.NotFound, match="mutant must be"):
        normspec.load("mutants:of-no-such-name")
