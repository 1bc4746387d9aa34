"""Grades: layers whose error grows in a known way are found to be what they are."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import normspec
from normspec.cli.app import app
from normspec.conformance.child import answer_to
from normspec.conformance.grades.grade import graded
from normspec.conformance.grades.ladder import SHAPES, points, rungs
from normspec.conformance.subject import Answer


class Plain:
    """Layer norm over the last axis in float32, its mean and variance by the functions given."""

    def __init__(self, spec, mean, variance):
        self.spec, self.mean, self.variance, self.own = spec, mean, variance, {}

    def load(self, values):
        self.own = dict(values)

    def read(self):
        return self.own

    def forward(self, inputs, _):
        x, e = inputs["x"], np.float32(self.spec.epsilon)
        mean = self.mean(x)
        inverse = 1 / np.sqrt(self.variance(x, mean) + e)
        normal = (x - mean) * inverse

        def pull(dy):
            h = dy * self.own["scale"]
            inner = (h - h.mean(-1, keepdims=True) - normal * (h * normal).mean(-1, keepdims=True)) * inverse
            return {"x": inner, "scale": (dy * normal).sum(0), "shift": dy.sum(0)}

        return normal * self.own["scale"] + self.own["shift"], pull


def plain_mean(x):
    return x.mean(-1, keepdims=True)


def low_mean(x):
    return x.astype(np.float16).astype(np.float32).mean(-1, keepdims=True)


def two_pass(x, mean):
    return ((x - mean) ** 2).mean(-1, keepdims=True)


def one_pass(x, mean):
    return np.maximum((x * x).mean(-1, keepdims=True) - mean * mean, 0)


def grades_of(mean, variance):
    right = normspec.load("reference:numpy")
    by = replace(right, build=lambda spec, _: Plain(spec, mean, variance))

    def ask(case):
        with np.errstate(all="ignore"):
            return Answer(*answer_to(case, by))

    found = graded("layer_norm", "float32", ask, None)
    return {g.quantity: g for g in found if g.variance == "two_pass"}


def test_the_textbooks_two_passes_are_standard_to_the_last_rung():
    found = grades_of(plain_mean, two_pass)
    assert found["y"].level == "standard"
    assert found["y"].held == found["y"].top == 14


def test_one_pass_is_fast_and_falls_off_where_squares_cancel():
    found = grades_of(plain_mean, one_pass)
    assert found["y"].level == "fast"
    assert 0 <= found["y"].held <= 6


def no_number_far_out(x, mean):
    found = one_pass(x, mean)
    return np.where(np.abs(mean) > 1000, np.nan, found).astype(np.float32)


def test_no_number_beyond_where_fast_is_judged_is_no_grade():
    found = grades_of(plain_mean, no_number_far_out)
    assert found["y"].level == "none"
    fast = grades_of(plain_mean, one_pass)["y"]
    assert fast.judged < fast.top


def test_what_ends_on_a_rung_has_no_grade_and_what_it_says_that_it_lacks_is_left_out():
    right = normspec.load("reference:numpy")

    def dying(case):
        far = np.abs(np.asarray(case.steps[0].inputs["x"]).astype(np.float64)).max() > 1000
        return Answer({"died": "crashed with SIGSEGV"}, {}) if far else Answer(*answer_to(case, right))

    def without(case):
        texts, arrays = answer_to(case, right)
        return Answer({"seen": {**texts["seen"], "0.gradients": "has no gradients"}}, {q: a for q, a in arrays.items() if q != "0.dx"})

    assert {g.level for g in graded("layer_norm", "float32", dying, None)} == {"none"}
    assert {g.quantity for g in graded("layer_norm", "float32", without, None)} == {"y"}
    assert list(graded("layer_norm", "float32", lambda _: Answer({"unsupported": "has no layer_norm"}, {}), None)) == []


def test_a_mean_of_half_precision_has_no_grade():
    found = grades_of(low_mean, two_pass)
    assert found["y"].level == "none"
    assert found["y"].held < 4


def test_the_reference_is_robust_in_every_layer_and_in_both_dtypes():
    by = normspec.load("reference:numpy")
    for layer in SHAPES:
        for dtype in ("float64", "float32"):
            found = list(graded(layer, dtype, lambda case: Answer(*answer_to(case, by)), None))
            assert {g.level for g in found} == {"robust"}
            assert all(g.held == g.top for g in found)
            assert {g.quantity for g in found} >= {"y", "dx"}


@pytest.mark.parametrize("layer", SHAPES)
def test_a_ladder_climbs_until_the_dtype_carries_no_more(layer):
    for spec, shape in points(layer, "float32", None).values():
        ladder = list(rungs(spec, shape, "float32"))
        ratios = []
        for rung in ladder:
            x = np.asarray(rung.case.steps[0].inputs["x"]).astype(np.float64).reshape(spec.geometry(shape).view)
            axes = spec.geometry(shape).axes
            ratios.append(np.median(np.abs(x.mean(axis=axes)) / x.std(axis=axes)))
        assert [rung.power for rung in ladder] == list(range(0, 2 * len(ladder), 2))
        assert np.allclose(np.log2(ratios[2:]), [rung.power for rung in ladder[2:]], rtol=0, atol=1)
        assert ladder[-1].power >= 12


def test_a_layer_that_takes_no_mean_has_no_grade():
    ended = CliRunner().invoke(app, ["grade", "torch", "--layer", "rms_norm"])
    assert ended.exit_code != 0
    assert "takes the mean away" in str(ended.exception)
