"""Faults of the count."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, altered, moving, right
from normspec.conformance.mutants.record import mutant
from normspec.records import Arrays, Situation


def _observed(layer: Altered, inputs: Arrays) -> dict[str, Any]:
    """Give what one step sees, as the state of a layer that keeps nothing else."""
    alone = replace(layer.spec, running=replace(layer.spec.running, rate=1.0, start="initial"))
    other = right().build(alone, layer.situation)
    other.load(layer.owned("state", "parameter"))
    other.forward(inputs, "observe")
    return {name: a.astype(np.float64) for name, a in other.read().items() if name.startswith("running_")}


def _by_samples(layer: Altered, inputs: Arrays, before: Arrays, _: Arrays) -> Arrays:
    n = inputs["x"].shape[0]
    layer.memory["n"] = layer.memory.get("n", int(before["count"]) * n) + n
    share = n / layer.memory["n"]
    return {name: (1 - share) * before[name].astype(np.float64) + share * seen for name, seen in _observed(layer, inputs).items()}


def _fixed(layer: Altered, inputs: Arrays, before: Arrays) -> Arrays:
    rate = layer.spec.running.rate
    return {name: (1 - rate) * before[name].astype(np.float64) + rate * seen for name, seen in _observed(layer, inputs).items()}


def _accumulated(layer: Altered, inputs: Arrays, before: Arrays, _: Arrays) -> Arrays:
    rate = layer.spec.running.rate
    return {name: (1 - rate) * before[name].astype(np.float64) + seen for name, seen in _observed(layer, inputs).items()}


def _forgetting(layer: Altered, values: Arrays) -> None:
    layer.memory.clear()
    layer.right.load(values)


def _count(change: Callable[[Altered, Arrays, int, int], int]) -> Callable[[Altered, Arrays, Arrays, Arrays], Arrays]:
    return lambda layer, inputs, before, after: {"count": np.asarray(change(layer, inputs, int(before["count"]), int(after["count"])))}


def _counts(spec: Any, situation: Situation) -> bool:
    return "count" in spec.slots(situation.shape)


def _a_float(layer: Altered) -> Arrays:
    return {name: a.astype(np.float32) if name == "count" else a for name, a in layer.right.read().items()}


def _averaged(spec: Any, _: Any) -> bool:
    running = getattr(spec, "running", None)
    return running is not None and running.start == "debiased" and running.rate == 0


def _plain_rate(spec: Any, _: Any) -> bool:
    running = getattr(spec, "running", None)
    return running is not None and running.start == "initial" and 0 < running.rate < 1


def _by_samples_make() -> Any:
    made = moving(_by_samples)

    def make(spec: Any, situation: Any) -> Any:
        layer = made(spec, situation)
        assert isinstance(layer, Altered), "made here"
        layer.on_load = _forgetting
        return layer

    return make


MUTANTS = (
    mutant(
        "cumulative-by-samples",
        "an average over batches weighs each by its samples",
        "running.start",
        "pytorch/pytorch#31498",
        make=_by_samples_make(),
        where=_averaged,
    ),
    mutant(
        "debias-forgotten",
        "the first weights are not corrected for the start",
        "running.start",
        where=lambda spec, _: getattr(spec, "running", None) is not None and spec.running.start == "debiased" and spec.running.rate > 0,
        make=moving(lambda layer, inputs, before, _: _fixed(layer, inputs, before)),
    ),
    mutant(
        "first-batch-weighs-as-others",
        "the first observation is given the weight of any other",
        "running.start",
        where=lambda spec, _: getattr(spec, "running", None) is not None and spec.running.start == "first" and spec.running.rate < 1,
        make=moving(lambda layer, inputs, before, _: _fixed(layer, inputs, before)),
    ),
    mutant(
        "scale-factor-accumulated",
        "sums are kept whose common factor is not divided out",
        "update",
        "BVLC/caffe#4885",
        make=moving(_accumulated),
        where=_plain_rate,
        layers=("batch_norm", "instance_norm"),
    ),
    mutant("count-ends-at-100", "the count is clipped", "count", make=moving(_count(lambda *a: min(a[3], 100))), where=_counts),
    mutant(
        "count-by-samples",
        "the count rises by the samples of a batch",
        "count",
        make=moving(_count(lambda _, inputs, before, __: before + inputs["x"].shape[0])),
        where=_counts,
        layers=("batch_norm", "instance_norm"),
    ),
    mutant("count-a-float", "the count is a float", "count", make=altered(read=_a_float), where=_counts),
)
"""Faults of counts."""
