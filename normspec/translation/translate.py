"""A native layer in the words of another framework: the nearest call, its arrays' names, and what is lost.

What is lost is computed: the fields in which what the call means differs from what was asked, in normal form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from normspec.clauses import differences
from normspec.dialects.entry import Entry, Name
from normspec.errors import InvalidInput, Unsupported
from normspec.normal import normal
from normspec.records import Array, Situation
from normspec.translation.bare import without_sizes
from normspec.translation.convert import Slots, born, convert, renames
from normspec.translation.find import targets
from normspec.translation.layout import layout, moved, parameter_axes
from normspec.translation.reading import reading
from normspec.translation.situated import Reading, meaning

WRAPPED = ("module", "layer", "layer_instance")
"""What a layer that a native one is wrapped around is called: x is its weight."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Translation:
    """A source layer's meaning and the nearest that the target can say.

    `given` are the source's arguments, `spec` is what they mean in its `situation`; `meant` is what `call` means, for an x whose axes
    were put in the order `axes` where the target wants them elsewhere (None where it takes x as it is). `differences` has path, asked
    and found of every field in which they differ, both in normal form; that the axes were moved is among them.
    """

    source: Entry
    given: Mapping[str, Any]
    target: Entry
    call: str
    arguments: Mapping[str, Any]
    spec: Any
    meant: Any
    situation: Situation
    axes: tuple[int, ...] | None
    differences: tuple[tuple[str, Any, Any], ...]
    sized: bool

    @property
    def there(self) -> tuple[Any, Situation]:
        """The source's spec and situation for x as the target takes it."""
        return (self.spec, self.situation) if self.axes is None else moved(self.spec, self.situation, self.axes)

    def convert(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Give the target's arrays, by its names, for the source's: `layer.state_dict()` becomes what the target loads.

        Raises
        ------
        InvalidInput
            Where a name is not one of the source's, or one that must be there is missing, or an array has no place in the target.
        """
        owned, kept = self._slots()
        there = self.meant.geometry(self.there[1].shape)
        return convert(arrays, source=self.source, target=self.target, owned=owned, kept=kept, there=there, sized=self.sized)

    def renames(self) -> dict[str, str | None]:
        """Give the target's name for each array that the source owns, None for one that has no place there.

        A count goes along with state, whether the meaning needs it or not.
        """
        owned, kept = self._slots()
        names = renames(self.source, self.target, owned, kept)
        counts = any(slot.role == "state" for slot in owned.values())
        return {theirs: names[theirs] for ours, theirs in self.source.names.items() if ours in owned or (ours == "count" and counts)}

    def left(self) -> dict[str, Any]:
        """Give the source's arguments that say nothing of meaning, and that so are in no call; what it is called on is none of them.

        What is said of shards is among them, for a translation is of a layer on one device.
        """
        on, entry = called_on(self.source), self.source
        of_shards = {name for name in entry.of_shards if self.given.get(name, entry.defaults[name]) != entry.defaults[name]}
        return {name: value for name, value in self.given.items() if name in {*entry.free, *of_shards} - on.keys()}

    def born(self) -> tuple[str, ...]:
        """Give the target's arrays that the source has not, and that stay as they are born."""
        return born(self.target, *self._slots())

    def _slots(self) -> tuple[Slots, Slots]:
        """Give the arrays of the layer asked for and of the one found, of which there are none where parameters lie along other axes."""
        spec, situation = self.there
        n = len(situation.shape)
        aligned = parameter_axes(spec.at_rank(n)) == parameter_axes(self.meant.at_rank(n))
        return self.spec.slots(self.situation.shape), self.meant.slots(situation.shape) if aligned else {}


def translate(
    call: Any,
    *,
    to: str,
    rank: int | None = None,
    shape: tuple[int, ...] | None = None,
    dtype: str = "float32",
    parameter_dtype: str | None = None,
) -> Translation:
    """Give a native layer, as a call or alive, in the words of another dialect.

    Parameters
    ----------
    call
        What `normspec.read` reads.
    to
        A dialect, `"torch"`, with a variant after a colon where it has several, `"flax:linen"`; or a native layer, `"nn.BatchNorm1d"`.
    rank, shape
        The rank of x, or its shape, which says the sizes too that some calls want.
    dtype, parameter_dtype
        As `normspec.read` has them.

    Raises
    ------
    NotFound, InvalidInput
        Where the call or the target cannot be read.
    Unsupported
        Where the target has no such layer, or none that can be said there.
    """
    source = reading(call, rank=rank, shape=shape, dtype=dtype, parameter_dtype=parameter_dtype)
    offered = targets(to, source.entry.layer)
    if rank is None and shape is None:
        ranks = tuple(entry.ranks for entry in offered)
        source = reading(call, dtype=dtype, parameter_dtype=parameter_dtype, others=ranks)
    n = len(source.situation.shape)
    at_rank = [entry for entry in offered if n in entry.ranks]
    if not at_rank:
        raise Unsupported(f"{', '.join(entry.native for entry in offered)}: none takes an x of rank {n}")
    found, refused = [], []
    for entry in (e for e in at_rank if ":" in to or e.variant == at_rank[0].variant):
        try:
            found.append(_said(source, entry))
        except (Unsupported, InvalidInput) as reason:
            refused.append(f"{entry.native}: {reason}")
    if not found:
        raise Unsupported("; ".join(refused))
    return min(found, key=lambda translation: sum(_lost(asked, there) for _, asked, there in translation.differences))


def _lost(asked: Any, found: Any) -> int:
    """Give how much a difference is: one, but for a record that is there on one side alone, such as `running`, all that it says."""
    given = asked if found is None else found if asked is None else None
    return len(fields(given)) if is_dataclass(given) else 1


def _said(source: Reading, entry: Entry) -> Translation:
    """Say it with this entry, with the axes of x moved where it cannot say them otherwise."""
    spec, situation = source.spec, source.situation
    arguments, meant, axes = _written(spec, situation, entry)
    at = situation if axes is None else moved(spec, situation, axes)[1]
    arguments = arguments if source.sized else _without_lengths(source, entry, arguments)
    return Translation(
        source=source.entry,
        given=source.arguments,
        target=entry,
        call=text(entry, arguments),
        arguments=arguments,
        spec=spec,
        meant=meant,
        situation=situation,
        axes=axes,
        differences=tuple(
            row for row in differences(normal(spec, situation), normal(meant, at)) if entry.tells(row[0]) and source.entry.tells(row[0])
        ),
        sized=source.sized,
    )


def _written(spec: Any, situation: Situation, entry: Entry) -> tuple[dict[str, Any], Any, tuple[int, ...] | None]:
    """Give the nearest arguments, what they mean, and the order of x's axes for which they do."""
    arguments = dict(entry.write(spec, situation))
    meant = meaning(entry, arguments, situation)
    axes = layout(spec, meant, len(situation.shape))
    if axes is not None:
        there, at = moved(spec, situation, axes)
        arguments = dict(entry.write(there, at))
        meant = meaning(entry, arguments, at)
    return arguments, meant, axes


def _without_lengths(source: Reading, entry: Entry, arguments: dict[str, Any]) -> dict[str, Any]:
    """Give arguments with variables for those that are made-up lengths, or made of them: they are others where all are twice as long."""
    twice = replace(source.situation, shape=tuple(2 * n for n in source.situation.shape))
    others, _, _ = _written(meaning(source.entry, source.arguments, twice), twice, entry)
    made_of = {name: Name(name) for name, value in arguments.items() if name not in entry.sizes and others.get(name) != value}
    return without_sizes(entry, {**arguments, **made_of})


def text(entry: Entry, arguments: Mapping[str, Any]) -> str:
    """Give the call as code, with what it is called on."""
    return entry.call({**called_on(entry), **arguments})


def called_on(entry: Entry) -> dict[str, Name]:
    """Give what says nothing of meaning and comes first: the module or layer that one is wrapped around, x where it is a function."""
    first = entry.positional[0] if entry.positional else ""
    on = Name(first if wraps(entry) else "x")
    return {first: on} if first in entry.free and (wraps(entry) or entry.attributes is None) else {}


def wraps(entry: Entry) -> bool:
    """Tell whether a native layer is wrapped around another, whose weight is x."""
    return bool(entry.positional) and entry.positional[0] in WRAPPED
