"""Bounds, and the reference, where cases drawn by chance found them wrong: what was left out of the analysis of an error."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import normspec
from normspec.conformance.bounds import bounds
from normspec.conformance.bounds.standardize import drifted
from normspec.conformance.cases.batch_norm import FIRST as BATCH
from normspec.conformance.cases.draw import FLOAT32, HALF, Difficulty, Noise, cases
from normspec.conformance.cases.instance_norm import KEPT
from normspec.conformance.cases.mean_variance_norm import SPACE
from normspec.conformance.cases.spectral_norm import ITERATED
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.oracle import truth
from normspec.conformance.subject import Answer
from normspec.reference import feature_norm

REFERENCE = normspec.load("reference")
MEAN_ALONE = replace(SPACE, divide=False, epsilon=0.0)


def mean_alone(name, noise, dtype="float32"):
    (case,) = cases(
        Difficulty(about="output", name=name, spec=MEAN_ALONE, shapes=((5, 3, 7),), modes=("train",), dtypes=((dtype, dtype),), noise=noise)
    )
    return case


@pytest.mark.parametrize("k", range(30))
def test_where_nothing_is_divided_honest_values_of_any_size_conform(k):
    case = mean_alone(f"n{k}", Noise(spread=64.0))
    assert {check.quantity for check in judge(case, Answer(*answer_to(case, REFERENCE))) if check.verdict != "conforms"} == set()


@pytest.mark.parametrize("factor", [2.0**-6, 64.0])
def test_where_nothing_is_divided_the_bounds_are_in_the_unit_of_x(factor):
    case = mean_alone("unit", Noise(offset=3.0))
    (step,) = case.steps
    larger = replace(case, steps=(replace(step, inputs={"x": step.inputs["x"] * np.float32(factor)}),))
    one, other = (bounds(c, truth(c)) for c in (case, larger))
    assert np.allclose(other["0.y"], factor * one["0.y"], rtol=1e-12, atol=1e-40)
    assert np.array_equal(other["0.dx"], one["0.dx"])  # dx is dy less its mean, whatever x is


def test_a_running_statistic_may_be_the_mean_of_what_each_sample_makes_of_it():
    """At rate 0 that is the mean of 31 times the same number, which float32 sums to another one."""
    spec = replace(KEPT, running=replace(KEPT.running, rate=0.0))
    (case,) = cases(Difficulty(about="output", name="pooled", spec=spec, shapes=((31, 65, 2),), modes=("train",), dtypes=FLOAT32))
    old = case.values["running_variance"]
    found = np.repeat(old[:, None], 31, axis=1).sum(axis=1) / np.float32(31)
    error, bound = np.abs(found.astype(np.float64) - old), bounds(case, truth(case))["0.running_variance"]
    assert np.any(error > 2 * 2.0**-24 * old)  # more than the roundings of a state that is kept
    assert np.all(error <= bound)
    assert np.all(bound < 9 * 2.0**-24 * old)


@pytest.mark.parametrize("k", range(20))
def test_a_vector_that_is_kept_is_rounded_along_itself_too(k):
    """With one column u or v is 1 but for epsilon: float16 keeps it as one of its two neighbours, and sigma goes with it."""
    spec = replace(ITERATED, epsilon=2.0**-10, evaluation="kept", statistics_dtype="widened")
    told = {"name": f"row-{k}", "shapes": ((1, 2),), "modes": ("train", "evaluate"), "dtypes": HALF[:1]}
    (case,) = cases(Difficulty(about="output", spec=spec, **told))
    assert {check.quantity for check in judge(case, Answer(*answer_to(case, REFERENCE))) if check.verdict != "conforms"} == set()


def test_a_running_statistic_may_be_weighed_by_a_rounded_number():
    """After 1000 observations the weight of the next is 1 / 1001, and that of the old statistic is no number of float32 either."""
    spec = replace(BATCH, running=replace(BATCH.running, rate=0.0, start="debiased"))
    told = {"name": "weighed", "shapes": ((2, 1500),), "modes": ("train",), "dtypes": FLOAT32, "count": 1000}
    (case,) = cases(Difficulty(about="output", spec=spec, **told))
    seen, x, w = truth(case), case.steps[0].inputs["x"], np.float32(1 / 1001)
    found = (np.float32(1) - w) * case.values["running_mean"] + w * x.mean(axis=0)
    error = np.abs(found.astype(np.float64) - np.asarray(seen["0.running_mean"]).astype(np.float64).reshape(found.shape))
    assert found.dtype == np.float32
    assert np.max(error / bounds(case, seen)["0.running_mean"].reshape(found.shape)) <= 1
    assert np.max(error / np.abs(found)) > 2.1 * 2.0**-24  # more than two roundings


@pytest.mark.parametrize("place", ["inside", "outside", "floor"])
@pytest.mark.parametrize("error", [2.0**-60, 2.0**-24, 0.25])
def test_an_error_of_the_variance_moves_one_over_the_divisor_no_further_than_the_bound_says(place, error):
    epsilon, variance = 2.0**-5, np.array([0.0, 2.0**-60, 2.0**-24, 0.0009, 0.25, 16.0])

    def divisor(v):
        roots = {"inside": np.sqrt(v + epsilon), "outside": np.sqrt(v) + epsilon, "floor": np.maximum(np.sqrt(v), epsilon)}
        return roots[place]

    away = [np.abs(divisor(variance) / divisor(v) - 1) for v in (variance + error, np.maximum(variance - error, 0))]
    spec = SimpleNamespace(epsilon=epsilon, epsilon_place=place)
    relative = drifted(spec, variance, np.full(variance.shape, error))
    assert np.all(np.maximum(*away) <= relative + 2.0**-50)
    assert np.all(relative <= 1.001 * np.maximum(*away) + 2.0**-50) or place == "floor"


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_where_nothing_is_observed_yet_the_mean_that_is_loaded_leaves_no_trace(dtype):
    x = np.asarray([[0.1, 0.75, -3.3]], dtype)
    state = {"mean": np.asarray([-63.7, 1e9, 0.3], dtype), "variance": np.ones(3, dtype), "count": np.asarray(0)}
    _, after, _ = feature_norm(x, state, mode="observe", channel_axes=(1,), epsilon=0.0)
    assert np.array_equal(after["mean"], x[0])
    assert np.array_equal(after["variance"], np.zeros(3))
