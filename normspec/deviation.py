"""Deviations: where a framework does not keep what its documentation promises, as rows of data beside its adapter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from typing import Any

from normspec.records import Case


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One finding, and the narrow condition under which it is expected.

    A check that fails becomes `deviates` where the condition holds and the error stays within the bounds of the case with its
    spec changed as `within` says (None: whatever the error is). A row that no check needs any more is stale, and fails.
    """

    id: str
    clause: str
    cases: str
    dtypes: tuple[tuple[str, str], ...]
    modes: tuple[str, ...]
    quantities: tuple[str, ...]
    within: Mapping[str, Any] | None
    promise: str
    source: str
    reproduction: str
    upstream: str
    versions: str
    reviewed: date

    def covers(self, case: Case, quantity: str) -> bool:
        """Tell whether the condition holds for a quantity of a case."""
        step, _, name = quantity.partition(".")
        at = case.situation
        return (
            step.isdigit()
            and name in self.quantities
            and case.steps[int(step)].mode in self.modes
            and (at.dtype, at.parameter_dtype) in self.dtypes
            and at.device == "cpu"
            and fnmatch(case.id, self.cases)
            and case.clause.partition(".")[0] == self.clause.partition(".")[0]
        )
