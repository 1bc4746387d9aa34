"""Examples weighed in evaluation: raw moments in plain loops, what the mixture is, and both ends of the weight."""

from itertools import product

import mpmath
import numpy as np
import pytest
from agreement import AGREE, PRECISION, indexed

from normspec import InvalidInput, Running
from normspec.reference import batch_norm, instance_norm, quad
from normspec.reference.example_weighing import eval_norm, example_weighing, mixture, observe_raw_moments
from normspec.reference.moments import merged, observed

RNG = np.random.default_rng(3)
SHAPES = {"images": (3, 2, 5, 3), "sequences": (3, 2, 7), "rows": (3, 2)}
AT = {"channel_axes": (1,), "epsilon": 0.125}
RUNNING = Running(rate=0.5, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")


def drawn(shape, mean=0.0):
    return quad.asarray(RNG.normal(size=shape) + mean)


def state():
    return {"running_mean": drawn(2, 1.0), "running_variance": quad.asarray(RNG.uniform(0.5, 2.0, 2))}


def raw(values):
    """Give mean and mean square."""
    return sum(values) / len(values), sum(a * a for a in values) / len(values)


def weighed(x, scale, shift, kept, weight):
    """Give y as the source computes it, with averages of raw moments."""
    y = {}
    for example, channel in {index[:2] for index in x}:
        own = [index for index in x if index[:2] == (example, channel)]
        mean, square = raw([x[index] for index in own])
        old_mean = kept["running_mean"][channel,]
        old_square = kept["running_variance"][channel,] + old_mean**2
        mean, square = (1 - weight) * old_mean + weight * mean, (1 - weight) * old_square + weight * square
        for index in own:
            y[index] = (x[index] - mean) / mpmath.sqrt(square - mean**2 + 0.125) * scale[channel,] + shift[channel,]
    return y


def assert_same(found, must):
    assert found.keys() == must.keys()
    most = max(map(abs, must.values()))
    assert max(abs(found[i] - must[i]) for i in must) <= AGREE * most


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("weight", [0.0, 0.25, 0.875, 1.0])
def test_it_is_what_the_loops_give(shape, weight):
    x, scale, shift, kept = drawn(shape), drawn(2), drawn(2), state()
    y = example_weighing(x, scale, shift, kept, weight=weight, **AT)
    with mpmath.workprec(PRECISION):
        assert_same(indexed(y), weighed(*(indexed(a) for a in (x, scale, shift)), {n: indexed(a) for n, a in kept.items()}, weight))


@pytest.mark.parametrize("rate", [0.0, 0.125, 1.0])
def test_raw_moments_are_averaged(rate):
    """Mean and mean square move by the rate, born 0 and 1; the running variance is what is between them."""
    kept = {"running_mean": quad.asarray(np.zeros(2)), "running_variance": quad.asarray(np.ones(2))}
    with mpmath.workprec(PRECISION):
        moments = {(c,): (mpmath.mpf(0), mpmath.mpf(1)) for c in range(2)}
        for n in (3, 1, 4):
            x = drawn((n, 2, 5), n)
            kept = observe_raw_moments(x, kept, channel_axes=(1,), rate=rate)
            for (c,), old in moments.items():
                new = raw([a for index, a in indexed(x).items() if index[1] == c])
                moments[c,] = tuple(o + rate * (b - o) for o, b in zip(old, new, strict=True))
        assert_same(indexed(kept["running_mean"]), {c: mean for c, (mean, _) in moments.items()})
        assert_same(indexed(kept["running_variance"]), {c: square - mean**2 for c, (mean, square) in moments.items()})


def test_raw_moments_keep_how_far_means_lie_apart():
    """Of batches of constants, batch norm's running variance goes to 0, that of raw moments to the variance of the constants."""
    kept = raw_kept = {"running_mean": np.zeros(1), "running_variance": np.ones(1)}
    for k in range(4000):
        x = np.full((2, 1), 1.0 if k % 2 else -1.0)
        raw_kept = observe_raw_moments(x, raw_kept, channel_axes=(1,), rate=0.01)
        kept = batch_norm(
            x, None, None, kept, mode="observe", channel_axes=(1,), epsilon=0.0, running=Running(**{**vars(RUNNING), "rate": 0.01})
        )[1]
    assert kept["running_variance"][0] < 1e-12
    assert raw_kept["running_variance"][0] == pytest.approx(1, rel=1e-4)


def test_a_mixture_is_that_of_the_values():
    """Mixed by the share of their counts, moments are those that merging gives."""
    a, b = drawn((3, 2)), drawn((5, 2), 2.0)
    mean, variance = mixture(np.mean(a, axis=0), np.var(a, axis=0), np.mean(b, axis=0), np.var(b, axis=0), 5 / 8)
    both = merged(observed(a, (0,)), observed(b, (0,)))
    assert np.max(np.abs(mean - both.mean[0])) < 1e-30
    assert np.max(np.abs(variance - both.m2[0] / 8)) < 1e-30


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_the_ends_are_batch_norm_and_instance_norm(shape):
    x, scale, shift, kept = drawn(shape), drawn(2), drawn(2), state()
    ends = [example_weighing(x, scale, shift, kept, weight=weight, **AT) for weight in (0, 1)]
    assert np.max(np.abs(ends[0] - batch_norm(x, scale, shift, kept, mode="evaluate", running=RUNNING, **AT)[0])) < 1e-30
    assert np.max(np.abs(ends[1] - instance_norm(x, scale, shift, mode="train", **AT)[0])) < 1e-30


def test_eval_norm_weighs_by_the_square_of_the_batch():
    x, scale, shift, kept = drawn((3, 2, 5)), drawn(2), drawn(2), state()
    found = eval_norm(x, scale, shift, kept, training_batch=4, **AT)
    assert (found == example_weighing(x, scale, shift, kept, weight=1 / 16, **AT)).all()
    assert (eval_norm(x, None, None, kept, training_batch=1, **AT) == example_weighing(x, None, None, kept, weight=1, **AT)).all()


def test_a_small_variance_beside_a_large_mean_is_kept():
    """In float32 the mean square less the squared mean would have no digit left at a mean of 1e4 deviations."""
    x = (RNG.normal(size=(3, 2, 50)) + 1e4).astype(np.float32)
    kept = {"running_mean": np.full(2, 1e4, np.float32), "running_variance": np.ones(2, np.float32)}
    y = example_weighing(x, None, None, kept, weight=0.5, **AT)
    exact = example_weighing(*(quad.asarray(a) for a in (x,)), None, None, {n: quad.asarray(a) for n, a in kept.items()}, weight=0.5, **AT)
    assert y.dtype == np.float32
    assert np.max(np.abs(y - exact)) < 1e-2


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"weight": 1.5}, "weight must be a share between 0 and 1, got 1.5"),
        ({"weight": float("nan")}, "got nan"),
        ({"epsilon": -1.0}, "epsilon must be"),
        ({"state": {"running_mean": np.zeros(2)}}, "lacks running_variance"),
        ({"state": None}, "lacks running_mean, running_variance"),
        ({"state": {"running_mean": np.zeros(3), "running_variance": np.ones(2)}}, r"running_mean must have shape \(2,\)"),
    ],
)
def test_what_cannot_be(told, message):
    given = {"state": {"running_mean": np.zeros(2), "running_variance": np.ones(2)}, "weight": 0.5, **AT, **told}
    with pytest.raises(InvalidInput, match=message):
        example_weighing(np.ones((3, 2, 4)), **given)


