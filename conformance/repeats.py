"""A case played once more: whether a subject shows the same bits. That it must is no clause, so it is told, and changes no verdict."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from normspec.conformance.subject import Answer
from normspec.records import Case


def is_repeated(case: Case, answer: Answer) -> bool:
    """Tell whether a case that was answered so is played again: those about the output in the quick profile, as many as cost little."""
    return case.quick and case.clause.endswith(".output") and "seen" in answer.texts


def unlike(first: Answer, again: Answer) -> list[str]:
    """Give a line where arrays have other bits when a case is played again, with their names, or where it could not be."""
    if "died" in again.texts:
        return [f"{again.texts['died']} when a case was played again"]
    names = dict.fromkeys(name.partition(".")[2] for name in _apart(first.arrays, again.arrays))
    return [f"shows other bits each time in {', '.join(names)}"] if names else []


def _apart(first: Mapping[str, Any], again: Mapping[str, Any]) -> Iterator[str]:
    for quantity in {**first, **again}:
        here, there = first.get(quantity), again.get(quantity)
        if here is None or there is None or here.dtype != there.dtype or not _same(here, there):
            yield quantity


def _same(here: Any, there: Any) -> bool:
    return here.shape == there.shape and np.ascontiguousarray(here).tobytes() == np.ascontiguousarray(there).tobytes()
