"""The cases themselves, from the oracle alone: a case that could not fail proves nothing."""

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import normspec
from normspec.conformance.blame import path_of, separations
from normspec.conformance.bounds import bounds
from normspec.conformance.cases import case_of, cases
from normspec.conformance.oracle import truth
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.layers import all_clauses
from normspec.layers.geometry import per_statistic

FULL = cases()
BY_NAME = defaultdict(list)
PERMISSIONS = {name for name, clause in all_clauses().items() if clause.permits}
for one in FULL:
    if path_of(one) not in one.spec.laws and one.clause not in PERMISSIONS:  # what a clause only permits moves no truth
        BY_NAME[one.id.rpartition("/")[0]].append(one)


def wide(array):
    return np.asarray(array).astype(np.float64)


@pytest.mark.parametrize("name", BY_NAME)
def test_each_neighbour_of_the_clause_moves_the_expectation_by_a_hundred_bounds(name):
    best = defaultdict(float)
    for case in BY_NAME[name]:
        for spec, moved in separations(case).items():
            best[spec] = max(best[spec], *moved.values())
    weak = {spec: away for spec, away in best.items() if away < 100}
    assert best
    assert not weak


def test_every_clause_has_a_case_or_is_the_law_of_a_quantity():
    about = {case.clause for case in FULL}
    laws = {name for name, clause in all_clauses().items() if not clause.points}
    assert set(all_clauses()) - laws <= about


def test_ids_are_unique():
    assert len({case.id for case in FULL}) == len(FULL)


def test_axis_lengths_are_different_and_no_powers_of_two_except_where_the_case_is_about_them():
    for case in FULL:
        if "square" in case.id or case.exact:
            continue
        for step in case.steps:
            lengths = [n for n in step.inputs["x"].shape if n > 1]
            assert len(set(lengths)) == len(lengths), case.id
            assert not any(n & (n - 1) == 0 for n in lengths), case.id


def test_a_situation_names_every_shape_that_x_has():
    for case in FULL:
        shapes = {step.inputs["x"].shape for step in case.steps}
        assert {case.situation.shape, *case.situation.later} == shapes, case.id
        assert case.situation.shape == case.steps[0].inputs["x"].shape
        assert len(case.situation.later) == len(shapes) - 1


def test_values_are_never_those_that_a_layer_is_born_with():
    for case in FULL:
        for name, value in case.values.items():
            assert name == "count" or not np.isin(np.asarray(value, np.float64), [0, 1]).any(), case.id


def test_every_bound_is_finite_and_that_of_y_below_an_eighth_of_it():
    """Where a relative bound passes 1/8, the rung is beyond judging. Where x is no number, nothing is judged but what lies elsewhere."""
    for case in FULL:
        seen, spoiled = truth(case), not all(np.isfinite(wide(step.inputs["x"])).all() for step in case.steps)
        for quantity, bound in bounds(case, seen).items():
            judged = np.isfinite(bound)
            assert judged.all() or spoiled, (case.id, quantity)
            size = np.max(np.abs(wide(seen[quantity]))[judged & ~np.isnan(wide(seen[quantity]))], initial=0)
            assert not quantity.endswith(".y") or np.all(bound[judged] < size / 8), (case.id, quantity)
            assert not (spoiled and quantity.endswith((".y", ".dx"))) or judged.any(), (case.id, quantity)


def test_statistics_over_as_many_values_as_the_page_of_bounds_says():
    most = [
        max(per_statistic(c.spec, c.steps[0].inputs["x"].shape) for c in FULL if (path_of(c) in c.spec.laws) is of_law)
        for of_law in (False, True)
    ]
    page = (Path(__file__).parent.parent / "docs" / "bounds.md").read_text()
    assert most[0] <= 1134
    assert most[1] == 65537
    assert "n ≤ 1134" in page
    assert "up to 65537" in page


def test_the_quick_profile_is_a_part_of_the_full_one_that_has_every_layer_and_dtype():
    quick = cases(profile="quick")
    assert {c.id for c in quick} < {c.id for c in FULL}
    assert {(c.spec.layer, c.situation.dtype) for c in quick} == {(c.spec.layer, c.situation.dtype) for c in FULL}


COMPILED_BY_MODE = ("batch_norm", "batch_renorm", "spectral_norm")
"""Layers that are told their mode, so that each mode is compiled."""
MORE = {"instance_norm": 92, "group_norm": 81}
"""Layers at whose every shape 16 bits are tried, too, and one pass beside two."""


def signatures(name, chosen):
    """Give what a framework that compiles meets in these cases, by layer: every meaning, mode, shape and dtype is compiled."""
    dialect, _, variant = name.partition(":")
    met = defaultdict(set)
    for case in chosen:
        if case.situation.shards and dialect == "keras":  # taken on TensorFlow alone, which compiles nothing
            continue
        try:
            entry, arguments = native(entries(dialect), variant, case.spec, case.situation)
        except normspec.Unsupported:
            continue
        for step in case.steps:
            if "mask" in step.inputs and dialect == "keras" and entry.layer != "batch_norm":  # no other takes a mask
                continue
            told = {"observe": "train", "freeze": "freeze" if dialect == "keras" else "evaluate"}.get(step.mode, step.mode)
            mode = told if entry.layer in COMPILED_BY_MODE else ""
            shapes = tuple(sorted((name, a.shape) for name, a in step.inputs.items()))
            met[entry.layer].add((repr(arguments), mode, shapes, case.situation.dtype, case.situation.parameter_dtype))
    return met


@pytest.mark.parametrize("name", ["flax:nnx", "flax:linen", "keras", "jax"])
def test_a_compiler_differentiates_few_signatures_again(name):
    """Derivatives along a direction are compiled besides."""
    again = tuple(case for case in FULL if any(step.direction is not None for step in case.steps))
    assert sum(map(len, signatures(name, again).values())) <= 30


@pytest.mark.parametrize(("profile", "together", "each"), [("quick", 40, 10), ("full", 262, 60)])
@pytest.mark.parametrize("name", ["flax:nnx", "flax:linen", "keras", "jax"])
def test_a_compiler_meets_few_signatures(name, profile, together, each):
    met = {layer: len(found) for layer, found in signatures(name, cases(profile=profile)).items()}
    assert 0 < met.pop("batch_norm", 0) + met.pop("layer_norm") <= together
    assert {layer: n for layer, n in met.items() if n > (MORE.get(layer, each) if profile == "full" else each)} == {}


def test_a_case_is_the_same_whenever_it_is_drawn():
    first, again = FULL[17], case_of(FULL[17].id)
    assert all((a.inputs["x"] == b.inputs["x"]).all() for a, b in zip(first.steps, again.steps, strict=True))


def test_an_unknown_case_is_answered_with_the_nearest():
    with pytest.raises(normspec.NotFound, match=r"batch-norm\.running\.rate"):
        case_of("batch-norm.running.rat/first-0.125/float32")
