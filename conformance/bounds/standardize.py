"""Magnitudes and bounds of (x - mean) / divisor, in float64. Names as in docs/bounds.md; reduced axes keep length 1."""

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from normspec.dtypes import FLOATS, of_inputs, of_slots, output, statistics
from normspec.layers.geometry import Geometry
from normspec.records import Case

Floats = Any


def wide(array: Any) -> Floats:
    """Give any array as float64: a bound needs no more."""
    return np.asarray(array).astype(np.float64)


def roundoff(case: Case) -> float:
    """Give u, the roundoff of the dtype that the layer computes in."""
    return FLOATS[statistics(case.spec, case.situation.dtype)].roundoff


def growth(n: int) -> float:
    """Give G(n), by which an honest sum of n terms may err more than one rounding."""
    return 1 + n / 100


@dataclass(frozen=True)
class Normalized:
    """One normalization: its magnitudes, and the errors that it comes with.

    `error` bounds the normalized x, `form` what y errs besides where it is computed as x a + b, and `relative` 1 / divisor; `slope` is
    twice the divisor's derivative by the variance, `own` the share of x in its statistics (None where they are constants), `reach` the
    size of what the cotangent of the variance is multiplied by, and `n` the number of values per statistic.
    `kink` tells where the deviation is so near its floor that an honest one may be on the other side.
    """

    normal: Floats
    inverse: Floats
    slope: Floats
    reach: Floats
    bracket: Floats
    form: Floats
    error: Floats
    relative: Floats
    own: Floats | None
    n: Floats
    kink: Floats


def valid(x: Floats, axes: tuple[int, ...], mask: Any = None) -> tuple[Any, Floats]:
    """Give where x's values count in its statistics, and how many do for each."""
    where = np.broadcast_to(True if mask is None else mask, x.shape)
    return where, where.sum(axis=axes, keepdims=True)


def population(x: Floats, axes: tuple[int, ...], mask: Any = None) -> tuple[Floats, Floats]:
    """Give the mean and the variance of the population of valid values, 0 where there are none."""
    where, n = valid(x, axes, mask)
    n = np.maximum(n, 1)
    mean = x.sum(axis=axes, keepdims=True, where=where) / n
    return mean, ((x - mean) ** 2).sum(axis=axes, keepdims=True, where=where) / n


def moments(spec: Any, x: Floats, axes: tuple[int, ...], mask: Any = None) -> tuple[Floats, Floats]:
    """Give the mean and the variance that normalize where x's own do."""
    n = valid(x, axes, mask)[1]
    mean, variance = population(x, axes, mask)
    return mean, variance * n / np.maximum(n - spec.correction, 1)


def place(spec: Any) -> str:
    """Give epsilon's place: inside the root where a layer has no other."""
    found: str = getattr(spec, "epsilon_place", "inside")
    return found


def divisor(spec: Any, variance: Floats) -> tuple[Floats, Floats]:
    """Give 1 / divisor, and twice the divisor's derivative by the variance."""
    root = np.sqrt(variance)
    slope = np.where(root > 0, 1 / np.where(root > 0, root, 1), 0)
    if place(spec) == "inside":
        inverse = 1 / np.sqrt(variance + spec.epsilon)
        return inverse, inverse
    if place(spec) == "outside":
        return 1 / (root + spec.epsilon), slope
    return 1 / np.maximum(root, spec.epsilon), np.where(root > spec.epsilon, slope, 0)


