"""Scripts that resume: which state a step starts from, and what is expected of it there."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

import normspec
from normspec.conformance.cases import case_of, cases
from normspec.conformance.expectation import expectation
from normspec.conformance.lineage import LOADED, before, lineage
from normspec.conformance.oracle import truth
from normspec.conformance.play import play
from normspec.conformance.wire import receive_case, send_case

RATE = 0.125


@pytest.fixture(scope="module")
def script():
    (found,) = (case for case in cases(layer="batch_norm") if case.id == "batch-norm.update/last-resumed/float32")
    return found


def expected(case, quantity):
    (found,) = (e for e in expectation(case) if e.quantity == quantity)
    return found


def test_a_step_starts_from_the_one_before_or_from_the_one_that_it_resumes(script):
    assert [step.resumes for step in script.steps] == [None, None, None, 0, -1, None, None, None, None, 5]
    assert [before(script, k) for k in range(10)] == [LOADED, 0, 1, 0, LOADED, 4, 5, 6, 7, 5]
    assert lineage(script, 9) == (4, 5, 9)


def observed(script, k):
    return np.asarray(script.steps[k].inputs["x"]).astype(np.float64).mean(axis=(0, 1))


def test_what_is_reset_moves_from_what_was_loaded(script):
    moved = script.values["running_mean"] * (1 - RATE) + observed(script, 4) * RATE
    assert np.allclose(np.asarray(truth(script)["4.running_mean"]).astype(np.float64), moved, rtol=1e-7, atol=0)


def test_what_resumes_moves_from_what_was_shown_there(script):
    there = np.asarray(truth(script)["5.running_mean"]).astype(np.float64)
    moved = there * (1 - RATE) + observed(script, 9) * RATE
    assert np.allclose(np.asarray(truth(script)["9.running_mean"]).astype(np.float64), moved, rtol=1e-7, atol=0)


def test_what_stays_is_what_it_was_at_the_step_that_is_resumed(script):
    assert expected(script, "3.running_mean").same_as == "0.running_mean"
    assert expected(script, "5.running_mean").same_as == "4.running_mean"
    assert expected(script, "4.scale").same_as == ""  # what was loaded, which the case knows


def test_a_bound_grows_with_the_steps_behind_it_alone(script):
    bounds = {k: expected(script, f"{k}.running_mean").bound.max() for k in (0, 2, 4, 9)}
    assert bounds[4] < bounds[2]
    assert bounds[0] < bounds[9]


def test_the_pipe_keeps_what_resumes(script):
    stream = BytesIO()
    send_case(stream, script)
    stream.seek(0)
    there = receive_case(stream)
    assert [(s.resumes, s.anew) for s in there.steps] == [(s.resumes, s.anew) for s in script.steps]
    assert {s.anew for s in there.steps} == {False, True}


def test_the_pipe_keeps_every_shape():
    case, stream = case_of("batch-norm.output/first-rank-3/float32"), BytesIO()
    send_case(stream, case)
    stream.seek(0)
    assert receive_case(stream).situation == case.situation
    assert len(case.situation.later) == 1


def test_a_new_layer_is_built_and_the_former_goes_on_beside_it(script):
    right, taken = normspec.load("reference:numpy"), []

    def build(spec, situation):
        layer = right.build(spec, situation)
        number = len({n for n, _ in taken}) + 1
        forward = layer.forward
        layer.forward = lambda inputs, mode: (taken.append((number, mode)), forward(inputs, mode))[1]
        return layer

    play(script, replace(right, build=build))
    first = [(1, mode) for mode in ("train", "evaluate", "train", "evaluate", "train", "freeze", "train")]
    assert taken == [*first, (1, "evaluate"), (2, "evaluate"), (2, "train"), (3, "train"), (3, "train")]