def test_what_cannot_be_observed():
    kept = {"running_mean": np.zeros(2), "running_variance": np.ones(2)}
    with pytest.raises(InvalidInput, match="rate must be a weight between 0 and 1, got 2"):
        observe_raw_moments(np.ones((3, 2)), kept, channel_axes=(1,), rate=2)
    with pytest.raises(InvalidInput, match="training_batch must be a number of examples, 1 or more, got 0"):
        eval_norm(np.ones((3, 2)), None, None, kept, training_batch=0, **AT)


@pytest.mark.parametrize(("layout", "dtype"), list(product(("first", "last"), ("float16", "float32"))))
def test_layouts_and_dtypes(layout, dtype):
    x = RNG.normal(size=(3, 2, 5)).astype(dtype)
    kept = {"running_mean": np.zeros(2, np.float32), "running_variance": np.ones(2, np.float32)}
    must = example_weighing(x.astype(np.float64), None, None, kept, weight=0.25, **AT)
    if layout == "last":
        y = np.moveaxis(example_weighing(np.moveaxis(x, 1, -1), None, None, kept, weight=0.25, channel_axes=(-1,), epsilon=0.125), -1, 1)
    else:
        y = example_weighing(x, None, None, kept, weight=0.25, **AT)
    assert y.dtype == x.dtype
    assert np.allclose(y, must, rtol=0, atol=4 * np.finfo(dtype).eps)


def test_they_run_on_every_library():
    """One function for NumPy, PyTorch, JAX under jit, TensorFlow, Dask, and what has the listed names alone."""
    import dask.array  # noqa: PLC0415 - slow to import
    import jax  # noqa: PLC0415 - likewise
    import tensorflow as tf  # noqa: PLC0415 - likewise
    import torch  # noqa: PLC0415 - likewise
    from only import Only  # noqa: PLC0415 - beside it

    arrays = [RNG.uniform(0.5, 2, shape).astype("float32") for shape in ((3, 2, 5), 2, 2, 2, 2)]

    def of(x, scale, shift, mean, variance):
        new = observe_raw_moments(x, {"running_mean": mean, "running_variance": variance}, channel_axes=(1,), rate=0.125)
        return eval_norm(x, scale, shift, new, training_batch=2, **AT)

    for asarray, back, run in (
        (torch.from_numpy, np.asarray, of),
        (jax.numpy.asarray, np.asarray, jax.jit(of)),
        (tf.constant, np.asarray, of),
        (dask.array.from_array, np.asarray, of),
        (Only, lambda a: a.hidden, of),
    ):
        np.testing.assert_allclose(back(run(*map(asarray, arrays))), of(*arrays), rtol=1e-5, atol=1e-5)
