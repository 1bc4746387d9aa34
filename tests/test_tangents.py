"""Derivatives along a direction of x: the oracle's against a complex step through plain formulas, and what a layer without them gets."""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest

import normspec
from normspec.conformance.bounds import bounds
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.neighbours.derivatives import along, follows, has
from normspec.conformance.oracle import truth
from normspec.conformance.subject import Answer
from normspec.conformance.wire import receive_case, send_case
from normspec.load import deviations

pytestmark = pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated:DeprecationWarning")  # PyTorch's own, in forward mode

ALONG = [case for case in cases() if any(step.direction is not None for step in case.steps)]
DOUBLE = [case for case in ALONG if case.situation.dtype == "float64"]


def quantities(case):
    """Give the quantities of the steps whose derivatives go through statistics of their own x, by step and name."""
    for k, step in enumerate(case.steps):
        if follows(case, step):
            yield from ((f"{k}.tangent.{name}", step, name) for name in ("y", "dx", "dscale") if f"{k}.tangent.{name}" in truth(case))


def test_the_truth_is_the_derivative_of_the_formulas():
    """By another way of differentiating, through formulas that share no code with the reference."""
    compared = {}
    for case in filter(has, DOUBLE):
        for quantity, step, name in quantities(case):
            exact = np.asarray(truth(case)[quantity]).astype(np.float64)
            np.testing.assert_allclose(along(case, step)[name], exact, rtol=1e-12, atol=1e-13 * np.abs(exact).max())
            compared[case.spec.layer, name] = True
    assert len(compared) == 15 * 2 + 11


def test_so_it_is_where_a_direction_is_far_longer_than_the_divisor():
    """Of one value twice y moves by the direction less its mean, over the root of epsilon."""
    case = next(case for case in DOUBLE if case.id.startswith("layer-norm.tangent.y/last-along"))
    x, w = np.full((1, 2), 0.75), np.array([[64.0, -32.0]])
    spec = replace(case.spec, epsilon=1e-5, scale=False, shift=False)
    step = replace(case.steps[0], inputs={"x": x}, cotangent=np.ones((1, 2)), direction=w)
    far = replace(case, spec=spec, values={}, steps=(step,), situation=replace(case.situation, shape=(1, 2)))
    found = np.asarray(truth(far)["0.tangent.y"]).astype(np.float64)
    np.testing.assert_allclose(found, (w - w.mean()) / np.sqrt(1e-5), rtol=1e-15)


def test_float64_keeps_the_bounds_of_float64_and_float32_does_not():
    """Bounds are no wider than what they are of: a result in float32 is beyond them."""
    for case in filter(has, DOUBLE):
        allowed = bounds(case, truth(case))
        for quantity, step, name in quantities(case):
            exact, found = np.asarray(truth(case)[quantity]).astype(np.float64), along(case, step)[name]
            assert np.all(np.abs(found - exact) <= allowed[quantity]), (case.id, quantity)
            assert np.any(np.abs(exact.astype(np.float32) - exact) > allowed[quantity]), (case.id, quantity)


@pytest.mark.parametrize("name", ["reference:torch", "reference:jax", "torch", "torch:functional"])
def test_what_differentiates_is_judged(name):
    verdicts = {}
    known = () if name.startswith("reference:") else deviations(name)
    for case in ALONG:
        for check in judge(case, Answer(*answer_to(case, normspec.load(name))), known):
            assert check.verdict != "fails", (check.case, check.quantity, check.detail)
            verdicts[check.verdict] = verdicts.get(check.verdict, 0) + 1
    assert verdicts["conforms"] > 150


@dataclass
class Without:
    """A layer without derivatives along a direction, or with a text in the place of one."""

    layer: Any

    def load(self, values):
        self.layer.load(values)

    def forward(self, inputs, mode):
        return self.layer.forward(inputs, mode)

    def read(self):
        return self.layer.read()


class Forward(Without):
    """A layer that is differentiated forward alone."""

    def tangents(self, inputs, mode, dy, direction):
        found = self.layer.tangents(inputs, mode, dy, direction)
        return {"y": found["y"], **dict.fromkeys(found.keys() - {"y"}, "is differentiated once")}


@pytest.mark.parametrize(("layer", "judged"), [(Without, set()), (Forward, {"tangent.y"})])
def test_a_layer_is_asked_for_no_derivative_that_it_has_not(layer, judged):
    by = normspec.load("reference:torch")
    partly = replace(by, build=lambda spec, situation: layer(by.build(spec, situation)))
    checks = [check for case in ALONG[:8] for check in judge(case, Answer(*answer_to(case, partly))) if ".tangent." in check.quantity]
    assert {check.verdict for check in checks} == {"unsupported"} | ({"conforms"} if judged else set())
    assert {check.quantity.partition(".")[2] for check in checks if check.verdict == "conforms"} == judged
    assert {check.detail for check in checks if check.verdict == "unsupported"} == {"is differentiated once"}


def test_a_direction_goes_over_the_wire():
    stream = BytesIO()
    send_case(stream, ALONG[0])
    stream.seek(0)
    for sent, received in zip(ALONG[0].steps, receive_case(stream).steps, strict=True):
        np.testing.assert_array_equal(received.direction, sent.direction)
        np.testing.assert_array_equal(received.cotangent, sent.cotangent)
