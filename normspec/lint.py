"""Hazards of normalization layers among others: what is well defined, and still not what people want.

A layer is told in neutral terms; each hazard names the clause that it rests on, its size where there is one, and what to do.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

from normspec.clauses import clause_id, require
from normspec.errors import InvalidInput
from normspec.layers.axes import resolve
from normspec.layers.geometry import Geometry
from normspec.layers.running import Running
from normspec.stale import OF_RELU, batches, left, steps_until, variance_kept

Kind = Literal["dense", "conv", "norm", "dropout", "activation", "other"]
BETWEEN = ("dense", "conv", "activation", "dropout")
"""What passes on that values were dropped; after another norm, or something unknown, nothing is said."""
CENTRED = ("batch_norm", "layer_norm", "instance_norm", "group_norm", "mean_variance_norm")
DIVIDED = ("rms_norm", "lp_norm")
MOST_OF_ONE = 0.5
"""The rate above which running statistics are the last batch's more than all others' together."""
LEFT = 1e-3
"""The share of what statistics are born with from which they are near their limit: a variance of 1e-3, born 1, is then off by a half."""


@dataclass(frozen=True, kw_only=True)
class Node:
    """One layer of a sequence.

    `bias` tells whether a dense layer or convolution has one, and `axis` along which axis of its output that lies. `rate` is the share
    that dropout sets to 0 (the others are divided by 1 - rate). `relu` tells whether an activation is that. A norm has its `spec`, and
    `shape` is that of its x, None standing for a length that is not known.
    """

    kind: Kind
    name: str = ""
    bias: bool = False
    axis: int = -1
    rate: float = 0.0
    relu: bool = False
    spec: Any = None
    shape: tuple[int | None, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no layer."""
        kinds = (*BETWEEN, "norm", "other")
        require(
            kind=(self.kind in kinds, f"one of {', '.join(kinds)}", self.kind),
            rate=(0 <= self.rate <= 1, "a share between 0 and 1", self.rate),
            spec=((self.kind == "norm") == (self.spec is not None), "given for a norm, and for nothing else", self.spec),
            shape=(self.kind != "norm" or len(self.shape) > 0, "the shape of x, for a norm", self.shape),
        )


@dataclass(frozen=True, kw_only=True)
class Hazard:
    """What may go wrong at a layer: a word for it, the id of the clause that it rests on, a sentence, and what to do."""

    kind: Literal["redundant-bias", "dropout-before", "one-value", "born-statistics", "last-batch"]
    name: str
    clause: str
    sentence: str
    remedy: str


def lint(nodes: Sequence[Node], *, steps: int | None = None) -> tuple[Hazard, ...]:
    """Give the hazards of layers of which each takes what the one before gives.

    Parameters
    ----------
    nodes
        The layers.
    steps
        How many steps of training there are, if that is known: then running statistics are looked at, too.

    Raises
    ------
    InvalidInput
        Where a norm is none for an x of its shape, or the number of steps is none.
    """
    if steps is not None and steps < 0:
        raise InvalidInput(f"steps must be a number of steps, 0 or more, got {steps}")
    found: list[Hazard] = []
    for k, node in enumerate(nodes):
        if node.kind == "norm":
            of_others = (*_redundant_bias(nodes[:k], node), *_dropout_before(nodes[:k], node))
            found += [*of_others, *_one_value(node), *_born(node, steps), *_last_batch(node)]
    return tuple(found)


def _redundant_bias(before: Sequence[Node], norm: Node) -> Iterator[Hazard]:
    """Tell of a bias right before: it is taken away with the mean where it is the same for all values of a statistic."""
    last = before[-1] if before else None
    if last is None or not last.bias or norm.spec.layer not in CENTRED or getattr(norm.spec, "train_with", "batch") == "running":
        return
    shape, geometry = _filled(norm)
    (axis,) = resolve((last.axis,), len(shape), "axis of the bias")
    if _varies(norm.spec, geometry, axis, len(shape)):
        return
    running = getattr(norm.spec, "running", None) is not None
    yield Hazard(
        kind="redundant-bias",
        name=last.name,
        clause=clause_id(norm.spec, "output"),
        sentence=f"Its bias goes with the mean{' in training' if running else ''}: y does not depend on it, and its gradient is 0.",
        remedy="Leave the bias out" + ("; of a trained layer, take it from the running mean, then do." if running else "."),
    )


def _varies(spec: Any, geometry: Geometry, axis: int, rank: int) -> bool:
    """Tell whether what lies along an axis of x differs among the values of one statistic.

    Where channels are in groups, their axis is two in the view: the groups, and the channels of each.
    """
    own: tuple[int, ...] = (axis,)
    if len(geometry.view) > rank:
        (split,) = resolve(spec.channel_axes, rank, "channel_axes")
        own = (axis, axis + 1) if axis == split else (axis + 1,) if axis > split else (axis,)
    return any(a in geometry.axes and geometry.view[a] > 1 for a in own)


