"""Golden values: numbers printed in widely read tutorials, or computed from their corrected code; none of ours.

Where a tutorial is wrong, the docstring says what it claims, what happens, and what is so.
"""

import json
import re
from pathlib import Path

import numpy as np
import pytest

import normspec
from normspec import InvalidInput, Running
from normspec.layers import SPECS
from normspec.reference import (
    batch_layer_norm,
    batch_norm,
    batch_norm_vjp,
    batch_renorm,
    feature_norm,
    group_norm,
    group_norm_vjp,
    layer_norm,
    layer_norm_vjp,
)

GOLDEN = json.loads((Path(__file__).parent / "golden.json").read_text())

WAITING: dict[str, str] = {}
"""Golden values that are known and not yet in the file: the layer that each is of does not exist here."""


def near(got, must, golden):
    tolerance = golden["tolerance"]
    np.testing.assert_allclose(got, must, rtol=tolerance.get("rtol", 0), atol=tolerance.get("atol", 0))


def running(rate, **rest):
    born = {"initial_mean": 0.0, "initial_variance": 1.0}
    return Running(**{"rate": rate, "start": "initial", "correction": 0, "state_dtype": "parameter", **born, **rest})


def arrays(golden, **names):
    """Give the arrays of an entry in float64: our names of its inputs, and its names of scale and shift."""
    inputs = {ours: np.asarray(golden["inputs"][theirs]) for ours, theirs in names.items()}
    return *inputs.values(), np.asarray(golden["params"]["gamma"]), np.asarray(golden["params"]["beta"])


def test_every_golden_value_is_used():
    assert set(re.findall(r'GOLDEN\["([^"]+)"\]', Path(__file__).read_text())) == set(GOLDEN)
    assert not set(WAITING) & set(GOLDEN)
    assert not set(WAITING.values()) & set(SPECS), "the layer is here: its golden values belong into the file"


def test_moments_observed_of_three_pictures():
    """The snippet adapts to (3, 3, 3, 1) and then calls a (3, 3) picture, which comes back as (1, 1, 3, 3).

    The moments, the population's, and the number are right. The shape is an accident: an x without its batch and channel broadcasts
    against (1, 1, 1, 1). x must have the axes that the moments lie along, and y has its shape.
    """
    golden = GOLDEN["000/normalization_adapt"]
    born = {"mean": np.zeros(1, np.float32), "variance": np.ones(1, np.float32), "count": np.asarray(0)}
    told = {"channel_axes": (-1,), "epsilon": golden["params"]["floor"], "epsilon_place": "floor"}
    pictures = np.asarray(golden["inputs"]["adapt_data_stack"], np.float32)[..., None]
    _, state, _ = feature_norm(pictures, born, mode="observe", **told)
    near(state["mean"], [golden["expected"]["mean"]], golden)
    near(state["variance"], [golden["expected"]["variance"]], golden)
    near(np.sqrt(state["variance"]), [golden["expected"]["std"]], golden)
    picture = np.asarray(golden["inputs"]["call_input"], np.float32)
    y, _, _ = feature_norm(picture[None, ..., None], state, mode="evaluate", **told)
    near(y, np.full((1, 3, 3, 1), golden["expected"]["output_value_everywhere"]), golden)
    near(y, np.full((1, 3, 3, 1), golden["expected"]["exact_output"]), golden)
    assert golden["expected"]["output_shape_as_printed"] == [1, 1, 3, 3]
    with pytest.raises(InvalidInput, match="mean must have shape"):
        feature_norm(picture, state, mode="evaluate", **told)


def test_by_hand_with_one_statistic_for_everything():
    """The snippet takes mean and deviation with axis=0, and says that they are 3.6666667 and 2.8284268.

    With axis=0 they are maps of 3 by 3. The printed numbers, the outputs with them, are of axis=None: one statistic for everything,
    which here is no kept axis and epsilon 0.
    """
    golden = GOLDEN["000/batchnorm_numpy_by_hand"]
    x = np.asarray(golden["inputs"]["samples"], np.float32)
    y, _, saved = batch_norm(x, mode="train", channel_axes=(), epsilon=0.0)
    near(y, golden["expected"]["out"], golden)
    exact = 2 * np.sqrt(2)  # the printed 2.8284268 is float32's: it is 1.4 of its roundings away
    assert abs(exact - golden["expected"]["std"]) < 1.5 * 2.0**-22
    near(1 / saved.inverse, exact, golden)
    near(x - saved.spread, np.full_like(x, golden["expected"]["mean"]), golden)


