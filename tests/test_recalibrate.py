"""Recalibration: the statistics are those of plain loops over exact scalars, whatever the library, the layout and the batches."""

import mpmath
import numpy as np
import pytest
from agreement import AGREE, PRECISION, indexed
from definitions.indices import along, grouped

from normspec import InvalidInput
from normspec.reference import quad, recalibrate
from normspec.reference.moments import Moments, observed, of_statistics

RNG = np.random.default_rng(5)
LENGTHS = (3, 1, 5)
"""Of the batches: a mean of theirs is not that of all values."""


def drawn(shape, mean=0.0):
    return RNG.normal(size=shape) * RNG.uniform(0.5, 2.0, shape[-1]) + mean


def stream(rest, mean=0.0):
    """Give batches with means of their own."""
    return [drawn((n, *rest), mean + k) for k, n in enumerate(LENGTHS)]


def of_values(values, correction):
    mean = sum(values) / len(values)
    return mean, sum((a - mean) ** 2 for a in values) / max(len(values) - correction, 1)


def pooled(batches, axes, correction):
    """Give mean and variance of all values of every channel."""
    values = {}
    for x in batches:
        for channel, indices in grouped(x, lambda index: along(index, axes)).items():
            values.setdefault(channel, []).extend(x[i] for i in indices)
    return {channel: of_values(own, correction) for channel, own in values.items()}


def mean_of_each(batches, axes, correction):
    """Give the mean of the batches' means, and of their variances."""
    each = [pooled([x], axes, correction) for x in batches if x]
    return {channel: tuple(sum(one[channel][k] for one in each) / len(each) for k in (0, 1)) for channel in each[0]}


DEFINITIONS = {"pooled": pooled, "mean": mean_of_each}
LAYOUTS = [((4,), (1,)), ((2, 3), (1,)), ((2, 3), (-1,)), ((2, 3), (2, 1)), ((2, 3), ())]


def assert_is(found, expected, tolerance=AGREE):
    for k, name in enumerate(("running_mean", "running_variance")):
        exact = indexed(found[name])
        assert exact.keys() == expected.keys()
        for channel, must in expected.items():
            assert abs(exact[channel] - must[k]) <= tolerance * (1 + abs(must[k]))


@pytest.mark.parametrize("estimator", DEFINITIONS)
@pytest.mark.parametrize(("rest", "axes"), LAYOUTS)
@pytest.mark.parametrize("correction", [0, 1])
def test_it_is_what_the_loops_give(estimator, rest, axes, correction):
    batches = [quad.asarray(x) for x in stream(rest)]
    found = recalibrate(batches, channel_axes=axes, estimator=estimator, correction=correction)
    with mpmath.workprec(PRECISION):
        assert_is(found, DEFINITIONS[estimator]([indexed(x) for x in batches], axes, correction))


@pytest.mark.parametrize("estimator", DEFINITIONS)
def test_batches_without_values_count_for_nothing(estimator):
    x, y, none = drawn((5, 4), 1.0), drawn((3, 4)), np.empty((0, 4))
    with mpmath.workprec(PRECISION):
        expected = DEFINITIONS[estimator]([indexed(x), indexed(y)], (1,), 0)
        assert_is(recalibrate([none, x, none, y], channel_axes=(1,), estimator=estimator), expected, 1e-14)
        # as moments, too, whatever their mean is said to be, and where the count is an array
        for nothing in (float("nan"), 1e30):
            for count in (0, np.asarray(0)):
                nobody = Moments(count, np.full(4, nothing), np.full(4, nothing))
                for batches in ((nobody, x, y), (x, nobody, y), (x, y, nobody)):
                    assert_is(recalibrate(batches, channel_axes=(1,), estimator=estimator), expected, 1e-14)


