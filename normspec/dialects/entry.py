"""An entry: one native layer of one framework, as data and two functions.

`read` gives the spec that native arguments mean; `write` gives the nearest native arguments to a spec. Nobody writes a refusal:
what `read(write(spec))` lost is the refusal.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Literal

from normspec.clauses import clause_id, differences
from normspec.errors import InvalidInput, Unsupported
from normspec.layers.geometry import per_statistic
from normspec.normal import normal
from normspec.records import Situation


class Name(str):
    """A variable in a call, such as `weight=w`: it stands in code without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Give the name itself."""
        return str(self)


class TheirDefault(Name):
    """What stands in `fixed` for a default that is no literal: only where it is not given at all is it known to be this."""

    __slots__ = ()


THEIR_DEFAULT = TheirDefault("its default")

Lie = Literal["along", "flat", "broadcast", "short", "trailing", "row"]
OF_TRAINING = {"train_with", "correction", "variance", "one_value"} | {
    f"running.{name}" for name in ("rate", "start", "correction", "initial_mean", "initial_variance")
}
"""Paths of what a layer with running statistics shows in training alone."""


def complement(x: float) -> float:
    """Give 1 - x as it is done with the decimals that are written: 0.01 for 0.99, where binary numbers give 0.010000000000000009."""
    return float(1 - Decimal(repr(float(x))))


@dataclass(frozen=True, kw_only=True, eq=False)
class Entry:
    """One native layer: where it stands and in which versions, the ranks of x that it takes, its parameters, its arrays, its modes.

    Of its parameters, in the order of its signature, `defaults` has those that carry meaning; `fixed` those whose default alone has
    a place among the points here, THEIR_DEFAULT for one that no literal is; `free` those that say nothing of meaning. The others
    must be given, and so must those that are `needed`, by keyword alone. `positional` may be given by position. `sizes` has those that
    are lengths of x along the axes along which parameters lie, with their kind: int for one, tuple for one of each axis, so that how
    many there are is meaning. `of_shards` are those of `defaults` that say how shards of x are taken together: without shards they change
    nothing.

    `also` are other names of the same layer. `names` gives the framework's name for each of our arrays, `modes` how it is told to run in
    each of our modes, as far as it has them, and `attributes` reads the arguments off a live object. `plus` is what is added to an array
    of theirs, by our name, to give ours. `lie` says in what shape they have what lies along axes of x: as long as those (along), all in one
    axis (flat), as it broadcasts over x, with axes of length 1 (broadcast), likewise without the first of these (short) or without any
    where it lies along the last axis alone (trailing), or as a matrix of one row (row).
    """

    native: str
    layer: str
    variant: str
    versions: str
    source: str
    ranks: range
    positional: tuple[str, ...]
    defaults: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    of_shards: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    sizes: Mapping[str, type] = field(default_factory=dict)
    names: Mapping[str, str]
    modes: Mapping[str, str]
    plus: Mapping[str, float] = field(default_factory=dict)
    lie: Lie = "along"
    read: Callable[[Mapping[str, Any], Situation], Any]
    write: Callable[[Any, Situation], Mapping[str, Any]]
    attributes: Callable[[Any], Mapping[str, Any]] | None = None

    @property
    def trains(self) -> bool:
        """Whether it has a mode to train in: without, what a meaning says of training is not lost in it, but never asked for."""
        return "train" in self.modes

    def tells(self, path: str) -> bool:
        """Tell whether a field in which a meaning differs from it shows in any of its modes."""
        return self.trains or path not in OF_TRAINING

    def call(self, arguments: Mapping[str, Any]) -> str:
        """Give the native call as code: required arguments, and those that differ from their default."""
        shown = {n: v for n, v in arguments.items() if n not in self.defaults or v != self.defaults[n]}
        return f"{self.native}({', '.join(f'{n}={v!r}' for n, v in shown.items())})"

    def meaning(self, arguments: Mapping[str, Any], situation: Situation) -> Any:
        """Give the spec that these arguments mean, the defaults standing for those that are not given.

        Raises
        ------
        Unsupported
            Where an argument has no place among the points here, or the framework itself refuses; the message says which.
        """
        for name, value in arguments.items():
            if name in self.fixed and value != self.fixed[name]:
                raise Unsupported(f"{self.native} with {name}={value!r} has no place among the points of {self.layer}")
        return self.read({**self.defaults, **arguments}, situation)


def rate(running: Any) -> float | None:
    """Give the rate that an argument is to say: none where nothing is kept, nor where all observations count alike.

    There the default stands, for the rate of such a mean is 0, with which a layer that only knows rates never learns.
    """
    found: float | None = None if running is None or (running.counts and not running.rate) else running.rate
    return found


def a_mode(given: str) -> Unsupported:
    """Give the refusal of an argument with which a layer runs in one mode for ever, whatever it means."""
    return Unsupported(f"{given} is a mode, not a meaning: read the layer without it; it then runs as freeze")


def of_one_dtype(situation: Situation) -> None:
    """Refuse a situation in which what the layer owns is to have another dtype than x.

    Raises
    ------
    Unsupported
        Where it is.
    """
    if situation.parameter_dtype != situation.dtype:
        raise Unsupported(f"what the layer owns has the dtype of x, {situation.dtype}, not {situation.parameter_dtype}")


def native(entries: Iterable[Entry], variant: str, spec: Any, situation: Situation) -> tuple[Entry, dict[str, Any]]:
    """Give the entry and the arguments that mean this spec in this situation, whichever of its shapes x has.

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
    lost, refused = {}, {}
    each = [replace(situation, shape=shape) for shape in (situation.shape, *situation.later)]
    for entry in at_rank:
        try:
            arguments = dict(entry.write(spec, situation))
            lost[entry.native] = list(
                dict.fromkeys(
                    _loss(spec, *row) for at in each for row in losses(spec, entry.meaning(arguments, at), at) if entry.tells(row[0])
                )
            )
        except (Unsupported, InvalidInput) as reason:  # the nearest layer may be none on this x
            refused[entry.native] = str(reason)
            continue
        if not lost[entry.native]:
            return entry, arguments
    if not lost:
        raise Unsupported("; ".join(refused.values()))
    nearest = min(lost, key=lambda name: len(lost[name]))
    raise Unsupported(f"{nearest} has {'; '.join(lost[nearest])}")


def losses(spec: Any, meant: Any, situation: Situation) -> Iterator[tuple[str, Any, Any]]:
    """Give the path, asked and found, of each field in which two specs differ for an x of this very shape."""
    for path, asked, found in differences(normal(spec, situation), normal(meant, situation)):
        if path != "one_value" or per_statistic(spec, situation.shape) == 1:
            yield path, asked, found


def _loss(spec: Any, path: str, asked: Any, found: Any) -> str:
    return f"{clause_id(spec, path)} = {found!r}, not {asked!r}"