def test_as_written_with_a_statistic_for_every_position():
    """What the snippet's axis=0 does, and the tutorial does not print: a statistic for every position, over the samples.

    Here, several kept axes and epsilon 0. For one feature map it says that there is one scalar: that is the case above.
    """
    golden = GOLDEN["000/batchnorm_numpy_as_written_axis0"]
    x = np.asarray(golden["inputs"]["samples"])
    y, _, saved = batch_norm(x, mode="train", channel_axes=(1, 2), epsilon=0.0)
    near(y, golden["expected"]["out"], golden)
    near(1 / saved.inverse[0], golden["expected"]["std"], golden)
    near(x[0] - saved.spread[0], golden["expected"]["mean"], golden)
    by_hand = GOLDEN["000/batchnorm_numpy_by_hand"]["expected"]
    assert np.abs(y - by_hand["out"]).max() > 0.3


def test_channels_on_axis_zero():
    """The snippet calls Keras' layer with axis=0, and finds values similar to those by hand: similar, as epsilon is 1e-3 there.

    Of one statistic for 27 values, both are right. With the default axis=-1, the last axis would be the channels', and the numbers others.
    """
    golden = GOLDEN["000/keras_batchnormalization_axis0"]
    x = np.asarray(golden["inputs"]["x"], np.float32)
    state = {"running_mean": np.zeros(1, np.float32), "running_variance": np.ones(1, np.float32)}
    kept = {"channel_axes": (0,), "epsilon": golden["params"]["epsilon"], "running": running(1 - golden["params"]["momentum"])}
    one = np.ones(1, np.float32)
    y, after, _ = batch_norm(x, one, 0 * one, state, mode="train", **kept)
    near(y, golden["expected"]["out"], golden)
    assert list(y.shape) == golden["expected"]["shape"]
    near(after["running_mean"], [golden["state"]["moving_mean"]], golden)
    near(after["running_variance"], [golden["state"]["moving_variance_keras3"]], golden)
    evaluated, _, _ = batch_norm(x, one, 0 * one, after, mode="evaluate", **kept)
    near(evaluated[0, 0, 0, 0], golden["state"]["next_inference_value_for_x_1"], golden)
    apart = np.abs(y - GOLDEN["000/batchnorm_numpy_by_hand"]["expected"]["out"]).max()
    assert 1e-5 < apart < 1.2e-4
    at_the_end, _, _ = batch_norm(x, mode="train", channel_axes=(-1,), epsilon=1e-3)
    assert np.abs(at_the_end - golden["expected"]["out"]).max() > 0.04


def test_running_variance_of_the_sample():
    """Keras 2's fused layer keeps 1.073077 after the same batch, where Keras 3's keeps 1.07: the sample's variance, 8 times 27/26."""
    golden = GOLDEN["000/keras_batchnormalization_axis0"]
    x, state = np.asarray(golden["inputs"]["x"]), {"running_mean": np.zeros(1), "running_variance": np.ones(1)}
    kept = {"channel_axes": (0,), "epsilon": golden["params"]["epsilon"]}
    of_sample = running(1 - golden["params"]["momentum"], correction=1)
    _, after, _ = batch_norm(x, None, None, state, mode="train", running=of_sample, **kept)
    near(after["running_variance"], [golden["state"]["moving_variance_tf_keras_NHWC_fused_bessel"]], golden)


def test_two_dimensional_forward_with_running_statistics_born_zero():
    """The snippet's running variance is born 0, the population's, and read as that of the data: evaluation divides by its root.

    After one step it is a tenth of the variance, so that the outputs' deviation is 3.16 and not 1. A running variance that is born 1,
    as frameworks have it, or debiased, does not explode.
    """
    golden = GOLDEN["003/batchnorm_forward_train"]
    p = golden["params"]
    born = {"initial_mean": p["running_mean_init"], "initial_variance": p["running_var_init"]}
    state = {"running_mean": np.zeros(3), "running_variance": np.zeros(3)}
    x, scale, shift = arrays(golden, x="x")
    kept = {"channel_axes": (1,), "epsilon": p["epsilon"], "running": running(1 - p["momentum_keep"], **born)}
    y, after, _ = batch_norm(x, scale, shift, state, mode="train", **kept)
    near(y, golden["expected"]["out"], golden)
    near(after["running_mean"], golden["expected"]["running_mean"], golden)
    near(after["running_variance"], golden["expected"]["running_var"], golden)

    golden = GOLDEN["003/batchnorm_forward_test_after_one_step"]
    evaluated = batch_norm(x, scale, shift, after, mode="evaluate", **kept)[0]
    near(evaluated, golden["expected"]["out"], golden)
    np.testing.assert_allclose(evaluated.std(axis=0), scale * np.sqrt(10), rtol=1e-4)
    debiased = kept | {"running": running(0.1, start="debiased", **born)}
    _, after, _ = batch_norm(x, None, None, state | {"count": np.asarray(0)}, mode="train", **debiased)
    np.testing.assert_allclose(batch_norm(x, None, None, after, mode="evaluate", **debiased)[0].std(axis=0), 1, rtol=1e-5)


