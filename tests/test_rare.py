"""Rare numbers and shapes: what is exact is so in any order, what is no number does not leak, and what is empty is judged."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from honest import blocked, pairwise, welford

import normspec
from normspec.conformance.bounds import bounds
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.expectation import expectation
from normspec.conformance.judge import judge
from normspec.conformance.oracle import truth
from normspec.conformance.subject import Answer

EXACT = [case for case in cases() if case.exact]
SPOILED = [case for case in cases() if case.id.endswith("-no-number/float32")]
EMPTY = [case for case in cases() if case.id.endswith("-empty/float32")]
REFERENCE = normspec.load("reference")


def two_passes(add):
    def moments(rows):
        mean = add(rows) / rows.dtype.type(len(rows))
        return mean, add((rows - mean) ** 2) / rows.dtype.type(len(rows))

    return moments


def one_pass(rows):
    reciprocal = rows.dtype.type(1 / len(rows))
    mean = np.cumsum(rows, axis=0)[-1] * reciprocal
    return mean, np.cumsum(rows * rows, axis=0)[-1] * reciprocal - mean * mean


def halves(rows):
    """Merge the moments of both halves, each taken so."""
    n = len(rows)
    if n == 1:
        return rows[0], rows[0] * 0
    (a, v), (b, w) = halves(rows[: n // 2]), halves(rows[n // 2 :])
    return a + (b - a) / 2, (v + w) / 2 + (b - a) ** 2 / 4


def updating(rows):
    mean, variance = welford(rows, (0,))
    return mean[0], variance[0]


ALGORITHMS = {
    "pairwise": two_passes(pairwise),
    "blocked": two_passes(blocked),
    "in a row": two_passes(lambda terms: np.cumsum(terms, axis=0)[-1]),
    "one pass": one_pass,
    "Welford": updating,
    "merged halves": halves,
}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_moments_of_exact_cases_are_the_same_in_float32_by_every_algorithm_and_in_any_order(algorithm):
    rng = np.random.default_rng(5)
    for case in EXACT:
        for step in case.steps:
            at = case.spec.geometry(step.inputs["x"].shape)
            x = np.moveaxis(step.inputs["x"].astype(np.float64).reshape(at.view), at.axes, range(len(at.axes))).reshape(at.n, -1)
            for _ in range(20):
                mean, variance = ALGORITHMS[algorithm](rng.permuted(x, axis=0).astype(np.float32))
                assert mean.dtype == variance.dtype == np.float32
                assert np.array_equal(mean, x.mean(axis=0))
                assert np.array_equal(variance, x.var(axis=0))
                assert np.ptp(variance) > 0 or x.shape[1] == 1


def test_of_other_numbers_they_are_not():
    x = np.random.default_rng(5).normal(size=(8, 999)).astype(np.float32)
    for name, algorithm in ALGORITHMS.items():
        assert np.sum(algorithm(x)[1] != x.astype(np.float64).var(axis=0).astype(np.float32)) > 100, name


def test_the_bound_of_what_is_exact_is_0_and_of_nothing_else():
    of = defaultdict(set)
    for case in EXACT:
        for expected in expectation(case):
            if np.size(expected.bound) and np.all(np.asarray(expected.bound) == 0) and expected.name in bounds_of(case):
                of[case.spec.layer].add(expected.name)
    state = {"running_mean", "running_variance"}
    assert of == {
        "batch_norm": {*state, "dshift"},
        "batch_renorm": state,
        "ghost_batch_norm": {*state, "dshift"},
        "instance_norm": {*state, "dshift"},
        "layer_norm": {"dshift"},
        "group_norm": {"dshift"},
        "conditional_instance_norm": {"dshift"},
        "conditional_batch_norm": {*state, "dshift"},
        "rms_norm": {"dshift"},
        "mean_variance_norm": {"y", "dx"},
        "feature_norm": {"mean", "variance"},
    }


def bounds_of(case):
    return {quantity.partition(".")[2] for quantity in bounds(case, truth(case))}


def failing(case, by=REFERENCE):
    return {check.quantity for check in judge(case, Answer(*answer_to(case, by))) if check.verdict == "fails"}


class Off:
    """A layer of which one quantity is off by one unit in its last place."""

    def __init__(self, layer, name):
        self.layer, self.name = layer, name

    def load(self, values):
        self.layer.load(values)

    def read(self):
        return self.off(self.layer.read())

    def forward(self, inputs, mode):
        y, pullback = self.layer.forward(inputs, mode)
        return y, pullback and (lambda dy: {n.removeprefix("d"): a for n, a in self.off(self.named(pullback(dy))).items()})

    def named(self, cotangents):
        return {f"d{name}": a for name, a in cotangents.items()}

    def off(self, arrays):
        return {name: np.nextafter(a, a.dtype.type(np.inf)) if name == self.name else a for name, a in arrays.items()}


@pytest.mark.parametrize("name", ["running_mean", "running_variance", "dshift", "mean", "variance"])
def test_one_unit_in_the_last_place_fails_there_and_passes_elsewhere(name):
    by = replace(REFERENCE, build=lambda spec, at: Off(REFERENCE.build(spec, at), name))
    shown = [case for case in EXACT if any(q.endswith(f".{name}") and q in truth(case) for q in bounds(case, truth(case)))]
    assert shown
    for case in shown:
        assert failing(case) == set()
        assert {q.partition(".")[2] for q in failing(case, by)} >= {name}
        assert not any(q.endswith(f".{name}") and q[0] == "0" for q in failing(replace(case, exact=False), by))


class Leaking(Off):
    """A layer whose values all share a sum: what is no number somewhere is none anywhere."""

    def off(self, arrays):
        return {name: a + 0 * a.sum() if name == "dx" else a for name, a in arrays.items()}

    def forward(self, inputs, mode):
        y, pullback = super().forward(inputs, mode)
        return y + 0 * y.sum(), pullback


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", SPOILED, ids=lambda case: case.spec.layer)
def test_what_is_no_number_must_not_leak_and_is_not_judged_itself(case):
    assert failing(case) == set()
    leaking = replace(REFERENCE, build=lambda spec, at: Leaking(REFERENCE.build(spec, at), ""))
    assert {"0.y", "0.dx"} - failing(case, leaking) <= ({"0.dx"} if case.spec.layer == "feature_norm" else set())  # its dx is of dy alone
    lost = {e.name: np.mean(np.isposinf(e.bound)) for e in expectation(case) if e.name in ("y", "dx")}
    assert 0 < lost["y"] < 0.5


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("case", SPOILED, ids=lambda case: case.spec.layer)
def test_all_else_is_what_it_is_without(case):
    (step,) = case.steps
    clean = np.where(np.isfinite(step.inputs["x"]), step.inputs["x"], np.float32(0.5))
    usual = {e.quantity: e.value for e in expectation(replace(case, steps=(replace(step, inputs={**step.inputs, "x": clean}),)))}
    for expected in expectation(case):
        if expected.name in ("y", "dx"):
            judged = np.isfinite(expected.bound)
            assert np.array_equal(np.asarray(expected.value)[judged], np.asarray(usual[expected.quantity])[judged])


def test_every_layer_but_one_of_a_single_statistic_has_such_a_case():
    assert {case.spec.layer for case in SPOILED} == set(normspec.layers.SPECS) - {"spectral_norm"}


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")  # sigma of an empty weight is 0
def test_empty_arrays_are_judged_by_their_shapes_and_sums_of_nothing_are_0():
    seen = set()
    for case in EMPTY:
        for expected in expectation(case):
            if expected.name in ("y", "dx"):
                assert np.size(expected.value) == 0
            if expected.name in ("dscale", "dshift") and np.size(expected.value):
                assert not np.any(expected.value)
                seen.add(case.spec.layer)
        assert failing(case) == set()
    assert seen >= {"layer_norm", "group_norm", "instance_norm", "rms_norm", "batch_norm", "weight_norm"}
    assert {case.steps[0].mode for case in EMPTY if case.spec.layer in ("batch_norm", "feature_norm")} == {"evaluate"}
