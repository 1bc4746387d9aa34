"""Clauses: one normative sentence each, with a permanent id that is the layer plus the path of a field or a law.

A field of a spec carries its sentence and its neighbouring points on itself. Docs, differences, mutants, the test that cases
discriminate, diagnosis and identification all come from there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from normspec.errors import InvalidInput, InvalidSpec


@dataclass(frozen=True)
class Clause:
    """A sentence that people cite. `points` are the neighbouring meanings of a field; a law has none.

    Where a clause `permits`, its points differ in how far a result may be from the truth, the first allowing least, and in no truth.
    """

    id: str
    sentence: str
    points: tuple[Any, ...] = ()
    permits: bool = False


Rule = tuple[bool, str, Any]
"""Whether it holds, what must be, what is."""


def choice(
    sentence: str,
    *points: Any,
    record: type | None = None,
    permits: bool = False,
    within: float = 0.0,
    rule: Callable[[Any], Rule] | None = None,
) -> Any:
    """Declare a semantic parameter: its sentence, its neighbouring points, the record that it may hold, whether it only permits.

    Two numbers no further apart than `within` are one value of it. `rule` is that of its values, where they are not its points.
    """
    told = {"sentence": sentence, "points": points, "record": record, "permits": permits, "within": within, "rule": rule}
    return field(metadata=told)


def clauses(spec: type) -> tuple[Clause, ...]:
    """Give every clause of a layer: those of its fields, in order, then its laws."""
    prefix = spec.layer.replace("_", "-")  # type: ignore[attr-defined]  # every layer's spec names its layer
    laws: Mapping[str, str] = spec.laws  # type: ignore[attr-defined]  # and its laws
    return (*_fields(spec, prefix), *(Clause(f"{prefix}.{name}", sentence) for name, sentence in laws.items()))


def _fields(spec: type, prefix: str) -> Iterator[Clause]:
    for f in fields(spec):
        name = f"{prefix}.{f.name.replace('_', '-')}"
        yield Clause(name, f.metadata["sentence"], f.metadata["points"], f.metadata["permits"])
        if f.metadata["record"] is not None:
            yield from _fields(f.metadata["record"], name)


def clause_id(spec: Any, path: str) -> str:
    """Give the id of a field's or law's clause: ("running.state_dtype" of batch norm) -> batch-norm.running.state-dtype."""
    return f"{spec.layer}.{path}".replace("_", "-")


def differences(a: Any, b: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Give path, a's and b's value of every semantic parameter in which two specs of one layer differ.

    Raises
    ------
    InvalidInput
        Where they are of different layers, or none.
    """
    if not is_dataclass(a) or type(a) is not type(b):
        raise InvalidInput(f"specs must be of one layer to be compared, got {type(a).__name__} and {type(b).__name__}")
    if a == b:
        return
    for f in fields(a):
        x, y = getattr(a, f.name), getattr(b, f.name)
        if x == y:
            continue
        if is_dataclass(x) and is_dataclass(y):
            yield from differences(x, y, f"{path}{f.name}.")
        elif None in (x, y) or not (f.metadata["within"] and abs(x - y) <= f.metadata["within"]):
            yield path + f.name, x, y


def neighbours(spec: Any, path: str) -> Iterator[Any]:
    """Give the specs that differ from this one in the field at `path` alone, as far as they exist."""
    head, _, rest = path.partition(".")
    here = getattr(spec, head)
    if rest:
        changed = neighbours(here, rest) if here is not None else iter(())
    else:
        (points,) = (f.metadata["points"] for f in fields(spec) if f.name == head)
        changed = (point for point in points if point != here)
    for value in changed:
        try:
            yield replace(spec, **{head: value})
        except InvalidSpec:  # this combination of points is no layer
            continue


def require(**rules: Rule) -> None:
    """Raise `InvalidSpec` with every broken rule at once. A rule is (holds, what it must be, what it is)."""
    broken = [f"{name} must be {must}, got {got!r}" for name, (holds, must, got) in rules.items() if not holds]
    if broken:
        raise InvalidSpec("; ".join(broken))
