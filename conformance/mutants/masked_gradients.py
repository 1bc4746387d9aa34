"""Faults of masks in gradients and in y: what reaches the padding."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, right
from normspec.conformance.mutants.record import MASKED, mutant
from normspec.records import Array, Arrays, Mode

WIDE = np.float64


def _multiplied(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    """Let no number that is masked make every statistic of its own no number, as 0 times it does."""
    y, pullback = layer.right.forward(inputs, mode)
    if "mask" not in inputs or y is None:
        return y, pullback
    at = layer.spec.geometry(inputs["x"].shape)
    bad = (~np.isfinite(inputs["x"].astype(WIDE)) & ~inputs["mask"]).reshape(at.view).any(axis=at.axes, keepdims=True)
    return np.where(bad, np.nan, y.reshape(at.view)).reshape(y.shape).astype(y.dtype), pullback


def _pulling(change: Any) -> Any:
    """Give what makes a layer whose cotangents are changed where there is a mask: `change` gets mask, dy, and a plain pullback."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        y, pullback = layer.right.forward(inputs, mode)
        if "mask" not in inputs or pullback is None or (getattr(layer.spec, "running", None) and mode != "train"):
            return y, pullback
        other = right().build(layer.spec, layer.situation)
        other.load(layer.right.read())
        clean = {"x": np.where(inputs["mask"], inputs["x"], 0).astype(inputs["x"].dtype)}
        _, everywhere = other.forward(clean, mode)
        mask = np.broadcast_to(inputs["mask"], inputs["x"].shape)

        def pull(dy: Array) -> Mapping[str, Array]:
            return {**pullback(dy), **change(mask, dy, pullback, everywhere)}

        return y, pull

    return altered(forward)


def _into_padding(mask: Array, dy: Array, pullback: Any, everywhere: Any) -> Any:
    return {"x": np.where(mask, pullback(dy)["x"], everywhere(dy)["x"]).astype(pullback(dy)["x"].dtype)}


def _padding_left_out(mask: Array, dy: Array, pullback: Any, everywhere: Any) -> Any:
    del everywhere
    return {name: g for name, g in pullback(np.where(mask, dy, 0).astype(dy.dtype)).items() if name in ("scale", "shift")}


def _y_zeroed(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)
    return (y if y is None or "mask" not in inputs else np.where(inputs["mask"], y, 0).astype(y.dtype)), pullback


def _parameters(spec: Any, at: Any) -> bool:
    return any(slot.role == "parameter" for slot in spec.slots(at.shape).values())


MUTANTS = (
    mutant(
        "gradient-into-padding",
        "the gradient goes through statistics into masked values",
        "mask",
        make=_pulling(_into_padding),
        layers=MASKED,
    ),
    mutant(
        "padding-not-in-dscale",
        "masked y reach no parameter's gradient",
        "mask",
        where=_parameters,
        make=_pulling(_padding_left_out),
        layers=MASKED,
    ),
    mutant("masked-y-zeroed", "y is 0 where it is masked", "output", make=altered(_y_zeroed), layers=MASKED),
    mutant(
        "no-number-leaks", "masked values are multiplied by 0, so that no number leaks", "mask", make=altered(_multiplied), layers=MASKED
    ),
)
"""Faults of what a mask lets through."""
