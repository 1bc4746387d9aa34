"""Faults of a style, from which x takes its deviation and its mean."""

from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, another, giving, pulling, taking
from normspec.conformance.mutants.record import mutant
from normspec.records import Array, Arrays, Situation

STYLED = ("adaptive_instance_norm",)


def _several(spec: Any, at: Situation) -> bool:
    owned = spec.geometry(at.shape).parameters.owned
    return len(owned) > 1 and owned[0] > 1


def _axes(layer: Altered, a: Array) -> tuple[int, ...]:
    axes: tuple[int, ...] = layer.spec.geometry(a.shape).axes
    return axes


def _wide(a: Array) -> Any:
    return a.astype(np.float64)


def _of_the_first(_: Altered, inputs: Arrays) -> Arrays:
    style = inputs["style"]
    return {"style": np.broadcast_to(style[:1], style.shape).copy()}


def _cut_as_x(_: Altered, inputs: Arrays) -> Arrays:
    return {"style": inputs["style"][tuple(map(slice, inputs["x"].shape))]}


def _own_mean(layer: Altered, inputs: Arrays, y: Array) -> Array:
    x, style = (_wide(inputs[name]) for name in ("x", "style"))
    return _wide(y) + x.mean(axis=_axes(layer, x), keepdims=True) - style.mean(axis=_axes(layer, style), keepdims=True)


def _through_mean_alone(layer: Altered, inputs: Arrays, dy: Array, _: Any) -> Arrays:
    style, axes = inputs["style"], _axes(layer, dy)
    n = layer.spec.geometry(style.shape).n
    return {"style": np.broadcast_to(_wide(dy).sum(axis=axes, keepdims=True) / n, style.shape)}


def _no_number(layer: Altered, inputs: Arrays, _: Array, found: Any) -> Arrays:
    style = inputs["style"]
    turned = _wide(style) - _wide(style).mean(axis=_axes(layer, style), keepdims=True)
    return {"style": np.where(np.any(turned != 0, axis=_axes(layer, style), keepdims=True), _wide(found["style"]), np.nan)}


MUTANTS = (
    mutant(
        "style-of-the-first",
        "every sample takes the statistics of the first one's style",
        "output",
        make=taking(_of_the_first),
        where=_several,
        layers=STYLED,
    ),
    mutant("style-cut-as-x", "the style is cut to the lengths of x", "output", make=taking(_cut_as_x), layers=STYLED),
    mutant("style-mean-of-x", "x keeps its own mean, and takes the deviation alone", "output", make=giving(_own_mean), layers=STYLED),
    mutant(
        "style-corrected-as-x",
        "the variance of the style has the correction of x",
        "style_correction",
        layers=STYLED,
        **another(lambda spec, _: replace(spec, style_correction=spec.correction)),
    ),
    mutant(
        "style-epsilon-of-x",
        "the epsilon of x is added to the variance of the style",
        "style_epsilon",
        layers=STYLED,
        **another(lambda spec, _: replace(spec, style_epsilon=spec.epsilon)),
    ),
    mutant(
        "style-detached",
        "the style has no gradient",
        "gradient.style",
        make=pulling(lambda _, inputs, __, ___: {"style": np.zeros(inputs["style"].shape)}),
        layers=STYLED,
    ),
    mutant(
        "style-through-mean-alone",
        "the gradient of the style has the way through its mean alone",
        "gradient.style",
        make=pulling(_through_mean_alone),
        layers=STYLED,
    ),
    mutant(
        "style-without-deviation",
        "the gradient of a style whose deviation is 0 is no number",
        "gradient.style",
        make=pulling(_no_number),
        where=lambda spec, _: spec.style_epsilon == 0,
        layers=STYLED,
    ),
)
"""Faults of styles."""