def drifted(spec: Any, variance: Floats, error: Floats) -> Floats:
    """Give the relative error of 1 / divisor that comes of an error of the variance, be that larger than it: a root has no slope at 0."""
    base, less = variance + (spec.epsilon if place(spec) == "inside" else 0.0), np.minimum(error, variance)
    found = np.zeros(np.shape(variance))
    for e in (error, -less):  # the difference of two roots, without their cancellation, over the divisor that it leads to
        moved = np.abs(e) / np.where(e != 0, np.sqrt(base) + np.sqrt(base + e), 1)
        if place(spec) == "floor":
            moved = np.where(np.sqrt(variance) + moved > spec.epsilon, moved, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.maximum(found, np.where(moved > 0, moved * divisor(spec, variance + e)[0], 0))
    return found


def normalized(
    case: Case,
    x: Floats,
    axes: tuple[int, ...],
    used: tuple[Floats, Floats],
    drift: tuple[Floats, Floats],
    own: Any,
    mask: Any = None,
) -> Normalized:
    """Give the magnitudes where (mean, variance) are used, which came with errors (`drift`) of their own."""
    mean, variance = used
    if not getattr(case.spec, "divide", True):
        return _less_mean(case, x, axes, own, mask)
    inverse, slope = divisor(case.spec, variance)
    normal = (x - mean) * inverse
    n, mean_of_own = valid(x, axes, mask)[1], population(x, axes, mask)[0]
    own_variance = own is not None and getattr(case.spec, "variance", "two_pass") == "one_pass"
    condition = np.sqrt(1 + (mean * inverse) ** 2)
    kappa = condition ** (2 if own_variance else 1)
    bracket = 4 * roundoff(case) * growth(0 if own is None else int(n.max(initial=0))) * (1 + kappa)
    relative = drifted(case.spec, variance, drift[1])
    root, floored = np.sqrt(variance), place(case.spec) == "floor"
    return Normalized(
        normal=normal,
        inverse=inverse,
        slope=slope,
        reach=(np.maximum(np.abs(normal), np.abs(x - mean_of_own) * slope) + 1) * n / np.maximum(n - 1, 1),
        bracket=bracket,
        form=2 * roundoff(case) * (1 + condition),
        error=bracket * (np.abs(normal) + 1) + drift[0] * inverse + np.abs(normal) * relative,
        relative=relative,
        own=own,
        n=n,
        kink=floored & (np.abs(root - case.spec.epsilon) <= bracket * root),
    )


def _less_mean(case: Case, x: Floats, axes: tuple[int, ...], own: Any, mask: Any) -> Normalized:
    """Give the magnitudes where nothing is divided: no condition number, nothing of the variance, and an error of the size of x."""
    mean, variance = population(x, axes, mask)
    n = valid(x, axes, mask)[1]
    bracket = np.full_like(mean, 8 * roundoff(case) * growth(int(n.max(initial=0))))
    nothing = np.zeros_like(mean)
    return Normalized(
        normal=x - mean,
        inverse=nothing + 1,
        slope=nothing,
        reach=nothing,
        bracket=bracket,
        form=nothing,
        error=bracket * (np.abs(x - mean) + np.abs(mean) + np.sqrt(variance)),
        relative=nothing,
        own=own,
        n=n,
        kink=nothing,
    )


def of_output(at: Normalized, scale: Floats, shift: Floats) -> Floats:
    """Bound y."""
    return (at.error + at.form) * np.abs(scale) + at.bracket * np.abs(shift)


def of_x(at: Normalized, dy: Floats, scale: Floats, axes: tuple[int, ...]) -> Floats:
    """Bound the cotangent of x, whose parts are h, its mean, and reach times the mean of h times the normalized x."""
    h = np.abs(dy * scale)
    if at.own is None:
        return at.inverse * h * (at.bracket + at.relative)
    mean = h.sum(axis=axes, keepdims=True) / at.n
    product = (h * np.abs(at.normal)).sum(axis=axes, keepdims=True) / at.n
    size = h + at.own * (mean + at.reach * product)
    through_error = at.own * at.reach * (h * at.error).sum(axis=axes, keepdims=True) / at.n
    return at.inverse * (size * (at.bracket + at.relative) + through_error + at.kink * at.own * at.reach * product)


def of_parameters(case: Case, at: Normalized, dy: Floats, over: tuple[int, ...]) -> dict[str, Floats]:
    """Bound the cotangents of scale and shift, sums over the axes along which they are broadcast."""
    g, m = np.abs(dy), growth(prod(dy.shape[a] for a in over))
    dscale = (g * (at.error + 4 * roundoff(case) * m * np.abs(at.normal))).sum(axis=over)
    return {"dscale": dscale, "dshift": (g * 4 * roundoff(case) * m).sum(axis=over)}


def owned(case: Case, name: str, where: Geometry, born: float) -> Floats:
    """Give a parameter with the shape that broadcasts over the view of x, or what it would be born as where there is none."""
    return wide(case.values[name]).reshape(where.parameters.broadcast) if name in case.values else wide(born)


def step(case: Case, at: Normalized, dy: Floats | None, where: Geometry, scaled: Normalized | None = None) -> dict[str, Floats]:
    """Bound what a step shows: y and the cotangents, `dy` being in the view of x, and `scaled` what scale multiplies, if not `at`."""
    scale, shift = owned(case, "scale", where, 1.0), owned(case, "shift", where, 0.0)
    multiplied = at if scaled is None else scaled
    out = {"y": of_output(multiplied, scale, shift)}
    if dy is not None:
        out["dx"] = of_x(at, dy, scale, where.axes)
        of = of_parameters(case, multiplied, dy, tuple(a for a in range(at.normal.ndim) if a not in where.parameters.lie))
        out |= {name: np.reshape(bound, where.parameters.owned) for name, bound in of.items()}
    return out


def rounded(case: Case, bounds: dict[str, Floats], seen: dict[str, Any]) -> dict[str, Floats]:
    """Add the one rounding of each quantity to its own dtype, where that is narrower than the one computed in."""
    slots, given = of_slots(case.spec, case.situation), of_inputs(case.spec, case.situation)
    gradients = {f"d{name}": dtype for name, dtype in {**slots, **given}.items()}
    dtypes = {"y": output(case.spec, case.situation), "dx": case.situation.dtype, **slots, **gradients}
    out = {}
    for name, error in bounds.items():
        kind = FLOATS[dtypes[name.partition(".")[2].removeprefix("tangent.")]]
        size = np.abs(wide(seen[name]))
        size = np.where(np.isnan(size), 0, size)  # what is no number is equal or not, and has no rounding
        last = kind.roundoff * (size + error) if kind.roundoff > roundoff(case) else 0
        out[name] = error + last + kind.tiny
    return out
