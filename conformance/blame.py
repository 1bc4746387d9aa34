"""Which clauses a check cites: the law of its quantity, and what its case is about where that shows in the quantity."""

from dataclasses import fields
from functools import lru_cache
from typing import Any

import numpy as np

from normspec.clauses import clause_id, neighbours
from normspec.conformance.expectation import Expected, expectation
from normspec.conformance.neighbours.alternative import Shown, away
from normspec.conformance.neighbours.alternatives import of_spec
from normspec.conformance.neighbours.breaches import of_law
from normspec.conformance.oracle import REMEMBERED
from normspec.layers.fields import PARAMETERS, moves
from normspec.records import Case

BORN = {
    "count": "count",
    "alpha": "initial_alpha",
    "offset": "initial_offset",
    **{f"{of}_mean": "running.initial_mean" for of in ("running", "renorm")},
    **{f"{of}_{size}": "running.initial_variance" for of in ("running", "renorm") for size in ("variance", "deviation")},
}
"""What is born as a field or a law of its own says."""
GRADIENTS = ("dx", *(f"d{name}" for name in PARAMETERS))
DTYPES = {"y": "output_dtype", **{name: "running.state_dtype" for name in BORN if name not in ("count", "alpha", "offset")}}


def path_of(case: Case) -> str:
    """Give the path of the field or law that a case is about."""
    return case.clause.partition(".")[2].replace("-", "_")


def law_of(case: Case, expected: Expected) -> str:
    """Give the clause that a quantity is judged by in every case."""
    name = expected.name
    if expected.step == "born":
        own = BORN.get(name, "born")
        path = "initial_scale" if hasattr(case.spec, "initial_scale") else own if _has(case.spec, own) else "born"
    elif expected.refused:
        path = "one_value" if _has(case.spec, "one_value") else path_of(case)
    elif name.startswith("inputs."):
        path = "inputs"
    elif name == "y":
        path = "output"
    elif name.startswith("tangent."):
        path = name if name == "tangent.y" else "tangent.gradient"
    elif name in GRADIENTS:
        path = f"gradient.{name[1:]}"
    elif case.spec.slots(case.situation.shape)[name].role == "parameter":
        path = "parameters"
    elif any(e.refused and e.step == expected.step for e in expectation(case)):
        path = "refusal"
    elif case.steps[int(expected.step)].mode in moves(case.spec):
        path = "count" if name == "count" else "update"
    else:
        path = "keep"
    return clause_id(case.spec, path)


def dtype_clause(case: Case, expected: Expected) -> str | None:
    """Give the clause of this quantity's dtype, None where the layer has none for it."""
    name = expected.name
    path = "gradient.dtype" if name in GRADIENTS else DTYPES.get(name)
    return clause_id(case.spec, path) if path and _has(case.spec, path) else None


def cited(case: Case, expected: Expected) -> tuple[str, ...]:
    """Give the clauses that a check of this quantity cites: that of its dtype, if it has one for it alone, the last."""
    about, law = path_of(case), law_of(case, expected)
    slots = case.spec.slots(case.situation.shape)
    shown, state = expected.name in ("y", *GRADIENTS), expected.name in slots and slots[expected.name].role == "state"
    dtype = (clause_id(case.spec, "gradient.dtype"),) if expected.name in GRADIENTS else ()
    if about in ("accuracy", "variance") and (shown or state):  # ill-conditioned: it says nothing of meaning
        return (case.clause, *dtype)
    seen = (about == "modes" and shown) or (about == "pullback" and expected.name in GRADIENTS)  # no neighbour shows these two
    own = (case.clause,) if seen or expected.quantity in shows(case) else ()
    return tuple(dict.fromkeys((law, *own, *dtype)))


def _has(spec: Any, path: str) -> bool:
    """Tell whether a layer has a field or law at this path."""
    return path in spec.laws or path.partition(".")[0] in {f.name for f in fields(spec)}


def accused(case: Case, expected: Expected) -> tuple[str, ...]:
    """Give the clauses that a wrong or missing value breaks: those cited, but for that of its dtype."""
    return tuple(clause for clause in cited(case, expected) if clause != dtype_clause(case, expected))


@lru_cache(maxsize=REMEMBERED)
def shows(case: Case) -> frozenset[str]:
    """Give the quantities that some neighbour of the case's clause moves beyond its bound."""
    broken = (_moved(case, breach.shown()) for breach in of_law(case, path_of(case)))
    moves = (*separations(case).values(), *broken)
    return frozenset(q for moved in moves for q, bounds_away in moved.items() if bounds_away > 1)


def separations(case: Case) -> dict[Any, dict[str, float]]:
    """Give for each neighbour of the case's clause by how many bounds it moves each quantity, from the oracle alone."""
    path = path_of(case)
    return {spec: _moved(case, of_spec(case, spec)) for spec in (() if path in case.spec.laws else neighbours(case.spec, path))}


def _moved(case: Case, shown: Shown | None) -> dict[str, float]:
    """Give by how many bounds an alternative moves each quantity; where there is no such layer on this x, all that a step computes."""
    if shown is None:
        return {e.quantity: np.inf if _is_computed(case, e) else 0.0 for e in expectation(case)}
    return {e.quantity: away(case, e, shown) for e in expectation(case)}


def _is_computed(case: Case, expected: Expected) -> bool:
    """Tell whether a quantity is made of x: an output, a gradient or state after a step; not what is born, nor what only stays."""
    slots = case.spec.slots(case.situation.shape)
    state = expected.name in slots and slots[expected.name].role == "state"
    return expected.step != "born" and (expected.name in ("y", *GRADIENTS) or expected.name.startswith("tangent.") or state)
