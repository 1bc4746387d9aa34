"""The neighbours of a case: every layer that differs from the one asked in one field, one term of a gradient or one law of its state.

They are what a failure is compared with (`diagnosis`), and what the cases must tell from the truth (`mutants`).
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import is_dataclass, replace
from functools import lru_cache, partial
from math import prod
from typing import Any

import numpy as np

from normspec.clauses import Clause, clause_id, clauses, neighbours
from normspec.conformance.neighbours.alternative import Alternative, Shown, of_case
from normspec.conformance.neighbours.breaches import BREACHES, of_law
from normspec.conformance.neighbours.gradients import label_of, of_gradient, slips_of
from normspec.errors import InvalidSpec, NormspecError
from normspec.layers import spec_of
from normspec.layers.fields import Slot, inputs_of
from normspec.normal import normal
from normspec.records import Case, Situation

USUAL: dict[str, Callable[[Any], tuple[Any, ...]]] = {"epsilon": lambda _: (1e-3, 1e-5, 1e-6), "running.rate": lambda rate: (1 - rate,)}
"""What is taken for the value of a field besides its points: the defaults of today's frameworks, and the weight of the old."""


def alternatives(case: Case) -> Iterator[Alternative]:
    """Give every alternative of a case; what each shows is not computed before it is asked for."""
    yield from (found for clause in clauses(type(case.spec)) for found in of_clause(case, clause))


def of_clause(case: Case, clause: Clause) -> Iterator[Alternative]:
    """Give the alternatives of a case that break one clause."""
    path = path_of(clause)
    if clause.points:
        yield from of_field(case, path)
    elif path.startswith("gradient."):
        yield from of_gradient(case, path)
    else:
        yield from of_law(case, path)


def kinds(layer: str) -> Iterator[tuple[Clause, str]]:
    """Give clause and label of every alternative that some case of a layer should have."""
    spec = spec_of(layer)
    for clause in clauses(spec):
        path = path_of(clause)
        yield from ((clause, _label(path, point)) for point in clause.points if len(clause.points) > 1)  # one is all that there is
        yield from ((clause, label_of(slip)) for slip in slips_of(spec, path))
        yield from ((clause, f"{path}: {breach.words}") for breach in BREACHES if breach.law == path and breach.is_of(layer))


def path_of(clause: Clause) -> str:
    """Give the path of a clause's field."""
    return clause.id.partition(".")[2].replace("-", "_")


def of_field(case: Case, path: str) -> Iterator[Alternative]:
    """Give the layers that differ from the case's in the field at this path alone, each once."""
    for spec in _different(case.spec, path, case.situation):
        yield Alternative(clause_id(spec, path), _label(path, _value(spec, path)), partial(of_spec, case, spec), spec=spec)


@lru_cache(maxsize=4096)
def _different(spec: Any, path: str, situation: Situation) -> tuple[Any, ...]:
    """Give the neighbours of a spec that are other layers than it, and than each other, in this situation."""
    known, found = [_normal(spec, situation)], []
    for other in (*neighbours(spec, path), *_usual(spec, path)):
        at = _normal(other, situation)
        if at not in known and not (is_dataclass(_value(other, path)) and is_dataclass(_value(spec, path))):  # its fields are their own
            known.append(at)
            found.append(other)
    return tuple(found)


def _usual(spec: Any, path: str) -> Iterator[Any]:
    """Give the specs whose field at this path has a usual value that is no point of it."""
    head, _, rest = path.partition(".")
    if path in USUAL and getattr(spec, head) is not None:
        for value in USUAL[path](_value(spec, path)):
            with suppress(InvalidSpec):  # this combination of points is no layer
                yield replace(spec, **{head: replace(getattr(spec, head), **{rest: value}) if rest else value})


def of_spec(case: Case, spec: Any) -> Shown | None:
    """Give what a conforming layer of another spec shows in a case.

    Of what it owns and the case does not load, state is as it is born, and parameters are not: as born they would show nothing. Where it
    cannot take what the case loads, it refuses every step, and there are no bounds around that.
    """
    try:
        slots, given = spec.slots(case.situation.shape), inputs_of(spec, case.situation.shape)
    except NormspecError:
        return None
    loaded = {name: a for name, a in case.values.items() if name in slots}
    made = case.situation.weight is not None  # then nothing is loaded
    lacking = {} if made else {n: filled(s) for n, s in slots.items() if n not in loaded}
    shown = of_case(replace(case, spec=spec, values={**loaded, **lacking}))
    fits = all(np.shape(a) == slots[name].shape for name, a in loaded.items()) and given == inputs_of(case.spec, case.situation.shape)
    return shown if shown is None or fits else shown._replace(bounds=dict)


def filled(slot: Slot) -> Any:
    """Give what a layer may hold that nobody loads: state as it is born, parameters that are not."""
    if slot.born is None:  # random, or made of x: a vector of norm 1, if it is one
        return np.full(slot.shape, max(prod(slot.shape), 1) ** -0.5)
    return np.full(slot.shape, slot.born + 0.5 if slot.role == "parameter" else slot.born)


def _normal(spec: Any, situation: Situation) -> Any:
    try:
        return normal(spec, situation)
    except NormspecError:  # it has no axes at this rank
        return None


def _value(spec: Any, path: str) -> Any:
    head, _, rest = path.partition(".")
    value = getattr(spec, head)
    return _value(value, rest) if rest and value is not None else value


def _label(path: str, value: Any) -> str:
    return f"{path} = {f'{type(value).__name__}(...)' if is_dataclass(value) else repr(value)}"
