"""Faults of pullbacks: whose step they are of, and what way through the statistics they take."""

from typing import Any

import numpy as np

from normspec.conformance.mutants import plain
from normspec.conformance.mutants.altered import Altered, Taken, altered, pulling
from normspec.conformance.mutants.plain import with_parts
from normspec.conformance.mutants.record import STANDARDIZING, mutant
from normspec.records import Array, Arrays, Mode

TESTED = 3
"""The rank that a test had."""


def _of_the_latest(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)
    if pullback is not None:
        layer.memory["latest"], layer.memory["rows"] = pullback, inputs["x"].shape
    return y, None if pullback is None else lambda dy: layer.memory["latest"](np.resize(dy, layer.memory["rows"]))


def _by_vectors_as_they_are(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)

    def pull(dy: Array) -> Arrays:
        _, now = layer.right.forward(inputs, "freeze")
        assert now is not None, "there is an output, and so a gradient"
        return now(dy)

    return y, None if pullback is None else pull


def _over_the_last_axis(h: Array, normal: Array, axes: tuple[int, ...], n: int) -> Array:
    if h.ndim <= TESTED:
        return plain.gradient(h, normal, axes, n)
    return plain.gradient(h, normal, axes[-1:], h.shape[axes[-1]])


def _summing_over(axes: int, least: int) -> Any:
    def total(terms: Array, over: tuple[int, ...]) -> Array:
        rows = int(np.prod([terms.shape[a] for a in over]))
        if terms.ndim - len(over) < axes or rows < least:
            return plain.total(terms, over)
        width = terms.shape[-1]  # the second stage adds the first `width` of the partial sums that the first has left
        parts = np.array_split(terms.reshape(rows, *[n for a, n in enumerate(terms.shape) if a not in over]), 2 * width)
        return np.stack([p.sum(axis=0) for p in parts[:width]]).sum(axis=0)

    return total


def _constant_sigma(layer: Altered, inputs: Arrays, dy: Array, found: Any) -> Any:
    del found
    y, _ = layer.right.forward(inputs, "freeze")
    ratio = np.max(np.abs(y.astype(np.float64))) / max(np.max(np.abs(inputs["x"].astype(np.float64))), 1e-300)
    return {"x": dy * ratio}


MUTANTS = (
    mutant(
        "later-cache",
        "every pullback gives the cotangents of the latest step",
        "pullback",
        "pytorch/pytorch#13350",
        make=altered(_of_the_latest),
    ),
    mutant(
        "vectors-moved-between",
        "a pullback takes u and v as they are when it is called, moved by a later step",
        "pullback",
        "pytorch/pytorch#13350",
        make=altered(_by_vectors_as_they_are),
        where=lambda spec, _: spec.evaluation == "kept" and not spec.replaces,
        layers=("spectral_norm",),
    ),
    mutant(
        "sigma-constant",
        "the way through sigma is left out of the gradient",
        "gradient.x",
        "pytorch/pytorch#13350",
        make=pulling(_constant_sigma),
        where=lambda spec, _: spec.evaluation == "kept" and not spec.replaces,
        layers=("spectral_norm",),
    ),
    mutant(
        "statistics-constant",
        "mean and deviation that were saved count as constants in the gradient",
        "gradient.x",
        "pytorch/pytorch#196699",
        make=with_parts(through_statistics=False),
        layers=STANDARDIZING,
    ),
    mutant(
        "evaluation-by-trainings-gradient",
        "the gradient of evaluation is taken by training's formula",
        "gradient.x",
        "pytorch/pytorch#586",
        make=with_parts(through_in_evaluation=True),
        where=lambda spec, _: spec.running is not None,
        layers=("batch_norm", "instance_norm"),
    ),
    mutant(
        "rank-3-alone",
        "the gradient takes the last axis for the whole of the values per statistic, which it is at rank 3",
        "gradient.x",
        "linkedin/Liger-Kernel#1375",
        make=with_parts(gradient=_over_the_last_axis),
        where=lambda spec, at: len(spec.geometry(at.shape).view) > TESTED and len(spec.geometry(at.shape).axes) > 1,
        layers=STANDARDIZING,
    ),
    mutant(
        "two-stages-by-the-last-axis",
        "of 70000 rows, the second stage of a sum adds as many partial sums as the last axis is long, where scale has two axes",
        "gradient.scale",
        "intel/torch-xpu-ops#5018",
        make=with_parts(total=_summing_over(2, 70_000)),
        where=lambda spec, at: len(spec.geometry(at.shape).lie) > 1,
        layers=("layer_norm",),
    ),
)
"""Faults of gradients."""
