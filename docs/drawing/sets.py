"""Which elements of x meet in a statistic of y, of any layer: found by what the reference's y depends on, not by the layer's name."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np

from normspec.conformance.cases import cases
from normspec.layers.fields import inputs_of, moves
from normspec.reference import build

SAMPLES, CHANNELS, PLACES = 4, 6, 4
"""Lengths of x as it is drawn: along its first axis, along its channels, and over all others together."""
AT = (0, 2, 0)
"""The place of the y that is asked about: sample, channel, place."""
SEEDS = range(6)
"""Of the numbers drawn: where y is cut off from x by chance, as by a threshold, other numbers tell."""
SHAPING = ("batch_axes", "channel_axes", "axes", "groups", "grouping", "ghost_size", "before", "after")
"""Fields that decide what meets."""
RANK = 3
WEIGHTS = frozenset({"weight_norm", "spectral_norm", "weight_standardization"})
"""Layers whose x is a weight: its axes have names of their own."""
NAMES = ("sample", "channel", "place")
NAMES_OF_WEIGHTS = ("output", "input", "place")


@dataclass(frozen=True)
class Sharing:
    """The elements of x that y at `AT` is made of, as truth values over samples, channels and places: in one step, and by observing."""

    spec: Any
    meeting: Any
    observed: bool

    @property
    def names(self) -> tuple[str, str, str]:
        """What the axes are of, as they are drawn."""
        return NAMES_OF_WEIGHTS if self.spec.layer in WEIGHTS else NAMES

    @property
    def point(self) -> str:
        """The fields of the spec that decide what meets, as one writes them."""
        told = {name: getattr(self.spec, name) for name in SHAPING if hasattr(self.spec, name)}
        return ", ".join(f"{name}={value!r}" for name, value in told.items())


def sharing_of(layer: str) -> Sharing:
    """Give what meets in the first spec of a layer's cases, at the least rank of 3 or more in which it has any."""
    found = list(cases(layer=layer))
    spec = found[0].spec
    return sharing(spec, min(len(case.situation.shape) for case in found if case.spec == spec and len(case.situation.shape) >= RANK))


def sharing(spec: Any, rank: int = RANK) -> Sharing:
    """Give which elements of an x of this rank meet."""
    channel = _channels(spec, rank)
    shape = [SAMPLES, *_places(rank)]
    shape.insert(channel, CHANNELS)
    at = np.zeros(shape)
    order = (0, channel, *(a for a in range(1, rank) if a != channel))
    np.transpose(at, order)[(*AT[:2], *(0,) * (rank - 2))] = 1.0

    def drawn(told: Any) -> Any:
        return np.transpose(told, order).reshape(SAMPLES, CHANNELS, PLACES)

    in_step = drawn(np.any([in_a_step(spec, at, seed) for seed in SEEDS], axis=0))
    beforehand = drawn(by_observing(spec, at)) if "observe" in moves(spec) else np.zeros_like(in_step)
    return Sharing(spec, in_step | beforehand, bool(np.any(beforehand & ~in_step)))


def in_a_step(spec: Any, at: Any, seed: int) -> Any:
    """Tell of each element of x whether y there depends on it, in training: where the cotangent of x is not 0."""
    layer, x, inputs = _drawn(spec, at.shape, seed)
    _, pullback = layer(x, mode="train", **inputs)
    assert pullback is not None
    return pullback(at)["x"] != 0


def by_observing(spec: Any, at: Any) -> Any:
    """Tell of each element of x whether y there is another number, the same x given, once it is another in an observe step before."""

    def y(by: float, changed: tuple[int, ...]) -> Any:
        layer, x, inputs = _drawn(spec, at.shape)
        before = x.copy()
        before[changed] += by
        layer(before, mode="observe", **inputs)
        return layer(x, mode="train", **inputs)[0][at != 0]

    told, same = np.zeros(at.shape, dtype=bool), y(0.0, AT[:1])
    for changed in product(*map(range, at.shape)):
        told[changed] = y(1.0, changed) != same
    return told


def _drawn(spec: Any, shape: tuple[int, ...], seed: int = 0) -> tuple[Any, Any, dict[str, Any]]:
    """Give a layer whose parameters are drawn, an x, and what is given with it."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape)
    layer = build(spec, like=x)
    layer.load({name: rng.normal(size=slot.shape) for name, slot in spec.slots(shape).items() if slot.role == "parameter"})
    return layer, x, {name: rng.normal(size=slot.shape) for name, slot in inputs_of(spec, shape).items()}


def _channels(spec: Any, rank: int) -> int:
    """Give the axis of x that is drawn as its channels: where parameters or statistics lie along one that is not the first, that one."""
    told = [tuple(a % rank for a in getattr(spec, name, ())) for name in ("channel_axes", "parameter_axes", "axes")]
    told.append(spec.geometry((SAMPLES * CHANNELS,) * rank).parameters.lie)
    return next((axes[0] for axes in told if len(axes) == 1 and axes != (0,)), 1)


def _places(rank: int) -> tuple[int, ...]:
    return (PLACES,) if rank == RANK else (2, PLACES // 2)


def words_of(layer: str) -> str:
    """Say what the picture of a layer shows."""
    of = sharing_of(layer)
    n, c, p = (f"{length} {name}s" for length, name in zip(of.meeting.shape, of.names, strict=True))
    point = f", with {of.point}" if of.point else ""
    before = ", all observed before" if of.observed else ""
    return (
        f"x as a block of {n}, {c} and {p}{point}. One y is made of {int(of.meeting.sum())} of its {of.meeting.size} values{before}: "
        f"those of {words(of)}."
    )


def words(of: Sharing) -> str:
    """Say which elements those are: blocks along some axes, all through the one that is asked about."""
    return ", and ".join(", ".join(_along(of, axis, axis in block) for axis in range(RANK)) for block in _blocks(of.meeting))


def _along(of: Sharing, axis: int, whole: bool) -> str:  # noqa: FBT001 - whether it goes on along the axis
    count, length, name = int(_line(of.meeting, axis).sum()), of.meeting.shape[axis], of.names[axis]
    if not whole or count == 1:
        return f"its {name}"
    return f"{'all' if count == length else f'{count} of'} {length} {name}s"


def _line(meeting: Any, axis: int) -> Any:
    """Tell which elements meet on the line along an axis."""
    return meeting[tuple(slice(None) if a == axis else i for a, i in enumerate(AT))]


def _blocks(meeting: Any) -> Iterator[tuple[int, ...]]:
    """Give the axes of each largest block that meets: together they are all that do."""
    left, kept = meeting.copy(), []
    for count in range(RANK, -1, -1):
        for block in combinations(range(RANK), count):
            lines = [np.flatnonzero(_line(meeting, a)) if a in block else [AT[a]] for a in range(RANK)]
            if meeting[np.ix_(*lines)].all() and not any(set(block) <= set(larger) for larger in kept):
                kept.append(block)
                left[np.ix_(*lines)] = False
    assert not left.any(), "what meets is no union of blocks: it needs other words"
    largest = [b for b in kept if not any(_same(meeting, b, other) for other in kept[: kept.index(b)])]
    yield from largest


def _same(meeting: Any, block: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Tell whether what one block has, the other has, too: where they differ along axes on whose lines nothing else meets."""
    return all(a in other or _line(meeting, a).sum() == 1 for a in block)
