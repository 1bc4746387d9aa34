"""Probes: small scripts on which fields show. What is drawn depends on the probe's name and the shapes alone."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from itertools import product
from math import prod
from typing import Any
from zlib import crc32

import numpy as np

from normspec.clauses import clause_id
from normspec.conformance.identification.closeness import BEYOND
from normspec.conformance.identification.records import Ask, Look
from normspec.conformance.wire import named
from normspec.dtypes import of_inputs, of_slots
from normspec.errors import NormspecError, Unsupported
from normspec.layers.fields import inputs_of
from normspec.layers.geometry import per_statistic
from normspec.records import Array, Case, Mode, Situation, Step

GEOMETRY = (
    *("axes", "parameter_axes", "channel_axes", "batch_axes", "fraction", "groups", "ghost_size", "grouping", "scale_per"),
    *("before", "after", "edges"),
    *("divide", "correction", "scale", "shift", "invert", "observes", "order", "offset", "threshold", "style_correction"),
)
"""Fields that show on any x."""
POWER = ("coefficient", "exponent", "bias")
FLOOR = ("epsilon", "epsilon_place", "style_epsilon")
ITERATION = ("channel_axes", "iterations", "first", "evaluation", "replaces")
RUNNING = ("running", "running.rate", "running.start", "running.correction", "train_with", "observed", "renorm_rate", "rate")
CORRECTION = ("averaged", "floor", "r_min", "r_max", "d_max")
SIZES = {"large": 2.0**12, "even": 1.0, "small": 2.0**-6, "tiny": 2.0**-13, "least": 2.0**-21, "less": 2.0**-30, "nothing": 2.0**-42}
"""Sizes of x: an epsilon shows where the divisor is about as small as it."""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One script: the fields that show in it, its modes, and what x is drawn as: `offset` plus noise of about `spread`.

    `dtypes` are those of x and of parameters, where it is about these; else all is in the one dtype in which numbers are solved for.
    `count` is what the loaded state has seen. With `made`, the layer is made with x, a product of vectors and a little noise, as its
    weight. With `zeros`, x and what is loaded of a variance are 0 in places. With `apart`, no x is near 0, so that every
    square is beyond float16 and every sum of x within it.
    """

    name: str
    tells: tuple[str, ...]
    dtypes: tuple[str, str] | None = None
    modes: tuple[Mode, ...] = ("train",)
    spread: float = 1.0
    offset: float = 0.0
    count: int = 3
    made: bool = False
    zeros: bool = False
    apart: bool = False


def probes(layer: str) -> Iterator[Probe]:
    """Give the probes of a layer, but for that of one value."""
    trained: tuple[Mode, ...] = ("observe", "train", "observe", "evaluate") if layer == "feature_norm" else ("train", "train", "evaluate")
    for name, size in SIZES.items():
        geometry = GEOMETRY + POWER[:1] if name == "large" else GEOMETRY if name == "even" and layer != "local_response_norm" else ()
        yield Probe(name=name, tells=FLOOR + POWER + CORRECTION + geometry, spread=size)
    yield Probe(
        name="trained",
        tells=RUNNING + ITERATION + CORRECTION + (() if layer == "local_response_norm" else GEOMETRY + FLOOR),
        modes=(*trained, "freeze", "train"),
    )
    yield Probe(name="early", tells=RUNNING, modes=trained, count=0)
    yield Probe(name="zeros", tells=("at_zero", "zero_variance"), modes=("evaluate", "train"), zeros=True)
    yield Probe(name="made", tells=("initial_scale", "initial_alpha", "initial_offset", "warm_up"), modes=("evaluate",), made=True)
    yield Probe(name="offset", tells=("variance", "statistics_dtype"), dtypes=("float32", "float32"), offset=2.0**7)
    for dtype in ("float16", "bfloat16"):
        yield Probe(name=dtype, tells=("statistics_dtype", "output_dtype", "rounding", "running.state_dtype"), dtypes=(dtype, dtype))
        yield Probe(name=f"{dtype} mixed", tells=("statistics_dtype", "output_dtype", "rounding"), dtypes=(dtype, "float32"))
    if layer not in ("local_response_norm", "feature_norm"):  # windows of few squares stay small, and y may be as large as they
        yield Probe(name=BEYOND, tells=("statistics_dtype",), dtypes=("float16", "float32"), spread=3000.0, apart=True)


def born(layer: str, asked: Any, shape: tuple[int, ...], dtype: str, ask: Ask) -> dict[str, Array] | None:
    """Give the arrays that a layer shows before any are loaded, or None where it shows none: its caller owns them."""
    weight = np.random.default_rng(0).normal(size=shape) if hasattr(asked, "initial_scale") else None
    weight = None if weight is None else weight.astype(named(dtype))
    case = _case(layer, asked, Situation(shape=shape, dtype=dtype, parameter_dtype=dtype, weight=weight), {}, ())
    answer = ask(case)
    if "seen" not in answer.texts:
        trouble = "; ".join(f"{how}: {why}" for how, why in answer.texts.items())
        how = Unsupported if "unsupported" in answer.texts else NormspecError
        raise how(f"{layer} must be built for an x of shape {shape} to be identified, got {trouble}")
    return None if "born" in answer.texts["seen"] else {n.removeprefix("born."): a for n, a in answer.arrays.items()}


