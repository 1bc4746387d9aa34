"""Golden values: numbers printed in widely read tutorials, or computed from their corrected code; none of ours."""

import json
from pathlib import Path

import numpy as np
import pytest

from normspec import Running
from normspec.reference import batch_norm, batch_norm_vjp, layer_norm, layer_norm_vjp

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())


def near(got, must, golden):
    tolerance = golden["tolerance"]
    np.testing.assert_allclose(got, must, rtol=tolerance.get("rtol", 0), atol=tolerance.get("atol", 0))


def running(rate, **rest):
    born = {"initial_mean": 0.0, "initial_variance": 1.0}
    return Running(**{"rate": rate, "start": "initial", "correction": 0, "state_dtype": "parameter", **born, **rest})


def test_by_hand_with_one_statistic_for_everything():
    """No kept axis and epsilon 0: the printed numbers pool every axis, which the printed code does not."""
    golden = GOLDEN["000/batchnorm_numpy_by_hand"]
    x = np.asarray(golden["inputs"]["samples"], np.float32)
    y, _, saved = batch_norm(x, mode="train", channel_axes=(), epsilon=0.0)
    near(y, golden["expected"]["out"], golden)
    exact = 2 * np.sqrt(2)  # the printed 2.8284268 is float32's: it is 1.4 of its roundings away
    assert abs(exact - golden["expected"]["std"]) < 1.5 * 2.0**-22
    near(1 / saved.inverse, exact, golden)
    near(x - saved.spread, np.full_like(x, golden["expected"]["mean"]), golden)


def test_as_written_with_a_statistic_for_every_position():
    """Several kept axes and epsilon 0: what the printed code does."""
    golden = GOLDEN["000/batchnorm_numpy_as_written_axis0"]
    x = np.asarray(golden["inputs"]["samples"])
    y, _, saved = batch_norm(x, mode="train", channel_axes=(1, 2), epsilon=0.0)
    near(y, golden["expected"]["out"], golden)
    near(1 / saved.inverse[0], golden["expected"]["std"], golden)


def test_channels_on_axis_zero():
    golden = GOLDEN["000/keras_batchnormalization_axis0"]
    x = np.asarray(golden["inputs"]["x"], np.float32)
    state = {"running_mean": np.zeros(1, np.float32), "running_variance": np.ones(1, np.float32)}
    kept = {"channel_axes": (0,), "epsilon": golden["params"]["epsilon"], "running": running(1 - golden["params"]["momentum"])}
    one = np.ones(1, np.float32)
    y, after, _ = batch_norm(x, one, 0 * one, state, mode="train", **kept)
    near(y, golden["expected"]["out"], golden)
    near(after["running_mean"], [golden["state"]["moving_mean"]], golden)
    near(after["running_variance"], [golden["state"]["moving_variance_keras3"]], golden)
    evaluated, _, _ = batch_norm(x, one, 0 * one, after, mode="evaluate", **kept)
    near(evaluated[0, 0, 0, 0], golden["state"]["next_inference_value_for_x_1"], golden)


def test_two_dimensional_forward_with_running_statistics_born_zero():
    golden = GOLDEN["003/batchnorm_forward_train"]
    p = golden["params"]
    born = {"initial_mean": p["running_mean_init"], "initial_variance": p["running_var_init"]}
    state = {"running_mean": np.zeros(3), "running_variance": np.zeros(3)}
    x, scale, shift = (np.asarray(a) for a in (golden["inputs"]["x"], p["gamma"], p["beta"]))
    kept = {"channel_axes": (1,), "epsilon": p["epsilon"], "running": running(1 - p["momentum_keep"], **born)}
    y, after, _ = batch_norm(x, scale, shift, state, mode="train", **kept)
    near(y, golden["expected"]["out"], golden)
    near(after["running_mean"], golden["expected"]["running_mean"], golden)
    near(after["running_variance"], golden["expected"]["running_var"], golden)

    golden = GOLDEN["003/batchnorm_forward_test_after_one_step"]
    near(batch_norm(x, scale, shift, after, mode="evaluate", **kept)[0], golden["expected"]["out"], golden)


def test_two_dimensional_backward():
    golden = GOLDEN["003/batchnorm_backward"]
    p = golden["params"]
    x, dy, scale, shift = (np.asarray(a) for a in (golden["inputs"]["x"], golden["inputs"]["dout"], p["gamma"], p["beta"]))
    saved = batch_norm(x, scale, shift, mode="train", channel_axes=(1,), epsilon=p["epsilon"])[2]
    got = batch_norm_vjp(saved, dy, channel_axes=(1,))
    for ours, theirs in (("x", "dx"), ("scale", "dgamma"), ("shift", "dbeta")):
        near(got[ours], golden["expected"][theirs], golden)


def test_layer_norm_exercise():
    golden = GOLDEN["003/layernorm_exercise"]
    p = golden["params"]
    x, dy, scale, shift = (np.asarray(a) for a in (golden["inputs"]["x"], golden["inputs"]["dout"], p["gamma"], p["beta"]))
    y, saved = layer_norm(x, scale, shift, axes=(-1,), epsilon=p["epsilon"])
    near(y, golden["expected"]["out"], golden)
    got = layer_norm_vjp(saved, dy, axes=(-1,))
    for ours, theirs in (("x", "dx"), ("scale", "dgamma"), ("shift", "dbeta")):
        near(got[ours], golden["expected"][theirs], golden)


@pytest.mark.parametrize("epsilon", [0.0, 1e-5])
def test_a_batch_of_two_gives_signs(epsilon):
    golden = GOLDEN["claim/batch_size_two_dense_is_sign"]
    x = np.asarray(golden["inputs"]["x"])
    y, _, _ = batch_norm(x, mode="train", channel_axes=(1,), epsilon=epsilon)
    near(y, np.sign(x - x.mean(axis=0)), golden)


def test_a_batch_of_one_gives_shift():
    golden = GOLDEN["claim/batch_size_one_outputs_beta"]
    x, scale, shift = (np.asarray(a) for a in (golden["inputs"]["x"], golden["params"]["gamma"], golden["params"]["beta"]))
    y, _, _ = batch_norm(x, scale, shift, mode="train", channel_axes=(1,), epsilon=golden["params"]["epsilon"])
    near(y, golden["expected"]["out"], golden)
