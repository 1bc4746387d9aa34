"""From each clause to what stands behind it: every field and every law has one clause, and each has cases, mutants and checks."""

import json
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from normspec import clauses
from normspec.clauses import clause_id
from normspec.conformance.mutants.table import kept, mutants_of
from normspec.layers import SPECS

DOCS = Path(__file__).resolve().parent.parent / "docs"


def paths(spec, prefix=""):
    """Give the paths of a record's fields, and of those of the records in it."""
    for f in fields(spec):
        yield prefix + f.name
        if f.metadata["record"]:
            yield from paths(f.metadata["record"], f"{prefix}{f.name}.")


@pytest.mark.parametrize("layer", SPECS)
def test_every_field_and_every_law_has_one_clause_and_there_are_no_others(layer):
    spec = SPECS[layer]
    expected = [f"{layer}.{path}".replace("_", "-") for path in (*paths(spec), *spec.laws)]
    assert Counter(clause.id for clause in clauses(spec)) == Counter(expected)
    assert not set(paths(spec)) & set(spec.laws)


@pytest.mark.parametrize("layer", SPECS)
def test_every_clause_has_a_mutant_that_is_killed(layer):
    laws = {clause_id(SPECS[layer], mutants_of(layer)[name].law) for name, outcome in kept()[layer].items() if "/" in outcome}
    own = {clause.id for clause in clauses(SPECS[layer]) if not clause.permits}  # one that permits is broken by what breaks accuracy
    assert own - laws == set()


def test_every_clause_is_judged_in_what_is_kept():
    cited = {
        f"{line['layer']}.{path}".replace("_", "-")
        for line in map(json.loads, (DOCS / "verdicts.jsonl").read_text(encoding="utf-8").splitlines())
        for path in line["clauses"]
    }
    assert {clause.id for layer in SPECS for clause in clauses(SPECS[layer])} - cited == set()


def test_what_is_kept_is_of_this_suite():
    """A layer or a clause that is gone would stay in the tables."""
    lines = [json.loads(line) for line in (DOCS / "verdicts.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {line["layer"] for line in lines} <= set(SPECS)
    known = {clause.id for layer in SPECS for clause in clauses(SPECS[layer])}
    assert {f"{line['layer']}.{path}".replace("_", "-") for line in lines for path in line["clauses"]} <= known
    assert not [line for line in lines if any(counts[2] for counts in line["dtypes"].values())], "what fails is a finding, or a fault"
