"""Deviations: where a framework does not keep what its documentation promises, as rows of data beside its adapter."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatch
from typing import Any

from normspec.records import Arrays, Case

GRAVITIES = {
    "another result": "Another result, and nothing says so",
    "no number": "No number, where there is one",
    "less accurate": "Less accurate than promised",
    "dtype": "Another dtype than promised",
    "error": "An error, where there is a result",
}
"""How grave a finding is, the gravest first, each with its words."""
BY_CHANCE = "/fuzz~"
"""What stands in the ids of cases that are drawn by chance: no row can name them, so there the other conditions
decide, unless the row knows its cases well enough to make others of them."""


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One finding, and the narrow condition under which it is expected. `title` says it in a sentence, `size` what the reproduction shows.

    `quantities` are those that deviate, each with its share. A check that fails becomes `deviates` where the condition holds and what
    is seen is what the row allows. That is an array whose error stays in the share of the bound that the case has with its spec changed
    as `within` says; or in the share of the bound of another case, around its truth: the one that `instead` makes of this case and what
    it must show; or in the share of the case's own bound, around the `value` that a row makes of both, by quantity. Elements that are
    `no_number` are allowed besides, where the row says so. dtype and shape are the right ones, or the dtype that the row `shows`. Or it
    is no array but an error that `raises` this text; or the end of the process, where it `dies`: one whose memory is written over
    crashes, and once in a while hangs until it is killed.

    A share of a wider bound is measured over the fixed cases, and at most 2.5 times what is seen there; in a case drawn by chance all of
    that bound is allowed. Around another truth it is 1: honest layers of that meaning may round as they like.

    What a row that makes cases or values of its own shows in a case drawn by chance, it cannot tell: those that are `apart` are not judged.

    `of` has fields of the spec with the values that they must have. `modes` are those of the steps, or `born`. Of what
    gravity it is, is told by `grave_as` where what it allows does not tell. A row that no check needs
    any more is stale, and fails our tests. `implementations` are the names that it holds for; where there are none, it holds for every
    variant of the framework.

    A row without quantities is of a function beside the layers, such as one that folds them: it excuses no check, and its reproduction
    alone tells whether it still happens.
    """

    id: str
    title: str
    size: str
    clause: str
    cases: str
    dtypes: tuple[tuple[str, str], ...]
    modes: tuple[str, ...]
    quantities: Mapping[str, float]
    promise: str
    source: str
    reproduction: str
    upstream: str
    versions: str
    reviewed: date
    implementations: tuple[str, ...] = ()
    of: Mapping[str, Any] = field(default_factory=dict)
    within: Mapping[str, Any] = field(default_factory=dict)
    instead: Callable[[Case, Arrays], Case] | None = None
    value: Callable[[Case, Arrays], Arrays] | None = None
    apart: Callable[[Case], bool] | None = None
    no_number: bool = False
    shows: str = ""
    raises: str = ""
    dies: bool = False
    grave_as: str = ""

    @property
    def gravity(self) -> str:
        """How grave it is, one of GRAVITIES: what shows least is the gravest."""
        if self.grave_as:
            return self.grave_as
        if self.raises or self.dies:
            return "error"
        if self.shows:
            return "dtype"
        if self.no_number:
            return "no number"
        return "another result" if self.instead is not None or self.value is not None else "less accurate"

    def holds_for(self, name: str) -> bool:
        """Tell whether the row was written of this implementation."""
        return not self.implementations or name in self.implementations

    def is_of(self, version: str) -> bool:
        """Tell whether the row was written of this version, the build's local part apart."""
        return version.partition("+")[0] == self.versions

    def covers(self, case: Case, quantity: str) -> bool:
        """Tell whether the condition holds for a quantity of a case."""
        step, _, name = quantity.partition(".")
        at = case.situation
        return (
            name in self.quantities
            and (case.steps[int(step)].mode if step.isdigit() else step) in self.modes
            and (at.dtype, at.parameter_dtype) in self.dtypes
            and at.device == "cpu"
            and all(getattr(case.spec, name, None) == value for name, value in self.of.items())
            and (fnmatch(case.id, self.cases) or (BY_CHANCE in case.id and self.instead is None and self.value is None))
            and case.clause.partition(".")[0] == self.clause.partition(".")[0]
        )
