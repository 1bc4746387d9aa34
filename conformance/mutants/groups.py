"""Faults of groups and of samples."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, computing_with, giving
from normspec.conformance.mutants.epsilons import of
from normspec.conformance.mutants.record import mutant
from normspec.records import Array, Arrays, Situation

TWO = 2
"""Axes of a scale that can lie in two orders."""


def _reshaped(layer: Altered, inputs: Arrays, y: Array) -> Array:
    """Give y of groups that are made by cutting the memory of channels last, place by place."""
    x, spec = inputs["x"].astype(np.float64), layer.spec
    rows = x.reshape(x.shape[0], spec.groups, -1)
    variance = rows.var(axis=-1, keepdims=True)
    found = ((rows - rows.mean(axis=-1, keepdims=True)) / np.sqrt(variance + spec.epsilon)).reshape(x.shape)
    at, owned = spec.geometry(x.shape), layer.right.read()
    for name, along in (("scale", np.multiply), ("shift", np.add)):
        if name in owned:
            found = along(found.reshape(at.view), owned[name].astype(np.float64).reshape(at.broadcast)).reshape(x.shape)
    return found.astype(y.dtype)


def _channels_last(spec: Any, at: Situation) -> bool:
    there = spec.at_rank(len(at.shape))
    return len(at.shape) > TWO and there.channel_axes == (len(at.shape) - 1,) and there.batch_axes == (0,) and spec.epsilon > 0


def _of_group(layer: Altered, values: Arrays) -> Arrays:
    """Give every channel the scale and shift of the first of its group."""
    groups = layer.spec.groups
    first = {n: np.repeat(a.reshape(groups, -1)[:, :1], a.size // groups, axis=1).reshape(a.shape) for n, a in values.items()}
    return {n: first[n] if n in ("scale", "shift") else a for n, a in values.items()}


def _parameters(spec: Any, at: Situation) -> bool:
    return any(slot.role == "parameter" for slot in spec.slots(at.shape).values())


MUTANTS = (
    mutant(
        "scale-per-group",
        "scale and shift are those of the group",
        "scale_per",
        "onnx/onnx#5466",
        make=computing_with(_of_group),
        where=lambda spec, at: spec.scale_per == "channel" and _parameters(spec, at) and spec.groups < spec.geometry(at.shape).owned[0],
    ),
    mutant(
        "groups-interleaved",
        "channel c is in the group c mod G",
        "grouping",
        **of(lambda s, _: {"grouping": "interleaved"} if s.grouping == "contiguous" else None),
    ),
    mutant(
        "groups-by-reshape",
        "channels last are cut into groups place by place, by a reshape alone",
        "channel_axes",
        "tensorflow/addons#751",
        make=giving(_reshaped),
        where=_channels_last,
        layers=("group_norm",),
    ),
    mutant(
        "one-group-is-every-channel",
        "one group is taken for one each",
        "groups",
        "onnx/onnx-tensorrt#1052",
        **of(lambda s, shape: {"groups": shape[s.at_rank(len(shape)).channel_axes[0]]} if s.groups == 1 else None),
    ),
    mutant(
        "group-count-for-group-size",
        "the number of groups is taken for the channels of one",
        "groups",
        **of(lambda s, shape: {"groups": shape[s.at_rank(len(shape)).channel_axes[0]] // s.groups}),
    ),
    mutant(
        "batch-not-its-own", "samples share their statistics", "batch_axes", **of(lambda s, _: {"batch_axes": ()} if s.batch_axes else None)
    ),
)
"""Faults of groups."""
