"""A failing value is named by the neighbour that it equals, and by nothing where the data show none."""

from collections import Counter
from dataclasses import replace
from io import StringIO

import numpy as np
import plain
import pytest
from rich.console import Console

import normspec
from normspec.cli.tables import failures, summary
from normspec.conformance.cases import cases, draw
from normspec.conformance.cases.batch_norm import FIRST
from normspec.conformance.cases.layer_norm import LAST
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.neighbours import diagnosis
from normspec.conformance.neighbours.diagnosis import Memory, diagnosed
from normspec.conformance.subject import Answer

REFERENCE = normspec.load("reference:numpy")


def drawn(spec, *shapes, **rest):
    """Draw a case that is in no profile."""
    return next(draw.cases(draw.Difficulty(about="output", name="mine", spec=spec, shapes=shapes, **rest)))


def failing(implementation, chosen, memory=None):
    """Give the failing checks of these cases, diagnosed in one run."""
    memory = memory or Memory()
    found = []
    for case in chosen:
        with np.errstate(divide="ignore", invalid="ignore"):  # of a weight without values
            answer = Answer(*answer_to(case, implementation))
        found += [c for c in diagnosed(case, answer, judge(case, answer), memory) if c.verdict == "fails"]
    return found


def meaning(change):
    """Give the reference, but every layer that it builds has its spec changed."""
    return replace(REFERENCE, build=lambda spec, situation: REFERENCE.build(change(spec), situation))


def with_running(**changes):
    return lambda spec: replace(spec, running=replace(spec.running, **changes))


def kernel(gradient):
    """Give a layer norm over the last axis whose gradient is a function of the parts that the right one is made of."""

    class Layer:
        def load(self, values):
            self.values = dict(values)

        def read(self):
            return dict(self.values)

        def forward(self, inputs, _):
            x, scale, shift = inputs["x"], self.values["scale"], self.values["shift"]
            spread = x - x.mean(-1, keepdims=True)
            inverse = 1 / np.sqrt((spread * spread).mean(-1, keepdims=True) + LAST.epsilon)
            normal = spread * inverse

            def pullback(dy):
                h = dy * scale
                mean, variance = h.mean(-1, keepdims=True), normal * (h * normal).mean(-1, keepdims=True)
                dscale, dshift = ((dy * a).sum(axis=tuple(range(dy.ndim - 1))) for a in (normal, 1))
                return {"x": inverse * gradient(h, mean, variance), "scale": dscale, "shift": dshift}

            return normal * scale + shift, pullback

    def build(_, situation):
        layer = Layer()
        layer.values = {"scale": np.ones(situation.shape[-1], situation.dtype), "shift": np.zeros(situation.shape[-1], situation.dtype)}
        return layer

    return replace(REFERENCE, build=build)


KERNEL_CASES = (drawn(LAST, (5, 3, 7)), drawn(LAST, (3, 7)), drawn(LAST, (5, 3, 7), dtypes=draw.SINGLE[1:]))


@pytest.mark.parametrize(
    ("taken", "label"),
    [
        ((1, 0, 1), "the mean's term dropped"),
        ((1, 1, 0), "the variance's term dropped"),
        ((1, 1, -1), "the variance's term negated"),
        ((1, 2, 1), "the mean's term doubled"),
        ((1, 0, 0), "the way through the statistics dropped"),
        ((-1, -1, -1), "the whole negated"),
        ((0, 1, 1), "the direct term dropped"),
    ],
)
def test_a_gradient_wrong_in_a_term_is_named_by_the_term(taken, label):
    assert failing(kernel(lambda h, m, v: h - m - v), KERNEL_CASES) == []
    direct, mean, variance = taken
    checks = failing(kernel(lambda h, m, v: direct * h - mean * m - variance * v), KERNEL_CASES)
    assert {c.equals for c in checks} == {f"gradient.x: {label}"}
    assert {c.clauses for c in checks} == {("layer-norm.gradient.x",)}
    assert all(f"; equals {c.equals} to 0." in c.detail for c in checks)


def test_a_term_summed_over_the_wrong_axis_is_named():
    checks = failing(kernel(lambda h, m, v: h - h.mean(0, keepdims=True) - v + 0 * m), [drawn(LAST, (3, 7))])
    assert {c.equals for c in checks} == {"gradient.x: the mean's term over the kept axes"}


