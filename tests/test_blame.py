"""Which clauses a check cites: the law of its quantity, and the clause of its case only where a neighbour moves what the check judges."""

from dataclasses import replace

import numpy as np
import pytest

from normspec.clauses import clause_id
from normspec.conformance.blame import cited
from normspec.conformance.cases import case_of, cases
from normspec.conformance.cases.batch_norm import FIRST
from normspec.conformance.expectation import expectation
from normspec.conformance.neighbours.breaches import of_law
from normspec.layers import SPECS

OF_A_STEP = {"0.y", "0.dx", "0.dscale", "0.dshift"}


def about_its_own(name):
    """Give the quantities of a case whose checks cite the clause that it is about."""
    case = case_of(name)
    return {e.quantity for e in expectation(case) if case.clause in cited(case, e)}


@pytest.mark.parametrize("layer", SPECS)
def test_inputs_cite_the_law_of_inputs_alone(layer):
    found = {cited(case, e) for case in cases(layer=layer) for e in expectation(case) if e.name.startswith("inputs.")}
    assert found == {(clause_id(SPECS[layer], "inputs"),)}


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("instance-norm.batch-axes/first-unequal/float32", set()),
        ("instance-norm.batch-axes/first-square/float64", set()),
        ("instance-norm.batch-axes/kept-unequal/float32", {"0.running_mean", "0.running_variance"}),
        ("group-norm.batch-axes/first-unequal/float32", set()),
        ("group-norm.batch-axes/first-kept-none/float32", set()),
        ("group-norm.channel-axes/last-unequal/float32", set()),
    ],
)
def test_where_a_neighbour_is_no_layer_what_a_step_computes_cites_the_clause_and_nothing_else(name, state):
    """What is born, what is loaded and what is given is the same there whatever the axes are."""
    assert about_its_own(name) == OF_A_STEP | state


def test_what_a_mask_moves_cites_its_clause_and_what_only_stays_does_not():
    """The steps train, evaluate and train: what evaluation leaves as it was shows nothing of how it came to be."""
    found = about_its_own("batch-norm.mask/last/float32")
    moved = {f"{k}.{name}" for k in (0, 2) for name in ("y", "dx", "dscale", "running_mean", "running_variance")}
    assert found == moved | {"1.y", "1.dx", "1.dscale"}


def test_what_does_not_heed_a_mask_leaves_it_as_it_is():
    case = case_of("batch-norm.mask/last/float32")
    (alternative,) = of_law(case, "mask")
    seen = alternative.shown().seen
    for k, step in enumerate(case.steps):
        assert np.array_equal(seen[f"{k}.inputs.mask"], step.inputs["mask"])


@pytest.mark.parametrize(
    ("changes", "path", "labels"),
    [
        ({}, "update", ["update: the statistics move twice", "update: the statistics stay"]),
        ({"train_with": "running"}, "update", ["update: the statistics move twice"]),
        ({"running": None}, "update", []),
        ({"running": None}, "keep", []),
        ({}, "mask", []),
    ],
)
def test_a_law_is_broken_only_where_a_case_has_what_it_is_about(changes, path, labels):
    case = case_of("batch-norm.update/first-thrice/float32")
    case = replace(case, spec=replace(FIRST, **changes))
    found = list(of_law(case, path))
    assert [alternative.label for alternative in found] == labels
    assert all(alternative.shown() is not None for alternative in found)
