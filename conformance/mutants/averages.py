"""Faults of the moving average: its rate, its start, its estimator, its count."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from normspec.conformance.mutants.altered import Altered, Taken, altered, another
from normspec.conformance.mutants.record import mutant
from normspec.records import Arrays, Mode

IMAGES = 4
"""The rank of images."""


def _running(change: Callable[[Any, tuple[int, ...]], dict[str, Any] | None]) -> dict[str, Any]:
    """Give `make` and `where` of a fault that is another running average: `change` gives what differs, or None."""

    def meaning(spec: Any, shape: tuple[int, ...]) -> Any:
        changed = None if getattr(spec, "running", None) is None else change(spec.running, shape)
        return None if changed is None else replace(spec, running=replace(spec.running, **changed))

    return another(meaning)


def _corrected_by_the_new(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    """Take r and d of renormalization from the averages as the step leaves them."""
    if mode != "train":
        return layer.right.forward(inputs, mode)
    layer.right.forward(inputs, "observe")
    after = layer.owned("state", "count")
    taken = layer.right.forward(inputs, mode)
    layer.right.load(after)
    return taken


MUTANTS = (
    mutant(
        "momentum-reversed",
        "the rate is taken for the weight of what was",
        "running.rate",
        "PaddlePaddle/Paddle#32810",
        **_running(lambda running, _: {"rate": 1 - running.rate}),
    ),
    mutant(
        "momentum-zero-takes-the-batch",
        "a rate of 0 is read as: only the new batch",
        "running.rate",
        "pytorch/pytorch#15298",
        **_running(lambda running, _: {"rate": 1.0} if running.rate == 0 and running.start == "initial" else None),
    ),
    mutant(
        "momentum-lost",
        "the converted layer has momentum 1, and its statistics stay",
        "running.rate",
        "gmalivenko/pytorch2keras#70",
        **_running(lambda running, _: {"rate": 0.0} if running.start == "initial" else None),
    ),
    mutant(
        "population-for-sample",
        "the variance kept is the population's and must be the sample's",
        "running.correction",
        "tenstorrent/tt-metal#55438",
        **_running(lambda _, __: {"correction": 0}),
    ),
    mutant(
        "sample-for-population-at-rank-4",
        "one of two code paths, that of images, keeps the sample's variance in place of the population's",
        "running.correction",
        "tensorflow/tensorflow#55545",
        **_running(lambda _, shape: {"correction": 1} if len(shape) == IMAGES else None),
    ),
    mutant(
        "cumulative-taken-for-moving",
        "an average over all batches is kept as a moving one of rate 0.1",
        "running.start",
        "pytorch/pytorch#31498",
        **_running(lambda running, _: {"rate": 0.1} if running.start == "debiased" and running.rate == 0 else None),
    ),
    mutant(
        "corrected-by-the-new",
        "r and d are those of the averages after the update of their step",
        "earlier",
        make=altered(_corrected_by_the_new),
    ),
)
"""Faults of how the state moves."""
