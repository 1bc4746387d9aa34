"""Hazards are told where they are, and nowhere else: what they say is held to the layers' own numbers."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

import normspec
from normspec import InvalidInput, InvalidSpec, Running, layers
from normspec.layers import all_clauses
from normspec.lint import LEFT, Node, lint
from normspec.stale import OF_RELU, batches, left, steps_until, variance_kept

RNG = np.random.default_rng(3)
REFERENCE = normspec.load("reference")
KEPT = Running(rate=0.25, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
COMMON = {
    "epsilon": 0.25,
    "epsilon_place": "inside",
    "correction": 0,
    "variance": "two_pass",
    "statistics_dtype": "input",
}
AFFINE = {**COMMON, "scale": True, "shift": True, "output_dtype": "input", "one_value": "shift"}
BATCH = layers.BatchNorm(channel_axes=(1,), train_with="batch", running=KEPT, **AFFINE)
GROUP = layers.GroupNorm(batch_axes=(0,), channel_axes=(1,), groups=2, grouping="contiguous", scale_per="channel", **AFFINE)
INSTANCE = layers.InstanceNorm(batch_axes=(0,), channel_axes=(1,), running=None, **AFFINE)
LAST = layers.LayerNorm(axes=(-1,), parameter_axes=(-1,), **AFFINE)
RMS = layers.RMSNorm(
    axes=(-1,),
    parameter_axes=(-1,),
    fraction=1.0,
    epsilon=0.25,
    epsilon_place="inside",
    scale=True,
    shift=False,
    rounding="last",
    statistics_dtype="input",
    output_dtype="input",
)
NORMS = {
    "batch": BATCH,
    "batch, channels last": replace(BATCH, channel_axes=(-1,)),
    "batch, one statistic": replace(BATCH, channel_axes=()),
    "batch, with the running statistics": replace(BATCH, train_with="running"),
    "instance": INSTANCE,
    "group": GROUP,
    "group of all": replace(GROUP, groups=1),
    "groups of one": replace(GROUP, groups=4),
    "interleaved": replace(GROUP, grouping="interleaved"),
    "interleaved groups of one": replace(GROUP, groups=4, grouping="interleaved"),
    "group, channels last": replace(GROUP, channel_axes=(-1,), groups=5),
    "layer": LAST,
    "layer, channels": replace(LAST, axes=(1,), parameter_axes=(1,)),
    "mean and variance": layers.MeanVarianceNorm(axes=(0, 2), divide=True, **COMMON),
    "root mean square": RMS,
}
SHAPE = (3, 4, 5)


def stepped(spec, x, dy):
    """Give y and the cotangent of x, in training, of a layer with numbers of its own, the same in every call."""
    rng = np.random.default_rng(5)
    layer = REFERENCE.build(spec, normspec.Situation(shape=x.shape, dtype="float64", parameter_dtype="float64"))
    layer.load({name: a if name == "count" else rng.uniform(0.5, 2.0, np.shape(a)) for name, a in layer.read().items()})
    y, pullback = layer.forward({"x": x}, "train")
    return np.asarray(y), np.asarray(pullback(dy)["x"])


def told(spec, *before, shape=SHAPE, steps=None):
    """Give the hazards of a norm behind other layers, by their kinds."""
    return {hazard.kind: hazard for hazard in lint([*before, Node(kind="norm", name="n", spec=spec, shape=shape)], steps=steps)}


@pytest.mark.parametrize("axis", [-1, 0, 1, 2])
@pytest.mark.parametrize("name", NORMS)
def test_a_bias_is_redundant_where_y_does_not_depend_on_it(name, axis):
    """The laws output and gradient.x: the same y with and without it, and a cotangent that is 0."""
    spec = NORMS[name]
    x, dy = RNG.normal(size=(2, *SHAPE))
    along = tuple(n if a == axis % 3 else 1 for a, n in enumerate(SHAPE))
    y, dx = stepped(spec, x, dy)
    moved, _ = stepped(spec, x + RNG.normal(size=along), dy)
    of_bias = dx.sum(axis=tuple(a for a in range(3) if a != axis % 3))
    said = "redundant-bias" in told(spec, Node(kind="conv", bias=True, axis=axis))
    assert np.allclose(moved, y, atol=1e-12) == said
    assert np.allclose(of_bias, 0, atol=1e-12) == said


def test_a_bias_is_redundant_right_before_the_norm_alone():
    conv = Node(kind="conv", name="c", bias=True, axis=1)
    assert told(BATCH, conv)["redundant-bias"].name == "c"
    for between in (Node(kind="activation"), Node(kind="dropout", rate=0.5), Node(kind="other"), Node(kind="dense", axis=1)):
        assert "redundant-bias" not in told(BATCH, conv, between)
    assert "redundant-bias" not in told(BATCH, replace(conv, bias=False))
    assert "redundant-bias" not in told(BATCH)
    assert "in training" in told(BATCH, conv)["redundant-bias"].sentence
    assert "in training" not in told(INSTANCE, conv)["redundant-bias"].sentence


@pytest.mark.parametrize("rate", [0.25, 0.5, 0.875])
def test_how_much_variance_is_kept_behind_dropout(rate):
    """By all masks of eight values, each as likely as it is; then batch norm, clause running."""
    x = RNG.normal(1.0, 2.0, size=8)
    moments = np.zeros(2)
    for mask in product((0.0, 1.0), repeat=8):
        dropped = x * mask / (1 - rate)
        likely = np.prod([1 - rate if kept else rate for kept in mask])
        moments += likely * np.array([dropped.mean(), (dropped**2).mean()])
    trained = moments[1] - moments[0] ** 2  # the limit of running variances of large batches
    assert np.isclose(variance_kept(rate, x.mean() ** 2 / x.var()), x.var() / trained, rtol=1e-12)


def test_the_ratio_of_relu():
    """The moments of max(x, 0) of a normal x: mean 1 / sqrt(2 pi), mean square 1/2."""
    x = np.linspace(-12, 12, 2_000_001)
    density = np.exp(-(x**2) / 2) / np.exp(-(x**2) / 2).sum()
    mean, square = (density * np.maximum(x, 0)).sum(), (density * np.maximum(x, 0) ** 2).sum()
    assert np.isclose(OF_RELU, mean**2 / (square - mean**2), rtol=1e-6)


def test_dropout_is_told_before_running_statistics_with_its_size_where_that_is_known():
    dropout, relu = Node(kind="dropout", rate=0.5), Node(kind="activation", relu=True)
    assert "of 1 in training is 0.5000 in evaluation, less" in told(BATCH, dropout)["dropout-before"].sentence
    assert "of 1 in training is 0.4054 in evaluation, if x was normal" in told(BATCH, relu, dropout)["dropout-before"].sentence
    between = told(BATCH, relu, dropout, Node(kind="dense"))["dropout-before"]
    assert "by how much is decided by what is between" in between.sentence
    assert (between.clause, between.name) == ("batch-norm.running", "n")
    for before in ([Node(kind="dropout")], [dropout, Node(kind="other")], [dropout, Node(kind="norm", spec=LAST, shape=SHAPE)], []):
        assert "dropout-before" not in told(BATCH, *before)
    for without in (INSTANCE, LAST, replace(BATCH, running=None)):
        assert "dropout-before" not in told(without, dropout)


ONE = {
    "one sample": (BATCH, (1, 4), ": in training y is shift, whatever x is."),
    "one sample refused": (replace(BATCH, one_value="refuse"), (1, 4), "x is refused in training"),
    "one pixel": (INSTANCE, (3, 4, 1, 1), ": y is shift, whatever x is."),
    "one channel a group": (replace(GROUP, groups=4), (3, 4), "y is shift"),
    "without a shift": (replace(LAST, shift=False), (3, 4, 1), "y is 0, whatever x is."),
    "channels last": (replace(GROUP, groups=4, channel_axes=(-1,)), (3, 1, 1, 4), "y is shift"),
    "lengths that are not known": (replace(GROUP, groups=4), (None, 4), "an x of (?, 4)"),
    "the root mean square": (RMS, (3, 4, 1), "of x the sign alone is left"),
}


@pytest.mark.parametrize("name", ONE)
def test_one_value_per_statistic(name):
    spec, shape, said = ONE[name]
    hazard = told(spec, shape=shape)["one-value"]
    assert said in hazard.sentence
    assert hazard.clause in all_clauses()
    if None not in shape and getattr(spec, "one_value", "") != "refuse":
        sign = RNG.normal(size=shape)
        ys = [stepped(spec, np.copysign(RNG.uniform(50, 90, size=shape), sign), sign)[0] for _ in range(2)]
        assert np.allclose(*ys, atol=1e-3)  # what is left of x, if anything, is its sign, but for epsilon


@pytest.mark.parametrize(
    ("spec", "shape"),
    [(BATCH, (2, 4)), (BATCH, (None, 4)), (BATCH, (1, 4, 2)), (INSTANCE, (1, 4, 2)), (GROUP, (1, 4)), (LAST, (1, 1, 2)), (RMS, (1, 2))],
)
def test_two_values_are_none_of_these(spec, shape):
    assert "one-value" not in told(spec, shape=shape)


@pytest.mark.parametrize("start", ["initial", "first", "debiased"])
@pytest.mark.parametrize("rate", [0.0, 0.125, 1.0])
def test_what_is_left_of_what_statistics_are_born_with(rate, start):
    """The running variance of zeros, born 1: clauses running.rate and running.start."""
    running = replace(KEPT, rate=rate, start=start)
    layer = REFERENCE.build(replace(BATCH, running=running), normspec.Situation(shape=(3, 4), dtype="float64", parameter_dtype="float64"))
    for steps in range(70):
        assert np.allclose(layer.read()["running_variance"], left(running, steps), rtol=1e-12)
        assert ("born-statistics" in told(replace(BATCH, running=running), steps=steps)) == (left(running, steps) > LEFT)
        layer.forward({"x": np.zeros((3, 4))}, "train")
    if 0 < rate < 1 or start != "initial":
        until = steps_until(running, LEFT)
        assert left(running, until) <= LEFT < left(running, until - 1)
    assert "born-statistics" not in told(replace(BATCH, running=running))


@pytest.mark.parametrize("rate", [0.125, 0.5, 0.625, 0.99])
def test_running_statistics_are_as_noisy_as_the_mean_of_so_many_batches(rate):
    """What a layer keeps of one batch after k steps is that batch's weight; the squares of all weights add up to 1 / batches."""
    spec = replace(BATCH, running=replace(KEPT, rate=rate))
    layer = REFERENCE.build(spec, normspec.Situation(shape=(3, 1), dtype="float64", parameter_dtype="float64"))
    weights = []
    for step in range(300):
        layer.forward({"x": np.full((3, 1), float(step == 0))}, "train")
        weights.append(float(layer.read()["running_mean"][0]))
    assert np.isclose(np.sum(np.square(weights)), 1 / batches(spec.running), rtol=1e-12)
    assert ("last-batch" in told(spec)) == (weights[0] > 0.5)