@pytest.mark.parametrize(
    ("change", "label", "clause"),
    [
        (with_running(rate=0.875), "running.rate = 0.875", "running.rate"),
        (with_running(correction=0), "running.correction = 0", "running.correction"),
        (with_running(initial_mean=0.5), "running.initial_mean = 0.5", "running.initial-mean"),
        (lambda spec: replace(spec, epsilon=2.0**-6), "epsilon = 0.015625", "epsilon"),
        (lambda spec: replace(spec, epsilon=1e-3), "epsilon = 0.001", "epsilon"),
        (lambda spec: replace(spec, epsilon_place="outside"), "epsilon_place = 'outside'", "epsilon-place"),
        (lambda spec: replace(spec, correction=1), "correction = 1", "correction"),
        (lambda spec: replace(spec, train_with="running"), "train_with = 'running'", "train-with"),
        (lambda spec: replace(spec, channel_axes=(2,)), "channel_axes = (-1,)", "channel-axes"),
    ],
)
def test_a_layer_of_a_neighbouring_meaning_is_named_by_it_in_every_dtype(change, label, clause):
    one = draw.Difficulty(about="output", name="mine", spec=FIRST, shapes=((5, 5, 5),), dtypes=draw.EVERY, noise=draw.Noise(spread=2.0**-4))
    chosen = tuple(draw.cases(one))
    checks = failing(meaning(change), chosen)
    assert {c.dtype for c in checks} >= {"float64", "float32"}
    assert {c.equals for c in checks} == {label}
    assert {c.clauses for c in checks} == {(f"batch-norm.{clause}",)}


@pytest.mark.parametrize(
    "changes",
    [
        {"weight": lambda running, k: 0.7 * plain.weight(running, k)},
        {"normalize": lambda x, m, r, s, t: (x - m) * r * s * x.dtype.type(1.01) + t},
        {"inverse_deviation": lambda v, s, _: 1 / np.sqrt(v + 3 * s.epsilon)},
        {"bessel": lambda n, _: n / max(n - 1.5, 1)},
    ],
)
def test_what_equals_no_neighbour_is_not_named(changes):
    chosen = [c for c in cases(profile="quick") if c.situation.dtype in ("float64", "bfloat16")]
    checks = failing(plain.implementation(**changes), chosen)
    assert len(checks) > 50
    assert {c.equals for c in checks} == {""}
    assert all("equals" not in c.detail for c in checks)


def test_errors_drawn_by_chance_are_never_named():
    """Each quantity off by its own multiple of its bound, between just beyond it and a million of them."""
    rng = np.random.default_rng(7)
    memory, failed = Memory(), 0
    for case in cases()[::16]:
        texts, arrays = answer_to(case, REFERENCE)
        checks = {c.quantity: c for c in judge(case, Answer(texts, arrays)) if c.ratio is not None and c.bound}
        with np.errstate(over="ignore"):
            for quantity, check in checks.items():
                noise = rng.normal(size=arrays[quantity].shape) * check.bound * 10 ** rng.uniform(0.5, 6)
                arrays[quantity] = (arrays[quantity].astype(np.float64) + noise).astype(arrays[quantity].dtype)
        memory.searches, memory.vain = 0, Counter()
        answer = Answer(texts, arrays)
        for check in diagnosed(case, answer, judge(case, answer), memory):
            failed += check.verdict == "fails"
            assert check.equals == "", check
    assert failed > 500


def test_two_faults_are_told_apart():
    both = meaning(lambda spec: with_running(rate=0.875)(replace(spec, epsilon=2.0**-6)))
    checks = failing(both, [drawn(FIRST, (5, 3, 7), noise=draw.Noise(spread=2.0**-4), modes=("train", "evaluate"))])
    by_name = {c.quantity: c.equals for c in checks}
    assert by_name["0.y"] == by_name["0.dx"] == "epsilon = 0.015625"
    assert by_name["0.running_mean"] == by_name["0.running_variance"] == "running.rate = 0.875"
    assert by_name["1.y"] == ""