def test_two_dimensional_backward():
    """The tutorial prints a derivation without x, sigma and gamma, whose first two lines contradict each other; its code is right.

    dx is (h - mean h - normalized x times the mean of h times it) / sqrt(variance + epsilon), h being dy gamma; dgamma the sum of dy
    times normalized x, and dbeta that of dy.
    """
    golden = GOLDEN["003/batchnorm_backward"]
    x, dy, scale, shift = arrays(golden, x="x", dy="dout")
    saved = batch_norm(x, scale, shift, mode="train", channel_axes=(1,), epsilon=golden["params"]["epsilon"])[2]
    got = batch_norm_vjp(saved, dy, channel_axes=(1,))
    for ours, theirs in (("x", "dx"), ("scale", "dgamma"), ("shift", "dbeta")):
        near(got[ours], golden["expected"][theirs], golden)


def test_layer_norm_exercise():
    """The tutorial says that statistics are computed across each feature: they are taken across the features of each sample."""
    golden = GOLDEN["003/layernorm_exercise"]
    x, dy, scale, shift = arrays(golden, x="x", dy="dout")
    y, saved = layer_norm(x, scale, shift, axes=(-1,), epsilon=golden["params"]["epsilon"])
    near(y, golden["expected"]["out"], golden)
    got = layer_norm_vjp(saved, dy, axes=(-1,))
    for ours, theirs in (("x", "dx"), ("scale", "dgamma"), ("shift", "dbeta")):
        near(got[ours], golden["expected"][theirs], golden)


def test_spatial_group_norm():
    """The snippet's docstring has gamma and beta of shape (C,), and its code multiplies x of (N, C, H, W) by them as they are.

    That raises where W is neither C nor 1, and where W is C it scales columns in place of channels. Here they lie along the channels,
    whatever W is, in y and in their cotangents, which have the shape (C,) that the docstring says and the code does not give.
    """
    golden = GOLDEN["003/spatial_groupnorm_forward_backward"]
    x, dy, scale, shift = arrays(golden, x="x", dy="dout")
    told = {"groups": golden["params"]["G"], "channel_axes": (1,)}
    y, saved = group_norm(x, scale, shift, epsilon=golden["params"]["epsilon"], **told)
    near(y, golden["expected"]["out"], golden)
    got = group_norm_vjp(saved, dy, **told)
    for ours, theirs in (("x", "dx"), ("scale", "dgamma"), ("shift", "dbeta")):
        near(got[ours], golden["expected"][theirs], golden)
    flat = (2, 6, 1, 6)  # the same places in a row: W is C
    near(group_norm(x.reshape(flat), scale, shift, epsilon=golden["params"]["epsilon"], **told)[0].reshape(x.shape), y, golden)
    with pytest.raises(ValueError, match="broadcast"):
        scale * x


@pytest.mark.parametrize("epsilon", [0.0, 1e-5])
def test_a_batch_of_two_gives_signs(epsilon):
    """Small batches are said to do poorly: of two values per statistic, nothing but the sign of their difference is left."""
    golden = GOLDEN["claim/batch_size_two_dense_is_sign"]
    x = np.asarray(golden["inputs"]["x"])
    y, _, _ = batch_norm(x, mode="train", channel_axes=(1,), epsilon=epsilon)
    near(y, np.sign(x - x.mean(axis=0)), golden)