def test_a_momentum_of_the_other_convention_is_told():
    hazard = told(normspec.read("torch.nn.BatchNorm2d(4, momentum=0.99)"), shape=(None, 4, None, None))["last-batch"]
    assert hazard.clause == "batch-norm.running.rate"
    assert "as noisy as the mean of 1 batches" in hazard.sentence
    assert "0.01 may be meant" in hazard.remedy


def test_the_steps_of_a_keras_default():
    spec = normspec.read("keras.layers.BatchNormalization(axis=1)")
    hazard = told(spec, shape=(None, 4, None, None), steps=125)["born-statistics"]
    assert hazard.clause == "batch-norm.running.rate"
    assert "After 125 steps, 0.28 of the running statistics" in hazard.sentence
    assert "after 688 steps it is 0.001" in hazard.sentence
    still = replace(spec, running=replace(spec.running, rate=0.0))
    assert "at rate 0 it stays so" in told(still, shape=(None, 4), steps=9)["born-statistics"].sentence


def test_every_hazard_rests_on_a_clause_that_there_is():
    dropout, conv = Node(kind="dropout", rate=0.5), Node(kind="conv", bias=True, axis=1)
    for spec in NORMS.values():
        for before in (dropout, conv):
            assert all(hazard.clause in all_clauses() for hazard in told(spec, before, steps=1).values())


def test_what_is_no_layer_is_refused():
    with pytest.raises(InvalidSpec, match=r"kind must be one of .*, got 'batch'; rate must be a share between 0 and 1, got 2"):
        Node(kind="batch", rate=2)
    with pytest.raises(InvalidSpec, match="spec must be given for a norm, and for nothing else, got None; shape must be the shape of x"):
        Node(kind="norm")
    with pytest.raises(InvalidInput, match="steps must be a number of steps, 0 or more, got -1"):
        lint([], steps=-1)
    with pytest.raises(InvalidInput, match="groups must divide the number of channels"):
        told(GROUP, shape=(3, 5))
