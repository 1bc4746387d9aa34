"""Gradients that are wrong in one term: what each of them would be, from the terms of the case."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from normspec.clauses import clause_id
from normspec.conformance.expectation import dtypes_of
from normspec.conformance.neighbours import batch_layer_norm, batch_renorm, full_norm
from normspec.conformance.neighbours import responses as r
from normspec.conformance.neighbours import slopes as b
from normspec.conformance.neighbours import styles as a
from normspec.conformance.neighbours import terms as t
from normspec.conformance.neighbours import thresholds as h
from normspec.conformance.neighbours import ways as w
from normspec.conformance.neighbours.alternative import Alternative, Shown, bounds_of
from normspec.conformance.oracle import truth
from normspec.layers.axes import others
from normspec.layers.fields import arrays_of
from normspec.records import Case

Part = Any
"""The parts of one step's gradient: `terms.Parts`, `ways.Ways`, `slopes.Slopes`, `responses.Responses`,
`thresholds.Thresholds` or `styles.Styles`."""


class Slip(NamedTuple):
    """One wrong gradient: whose it is (x, scale, shift), in words what is wrong, and by what it differs from the right one."""

    of: str
    words: str
    off_by: Callable[[Part], Any]


class Kind(NamedTuple):
    """Layers whose gradients are made of the same terms: how those are found, and what goes wrong with them."""

    parts: Callable[[Case], Mapping[int, Part]]
    slips: tuple[Slip, ...]


def _times(term: Callable[[Part], Any], factor: int) -> Callable[[Part], Any]:
    return lambda p: factor * term(p)


def _over_kept(term: Callable[..., Any]) -> Callable[[Part], Any]:
    """Give by what a term is off that is summed over the axes that are kept."""
    return lambda p: term(p, others(p.axes, p.dy.ndim)) - term(p)


def _along_another(total: Callable[..., Any]) -> Callable[[Part], Any]:
    """Give by what a sum is off that is kept along other axes than the parameters', one exchanged for another of its length."""

    def off_by(p: Part) -> Any:
        free, lengths = others(p.lie, p.dy.ndim), [p.dy.shape[a] for a in p.lie]
        exchanged = (tuple(sorted({*p.lie, b} - {a})) for a in p.lie for b in reversed(free))
        found = (axes for axes in exchanged if [p.dy.shape[a] for a in axes] == lengths)
        return total(p, next(found, p.lie)) - total(p)

    return off_by


def _as_own(p: t.Parts) -> Any:
    """Give by what dx is off where constants are taken for statistics of this x."""
    if p.share is not None:
        return p.h * 0
    return -p.inverse * (t.average(p, p.h) + p.normal * t.average(p, p.h * p.normal))


FACTORS = {"dropped": -1, "doubled": 1, "negated": -2}


def _slips(terms: Mapping[tuple[str, str], Callable[[Part], Any]]) -> tuple[Slip, ...]:
    return tuple(Slip(of, f"{term} {how}", _times(found, factor)) for (of, term), found in terms.items() for how, factor in FACTORS.items())


STANDARDIZED = Kind(
    t.parts,
    (
        *_slips(
            {
                ("x", "the direct term"): t.direct,
                ("x", "the mean's term"): t.through_mean,
                ("x", "the variance's term"): t.through_variance,
                ("x", "the way through the statistics"): lambda p: t.through_mean(p) + t.through_variance(p),
                ("x", "the whole"): t.of_x,
                ("scale", "the sum"): t.of_scale,
                ("shift", "the sum"): t.of_shift,
            }
        ),
        Slip("x", "the mean's term over the kept axes", _over_kept(t.through_mean)),
        Slip("x", "the variance's term over the kept axes", _over_kept(t.through_variance)),
        Slip("scale", "the sum kept along another axis", _along_another(t.of_scale)),
        Slip("shift", "the sum kept along another axis", _along_another(t.of_shift)),
    ),
)
OVER_ITSELF = _slips(
    {
        ("x", "the direct term"): lambda p: p.direct,
        ("x", "the way through the divisor"): lambda p: p.through,
        ("x", "the whole"): lambda p: p.direct + p.through,
        ("scale", "the sum"): w.of_scale,
    }
)
ALONG_ANOTHER = (
    Slip("scale", "the sum kept along another axis", _along_another(w.of_scale)),
    Slip("shift", "the sum kept along another axis", _along_another(w.of_shift)),
)
DIVIDED = Kind(
    w.parts,
    (
        *OVER_ITSELF,
        *_slips({("shift", "the sum"): w.of_shift}),
        *ALONG_ANOTHER,
    ),
)