def _dropout_before(before: Sequence[Node], norm: Node) -> Iterator[Hazard]:
    """Tell of dropout before running statistics: they are of what training drops, and evaluation drops nothing."""
    if getattr(norm.spec, "running", None) is None:
        return
    between: list[Node] = []
    for node in reversed(before):
        if node.kind == "dropout" and node.rate > 0:
            yield _of_dropout(node, norm, between, before[: len(before) - len(between) - 1])
            return
        if node.kind not in BETWEEN:
            return
        between.append(node)


def _of_dropout(dropout: Node, norm: Node, between: Sequence[Node], before: Sequence[Node]) -> Hazard:
    """Give the hazard, with its size where nothing stands between."""
    relu = bool(before) and before[-1].relu
    kept = variance_kept(dropout.rate, OF_RELU if relu else 0.0)
    of = "if x was normal before ReLU" if relu else "less where the mean is not 0"
    size = f"a variance of 1 in training is {kept:.4f} in evaluation, {of}" if not between else "by how much is decided by what is between"
    return Hazard(
        kind="dropout-before",
        name=norm.name,
        clause=clause_id(norm.spec, "running"),
        sentence=f"Running statistics are taken behind dropout of {dropout.rate:g}; evaluation drops nothing, and has others: {size}.",
        remedy="Put dropout behind the last norm with running statistics, or take the statistics anew without it.",
    )


def _one_value(norm: Node) -> Iterator[Hazard]:
    """Tell of statistics over one value."""
    layer = norm.spec.layer
    if layer not in (*CENTRED, *DIVIDED) or _filled(norm)[1].n != 1:
        return
    refused, running = getattr(norm.spec, "one_value", "shift") == "refuse", getattr(norm.spec, "running", None) is not None
    if layer in DIVIDED:
        what = "of x the sign alone is left"
    elif refused:
        what = "x is refused in training"
    else:
        what = f"{'in training ' if running else ''}y is {'shift' if getattr(norm.spec, 'shift', False) else '0'}, whatever x is"
    yield Hazard(
        kind="one-value",
        name=norm.name,
        clause=clause_id(norm.spec, "one_value" if hasattr(norm.spec, "one_value") else "axes"),
        sentence=f"Each statistic is taken over one value of an x of {_shown(norm.shape)}: {what}.",
        remedy="Give it more values for each statistic: more samples or places, fewer groups, other axes; or leave the layer out.",
    )


def _born(norm: Node, steps: int | None) -> Iterator[Hazard]:
    """Tell of running statistics that are far from their limit."""
    running: Running | None = getattr(norm.spec, "running", None)
    if running is None or steps is None or left(running, steps) <= LEFT:
        return
    until = steps_until(running, LEFT)
    enough = f"after {until:.0f} steps it is {LEFT:g}" if until < inf else "and at rate 0 it stays so"
    yield Hazard(
        kind="born-statistics",
        name=norm.name,
        clause=clause_id(norm.spec, "running.rate"),
        sentence=f"After {steps} steps, {left(running, steps):.2g} of the running statistics is still what they were born with, mean "
        f"{running.initial_mean:g} and variance {running.initial_variance:g}; {enough}.",
        remedy="Train longer before evaluation, raise the rate, or take the statistics anew over the data, with the weights as they are.",
    )


def _last_batch(norm: Node) -> Iterator[Hazard]:
    """Tell of a rate by which one batch outweighs all others: that is how a momentum of the other convention is read."""
    running: Running | None = getattr(norm.spec, "running", None)
    if running is None or running.rate <= MOST_OF_ONE:
        return
    yield Hazard(
        kind="last-batch",
        name=norm.name,
        clause=clause_id(norm.spec, "running.rate"),
        sentence=f"{running.rate:.4g} of the running statistics is those of the last batch: evaluation is as noisy as the mean of "
        f"{batches(running):.2g} batches.",
        remedy=f"Look up whose weight momentum is there, the new batch's or the old value's: {1 - running.rate:.4g} may be meant.",
    )


def _filled(norm: Node) -> tuple[tuple[int, ...], Geometry]:
    """Give a shape with more than one value wherever a length is not known, and the geometry of the norm there."""
    some = 2 * getattr(norm.spec, "groups", 1)
    shape = tuple(some if n is None else n for n in norm.shape)
    return shape, norm.spec.geometry(shape)


def _shown(shape: Iterable[int | None]) -> str:
    return f"({', '.join('?' if n is None else str(n) for n in shape)})"
