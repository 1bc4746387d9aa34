"""Faults of statistics that several devices take together: what is merged without its weight, or not at all."""

from collections.abc import Callable
from typing import Any

import numpy as np

from normspec.conformance.mutants import plain
from normspec.conformance.mutants.altered import Altered, moving, pulling
from normspec.conformance.mutants.record import Make, mutant
from normspec.records import Array, Arrays, Situation

OF: dict[str, Any] = {"layers": ("batch_norm",), "dtypes": ("float64", "float32")}


def _sharded(_: Any, situation: Situation) -> bool:
    return len(situation.shards) > 1


def _unequal(_: Any, situation: Situation) -> bool:
    return len(set(situation.shards)) > 1


def _cut(a: Array, situation: Situation) -> list[Array]:
    """Give the shards that have values."""
    return [piece for piece in np.split(a, np.cumsum(situation.shards)[:-1]) if piece.size]


def _with_moments(merged: Callable[[list[tuple[Array, Array]], list[int]], tuple[Array, Array]]) -> Make:
    """Give what makes a layer whose moments are merged so from those of the shards, with their lengths."""

    def make(spec: Any, situation: Situation) -> plain.Plain:
        def moments(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
            pieces = _cut(x, situation)
            return merged([plain.moments(piece, axes) for piece in pieces], [len(piece) for piece in pieces])

        return plain.with_parts(moments=moments)(spec, situation)

    return make


def _of_variances(of: list[tuple[Array, Array]], lengths: list[int]) -> tuple[Array, Array]:
    mean, variance = (np.asarray(sum(n * a for n, a in zip(lengths, own, strict=True)) / sum(lengths)) for own in zip(*of, strict=True))
    return mean.astype(of[0][0].dtype), variance.astype(of[0][0].dtype)


def _unweighted(of: list[tuple[Array, Array]], lengths: list[int]) -> tuple[Array, Array]:
    del lengths
    mean = np.mean([own for own, _ in of], axis=0)
    return mean, np.mean([variance + (own - mean) ** 2 for own, variance in of], axis=0)


def _by_itself(h: Array, normal: Array, axes: tuple[int, ...], situation: Situation) -> Array:
    pieces = zip(_cut(h, situation), _cut(normal, situation), strict=True)
    count = [a for a in axes if a]
    return np.concatenate([plain.gradient(a, b, axes, len(a) * int(np.prod([a.shape[k] for k in count]))) for a, b in pieces])


def _gradient_by_itself(spec: Any, situation: Situation) -> plain.Plain:
    return plain.with_parts(gradient=lambda h, normal, axes, _: _by_itself(h, normal, axes, situation))(spec, situation)


def _bessel_of_a_shard(spec: Any, situation: Situation) -> plain.Plain:
    share = situation.shards[0] / sum(situation.shards)
    return plain.with_parts(bessel=lambda n, running: plain.bessel(round(n * share), running))(spec, situation)


def _mean_of_gradients(layer: Altered, inputs: Arrays, dy: Array, found: Any) -> Any:
    del inputs, dy
    return {name: a / len(layer.situation.shards) for name, a in found.items() if name != "x"}


def _of_the_first(layer: Altered, inputs: Arrays, before: Arrays, after: Arrays) -> Arrays:
    """Give the state as the first device would move it by itself."""
    made = plain.with_parts()(layer.spec, layer.situation)
    made.load(before)
    made.forward({"x": inputs["x"][: layer.situation.shards[0]]}, "observe")
    return {name: a for name, a in made.read().items() if name in after}


MUTANTS = (
    mutant(
        "mean-of-variances",
        "the variance of all shards is the mean of theirs, without the distance of their means",
        "shards",
        make=_with_moments(_of_variances),
        where=_sharded,
        **OF,
    ),
    mutant(
        "shards-unweighted",
        "every shard counts alike, however many values it has",
        "shards",
        make=_with_moments(_unweighted),
        where=_unequal,
        **OF,
    ),
    mutant(
        "gradient-of-its-own-shard",
        "the gradient takes its means over its own shard",
        "shards",
        make=_gradient_by_itself,
        where=_sharded,
        **OF,
    ),
    mutant(
        "bessel-of-a-shard",
        "Bessel's correction takes the first shard's number of values",
        "shards",
        make=_bessel_of_a_shard,
        where=_sharded,
        **OF,
    ),
    mutant(
        "gradients-averaged",
        "the parameters' gradients are averaged over the shards",
        "shards",
        make=pulling(_mean_of_gradients),
        where=_sharded,
        **OF,
    ),
    mutant(
        "state-of-the-first-shard",
        "the running statistics are moved by the first shard's own",
        "shards",
        make=moving(_of_the_first),
        where=_sharded,
        **OF,
    ),
)
"""Faults of shards."""
