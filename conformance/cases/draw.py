"""Cases from a seed: the seed is the case's name, so a case is the same on every machine and whatever else is run.

Axis lengths are all different and no powers of two; scale and shift are never 1 and 0, values of state never 0 and 1; constants
are dyadic, so that 1 - rate and float32 attributes are exact in every dialect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

import numpy as np

from normspec.clauses import clause_id
from normspec.conformance.cases.numbers import dyadic, eighths, of_state, spoiled
from normspec.conformance.lineage import shaped
from normspec.conformance.wire import named
from normspec.dtypes import of_inputs, of_slots, output
from normspec.layers.fields import inputs_of
from normspec.records import Array, Arrays, Case, Layout, Mode, Situation, Step

SINGLE = (("float64", "float64"), ("float32", "float32"))
FLOAT32 = (("float32", "float32"),)
HALF = (("float16", "float16"), ("bfloat16", "bfloat16"))
MIXED = (("float16", "float32"), ("bfloat16", "float32"))
EVERY = SINGLE + HALF
ALL = EVERY + MIXED
ANY = ("float64", "float32", "float16", "bfloat16")
ONE = ("float32",)
Modes = tuple[Mode, ...]
Dtypes = tuple[tuple[str, str], ...]
LEAST = 2.0**-30
"""The least deviation of which a variance is loaded: its square is a normal number in float32."""
SMALL = 2.0**-10
"""The size of what is added to epsilon: about as large as that is."""
SEQUENCE: Modes = ("train", "evaluate", "train")
WITH_FREEZE: Modes = ("train", "evaluate", "freeze", "train")


@dataclass(frozen=True)
class Noise:
    """What x is drawn as: `offset` plus noise of about the size `spread`; with `flat`, `at` everywhere at the first index of that axis.

    Along the first two axes its mean differs by about `drift` times the spread. With `product`, it is a product of vectors and a 32nd of
    the noise: as a matrix, one singular value is far above the others. What is given with x and is like it has the spread `given`, if any.
    """

    offset: float = 0.0
    spread: float = 1.0
    drift: float = 0.5
    product: bool = False
    flat: int | None = None
    at: float = 0.75
    given: float | None = None


@dataclass(frozen=True, kw_only=True)
class Difficulty:
    """What a case is about, before it is drawn in each dtype.

    `about` is the path of a field or law. `shapes` are those of x, step by step; the last serves for the steps after it. `count`
    is the number of steps that the loaded state has already seen; with `repeat`, every step has the first one's x and cotangent.
    With `masked`, every step has a mask along all but the channel axes, true at two places of every statistic; where x is `hidden`, too,
    it is no number and dy 0 where the mask is false. With `made`, the layer is made with the first x as its weight, and nothing is loaded.
    With `tangents`, derivatives along a direction of x are asked for, and nothing else. x is cut into `shards`, if there are any.
    `given` are the shapes of what is given with x and need not have the one that the spec says, if there are any.
    Without `gradients`, none are asked for. Arrays lie in memory as `layout` says; what is `expanded` is the same along its first axis.
    With `exact`, no sum of the numbers is rounded; a scale that is `coarse` has 6 digits after the point, so that scale - 1 is rounded in
    no dtype; with `spoiled`, the first statistic has no number and an infinite one among its values.
    What is `tied` has the shift for its threshold.
    `resumes` has pairs of a step and the one that it resumes, and the steps `anew` are of a new layer. In the dtypes of x named by `quick`
    the case is in the quick profile: in `ANY` where compilers have compiled it already.
    """

    about: str
    name: str
    spec: Any
    shapes: tuple[tuple[int, ...], ...]
    modes: Modes = SEQUENCE
    dtypes: tuple[tuple[str, str], ...] = SINGLE
    noise: Noise = Noise()
    count: int = 3
    repeat: bool = False
    deferred: bool = False
    tangents: bool = False
    masked: bool = False
    hidden: bool = False
    made: bool = False
    gradients: bool = True
    given: tuple[tuple[str, tuple[int, ...]], ...] = ()
    layout: tuple[tuple[str, Layout], ...] = ()
    shards: tuple[int, ...] = ()
    exact: bool = False
    coarse: bool = False
    spoiled: bool = False
    tied: bool = False
    resumes: tuple[tuple[int, int], ...] = ()
    anew: tuple[int, ...] = ()
    quick: tuple[str, ...] = ()


def cases(d: Difficulty, seed: int = 0) -> Iterator[Case]:
    """Give the case in each of its dtypes, of the same numbers rounded to them. Another seed gives other numbers."""
    clause, again = clause_id(d.spec, d.about), f"#{seed}" if seed else ""
    rng = np.random.default_rng(crc32(f"{clause}/{d.name}{again}".encode()))
    slots = {} if d.made else d.spec.slots(d.shapes[0])
    values = {name: _owned(rng, name, slot.shape, d) for name, slot in slots.items()}
    values |= {"threshold": values["shift"]} if d.tied else {}
    drawn = tuple(_steps(rng, d))
    for dtype, parameter_dtype in d.dtypes:
        made = Situation(shape=d.shapes[0], dtype=dtype, parameter_dtype=parameter_dtype, layout=d.layout, shards=d.shards)
        situation = shaped(made, drawn)
        dtypes = of_slots(d.spec, situation)
        given = of_inputs(d.spec, situation)
        steps = tuple(_rounded(step, {"x": dtype, **given}, output(d.spec, situation)) for step in drawn)
        yield Case(
            id=f"{clause}/{d.name}/{dtype}{'' if dtype == parameter_dtype else f'+{parameter_dtype}'}{again}",
            clause=clause,
            spec=d.spec,
            situation=replace(situation, weight=steps[0].inputs["x"]) if d.made else situation,
            values={name: a.astype(named(dtypes[name])) for name, a in values.items()},
            steps=steps,
            deferred=d.deferred,
            exact=d.exact,
            quick=dtype in d.quick,
        )


def _rounded(step: Step, dtypes: Mapping[str, str], of_y: str) -> Step:
    """Give a step of the same numbers, rounded to the dtypes of its inputs and of y."""
    cotangent = None if step.cotangent is None else step.cotangent.astype(named(of_y))
    direction = None if step.direction is None else step.direction.astype(named(dtypes["x"]))
    inputs = {name: a.astype(named(dtypes[name])) if name in dtypes else a for name, a in step.inputs.items()}
    return replace(step, inputs=inputs, cotangent=cotangent, direction=direction)


def _steps(rng: np.random.Generator, d: Difficulty) -> Iterator[Step]:
    drawn, resumes = [_step(rng, d, k) for k in range(len(d.modes))], dict(d.resumes)
    beside = [_beside(rng, d, x.shape) for x, _ in drawn]
    for k, (mode, (x, dy)) in enumerate(zip(d.modes, [drawn[0]] * len(drawn) if d.repeat else drawn, strict=True)):
        masks = {"mask": _mask(rng, d, x.shape)} if d.masked else {}
        under = masks.get("mask", True) if d.hidden else True  # where x is a number
        cotangent = None if mode == "observe" or not d.gradients else np.where(under, dy, 0)
        inputs = {"x": np.where(under, x, np.nan), **beside[0 if d.repeat else k], **masks}
        direction = d.noise.spread * rng.normal(size=x.shape) if d.tangents else None
        yield Step(mode=mode, inputs=inputs, cotangent=cotangent, direction=direction, resumes=resumes.get(k), anew=k in d.anew)


def _step(rng: np.random.Generator, d: Difficulty, k: int) -> tuple[Array, Array]:
    """Draw x and a cotangent."""
    shape = d.shapes[min(k, len(d.shapes) - 1)]
    if d.exact:
        return dyadic(rng, d.spec.geometry(shape), shape), eighths(rng, shape)
    x = _noisy(rng, d, shape)
    x = spoiled(x, d.spec.geometry(shape)) if d.spoiled else x
    return _spread_out(x, "x", d), _spread_out(rng.normal(size=shape), "dy", d)


def _noisy(rng: np.random.Generator, d: Difficulty, shape: tuple[int, ...]) -> Array:
    """Draw an x, or what is like one, whose mean and size differ along its first two axes."""
    drift, size = np.zeros(shape), np.ones(shape)
    for axis in range(min(2, len(shape))):
        lie = tuple(n if a == axis else 1 for a, n in enumerate(shape))
        drift, size = drift + rng.normal(size=lie) * d.noise.drift, size * rng.uniform(0.7, 1.4, size=lie)
    noise = rng.normal(size=shape)
    x = d.noise.offset + d.noise.spread * (size + noise / 32 if d.noise.product else noise * size + drift)
    if d.noise.flat is not None:
        x[(slice(None),) * d.noise.flat + (0,)] = d.noise.at
    return x


def _beside(rng: np.random.Generator, d: Difficulty, shape: tuple[int, ...]) -> Arrays:
    """Draw what a layer is given with x: like x, or like what other layers own."""
    slots, lengths = inputs_of(d.spec, shape), dict(d.given)
    like = d if d.noise.given is None else replace(d, noise=replace(d.noise, spread=d.noise.given))
    return {
        name: _noisy(rng, like, lengths.get(name, slot.shape)) if slot.role == "input" else _owned(rng, name, slot.shape, d)
        for name, slot in slots.items()
    }


def _spread_out(a: Array, name: str, d: Difficulty) -> Array:
    """Give an array, the same along its first axis where it is to lie there once."""
    return np.broadcast_to(a[:1], a.shape) if (name, "expanded") in d.layout else a


def _mask(rng: np.random.Generator, d: Difficulty, shape: tuple[int, ...]) -> Array:
    kept = getattr(d.spec.at_rank(len(shape)), "channel_axes", ())
    mask = rng.random(tuple(1 if axis in kept else n for axis, n in enumerate(shape))) < 0.6  # noqa: PLR2004 - more true than false
    along = max(axis for axis, n in enumerate(mask.shape) if n > 1)
    mask[(slice(None),) * along + (slice(2),)] = True
    return mask


def _owned(rng: np.random.Generator, name: str, shape: tuple[int, ...], d: Difficulty) -> Array:
    found = of_state(rng, name, shape) if d.exact else None
    return _value(rng, name, shape, d) if found is None else found


def _value(rng: np.random.Generator, name: str, shape: tuple[int, ...], d: Difficulty) -> Array:
    sign = rng.choice([-1.0, 1.0], size=shape)
    match name:
        case "scale":
            scale = sign * rng.choice([0.6, 1.4], size=shape) * rng.uniform(0.9, 1.1, size=shape)
            return np.round(64 * scale) / 64 if d.coarse else scale
        case "shift" | "alpha" | "threshold" | "offset":
            return sign * rng.uniform(0.2, 0.9, size=shape) * (SMALL if name == "offset" else 1.0)
        case "u" | "v":
            vector = sign * rng.uniform(0.4, 1.4, size=shape)
            return vector / np.sqrt(np.sum(vector**2))
        case "count":
            return np.asarray(d.count)
        case _:
            return _statistic(rng, name.rpartition("_")[2], sign, d.noise)


def _statistic(rng: np.random.Generator, kind: str, sign: Array, noise: Noise) -> Array:
    """Draw a mean, a variance, a mean of squares (beyond the square of any mean) or a deviation that is kept."""
    size, shape = max(noise.spread, LEAST), sign.shape
    if kind == "mean":
        return noise.offset + noise.spread * sign * rng.uniform(0.2, 0.9, size=shape)
    if kind in ("variance", "square"):
        least = (abs(noise.offset) + noise.spread) ** 2 if kind == "square" else 0.0
        return least + size**2 * rng.choice([0.6, 1.7], size=shape) * rng.uniform(0.9, 1.1, size=shape)
    return size * rng.permutation(np.resize([0.6, 1.9], sign.size)).reshape(shape) * rng.uniform(0.9, 1.1, size=shape)
