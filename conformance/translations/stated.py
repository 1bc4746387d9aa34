"""Stated inputs: what two layers are both played on, so that a difference in meaning becomes one in numbers.

x is normal noise of a fixed seed with `n` values to each of three statistics, of standard deviations 1, 0.1 and 0.01 and of means half
as large. The variance of the last, 1e-4, is small enough for epsilon to matter.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from normspec.conformance.wire import named
from normspec.dtypes import of_slots, output
from normspec.layers.geometry import per_statistic
from normspec.records import Array, Case, Mode, Situation, Step

SPREADS = (1.0, 0.1, 0.01)
STEPS = 3
"""Training steps."""
PARAMETERS = ("scale", "shift")


def evaluated(spec: Any, situation: Situation, n: int) -> Case:
    """Give a case of one step in evaluation, after training: parameters and state are loaded."""
    rng = np.random.default_rng(0)
    at = _situation(spec, situation, n)
    return _case(spec, at, {name: _value(rng, name, spec, at) for name in spec.slots(at.shape)}, (_step(rng, spec, at, "evaluate"),))


def trained(spec: Any, situation: Situation, n: int) -> Case:
    """Give a case of some training steps from the start: parameters are loaded, state is as it is born."""
    rng = np.random.default_rng(1)
    at = _situation(spec, situation, n)
    values = {name: _value(rng, name, spec, at) for name in spec.slots(at.shape) if name in PARAMETERS}
    return _case(spec, at, values, tuple(_step(rng, spec, at, "train") for _ in range(STEPS)))


def retold(case: Case, spec: Any) -> Case:
    """Give the case of another spec with the same inputs, and the same values in its dtypes as far as it has them."""
    dtypes = of_slots(spec, case.situation)
    return _case(
        spec, case.situation, {name: a.astype(named(dtypes[name])) for name, a in case.values.items() if name in dtypes}, case.steps
    )


def _case(spec: Any, situation: Situation, values: Mapping[str, Array], steps: tuple[Step, ...]) -> Case:
    return Case(id="stated", clause=f"{spec.layer}.output", spec=spec, situation=situation, values=values, steps=steps)


def _situation(spec: Any, situation: Situation, n: int) -> Situation:
    """Give a situation of the same rank, with n values to each of the statistics, which lie along the first axis that is kept."""
    over, kept = _axes(spec, len(situation.shape))
    shape = [1] * len(situation.shape)
    for axis in over:
        shape[axis] = 2 if n >= 2 ** len(over) else 1
    for axis in over[-1:]:
        shape[axis] = n // int(np.prod([shape[a] for a in over[:-1]]))
    for axis in kept[:1]:
        shape[axis] = len(SPREADS)
    return Situation(shape=tuple(shape), dtype=situation.dtype, parameter_dtype=situation.parameter_dtype)


def _axes(spec: Any, rank: int) -> tuple[list[int], list[int]]:
    """Give the axes over which statistics are taken, and the others."""
    alone = [per_statistic(spec, tuple(2 if a == axis else 1 for a in range(rank))) for axis in range(rank)]
    return [axis for axis in range(rank) if alone[axis] > 1], [axis for axis in range(rank) if alone[axis] == 1]


def _step(rng: np.random.Generator, spec: Any, at: Situation, mode: Mode) -> Step:
    kept = _axes(spec, len(at.shape))[1][:1]
    spread = np.reshape(SPREADS, [len(SPREADS) if axis in kept else 1 for axis in range(len(at.shape))]) if kept else SPREADS[0]
    x = (spread * (0.5 + rng.normal(size=at.shape))).astype(named(at.dtype))
    dy = rng.normal(size=at.shape).astype(named(output(spec, at)))
    return Step(mode=mode, inputs={"x": x}, cotangent=dy if mode == "train" else None)


def _value(rng: np.random.Generator, name: str, spec: Any, at: Situation) -> Array:
    """Draw a parameter, or a state as training on such x may have left it."""
    slot = spec.slots(at.shape)[name]
    spread = np.resize(SPREADS, slot.shape)
    drawn = {
        "scale": rng.uniform(0.6, 1.4, slot.shape),
        "shift": rng.uniform(0.2, 0.9, slot.shape),
        "running_mean": spread * rng.uniform(0.3, 0.7, slot.shape),
        "running_variance": spread**2 * rng.uniform(0.6, 1.7, slot.shape),
    }
    return np.asarray(drawn.get(name, STEPS)).astype(named(of_slots(spec, at)[name]))