@pytest.mark.parametrize("estimator", DEFINITIONS)
@pytest.mark.parametrize("correction", [0, 1])
def test_statistics_stand_for_their_batches(estimator, correction):
    """A stream of mean, variance and count, the variance with either correction, gives what the batches give."""
    batches, told = stream((4,)), {"channel_axes": (1,), "estimator": estimator, "correction": correction}
    must = recalibrate(batches, **told)
    for ddof in (0, 1):
        seen = [of_statistics(x.mean(0), x.var(0, ddof=min(ddof, len(x) - 1)), len(x), correction=ddof) for x in batches]
        found = recalibrate(iter(seen), **told)
        assert all(np.allclose(found[name], must[name], rtol=1e-13) for name in must)
    kept = recalibrate([observed(x, (0,)) for x in batches], **told)
    assert kept["running_mean"].shape == (1, 4)
    assert np.allclose(kept["running_variance"][0], must["running_variance"], rtol=1e-13)


def test_pooled_loses_no_more_digits_to_a_large_mean_than_the_means_do():
    """Each mean rounds to float32, which moves a squared distance of means by twice that; E[x^2] - E[x]^2 has no digit left here."""
    batches = [x.astype(np.float32) for x in stream((3,), 1e4)]
    whole = np.concatenate(batches).astype(np.float64)
    found = recalibrate(batches, channel_axes=(1,))["running_variance"]
    assert found.dtype == np.float32
    means = np.stack([x.mean(0) for x in batches])
    assert np.allclose(found, whole.var(0), rtol=1e-6, atol=4 * 2**-24 * 1e4 * np.ptp(means))
    squares = np.mean(np.concatenate(batches) ** 2, axis=0) - np.mean(np.concatenate(batches), axis=0) ** 2
    assert not np.isclose(squares, whole.var(0), rtol=0.5).any()


def test_half_precision_is_widened():
    batches = [(x * 300).astype(np.float16) for x in stream((3,))]
    found = recalibrate(batches, channel_axes=(1,))
    assert found["running_variance"].dtype == np.float32
    assert np.allclose(found["running_variance"], np.concatenate(batches).astype(np.float64).var(0), rtol=1e-5)


@pytest.mark.parametrize(
    ("batches", "told", "message"),
    [
        ([], {}, "batches must have a value for each statistic, got 0"),
        ([np.empty((0, 3))], {}, "got 1, all empty"),
        ([np.ones((2, 3)), np.ones((2, 4))], {}, r"the same channels, got statistics of the shapes \(3,\), \(4,\)"),
        ([np.ones((2, 3), int)], {}, "x must be floating, got int64"),
        ([np.ones((2, 3))], {"channel_axes": (2,)}, "channel_axes"),
        ([np.ones((2, 3))], {"estimator": "median"}, "estimator must be 'pooled' or 'mean' and correction 0 or 1, got 'median' and 0"),
        ([np.ones((2, 3))], {"correction": 2}, "got 'pooled' and 2"),
        ([np.ones((2, 3))], {"statistics_dtype": "float8"}, "statistics_dtype must be"),
    ],
)
def test_what_cannot_be(batches, told, message):
    with pytest.raises(InvalidInput, match=message):
        recalibrate(batches, **{"channel_axes": (1,), **told})


@pytest.mark.parametrize("estimator", DEFINITIONS)
def test_it_runs_on_every_library(estimator):
    """One function for NumPy, PyTorch, JAX under jit, TensorFlow, Dask, and what has the listed names alone."""
    import dask.array  # noqa: PLC0415 - slow to import
    import jax  # noqa: PLC0415 - likewise
    import tensorflow as tf  # noqa: PLC0415 - likewise
    import torch  # noqa: PLC0415 - likewise
    from only import Only  # noqa: PLC0415 - beside it

    batches = [x.astype("float32") for x in stream((2, 3))]
    of = lambda *batches: recalibrate(batches, channel_axes=(1,), estimator=estimator, correction=1)
    expected = of(*batches)
    for asarray, back, run in (
        (torch.from_numpy, np.asarray, of),
        (jax.numpy.asarray, np.asarray, jax.jit(of)),
        (tf.constant, np.asarray, of),
        (dask.array.from_array, np.asarray, of),
        (Only, lambda a: a.hidden, of),
    ):
        found = run(*map(asarray, batches))
        for name, must in expected.items():
            np.testing.assert_allclose(back(found[name]), must, rtol=1e-5, atol=1e-6)
