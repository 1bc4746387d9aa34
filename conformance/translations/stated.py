"""Stated inputs: what two layers are both played on, so that a difference in meaning becomes one in numbers.

x is normal noise of a fixed seed with `n` values to each of three statistics, of standard deviations 1, 0.1 and 0.01 and of means half
as large. The variance of the last, 1e-4, is small enough for epsilon to matter. Groups of channels are two, which stand for any number.
Where channels share a statistic and own nothing, as in a window over them or a largest singular value, there are 16, whatever n is.
Vectors that are born random are what many iterations on a weight that is a little other leave; from step to step it changes as little.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from normspec.conformance.wire import named
from normspec.dtypes import of_slots, output
from normspec.layers.fields import Slot, moves
from normspec.layers.geometry import per_statistic
from normspec.records import Array, Case, Mode, Situation, Step
from normspec.translation.layout import parameter_axes

SPREADS = (1.0, 0.1, 0.01)
STEPS = 3
"""Training steps."""
GROUPS = 2
CHANNELS = 16
LITTLE = 0.125
"""How much a weight changes, as a share of its size."""


def evaluated(spec: Any, situation: Situation, n: int) -> Case:
    """Give a case of one step in evaluation, after training: parameters and state are loaded."""
    rng = np.random.default_rng(0)
    at = _situation(spec, situation, n)
    values = {name: _value(rng, name, spec, at) for name in spec.slots(at.shape)}
    step = _step(rng, spec, at, "evaluate")
    return _case(spec, at, {**values, **_vectors(spec, at, step)}, (step,))


def trained(spec: Any, situation: Situation, n: int) -> Case:
    """Give a case of some training steps from the start: parameters are loaded, state is as it is born, unless that is random.

    Where state moves in other steps than those of training, one of them is before each.
    """
    rng = np.random.default_rng(1)
    at = _situation(spec, situation, n)
    slots = spec.slots(at.shape)
    values = {name: _value(rng, name, spec, at) for name, slot in slots.items() if slot.role == "parameter"}
    steps = [_step(rng, spec, at, mode) for mode in _modes(spec, slots) * STEPS]
    if any(_is_random(slot) for slot in slots.values()):
        x = steps[0].inputs["x"]
        steps = [replace(step, inputs={"x": (x + LITTLE * (step.inputs["x"] - x)).astype(x.dtype)}) for step in steps]
    return _case(spec, at, {**values, **_vectors(spec, at, steps[0])}, tuple(steps))


def retold(case: Case, spec: Any) -> Case:
    """Give the case of another spec with the same inputs, and the same values in its dtypes as far as it has them."""
    dtypes = of_slots(spec, case.situation)
    values = {**_vectors(spec, case.situation, case.steps[0]), **case.values}
    return _case(spec, case.situation, {name: a.astype(named(dtypes[name])) for name, a in values.items() if name in dtypes}, case.steps)


def few_groups(spec: Any) -> Any:
    """Give a layer with as few groups as stand for any number, and with ghosts of as few samples."""
    if hasattr(spec, "ghost_size"):
        return replace(spec, ghost_size=1)
    return replace(spec, groups=min(spec.groups, GROUPS)) if hasattr(spec, "groups") else spec


def has_sizes(spec: Any, rank: int) -> bool:
    """Tell whether a statistic may be one of any number of values: not where channels share it and own nothing, or there is none."""
    at = spec.at_rank(rank)
    where = at.geometry(_least(at, rank))
    return bool(where.axes) and (not parameter_axes(at) or bool(where.lie))


def _modes(spec: Any, slots: Mapping[str, Slot]) -> tuple[Mode, ...]:
    """Give the modes of one training step and of what is before it."""
    moving = moves(spec) if any(slot.role == "state" for slot in slots.values()) else ()
    return (*(moving[:1] if "train" not in moving else ()), "train")


def _is_random(slot: Slot) -> bool:
    return slot.role == "state" and slot.born is None


def _case(spec: Any, situation: Situation, values: Mapping[str, Array], steps: tuple[Step, ...]) -> Case:
    return Case(id="stated", clause=f"{spec.layer}.output", spec=spec, situation=situation, values=values, steps=steps)


def _situation(spec: Any, situation: Situation, n: int) -> Situation:
    """Give a situation of the same rank, with n values to each of the three statistics."""
    rank = len(situation.shape)
    over, spread = _axes(spec, rank)
    several = [(2 if n >= 2 ** len(over) else 1) if has_sizes(spec, rank) else CHANNELS for _ in over]
    if has_sizes(spec, rank) and over:
        several[-1] = n // prod(several[:-1])
    times = {**dict(zip(over, several, strict=True)), **dict.fromkeys(spread, len(SPREADS))}
    shape = tuple(times.get(axis, 1) * least for axis, least in enumerate(_least(spec.at_rank(rank), rank)))
    return Situation(shape=shape, dtype=situation.dtype, parameter_dtype=situation.parameter_dtype)


def _least(spec: Any, rank: int) -> tuple[int, ...]:
    """Give the shape of the smallest x: of one channel for each of the groups that there are, and else of lengths 1."""
    channels = getattr(spec, "channel_axes", ()) if hasattr(spec, "groups") else ()
    return tuple(spec.groups if axis in channels else 1 for axis in range(rank))


def _axes(spec: Any, rank: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Give the axes, or else the channels, that share a statistic; and the one along which three lie: the parameters', if it can be."""
    at = spec.at_rank(rank)
    least, own = _least(at, rank), parameter_axes(at)
    twice = [tuple(2 * n if a == axis else n for a, n in enumerate(least)) for axis in range(rank)]
    over = tuple(a for a in range(rank) if per_statistic(at, twice[a]) > 1) if has_sizes(spec, rank) else own
    kept = sorted((a for a in range(rank) if a not in over), key=lambda a: (a not in own, a))
    return over, tuple(kept[:1])


def _step(rng: np.random.Generator, spec: Any, at: Situation, mode: Mode) -> Step:
    _, kept = _axes(spec, len(at.shape))
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
        **dict.fromkeys(("shift", "alpha", "threshold", "offset"), rng.uniform(0.2, 0.9, slot.shape)),
        "mean": spread * rng.uniform(0.3, 0.7, slot.shape),
        "variance": spread**2 * rng.uniform(0.6, 1.7, slot.shape),
    }
    return np.asarray(drawn.get(name.removeprefix("running_"), STEPS)).astype(named(of_slots(spec, at)[name]))


def _vectors(spec: Any, at: Situation, step: Step) -> dict[str, Array]:
    """Give the first singular vectors of a weight a little other than that of a step, as far as a layer has them."""
    dtypes = {name: of_slots(spec, at)[name] for name, slot in spec.slots(at.shape).items() if _is_random(slot)}
    if not dtypes:
        return {}
    x = step.inputs["x"].astype(np.float64)
    other = x * (1 + LITTLE * np.random.default_rng(2).normal(size=x.shape))
    (axis,) = spec.at_rank(x.ndim).channel_axes
    u, _, v = np.linalg.svd(np.moveaxis(other, axis, 0).reshape(x.shape[axis], -1), full_matrices=False)
    return {name: {"u": u[:, 0], "v": v[0]}[name].astype(named(dtype)) for name, dtype in dtypes.items()}
