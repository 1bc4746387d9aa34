"""Derivatives along a direction that are wrong: those of a layer in which something that moves with x counts as a constant.

Each is taken by a complex step: what a formula of sums, products and powers gives for x + i t w has its derivative along w for
imaginary part, to the last digit of float64, if t is small; and what keeps its real part alone is a constant.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.bounds.local_response_norm import window
from normspec.conformance.bounds.standardize import wide
from normspec.conformance.expectation import dtypes_of
from normspec.conformance.lineage import values_at
from normspec.conformance.neighbours.alternative import Shown
from normspec.conformance.oracle import truth
from normspec.records import Case, Step

Kept = Callable[[str, Any], Any]
"""From a name, and what it is of, to that or its real part."""
T = 1e-30
"""The step: its square is nothing beside 1."""
DIVIDING = ("rms_norm", "lp_norm", "weight_norm", "scale_norm")
STANDARDIZED = (
    "batch_norm",
    "ghost_batch_norm",
    "layer_norm",
    "instance_norm",
    "group_norm",
    "mean_variance_norm",
    "weight_standardization",
    "conditional_instance_norm",
    "conditional_batch_norm",
)
USUAL: dict[str, Any] = {"order": 2.0, "fraction": 1.0, "divide": True}
"""What formulas of sums, products and powers say; powers of |x| and parts of x are not among them."""


def has(case: Case) -> bool:
    """Tell whether a case asks for derivatives along a direction, of a layer whose formulas are here."""
    usual = all(getattr(case.spec, name, value) == value for name, value in USUAL.items())
    return usual and any(follows(case, step) for step in case.steps)


def follows(case: Case, step: Step) -> bool:
    """Tell whether a step's derivatives go through statistics of its own x."""
    return step.direction is not None and (getattr(case.spec, "running", None) is None or step.mode == "train")


def shown(case: Case, constant: tuple[str, ...]) -> Shown:
    """Give what a layer shows for which these are constants: `mean`, `variance`, and of its pullback `inverse`, `normal` and `centre`."""
    seen = {**truth(case)}
    for k, step in enumerate(case.steps):
        if follows(case, step):
            found = along(case, step, constant)
            seen |= {f"{k}.tangent.{name}": a for name, a in found.items() if f"{k}.tangent.{name}" in seen}
    return Shown(seen, dtypes_of(case), dict)


def along(case: Case, step: Step, constant: tuple[str, ...] = ()) -> dict[str, Any]:
    """Give the derivatives of y and of the cotangents along the direction of a step, where what is named in `constant` has none."""
    x = step.inputs["x"]
    at = case.spec.geometry(x.shape)

    def kept(name: str, a: Any) -> Any:
        return a.real if name in constant else a

    z, g = (wide(x) + 1j * T * wide(step.direction)).reshape(at.view), wide(step.cotangent).reshape(at.view)
    with np.errstate(all="ignore"):
        found = FORMULAS.get(case.spec.layer, _normalized)(replace(case, values=values_at(case, step)), z, g, kept)
    return {name: np.imag(a).reshape(at.parameters.owned if name == "dscale" else x.shape) / T for name, a in found.items()}


def _normalized(case: Case, z: Any, g: Any, kept: Kept) -> dict[str, Any]:
    spec, at = case.spec, case.spec.geometry(case.situation.shape)
    scale = wide(case.values["scale"]).reshape(at.parameters.broadcast) if "scale" in case.values else np.ones(())
    takes, n = spec.layer not in DIVIDING, at.n if spec.layer not in DIVIDING[1:] else 1
    degrees = max(n - spec.correction, 1) if takes else n

    def total(a: Any) -> Any:
        return a.sum(axis=at.axes, keepdims=True)

    mean = total(z) / n if takes else np.zeros(())
    spread = z - kept("mean", mean)
    square = kept("variance", total(spread**2) / degrees)
    inverse, slope = _inverse(spec, square)
    normal, h, over = spread * inverse, g * scale, tuple(a for a in range(z.ndim) if a not in at.parameters.lie)
    own, turned = kept("inverse", inverse), kept("normal", normal)
    through = kept("normal", (z - kept("centre", mean)) * slope) * total(h * turned) / degrees
    dx = own * (h - (total(h) / n if takes else 0) - through)
    return {"y": normal * scale, "dx": dx, "dscale": (g * turned).sum(axis=over)}


def _inverse(spec: Any, square: Any) -> tuple[Any, Any]:
    """Give one over the divisor, and the root's own factor of its slope, which a floor does not have."""
    root = np.sqrt(square + spec.epsilon if spec.epsilon_place == "inside" else square)
    if spec.epsilon_place == "floor":
        floored = root.real < spec.epsilon
        return 1 / np.where(floored, spec.epsilon, root), np.where(floored, 0, 1 / root)
    return 1 / (root + spec.epsilon if spec.epsilon_place == "outside" else root), 1 / root


def _over_a_window(case: Case, z: Any, g: Any, kept: Kept) -> dict[str, Any]:
    spec = case.spec.at_rank(z.ndim)
    (axis,) = spec.channel_axes
    ones = window(np.ones(z.shape), axis, spec.before, spec.after)
    share = (spec.before + spec.after + 1) / ones if spec.edges == "valid" else ones * 0 + 1
    divisor = kept("variance", spec.bias + spec.coefficient * share * window(z**2, axis, spec.before, spec.after))
    power, own, x = divisor**-spec.exponent, kept("inverse", divisor), kept("normal", z)
    of_sums = g * x * own ** (-spec.exponent - 1) * share
    through = 2 * spec.coefficient * spec.exponent * x * window(of_sums, axis, spec.after, spec.before)
    return {"y": z * power, "dx": g * own**-spec.exponent - through}


def _over_sigma(case: Case, z: Any, g: Any, kept: Kept) -> dict[str, Any]:
    (axis,) = case.spec.at_rank(z.ndim).channel_axes
    lie = (z.shape[axis], *(n for a, n in enumerate(z.shape) if a != axis))
    outer = np.moveaxis(np.outer(wide(case.values["u"]), wide(case.values["v"])).reshape(lie), 0, axis)
    sigma = kept("variance", np.sum(outer * z))
    own = kept("inverse", sigma)
    return {"y": z / sigma, "dx": (g - outer * np.sum(g * kept("normal", z / sigma))) / own}


FORMULAS: dict[str, Callable[[Case, Any, Any, Kept], dict[str, Any]]] = {
    "local_response_norm": _over_a_window,
    "spectral_norm": _over_sigma,
}
"""From x and dy to y and the cotangents, of layers that are not over moments of their own."""