def test_meanings_that_a_case_cannot_tell_apart_are_both_named_until_another_case_can():
    """Statistics that stay are those of rate 0, unless a first step has weight 1 whatever the rate."""
    still = plain.implementation(updates=lambda _: 0)
    alike = drawn(FIRST, (5, 3, 7))
    counted = drawn(replace(FIRST, running=replace(FIRST.running, start="first")), (5, 3, 7), count=0)
    memory = Memory()
    first = [c for c in failing(still, [alike], memory) if "running" in c.quantity]
    assert {c.equals for c in first} == {"running.rate = 0.0 or update: the statistics stay"}
    assert {c.clauses for c in first} == {("batch-norm.running.rate", "batch-norm.update")}
    between = failing(still, [counted], memory)
    after = failing(still, [alike], memory)
    assert {c.equals for c in (*between, *after)} == {"update: the statistics stay"}
    assert {c.clauses for c in (*between, *after)} == {("batch-norm.update",)}


def test_a_meaning_that_a_conforming_value_of_the_step_speaks_against_is_not_named():
    case = drawn(FIRST, (5, 3, 7), modes=("train",))
    texts, right = answer_to(case, REFERENCE)
    _, wrong = answer_to(case, meaning(with_running(rate=0.875)))
    answer = Answer(texts, {**right, "0.running_mean": wrong["0.running_mean"]})
    (check,) = (c for c in diagnosed(case, answer, judge(case, answer), Memory()) if c.verdict == "fails")
    assert (check.quantity, check.equals) == ("0.running_mean", "")
    answer = Answer(texts, {**right, **{q: wrong[q] for q in ("0.running_mean", "0.running_variance")}})
    assert {c.equals for c in diagnosed(case, answer, judge(case, answer), Memory()) if c.verdict == "fails"} == {"running.rate = 0.875"}


def test_a_wrong_dtype_or_a_missing_array_is_no_value_and_is_left_as_it_is():
    case = drawn(FIRST, (5, 3, 7), modes=("train",))
    texts, arrays = answer_to(case, REFERENCE)
    del arrays["0.dx"]
    answer = Answer(texts, {**arrays, "0.y": arrays["0.y"].astype(np.float32)})
    checks = tuple(judge(case, answer))
    assert [c.quantity for c in checks if c.verdict == "fails"] == ["0.y", "0.dx"]
    memory = Memory()
    assert diagnosed(case, answer, checks, memory) == checks
    assert memory == Memory()


def test_where_nothing_fails_nothing_is_tried(monkeypatch):
    monkeypatch.setattr(diagnosis, "alternatives", None)
    monkeypatch.setattr(diagnosis, "of_clause", None)
    assert failing(REFERENCE, cases()[::20]) == []


def test_searches_are_bounded_whatever_fails():
    memory = Memory()
    chosen = cases(layer="batch_norm")[::2]
    nonsense = plain.implementation(normalize=lambda x, *_: x + 1, weight=lambda *_: 0.3, through_statistics=False)
    checks = failing(nonsense, chosen, memory)
    assert len({c.case for c in checks}) > 100
    assert 0 < memory.searches <= diagnosis.SEARCHES
    assert max(memory.vain.values()) <= diagnosis.VAIN


def test_the_table_says_what_fails_by_what_it_equals_and_what_is_hidden_by_it():
    one = draw.Difficulty(about="running.rate", name="mine", spec=FIRST, shapes=((5, 3, 7),), dtypes=draw.SINGLE)
    checks = []
    for case in draw.cases(one):
        answer = Answer(*answer_to(case, meaning(with_running(correction=0))))
        checks += diagnosed(case, answer, judge(case, answer), Memory())
    failed = [c for c in checks if c.verdict == "fails"]
    lines = list(failures(checks))
    assert lines[0].startswith("fails batch-norm.running.correction: batch-norm.running.rate/mine/float64 0.running_variance is ")
    assert "; equals running.correction = 0 to 0." in lines[0]
    assert f"{len(failed)} of {len(failed)} failing checks equal running.correction = 0" in lines
    console = Console(width=200, file=StringIO())
    console.print(summary("failing", failed))
    said = console.file.getvalue()
    assert "hidden: what fails in its cases breaks other clauses" in " ".join(said.split())
    assert any("batch-norm.running.rate" in line and line.count("hidden") == 2 for line in said.splitlines())