def case_of(probe: Probe, asked: Any, shape: tuple[int, ...], dtype: str, shown: Mapping[str, Array] | None) -> Case:
    """Give the case of a probe, the values loaded being those of the arrays shown, or of those that the layer asked for has."""
    rng = np.random.default_rng(crc32(f"{probe.name}{shape}".encode()))
    own = probe.dtypes or (dtype, dtype)
    situation = Situation(shape=shape, dtype=own[0], parameter_dtype=own[1])
    dtypes, slots = of_slots(asked, situation), asked.slots(shape)
    hidden = {n: slot.shape for n, slot in slots.items() if shown is None or slot.born is None}  # what is random is shown by none
    owned = {**hidden, **{n: np.shape(a) for n, a in (shown or {}).items()}}
    values = {name: _value(rng, name, of, probe) for name, of in owned.items()}
    with np.errstate(over="ignore"):  # what is beyond float16 is infinite there
        loaded = {name: a.astype(named(dtypes.get(name, "int64" if name == "count" else own[1]))) for name, a in values.items()}
    bare = [_step(rng, probe, shape, mode, own[0]) for mode in probe.modes]
    steps = tuple(replace(step, inputs={**step.inputs, **_beside(rng, probe, asked, situation)}) for step in bare)
    if not probe.made:
        return _case(probe.name, asked, situation, loaded, steps)
    return _case(probe.name, asked, replace(situation, weight=steps[0].inputs["x"]), {}, steps)


def looks(asked: Any, shape: tuple[int, ...], dtype: str, ask: Ask) -> Iterator[Look]:
    """Play every probe that can show a field of the layer, and give what can be looked at."""
    shown = born(asked.layer, asked, shape, dtype, ask)
    own = set(paths(asked))
    for probe in probes(asked.layer):
        if own & set(probe.tells):
            yield look(probe, case_of(probe, asked, shape, dtype, shown), ask)


def look(probe: Probe, case: Case, ask: Ask) -> Look:
    """Play a case."""
    return Look(probe.name, frozenset(probe.tells), case, ask(case), exact=probe.dtypes is None)


def of_one_value(found: Any, asked: Any, shape: tuple[int, ...], dtype: str, ask: Ask) -> Look | None:
    """Play the probe in which each statistic of the point found is taken over one value, if there is such an x."""
    sizes = [sorted({1, n, getattr(found, "groups", 1)}) for n in shape]
    for of in sorted(product(*sizes), key=prod, reverse=True):
        try:
            if per_statistic(found, of) == 1:
                probe = Probe(name="one value", tells=("one_value",), modes=("train", "evaluate"))
                case = case_of(probe, found, of, dtype, born(asked.layer, asked, of, dtype, ask))
                return look(probe, replace(case, spec=asked), ask)
        except NormspecError:  # no such layer on this x
            continue
    return None


def paths(spec: Any, prefix: str = "") -> tuple[str, ...]:
    """Give the path of every field that a spec may have, those of a record within it among them."""
    found = []
    for f in fields(spec):
        found += [prefix + f.name, *(paths(f.metadata["record"], f"{f.name}.") if f.metadata["record"] is not None else ())]
    return tuple(found)


def _case(name: str, spec: Any, situation: Situation, values: Mapping[str, Array], steps: tuple[Step, ...]) -> Case:
    return Case(id=f"identify/{name}", clause=clause_id(spec, "output"), spec=spec, situation=situation, values=values, steps=steps)


def _step(rng: np.random.Generator, probe: Probe, shape: tuple[int, ...], mode: Mode, dtype: str) -> Step:
    """Draw x, whose mean and size differ along every axis; a cotangent only where the dtype of y is known without the layer."""
    drift, size = np.zeros(shape), np.ones(shape)
    for axis, n in enumerate(shape):
        lie = tuple(n if a == axis else 1 for a in range(len(shape)))
        drift, size = drift + rng.normal(size=lie) * 0.4, size * rng.uniform(0.6, 1.5, size=lie)
    noise = rng.normal(size=shape)
    x = probe.offset + probe.spread * (size + noise / 32 if probe.made else noise * size + drift)
    x = np.zeros(shape) if probe.zeros else x
    x = probe.spread * rng.choice([-1.0, 1.0], size=shape) * rng.uniform(0.5, 1.5, size=shape) if probe.apart else x
    dy = rng.normal(size=shape).astype(named(dtype))
    smooth = mode != "observe" and probe.dtypes is None
    return Step(mode=mode, inputs={"x": x.astype(named(dtype))}, cotangent=dy if smooth else None)


def _beside(rng: np.random.Generator, probe: Probe, asked: Any, situation: Situation) -> dict[str, Array]:
    """Draw what a layer is given with x."""
    dtypes, given = of_inputs(asked, situation), inputs_of(asked, situation.shape)
    return {name: _value(rng, name, slot.shape, probe).astype(named(dtypes[name])) for name, slot in given.items()}


def _value(rng: np.random.Generator, name: str, shape: tuple[int, ...], probe: Probe) -> Array:
    sign, size = rng.choice([-1.0, 1.0], size=shape), rng.uniform(0.5, 1.6, size=shape)
    if name.endswith("mean") or name == "style":
        return probe.offset + probe.spread * sign * size
    if name.endswith("_deviation"):
        return probe.spread * size
    if name == "running_square":
        return (abs(probe.offset) + 1.6 * probe.spread) ** 2 + probe.spread**2 * size
    if name.endswith("variance"):
        variance = probe.spread**2 * size
        return np.where(np.arange(variance.size).reshape(shape) % 2, variance, 0.0) if probe.zeros else variance
    if name in ("u", "v"):
        return sign * size / np.sqrt(np.sum(size**2))
    return np.asarray(probe.count) if name == "count" else sign * size
