"""Bounds of adaptive instance normalization: docs/bounds.md, applied to each step of a case."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.bounds import standardize as s
from normspec.conformance.bounds.normalize import NOTHING
from normspec.layers.geometry import Geometry
from normspec.records import Case

Floats = Any


class Style(NamedTuple):
    """What the style gives: its deviation and its mean, the errors that these come with, and its deviations over what they make.

    Those, the `turned`, err by `turned_error`.
    """

    deviation: Floats
    mean: Floats
    error: Floats
    mean_error: Floats
    turned: Floats
    turned_error: Floats
    where: Geometry


def bounds(case: Case, seen: dict[str, Any]) -> dict[str, Any]:
    """Give the bound of every quantity that is not exact."""
    out: dict[str, Any] = {}
    for i, taken in enumerate(case.steps):
        if f"{i}.raised" in seen:
            continue
        dy = None if taken.cotangent is None else s.wide(taken.cotangent)
        shown = _step(case, s.wide(taken.inputs["x"]), of_style(case, s.wide(taken.inputs["style"])), dy)
        out |= s.rounded(case, {f"{i}.{name}": bound for name, bound in shown.items() if f"{i}.{name}" in seen}, seen)
    return out


def of_style(case: Case, style: Floats) -> Style:
    """Give what a style gives.

    Nothing is larger over the deviation that it has a part in than the root of n: so that bounds the error where the deviation is lost
    in the rounding of the mean. Where every value is 0, nothing is rounded.
    """
    where, spec = case.spec.geometry(style.shape), case.spec
    own = replace(spec, epsilon=spec.style_epsilon, epsilon_place="inside", correction=spec.style_correction)
    mean, variance = s.moments(own, style, where.axes)
    deviation, unit = np.sqrt(variance + spec.style_epsilon), 4 * s.roundoff(case) * s.growth(where.n)
    at = s.normalized(replace(case, spec=own), style, where.axes, (mean, variance), NOTHING, 1.0)
    flat, most = deviation == 0, 2 * np.sqrt(where.n)
    turned = np.where(flat, 0, at.normal)
    lost = np.where(mean == 0, 0, most)
    turned_error = np.where(flat, lost, np.minimum(at.error, most))
    error, mean_error = unit * (deviation + np.hypot(deviation, mean)), unit * np.hypot(np.sqrt(variance), mean)
    return Style(deviation, mean, error, mean_error, turned, turned_error, where)


def _step(case: Case, x: Floats, style: Style, dy: Floats | None) -> dict[str, Floats]:
    """Bound y and the cotangents: those of a scale and a shift that are given, and what comes of the errors of these."""
    where, unit = case.spec.geometry(x.shape), s.roundoff(case)
    at = s.normalized(case, x, where.axes, s.moments(case.spec, x, where.axes), NOTHING, 1.0)
    out = {"y": s.of_output(at, style.deviation, style.mean) + (np.abs(at.normal) + at.error) * style.error + style.mean_error}
    if dy is not None:
        size = replace(at, bracket=1.0, relative=0.0, error=0.0)
        out["dx"] = s.of_x(at, dy, style.deviation, where.axes) + s.of_x(size, dy, style.error, where.axes)
        lie = style.where.parameters.broadcast
        of = {name: bound.reshape(lie) for name, bound in s.of_parameters(case, at, dy, where.axes).items()}
        through, sums = (np.sum(np.abs(a), axis=where.axes).reshape(lie) for a in (dy * at.normal, dy))
        turned, n = np.abs(style.turned), style.where.n
        by_deviation = (of["dscale"] + 4 * unit * through) * turned + (through + of["dscale"]) * style.turned_error
        out["dstyle"] = (of["dshift"] + 2 * unit * sums) / n + by_deviation / max(n - case.spec.style_correction, 1)
    return out
