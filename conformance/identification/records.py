"""What identification starts from, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from normspec.conformance.subject import Answer
from normspec.records import Case

Ask = Callable[[Case], Answer]
"""What gives an implementation's answer to a case: in this process or in its own."""


@dataclass(frozen=True, eq=False)
class Look:
    """A probe that was played: the paths of the fields that show in it, the case as it was sent, and what was answered.

    It is `exact` in the dtype in which numbers are solved for, and not where it is about dtypes.
    """

    name: str
    tells: frozenset[str]
    case: Case
    answer: Answer
    exact: bool = True


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Why a field has its value: the nearest other one, and in which probe and quantity that is how many bounds away.

    `beside` is the point with the other value, in which more may differ that belongs to it.

    `least` and `most` are the smallest and largest value that the numbers allow, of a field whose value was solved for.
    """

    path: str
    value: Any
    rival: Any = None
    beside: Any = None
    probe: str = ""
    quantity: str = ""
    away: float = 0.0
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, kw_only=True)
class Identified:
    """The point measured, or None where the implementation is at none; `nearest` is the point to which it is nearest.

    `away` says by how many bounds it is away from that one, and `where` in which probes and quantities. Fields in `undecided` have
    other values: there stand the points that show the same in every probe. Each other field has its evidence. `dtypes` has the arrays
    that are born in another dtype than the point's, which no field can say.
    """

    spec: Any
    nearest: Any
    away: float
    where: Mapping[str, float]
    undecided: Mapping[str, tuple[Any, ...]]
    evidence: tuple[Evidence, ...]
    probes: int
    dtypes: Mapping[str, str]
    lacking: Mapping[str, str]
