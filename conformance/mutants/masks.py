"""Faults of masks: values that leak, counts that are of all, gradients that reach the padding."""

from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered
from normspec.conformance.mutants.record import MASKED, MASKED_AT_ALL, mutant
from normspec.records import Array, Arrays, Mode

WIDE = np.float64


def _shares(layer: Altered, inputs: Arrays) -> tuple[Array, Array]:
    """Give the valid values and the number of all values, per statistic, as they broadcast over the view of x."""
    at = layer.spec.geometry(inputs["x"].shape)
    mask = np.broadcast_to(inputs["mask"], inputs["x"].shape).reshape(at.view)
    return mask.sum(axis=at.axes, keepdims=True).astype(WIDE), np.asarray(at.n, WIDE)


def _without(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    return layer.right.forward({"x": inputs["x"]}, mode)


def _zeros_counted(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    if "mask" not in inputs:
        return layer.right.forward(inputs, mode)
    return layer.right.forward({"x": np.where(inputs["mask"], inputs["x"], 0).astype(inputs["x"].dtype)}, mode)


def _inverted(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    return layer.right.forward({**inputs, **({"mask": ~inputs["mask"]} if "mask" in inputs else {})}, mode)


def _along_another_axis(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    mask, x = inputs.get("mask"), inputs["x"]
    if mask is None or x.ndim < 2 or x.shape[0] != x.shape[1]:  # noqa: PLR2004 - two axes are needed
        return layer.right.forward(inputs, mode)
    return layer.right.forward({"x": x, "mask": np.swapaxes(np.broadcast_to(mask, x.shape), 0, 1)}, mode)


def _variance_over_all(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    """Divide the squares of the valid values by the number of all: y grows by the root of the shares, where epsilon is small."""
    y, pullback = layer.right.forward(inputs, mode)
    if "mask" not in inputs or y is None or (getattr(layer.spec, "running", None) and mode != "train"):
        return y, pullback
    valid, n = _shares(layer, inputs)
    at, owned = layer.spec.geometry(y.shape), layer.right.read()
    shift = owned["shift"].astype(WIDE).reshape(at.broadcast) if "shift" in owned else 0.0
    grown = (y.astype(WIDE).reshape(at.view) - shift) * np.sqrt(n / np.maximum(valid, 1)) + shift
    return grown.reshape(y.shape).astype(y.dtype), pullback


def _running_by_all(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    """Take the sample's variance, for the running one, as if every value were valid."""
    running, before = layer.spec.running, layer.right.read()
    taken = layer.right.forward(inputs, mode)
    if "mask" in inputs and mode in ("train", "observe"):
        valid, n = _shares(layer, inputs)
        old, new = (a["running_variance"].astype(WIDE) for a in (before, layer.right.read()))
        w = running.rate
        share = (n / np.maximum(n - 1, 1)) / (valid / np.maximum(valid - 1, 1))
        share = np.mean(share, axis=layer.spec.geometry(inputs["x"].shape).pooled, keepdims=True)
        seen = (new - (1 - w) * old).reshape(-1) * np.broadcast_to(share.reshape(-1), old.size)
        wrong = (1 - w) * old + seen.reshape(old.shape)
        layer.right.load({"running_variance": wrong.astype(before["running_variance"].dtype)})
    return taken


def _sampled(spec: Any, _: Any) -> bool:
    running = getattr(spec, "running", None)
    return running is not None and running.correction == 1 and running.start == "initial"


MUTANTS = (
    mutant("mask-ignored", "the mask is taken and ignored", "mask", "keras-team/keras#18759", make=altered(_without), layers=MASKED_AT_ALL),
    mutant(
        "masked-count-as-zeros",
        "masked values count as zeros",
        "mask",
        "tensorflow/tensorflow#30161",
        make=altered(_zeros_counted),
        layers=MASKED_AT_ALL,
    ),
    mutant(
        "variance-over-all", "the variance is divided by the number of all values", "mask", make=altered(_variance_over_all), layers=MASKED
    ),
    mutant(
        "running-over-all",
        "the sample's running variance is of the number of all",
        "mask",
        where=_sampled,
        layers=("batch_norm", "instance_norm"),
        make=altered(_running_by_all),
    ),
    mutant("mask-inverted", "the mask tells what is padding", "mask", make=altered(_inverted), layers=MASKED_AT_ALL),
    mutant(
        "mask-along-another-axis",
        "the mask is laid along another axis of its length",
        "mask",
        make=altered(_along_another_axis),
        layers=MASKED_AT_ALL,
    ),
)
"""Faults of masks; all live where a mask is given alone."""
