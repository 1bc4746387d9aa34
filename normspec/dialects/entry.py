"""An entry: one native layer of one framework, as data and two functions.

`read` gives the spec that native arguments mean; `write` gives the nearest native arguments to a spec. Nobody writes a refusal:
what `read(write(spec))` lost is the refusal.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from normspec.clauses import clause_id, differences
from normspec.errors import Unsupported
from normspec.records import Situation


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One native layer. `names` gives the framework's name for each of our arrays; `ranks` are the ranks of x that it takes."""

    native: str
    layer: str
    variant: str
    versions: str
    source: str
    ranks: range
    defaults: Mapping[str, Any]
    names: Mapping[str, str]
    read: Callable[[Mapping[str, Any], Situation], Any]
    write: Callable[[Any, Situation], Mapping[str, Any]]

    def call(self, arguments: Mapping[str, Any]) -> str:
        """Give the native call as code: required arguments, and those that differ from their default."""
        shown = {n: v for n, v in arguments.items() if n not in self.defaults or v != self.defaults[n]}
        return f"{self.native}({', '.join(f'{n}={v!r}' for n, v in shown.items())})"


def native(entries: Iterable[Entry], variant: str, spec: Any, situation: Situation) -> tuple[Entry, dict[str, Any]]:
    """Give the entry and the arguments that mean this spec in this situation.

    Raises
    ------
    Unsupported
        Where no entry can say it; the message names each semantic parameter that the nearest one loses.
    """
    rank = len(situation.shape)
    candidates = [e for e in entries if e.layer == spec.layer and e.variant == variant]
    if not candidates:
        raise Unsupported(f"has no {spec.layer}")
    at_rank = [e for e in candidates if rank in e.ranks]
    if not at_rank:
        raise Unsupported(f"{', '.join(e.native for e in candidates)}: none takes an x of rank {rank}")
    lost = {}
    for entry in at_rank:
        arguments = dict(entry.write(spec, situation))
        meant = entry.read({**entry.defaults, **arguments}, situation)  # raises Unsupported where the framework itself refuses
        lost[entry.native] = [_loss(spec, *row) for row in differences(spec.at_rank(rank), meant.at_rank(rank))]
        if not lost[entry.native]:
            return entry, arguments
    nearest = min(lost, key=lambda name: len(lost[name]))
    raise Unsupported(f"{nearest} has {'; '.join(lost[nearest])}")


def _loss(spec: Any, path: str, asked: Any, found: Any) -> str:
    return f"{clause_id(spec, path)} = {found!r}, not {asked!r}"
