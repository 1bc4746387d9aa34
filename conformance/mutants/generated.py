"""Mutants that nobody had to write: every neighbouring point of every field, and every wrong term of every gradient."""

from collections.abc import Iterator
from functools import cache, partial
from typing import Any

import numpy as np

from normspec.clauses import Clause
from normspec.conformance.mutants.altered import Altered, pulling
from normspec.conformance.mutants.neighbour import neighbouring
from normspec.conformance.mutants.record import Mutant
from normspec.conformance.neighbours.alternatives import kinds, of_clause, of_field, path_of
from normspec.dtypes import FLOATS, statistics
from normspec.layers import SPECS
from normspec.records import Array, Arrays, Case, Situation, Step

NO_FAULT = {
    "statistics_dtype = 'widened'": "no dtype is wider, and to be more accurate than promised breaks no clause",
    "warm_up = 15": "what is born random may be anything, what iterations end at, too",
}
"""Neighbouring points of which no layer is wrong. Nor is one of a clause that only permits: its points differ in no truth."""
OF_DTYPES = ("dtype", "rounding")
"""How the paths of fields end that say something of dtypes: their points are one in float32 alone."""


@cache
def generated(layer: str) -> tuple[Mutant, ...]:
    """Give the generated mutants of a layer."""
    return tuple(_made(layer, clause, label) for clause, label in kinds(layer) if _can_be_wrong(clause, label))


def _can_be_wrong(clause: Clause, label: str) -> bool:
    """Tell whether a mutant of this clause can be made into a layer that is wrong: laws of state have mutants written by hand."""
    if clause.points:
        return not clause.permits and label not in NO_FAULT
    return path_of(clause).startswith("gradient.")


def _made(layer: str, clause: Clause, label: str) -> Mutant:
    path = path_of(clause)
    told: dict[str, Any] = {"id": f"{layer}:{label}".replace(" ", "-"), "words": label, "law": path, "layers": (layer,)}
    if clause.points:
        told["dtypes"] = tuple(FLOATS) if path.endswith(OF_DTYPES) else ("float32",)
        return Mutant(**told, **neighbouring(partial(_neighbour, path, label)))
    return Mutant(**told, make=pulling(partial(_slipped, clause, label)), where=lambda spec, _: isinstance(spec, SPECS[layer]))


def _case(spec: Any, situation: Situation, steps: tuple[Step, ...] = (), values: Arrays | None = None) -> Case:
    return Case(id="", clause="", spec=spec, situation=situation, values=values or {}, steps=steps)


def at_point(path: str, label: str, spec: Any, situation: Situation) -> Any:
    """Give the neighbouring spec of this label, or None where this one has none such."""
    return next((a.spec for a in of_field(_case(spec, situation), path) if a.label == label), None)


def _neighbour(path: str, label: str, spec: Any, situation: Situation) -> Any:
    """Give the neighbouring spec, or None where this one has none such, or one that is only more accurate."""
    found = at_point(path, label, spec, situation)
    if found is None or path != "statistics_dtype":
        return found
    own, other = (FLOATS[statistics(s, situation.dtype)].roundoff for s in (spec, found))
    return found if other > own else None


def _slipped(clause: Clause, label: str, layer: Altered, inputs: Arrays, dy: Array, found: Any) -> dict[str, Array]:
    """Give the cotangent that is wrong in one term, from the exact ones of a case of this one step."""
    steps = (Step(mode="train", inputs={name: np.asarray(a) for name, a in inputs.items()}, cotangent=np.asarray(dy)),)
    alternatives: Iterator[Any] = of_clause(_case(layer.spec, layer.situation, steps, layer.right.read()), clause)
    for alternative in alternatives:
        shown = alternative.shown() if alternative.label == label else None
        if shown is not None:
            name = alternative.only.removeprefix("d")
            return {name: np.asarray(shown.seen[f"0.{alternative.only}"]).astype(np.float64)} if name in found else {}
    return {}