WITH_ONE_SCALE = Kind(w.parts, OVER_ITSELF)
"""The scale is one number, so its sum is kept along no axis."""
BENT = Kind(
    b.parts,
    (
        *_slips({("x", "the whole"): b.of_x, ("alpha", "the sum"): b.of_alpha}),
        *_slips({("scale", "the sum"): w.of_scale, ("shift", "the sum"): w.of_shift}),
        Slip("x", "the slope counts as 1", b.without_slope),
        Slip("x", "alpha left out", b.without_alpha),
        Slip("alpha", "the slope counts as 1", b.alpha_without_slope),
        *ALONG_ANOTHER,
    ),
)
RESPONDING = Kind(
    r.parts,
    (
        *_slips(
            {
                ("x", "the way of x itself"): lambda p: p.dy,
                ("x", "the direct term"): lambda p: p.direct,
                ("x", "the way through the norm"): lambda p: p.through_norm,
                ("x", "the way through the mean of the norms"): lambda p: p.through_mean,
                ("x", "the whole"): r.of_x,
                ("scale", "the sum"): w.of_scale,
                ("shift", "the sum"): w.of_shift,
            }
        ),
        *ALONG_ANOTHER,
    ),
)
THRESHOLDED = Kind(
    h.parts,
    (
        *_slips(
            {
                ("x", "the direct term"): lambda p: p.direct,
                ("x", "the way through the mean square"): lambda p: p.through,
                ("x", "the whole"): h.of_x,
                ("scale", "the sum"): w.of_scale,
                ("shift", "the sum"): w.of_shift,
                ("threshold", "the sum"): h.of_threshold,
                ("offset", "the sum"): lambda p: p.offset,
            }
        ),
        Slip("x", "what the threshold stops counts", lambda p: p.stopped),
        Slip("x", "the whole of dy counts where the threshold is met", lambda p: p.tied),
        *ALONG_ANOTHER,
    ),
)

STYLED = Kind(
    a.parts,
    (
        *(slip._replace(off_by=a.of_content(slip.off_by)) for slip in STANDARDIZED.slips if slip.of == "x"),
        *_slips(
            {
                ("style", "the way through the mean"): a.through_mean,
                ("style", "the way through the deviation"): a.through_deviation,
                ("style", "the whole"): a.of_style,
            }
        ),
        Slip("style", "the values of x are counted for its own", a.counted_as_x),
    ),
)


def _of_side(term: str, which: int) -> Callable[[Part], Any]:
    return lambda p: getattr(p, term)[which]


SIDES = ("over the samples", "over the features")
LAYERED = Kind(
    batch_layer_norm.parts,
    (
        *_slips(
            {
                **{("x", f"the direct term {of}"): _of_side("direct", i) for i, of in enumerate(SIDES)},
                **{("x", f"the mean's term {of}"): _of_side("through_mean", i) for i, of in enumerate(SIDES)},
                **{("x", f"the variance's term {of}"): _of_side("through_variance", i) for i, of in enumerate(SIDES)},
                ("x", "the whole"): batch_layer_norm.of_x,
                ("scale", "the sum"): w.of_scale,
                ("shift", "the sum"): w.of_shift,
            }
        ),
        *ALONG_ANOTHER,
    ),
)


def _whole(case: Case) -> dict[int, Any]:
    return {k: truth(case)[f"{k}.dx"] for k in range(len(case.steps)) if f"{k}.dx" in truth(case)}


CONSTANT = Kind(_whole, _slips({("x", "the whole"): lambda dx: dx}))
"""The statistics are constants, so there is one term."""
KINDS = {
    "batch_renorm": Kind(batch_renorm.parts, STANDARDIZED.slips),
    "batch_layer_norm": LAYERED,
    "full_norm": Kind(full_norm.parts, STANDARDIZED.slips),
    **dict.fromkeys(("rms_norm", "lp_norm", "weight_norm", "local_response_norm", "spectral_norm"), DIVIDED),
    "scale_norm": WITH_ONE_SCALE,
    "dynamic_tanh": BENT,
    "global_response_norm": RESPONDING,
    "filter_response_norm": THRESHOLDED,
    "adaptive_instance_norm": STYLED,
    "feature_norm": CONSTANT,
}
"""Layers that are not of the kind that is standardized, or have other terms for it."""
CONSTANTS = Slip("x", "constants taken for statistics of this x", _as_own)


def kind_of(layer: str) -> Kind:
    """Give the kind of a layer."""
    return KINDS.get(layer, STANDARDIZED)


def slips_of(spec: Any, path: str) -> tuple[Slip, ...]:
    """Give the ways in which a gradient whose law is at this path could be wrong, in a layer of this spec or class of specs."""
    has_constants = any(f.name == "running" for f in fields(spec))
    return tuple(slip for slip in (*kind_of(spec.layer).slips, *((CONSTANTS,) if has_constants else ())) if path == f"gradient.{slip.of}")


def label_of(slip: Slip) -> str:
    """Give a wrong gradient in words, its law first."""
    return f"gradient.{slip.of}: {slip.words}"


def of_gradient(case: Case, path: str) -> Iterator[Alternative]:
    """Give a layer for each way in which a gradient, whose law is at this path, could be wrong."""
    shape = case.situation.shape
    for slip in slips_of(case.spec, path):
        if slip.of in {"x", *arrays_of(case.spec, shape)}:
            yield Alternative(clause_id(case.spec, path), label_of(slip), partial(_shown, case, slip), only=f"d{slip.of}")


def _shown(case: Case, slip: Slip) -> Shown:
    seen = {**truth(case)}
    for k, p in kind_of(case.spec.layer).parts(case).items():
        name = f"{k}.d{slip.of}"
        seen[name] = seen[name] + np.reshape(slip.off_by(p), np.shape(seen[name]))
    return Shown(seen, dtypes_of(case), partial(bounds_of, case, seen))
