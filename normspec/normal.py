"""The normal form of a spec in a situation: two layers are the same there if and only if these are equal."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

from normspec.dtypes import FLOATS, of_slots, output, statistics
from normspec.records import Situation


def normal(spec: Any, situation: Situation) -> Any:
    """Give a spec with its axes counted from the front, and the first of the points that mean the same where dtypes are these."""
    at = spec.at_rank(len(situation.shape))
    if getattr(at, "running", None) is not None:
        at = replace(at, running=_first(at.running, "state_dtype", lambda running: of_slots(replace(at, running=running), situation)))
    at = _first(at, "statistics_dtype", lambda s: statistics(s, situation.dtype))
    at = _first(
        at,
        "rounding",
        lambda s: s.rounding == "before_scale" and FLOATS[situation.dtype].bits < FLOATS[statistics(s, situation.dtype)].bits,
    )
    return _first(at, "output_dtype", lambda s: output(s, situation))


def _first(record: Any, name: str, meaning: Callable[[Any], Any]) -> Any:
    """Give the record with the first point of a field, if it has it, that means what its own does."""
    points = next((f.metadata["points"] for f in fields(record) if f.name == name), ())
    alike = (replace(record, **{name: point}) for point in points)
    return next((r for r in alike if meaning(r) == meaning(record)), record)
