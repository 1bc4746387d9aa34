"""A failing case made small: fewer steps, fewer numbers, and numbers that are short to write, as long as the same quantity fails."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from normspec.conformance.lineage import shaped
from normspec.errors import NormspecError
from normspec.layers.fields import inputs_of
from normspec.records import Array, Case, Step

PLAIN = {
    **dict.fromkeys(("scale", "alpha", "variance"), 1.0),
    **dict.fromkeys(("shift", "threshold", "offset", "mean"), 0.0),
    "count": 0,
    "running_square": 1.0,
    **{f"{of}_{name}": value for of in ("running", "renorm") for name, value in (("mean", 0.0), ("variance", 1.0), ("deviation", 1.0))},
}
"""Values that say nothing."""
BITS = (2, 4, 7)
"""Significant bits of numbers that are short to write."""
SEEDS = (0, 1)
FEW = 64
"""Numbers that are written one by one; more are drawn from a seed, if they fail as well."""

Failing = Callable[[Case, str], bool]
"""Whether a quantity of a case fails."""


def shrunk(case: Case, quantity: str, fails: Failing, seconds: float) -> tuple[Case, str]:
    """Give the smallest case that is found in so many seconds, and the quantity, whose step may have another number there."""
    until = time.monotonic() + seconds
    for changes in (_steps, _simpler, _shapes, _simpler, _shorter):
        going = True
        while going and time.monotonic() < until:
            going = False
            for smaller, named in changes(case, quantity):
                if time.monotonic() < until and fails(smaller, named):
                    case, quantity, going = smaller, named, changes in (_steps, _shapes)
                    break
    return case, quantity


def numbers(case: Case) -> int:
    """Give how many numbers a script of a case would have to say."""
    arrays = [a for step in case.steps for a in (*step.inputs.values(), step.cotangent, step.direction) if a is not None]
    return sum(np.size(a) for a in (*arrays, *case.values.values()))


def redrawn(case: Case) -> Iterator[tuple[Case, Mapping[str, str]]]:
    """Give the case with its large arrays drawn anew, of the same mean and size, and NumPy's words for each of them."""
    for seed in SEEDS:
        words: dict[str, str] = {}

        def anew(name: str, a: Array, words: dict[str, str] = words, seed: int = seed) -> Array:
            if a.dtype.kind in "iub" or a.size <= FEW // 4:
                return a
            made, words[name] = _drawn(a, seed + len(words), positive=name.endswith(("variance", "square", "deviation")))
            return made

        steps = tuple(_changed(step, anew, f"{k}.") for k, step in enumerate(case.steps))
        yield replace(case, steps=steps, values={n: anew(n, a) for n, a in case.values.items()}, exact=False), words


def _drawn(a: Array, seed: int, *, positive: bool) -> tuple[Array, str]:
    """Give whole numbers times a power of two, which every dtype holds, about a whole number of these."""
    finite = np.asarray(a, np.float64)
    finite = finite[np.isfinite(finite)]
    deviation = float(np.std(finite)) if finite.size else 0.0
    spread = float(2.0 ** np.round(np.log2(deviation))) / 32 if deviation else 2.0**-5
    offset = float(np.round(np.mean(finite) / spread / 128) * spread * 128) if finite.size and not positive else 0.0
    least = 1 if positive else -99
    drawn = np.random.default_rng(seed).integers(least, 100, a.shape) * spread + offset
    told = f"np.random.default_rng({seed}).integers({least}, 100, {a.shape}) * {spread!r}" + (f" + {offset!r}" if offset else "")
    return drawn.astype(a.dtype), told


def _steps(case: Case, quantity: str) -> Iterator[tuple[Case, str]]:
    """Give the case without the steps after the one that fails, then without each before."""
    number, _, name = quantity.partition(".")
    if number == "born":
        return
    k = int(number)
    if k + 1 < len(case.steps):
        yield replace(_taking(case, case.steps[: k + 1]), deferred=False), quantity
    if any(step.resumes is not None or step.anew for step in case.steps):
        yield replace(case, steps=tuple(replace(step, resumes=None, anew=False) for step in case.steps)), quantity
        return
    for j in range(k):
        yield _taking(case, case.steps[:j] + case.steps[j + 1 :]), f"{k - 1}.{name}"


