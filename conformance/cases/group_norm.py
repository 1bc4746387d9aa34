"""Cases of group normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ALL, ANY, EVERY, FLOAT32, HALF, MIXED, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, masked, of
from normspec.conformance.cases.layouts import layouts, mixed_layouts
from normspec.conformance.cases.rare import exact, rare
from normspec.conformance.cases.traces import traces
from normspec.layers import GroupNorm

FIRST = GroupNorm(
    batch_axes=(0,),
    channel_axes=(1,),
    groups=3,
    grouping="contiguous",
    scale_per="channel",
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="shift",
)
LAST = replace(FIRST, channel_axes=(-1,), groups=2)
FAST = replace(LAST, variance="one_pass", output_dtype="promoted")
"""Channels first as PyTorch has them, last as Keras, and Flax' one pass."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(5, 6, 7), square=(6, 6, 6), few=(5, 6, 1), other=((5, 6), (3, 6, 5, 7)), quick=ANY)
    last = Family(name="last", spec=LAST, shape=(3, 5, 7, 6), square=(6, 6, 6, 6), few=(5, 1, 6), other=((5, 7, 6),), quick=ONE)
    for f in (first, last, replace(last, name="fast", spec=FAST, other=())):
        yield from family(f)
        yield from _groups(f)
    yield from _points(first)
    yield from _batches(last)
    yield from layouts("first", FIRST, first.shape)
    yield from mixed_layouts("first", FIRST, first.shape)
    far: dict[str, Any] = {"shapes": ((3, 6, 5, 7),), "noise": Noise(offset=100.0), "layout": (("x", "permuted"),)}
    yield of(first, "accuracy", "x-permuted-far-rank-4", dtypes=ALL, **far)
    yield of(first, "tangent.y", "x-permuted-along", shapes=((3, 6, 5, 7),), layout=(("x", "permuted"),), tangents=True, dtypes=SINGLE)
    yield from traces("first", FIRST, first.shape)
    # once more channels last in one pass: Flax can say this alone, and the others the first alone
    yield from traces("fast", FAST, last.shape)
    yield from rare("first", FIRST, first.shape, empty=(0, 6, 7), sizes=((5, 6, 1025), (1023, 6, 7), (32771, 6)), flat=0)
    yield from corners("first", FIRST, first.shape, alone=FLOAT32 + HALF + MIXED)
    yield from masked(replace(last, name="fast", spec=FAST))
    yield from exact("first", FIRST, "gradient.shift", (5, 6, 4))


def _groups(f: Family) -> Iterator[Difficulty]:
    yield of(f, "groups", "some", quick=f.quick[:1])
    for groups in (1, 6):
        yield of(f, "groups", str(groups), spec=replace(f.spec, groups=groups), dtypes=SINGLE)
    for about in ("grouping", "scale_per"):
        yield of(f, about, "some")
    one = tuple(6 if n == 6 else 1 for n in f.shape)  # noqa: PLR2004 - the number of channels
    for name, rows in (("one", 1), ("one-each", f.shape[0])):
        at = replace(f.spec, groups=6)
        yield of(f, "one_value", name, spec=at, shapes=((rows, *one[1:]),), modes=("train", "evaluate"))


def _points(f: Family) -> Iterator[Difficulty]:
    """Points of the space that fewer frameworks occupy: each clause once more from the other side."""
    for grouping in ("contiguous", "interleaved"):
        for per in ("channel", "group"):
            at = replace(f.spec, grouping=grouping, scale_per=per)
            for about in ("grouping", "scale_per", "gradient.scale"):
                yield of(f, about, f"{grouping}-{per}", spec=at, dtypes=EVERY if about == "grouping" else FLOAT32)
    yield of(f, "scale_per", "square-at-the-end", spec=f.spec, shapes=((5, 6, 7, 6),), dtypes=SINGLE)
    grouped = replace(f.spec, scale_per="group")  # the last axis is as long as there are groups
    yield of(f, "channel_axes", "last-as-long-as-groups", spec=grouped, shapes=((5, 6, 3),), dtypes=SINGLE)
    refuse = replace(f.spec, groups=6, one_value="refuse")
    yield of(f, "one_value", "refuse", spec=refuse, shapes=((5, 6, 1),), modes=("train", "evaluate"))
    for axes, channel in (((), 1), ((0, 1), 2), ((0, 2), 1)):
        at = replace(f.spec, batch_axes=axes, channel_axes=(channel,))
        shape = tuple(6 if a == channel else n for a, n in enumerate((5, 7, 9, 3)))
        yield of(f, "batch_axes", f"kept-{'-'.join(map(str, axes)) or 'none'}", spec=at, shapes=(shape,), dtypes=SINGLE)


def _batches(f: Family) -> Iterator[Difficulty]:
    """Batch axes that are not the leading one alone, channels last.

    No gradients are asked for: where statistics go astray among the groups, y is another layer's still, and its gradients are none's.
    """
    for axes in ((0, 1), ()):
        at = replace(f.spec, batch_axes=axes)
        yield of(f, "batch_axes", f"kept-{'-'.join(map(str, axes)) or 'none'}", spec=at, dtypes=SINGLE, gradients=False)
