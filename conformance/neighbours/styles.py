"""The terms of the gradients of what takes its deviation and its mean from another input, the style, which need not be of x's lengths."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.neighbours import terms as t
from normspec.conformance.oracle import as_quad
from normspec.records import Case

Quad = Any


class Styles(NamedTuple):
    """What the gradient of one step is made of: the parts of x, and those of the style, whose reduced axes keep length 1.

    `turned` are the deviations of the style over what they make. Of its values there are `n` for each statistic, and `degrees` is
    n - style_correction, or 1.
    """

    content: t.Parts
    turned: Quad
    n: int
    degrees: int


@lru_cache(maxsize=8)
def parts(case: Case) -> dict[int, Styles]:
    """Give the parts of every step that has a gradient to speak of, by its number."""
    return {k: _parts(case, k) for k in range(len(case.steps)) if t.has_gradient(case, k)}


def _parts(case: Case, k: int) -> Styles:
    style = t.taken(case, as_quad(case.steps[k].inputs["style"], case))
    where = case.spec.geometry(style.shape)
    n, degrees = where.n, max(where.n - case.spec.style_correction, 1)
    spread = style - t.total(style, where.axes) / n
    variance = t.taken(case, t.total(spread * spread, where.axes) / n) * n / degrees
    deviation = np.sqrt(variance + as_quad(case.spec.style_epsilon, case))
    turned = np.where(deviation > 0, spread / np.where(deviation > 0, deviation, deviation + 1), spread * 0)
    return Styles(t.parts_at(case, k, {"scale": deviation}), turned, n, degrees)


def of_content(of: Callable[[t.Parts], Quad]) -> Callable[[Styles], Quad]:
    """Give what is made of the parts of x alone."""
    return lambda p: of(p.content)


def through_mean(p: Styles) -> Quad:
    """Give the term of dstyle through its mean."""
    return p.turned * 0 + t.total(p.content.dy, p.content.axes) / p.n


def through_deviation(p: Styles) -> Quad:
    """Give the term of dstyle through its deviation."""
    return p.turned * t.total(p.content.dy * p.content.normal, p.content.axes) / p.degrees


def of_style(p: Styles) -> Quad:
    """Give dstyle."""
    return through_mean(p) + through_deviation(p)


def counted_as_x(p: Styles) -> Quad:
    """Give by what dstyle is off where its terms are divided by the number of values of x."""
    n = p.content.n
    return through_mean(p) * (p.n / n - 1) + through_deviation(p) * (p.degrees / np.maximum(n - p.n + p.degrees, 1) - 1)
