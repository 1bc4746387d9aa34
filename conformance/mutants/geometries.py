"""Faults of geometry: which values share a statistic, and along which axes parameters lie."""

from dataclasses import replace
from typing import Any

from normspec.conformance.mutants import dividing, plain
from normspec.conformance.mutants.altered import Altered, another, computing_with
from normspec.conformance.mutants.epsilons import of
from normspec.conformance.mutants.record import mutant
from normspec.layers.geometry import Geometry
from normspec.records import Arrays, Situation

TWO = 2
"""Axes of a scale that can lie in two orders."""


def _same_length(shape: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...] | None:
    """Give another axis of the length of this one, where there is one."""
    if len(axes) != 1:
        return None
    (axis,) = axes
    found = [a for a, n in enumerate(shape) if a != axis and n == shape[axis] and n > 1]
    return (found[-1],) if found else None


def _lies_elsewhere(at: Geometry) -> tuple[int, ...]:
    return _same_length(at.view, at.lie) or at.lie


def _other(name: str) -> dict[str, Any]:
    def meaning(spec: Any, shape: tuple[int, ...]) -> Any:
        there = spec.at_rank(len(shape))
        found = _same_length(shape, getattr(there, name, ()))
        return None if found is None else replace(there, **{name: found})

    return another(meaning)


def _over_all(at: Geometry, spec: Any) -> Geometry:
    return replace(at, axes=tuple(range(len(at.view)))) if spec.layer == "batch_norm" else at


def _of_negative(spec: Any, situation: Situation) -> Any:
    return plain.with_parts(geometry=_over_all, bessel=lambda *_: 1.0)(spec, situation)


def _transposed(_: Altered, values: Arrays) -> Arrays:
    """Give scale and shift as they are broadcast by one who takes their axes in another order than ascending."""
    return {n: a.reshape(a.shape[::-1]).T if n in ("scale", "shift") else a for n, a in values.items()}


def _norm_elsewhere(at: Geometry, _: Any) -> Geometry:
    return replace(at, axes=tuple(range(1, len(at.view)))) if at.lie else at


def _parameters(spec: Any, at: Situation) -> bool:
    return any(slot.role == "parameter" for slot in spec.slots(at.shape).values())


MUTANTS = (
    mutant(
        "scale-along-another-axis",
        "scale and shift are laid along another axis of the same length",
        "parameter_axes",
        "ml-explore/mlx#1049",
        **_other("parameter_axes"),
    ),
    mutant(
        "scale-of-channels-elsewhere",
        "scale and shift are laid along another axis than the channels, of the same length",
        "channel_axes",
        "sayakpaul/EvoNorms-in-TensorFlow-2#1",
        make=plain.with_parts(lie=_lies_elsewhere),
        where=lambda spec, at: (
            _parameters(spec, at) and _same_length(spec.geometry(at.shape).view, spec.geometry(at.shape).lie) is not None
        ),
        layers=("batch_norm", "instance_norm", "group_norm", "weight_standardization"),
    ),
    mutant(
        "channels-elsewhere",
        "another axis of the same length is taken for the channels",
        "channel_axes",
        "sayakpaul/EvoNorms-in-TensorFlow-2#1",
        **_other("channel_axes"),
    ),
    mutant(
        "negative-axis-not-resolved",
        "an axis of -1 equals none, and statistics are taken over all",
        "channel_axes",
        "tensorlayer/TensorLayer#1103",
        make=_of_negative,
        where=lambda spec, _: any(a < 0 for a in spec.channel_axes),
        layers=("batch_norm",),
    ),
    mutant(
        "last-axis-alone",
        "statistics are taken over the last axis alone",
        "axes",
        "keras-team/tf-keras#173",
        **of(lambda s, _: {"axes": (-1,)} if len(s.axes) > 1 else None),
    ),
    mutant(
        "axes-not-sorted",
        "scale of two axes is laid along them in the other order",
        "parameter_axes",
        "keras-team/keras#19642",
        make=computing_with(_transposed),
        where=lambda spec, at: (
            _parameters(spec, at) and len(spec.geometry(at.shape).owned) == TWO and min(spec.geometry(at.shape).owned) > 1
        ),
    ),
    mutant(
        "norm-over-all-but-the-first",
        "the norm is taken over every axis but the first, whatever the channels are",
        "channel_axes",
        "huggingface/transformers#31633",
        make=dividing.with_parts(geometry=_norm_elsewhere),
        where=lambda spec, at: spec.geometry(at.shape).axes != tuple(range(1, len(at.shape))),
        layers=("weight_norm",),
    ),
)
"""Faults of axes."""
