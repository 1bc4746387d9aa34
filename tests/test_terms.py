"""The terms of every gradient, from formulas of their own: they add up to the oracle's, and what a wrong one would be."""

from dataclasses import replace

import numpy as np
import pytest
from alternative import drawn, shown, wide

from normspec.conformance.cases import cases
from normspec.conformance.cases.batch_norm import FIRST
from normspec.conformance.cases.layer_norm import LAST
from normspec.conformance.neighbours import batch_layer_norm, responses, slopes, styles, terms, thresholds, ways
from normspec.conformance.neighbours.gradients import (
    BENT,
    CONSTANT,
    DIVIDED,
    KINDS,
    LAYERED,
    RESPONDING,
    STYLED,
    THRESHOLDED,
    WITH_ONE_SCALE,
    kind_of,
)
from normspec.conformance.oracle import as_quad, truth
from normspec.dtypes import FLOATS, statistics
from normspec.layers import SPECS

USUAL = {"dx": terms.of_x, "dscale": terms.of_scale, "dshift": terms.of_shift}
OF_NORMAL = {"dscale": ways.of_scale, "dshift": ways.of_shift}
SUMS = (
    *((kind, OF_NORMAL) for kind in (DIVIDED, CONSTANT, WITH_ONE_SCALE)),
    (LAYERED, OF_NORMAL | {"dx": batch_layer_norm.of_x}),
    (BENT, OF_NORMAL | {"dx": slopes.of_x, "dalpha": slopes.of_alpha}),
    (RESPONDING, OF_NORMAL | {"dx": responses.of_x}),
    (THRESHOLDED, OF_NORMAL | {"dx": thresholds.of_x, "dthreshold": thresholds.of_threshold, "doffset": lambda p: p.offset}),
    (STYLED, {"dx": styles.of_content(terms.of_x), "dstyle": styles.of_style}),
)
"""What adds up the terms of a gradient, by the kind of the layer."""


@pytest.mark.parametrize("layer", SPECS)
def test_the_terms_of_every_gradient_add_up_to_the_oracles(layer):
    """Both come from the documented formula, but by different code: each checks the other."""
    sums = next((own for kind, own in SUMS if kind is kind_of(layer)), USUAL)
    compared = 0
    for case in cases(layer=layer):
        seen = truth(case)
        for k, parts in kind_of(layer).parts(case).items():
            for name, of in sums.items():
                if f"{k}.{name}" in seen:
                    must = seen[f"{k}.{name}"]
                    assert np.all(np.abs(np.reshape(of(parts), must.shape) - must) <= 1e-28 * np.max(np.abs(must))), (case.id, k, name)
                    compared += 1
    assert compared > 150 or not {"gradient.scale", "gradient.shift"} & SPECS[layer].laws.keys()


@pytest.mark.parametrize("layer", [layer for layer, kind in KINDS.items() if kind in (DIVIDED, WITH_ONE_SCALE)])
def test_the_direct_term_multiplies_as_the_layer_does(layer):
    """The output and the direct term of dx are x and dy times the same multiplier, which has formulas of its own here."""
    for case in cases(layer=layer):
        seen = truth(case)
        for k, parts in ways.parts(case).items():
            y, x, dy = seen[f"{k}.y"], as_quad(case.steps[k].inputs["x"], case), as_quad(case.steps[k].cotangent, case)
            if "shift" in case.values or getattr(case.spec, "rounding", "last") != "last" or not np.all(y == y):  # noqa: PLR0124
                continue
            if FLOATS[statistics(case.spec, case.situation.dtype)].bits < max(24, FLOATS[case.situation.dtype].bits):
                continue
            must = dy * (x if getattr(case.spec, "replaces", False) else y)
            assert np.all(np.abs(parts.direct * x - must) <= 1e-27 * np.max(np.abs(must))), (case.id, k)


def test_each_term_is_needed_for_the_sum():
    at = replace(FIRST, train_with="running", running=replace(FIRST.running, start="first"))
    case = drawn(at, (5, 3, 7), modes=("train", "train", "evaluate"), count=0)
    for parts in terms.parts(case).values():
        direct, mean, variance = (np.max(np.abs(wide(t(parts)))) for t in (terms.direct, terms.through_mean, terms.through_variance))
        assert direct > 0.1
        assert (mean > 0.01 and variance > 0.01) or parts.share is None
    assert [parts.share is None for parts in terms.parts(case).values()] == [False, False, True]


def test_a_gradient_with_a_term_dropped_is_what_that_formula_gives():
    case = drawn(LAST, (3, 7))
    x, dy, scale = (wide(a) for a in (case.steps[0].inputs["x"], case.steps[0].cotangent, case.values["scale"]))
    inverse = 1 / np.sqrt(x.var(axis=-1, keepdims=True) + case.spec.epsilon)
    normal, h = (x - x.mean(axis=-1, keepdims=True)) * inverse, dy * scale
    through_mean, through_variance = h.mean(axis=-1, keepdims=True), normal * (h * normal).mean(axis=-1, keepdims=True)
    for label, dx in (
        ("the mean's term dropped", inverse * (h - through_variance)),
        ("the variance's term dropped", inverse * (h - through_mean)),
        ("the variance's term negated", inverse * (h - through_mean + through_variance)),
        ("the way through the statistics dropped", inverse * h),
        ("the whole doubled", 2 * inverse * (h - through_mean - through_variance)),
        ("the mean's term over the kept axes", inverse * (h - h.mean(axis=0, keepdims=True) - through_variance)),
    ):
        np.testing.assert_allclose(wide(shown(case, f"gradient.x: {label}").seen["0.dx"]), dx, rtol=1e-12, atol=1e-14)


def test_a_sum_kept_along_another_axis_is_that_sum():
    case = drawn(FIRST, (5, 5, 5))
    dy = wide(case.steps[0].cotangent)
    found = wide(shown(case, "gradient.shift: the sum kept along another axis").seen["0.dshift"])
    np.testing.assert_allclose(found, dy.sum(axis=(0, 1)), rtol=1e-12)