def test_a_batch_of_one_gives_shift():
    """A batch of one is said to make all activations 0: so it does, before shift, where every statistic is over one value.

    It does not where a channel has more places than one: then it is instance norm.
    """
    golden = GOLDEN["claim/batch_size_one_outputs_beta"]
    x, scale, shift = arrays(golden, x="x")
    y, _, _ = batch_norm(x, scale, shift, mode="train", channel_axes=(1,), epsilon=golden["params"]["epsilon"])
    near(y, golden["expected"]["out"], golden)
    y, _, _ = batch_norm(np.arange(4.0).reshape(1, 1, 4), mode="train", channel_axes=(1,), epsilon=0.0)
    np.testing.assert_allclose(y, np.array([[[-3, -1, 1, 3]]]) / np.sqrt(5), rtol=1e-12)


# ---- networks of the tutorials: what their layers own, by which the printed counts differ


def owned(call, sizes, *roles):
    """Give how many numbers of these roles Keras' layer owns, made once for each of these numbers of channels."""
    spec = normspec.read(call, rank=2)
    return sum(int(np.prod(slot.shape)) for size in sizes for slot in spec.slots((2, size)).values() if slot.role in roles)


BATCH_NORM = "keras.layers.BatchNormalization()"


def test_what_norms_add_to_lenet():
    """Of LeNet-5 with norms, of the tutorial whose `relu` is not imported: 904 numbers of batch norms, 459 that are not trained."""
    golden = GOLDEN["000/lenet5_cifar10_norm_bn"]
    p, must = golden["params"], golden["expected"]
    of_first = owned("keras.layers.Normalization()", [p["inputs"]], "state", "count")
    assert owned(BATCH_NORM, p["channels"], "parameter", "state") == must["norm_parameters_and_state"]
    assert owned(BATCH_NORM, p["channels"], "state") + of_first == must["non_trainable"]


def test_what_norms_add_to_the_convolutional_network_of_kmnist():
    golden = GOLDEN["001/kmnist_convnet"]
    assert owned(BATCH_NORM, golden["params"]["channels"], "state") == golden["expected"]["non_trainable"]


def test_what_a_norm_adds_to_the_dense_network_of_mnist():
    """The tutorial has the norm replace a hidden layer: it is inserted behind it, and adds four numbers a unit, two of them trained."""
    golden = GOLDEN["002/mnist_mlp_bn_vs_none"]
    channels = golden["params"]["channels"]
    assert owned(BATCH_NORM, channels, "parameter", "state") == golden["expected"]["more_parameters_and_state"]
    assert owned(BATCH_NORM, channels, "parameter") == golden["expected"]["more_trainable"]


def test_batch_layer_normalization_by_its_formula():
    """Formula and numbers of the authors' code, in training."""
    golden = GOLDEN["002/bln_reference_formula"]
    x, params = np.asarray(golden["inputs"]["x"]), golden["params"]
    shapes = {"batch_mean": (3,), "batch_variance": (3,), "feature_mean": (4,), "feature_variance": (4,), "count": ()}
    state = {name: np.zeros(shape, np.int64 if name == "count" else np.float64) for name, shape in shapes.items()}
    y, after, _ = batch_layer_norm(x, state=state, mode="train", epsilon=params["epsilon"], delta=params["delta"])
    near(y, golden["expected"]["out"], golden)
    near(after["batch_variance"], x.var(axis=0, ddof=1), golden)


def test_batch_renormalization_by_its_formula():
    """Formula and numbers of Keras, `renorm=True`: r and d of the averages that training has, and what they make of the normalized x."""
    golden = GOLDEN["002/batch_renorm_formula"]
    params, expected = golden["params"], golden["expected"]
    kept = {f"renorm_{ours}": np.asarray(params[f"renorm_{theirs}"]) for ours, theirs in (("mean", "mean"), ("deviation", "stddev"))}
    state = {**kept, "running_mean": np.zeros(3), "running_deviation": np.ones(3), "running_variance": np.ones(3)}
    told = {"channel_axes": (-1,), "epsilon": params["epsilon"], "averaged": "both", "renorm_rate": 0.01, "floor": True}
    limits = {"r_min": params["rmin"], "r_max": params["rmax"], "d_max": params["dmax"]}
    x = np.asarray(golden["inputs"]["x"])
    y, _, saved = batch_renorm(x, state=state, mode="train", running=running(0.01), **told, **limits)
    near(y, expected["out"], golden)
    near(saved.inverse * np.sqrt(x.var(axis=0) + params["epsilon"]), [expected["r"]], golden)
    near((saved.scaled - saved.normal * expected["r"])[0], expected["d"], golden)