def _simpler(case: Case, quantity: str) -> Iterator[tuple[Case, str]]:
    """Give the case without layouts, with every step alike, and with values that say nothing: all, or one by one."""
    if case.situation.layout:
        for layout in ((), *((one,) for one in case.situation.layout)):
            if layout != case.situation.layout:
                yield replace(case, situation=replace(case.situation, layout=layout)), quantity
    own = {n: np.full_like(a, PLAIN[n]) for n, a in case.values.items() if n in PLAIN and np.any(a != PLAIN[n])}
    if own:
        yield replace(case, values={**case.values, **own}, exact=False), quantity
    for name, a in own.items():
        yield replace(case, values={**case.values, name: a}, exact=False), quantity
    last = case.steps[-1]
    alike = tuple(replace(s, inputs=last.inputs, cotangent=None if s.cotangent is None else last.cotangent) for s in case.steps)
    if len(alike) > 1 and (last.cotangent is not None or all(s.cotangent is None for s in case.steps)):
        yield _taking(case, alike), quantity


def _shapes(case: Case, quantity: str) -> Iterator[tuple[Case, str]]:
    """Give the case with fewer places along one axis."""
    shape = case.situation.shape
    for axis, n in sorted(enumerate(shape), key=lambda pair: -pair[1]):
        for less in dict.fromkeys((1, 2, n // 2, n - 1)):
            if 0 < less < n:
                with suppress(NormspecError):
                    yield _cut(case, axis, less), quantity


def _cut(case: Case, axis: int, n: int) -> Case:
    shape = tuple(n if a == axis else m for a, m in enumerate(case.situation.shape))
    slots = case.spec.slots(shape)
    given = inputs_of(case.spec, shape)

    def cut(name: str, a: Array) -> Array:
        return a[tuple(map(slice, given[name].shape))] if name in given else _sliced(a, axis, n)

    steps = tuple(_changed(step, cut) for step in case.steps)
    values = {name: a[tuple(map(slice, slots[name].shape))] for name, a in case.values.items()}
    weight = case.situation.weight
    situation = replace(case.situation, weight=None if weight is None else _sliced(weight, axis, n))
    return _taking(replace(case, situation=situation, values=values, exact=False), steps)


def _taking(case: Case, steps: tuple[Step, ...]) -> Case:
    """Give the case with these steps in the place of its own, and with the shapes that their x have."""
    return replace(case, steps=steps, situation=shaped(case.situation, steps))


def _changed(step: Step, change: Callable[[str, Array], Array], within: str = "") -> Step:
    """Give a step with every array of it changed, by its name within something."""
    own = {name: None if a is None else change(within + name, a) for name, a in (("dy", step.cotangent), ("direction", step.direction))}
    inputs = {name: change(within + name, a) for name, a in step.inputs.items()}
    return replace(step, inputs=inputs, cotangent=own["dy"], direction=own["direction"])


def _sliced(a: Array, axis: int, n: int) -> Array:
    return a[(slice(None),) * axis + (slice(n),)]


def _shorter(case: Case, quantity: str) -> Iterator[tuple[Case, str]]:
    """Give the case with every number rounded to a few bits."""
    if prod(case.situation.shape) > FEW:
        return
    for bits in BITS:

        def shorter(_: str, a: Array, bits: int = bits) -> Array:
            return _rounded(a, bits)

        steps = tuple(_changed(step, shorter) for step in case.steps)
        yield replace(case, steps=steps, values={n: _rounded(a, bits) for n, a in case.values.items()}, exact=False), quantity


def _rounded(a: Any, bits: int) -> Array:
    if a.dtype.kind in "iub":
        return a
    with np.errstate(all="ignore"):
        part, power = np.frexp(a.astype(np.float64))
        return np.ldexp(np.round(part * 2.0**bits) / 2.0**bits, power).astype(a.dtype)
