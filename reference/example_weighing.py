"""Evaluation that counts each example's own statistics, and not the running ones alone. docs/inference-corrections.md has the formulas."""

from normspec.errors import InvalidInput
from normspec.layers import BatchNorm
from normspec.layers.geometry import by_sample, keeping
from normspec.records import Array, Arrays
from normspec.reference import standardize as s
from normspec.reference.checks import check, kept
from normspec.reference.names import cast, namespace, promoted, shaped
from normspec.reference.parameters import affine, along, output

__all__ = ["eval_norm", "example_weighing", "mixture", "observe_raw_moments"]

RUNNING = ("running_mean", "running_variance")


def mixture(mean: Array, variance: Array, other_mean: Array, other_variance: Array, weight: float) -> tuple[Array, Array]:
    """Give mean and variance of values of which a share `weight` is of others.

    That is the mix of the raw moments, mean and mean square, with nothing cancelled: (1 - w) v + w v' + w (1 - w) (m' - m)^2.
    """
    apart = other_mean - mean
    spread = variance + weight * (other_variance - variance)
    return mean + weight * apart, spread + weight * (1 - weight) * apart * apart


def example_weighing(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    state: Arrays | None = None,
    *,
    weight: float,
    channel_axes: tuple[int, ...],
    epsilon: float,
    batch_axes: tuple[int, ...] = (0,),
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> Array:
    """Evaluate a batch norm with a mix of the running statistics and those of each example.

    Source: Summers and Dinneen 2020, arXiv:1906.03548; the formula as in the authors' code.

    Parameters
    ----------
    x
        Floating, of any rank that has the axes.
    scale, shift
        Of the shape of x along the channel axes, in ascending order; or None.
    state
        `running_mean` and `running_variance` of that shape. The source keeps averages of raw moments, as `observe_raw_moments` does.
    weight
        The share of the example: 0 is evaluation of batch norm, 1 is instance norm.
    channel_axes, batch_axes
        The axes of the channels and of the examples: an example's own statistics are taken over all other axes, with correction 0; over
        none, each value is its own mean.
    epsilon
        What is added to the variance under the root.
    statistics_dtype, output_dtype
        As the clauses of `normspec.BatchNorm` define them.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, a running statistic is missing, or the weight is none.
    """
    check(BatchNorm, x, state=state, epsilon=epsilon, statistics_dtype=statistics_dtype, output_dtype=output_dtype)
    if not 0 <= weight <= 1:
        raise InvalidInput(f"weight must be a share between 0 and 1, got {weight!r}")
    xp, at, old = namespace(x), by_sample(tuple(x.shape), batch_axes, channel_axes), kept(state, RUNNING)
    own = s.moments(xp, x, at.axes, statistics_dtype)
    running = (along(xp, old[name], name, x, at) for name in RUNNING)
    mean, variance, own_mean, own_variance, spread = promoted(xp, *running, own.mean, own.variance, own.spread)
    _, mixed = mixture(mean, variance, own_mean, own_variance, weight)
    inverse, _ = s.divisor(xp, mixed, False, epsilon=epsilon, epsilon_place="inside")
    normal = (spread + (1 - weight) * (own_mean - mean)) * inverse  # x less the mixed mean, of which no rounding is left at weight 1
    y = affine(xp, normal, along(xp, scale, "scale", x, at), along(xp, shift, "shift", x, at))
    return output(xp, y, x, (scale, shift), output_dtype)


def observe_raw_moments(
    x: Array, state: Arrays, *, channel_axes: tuple[int, ...], rate: float, statistics_dtype: str = "widened"
) -> dict[str, Array]:
    """Give the running statistics after one more batch, where it is mean and mean square that are averaged.

    The running variance is then the mean square less the squared mean: it has how far the means of batches lie apart, which an average of
    the batches' variances, as batch norm keeps it, has not. Source: as of `example_weighing`, with a rate of 0.01, born 0 and 1.

    Parameters
    ----------
    x
        Floating, of any rank that has the channel axes, with at least one value per statistic.
    state
        `running_mean` and `running_variance` of the shape of x along the channel axes, in ascending order.
    channel_axes, statistics_dtype
        As the clauses of `normspec.BatchNorm` define them.
    rate
        The weight of the new batch.

    Returns
    -------
    dict
        `running_mean` and `running_variance` after the step, of their shapes and dtypes.

    Raises
    ------
    InvalidInput
        Where a shape does not fit, a running statistic is missing, or the rate is none.
    """
    check(BatchNorm, x, state=state, statistics_dtype=statistics_dtype)
    if not 0 <= rate <= 1:
        raise InvalidInput(f"rate must be a weight between 0 and 1, got {rate!r}")
    xp, at, old = namespace(x), keeping(tuple(x.shape), channel_axes), kept(state, RUNNING)
    seen = s.moments(xp, x, at.axes, statistics_dtype)
    running = (along(xp, old[name], name, x, at) for name in RUNNING)
    mean, variance, own_mean, own_variance = promoted(xp, *running, seen.mean, seen.variance)
    new = mixture(mean, variance, own_mean, own_variance, rate)
    return {name: cast(xp, shaped(xp, a, was.shape), was.dtype) for (name, was), a in zip(old.items(), new, strict=True)}


def eval_norm(
    x: Array,
    scale: Array | None = None,
    shift: Array | None = None,
    state: Arrays | None = None,
    *,
    training_batch: int,
    channel_axes: tuple[int, ...],
    epsilon: float,
    batch_axes: tuple[int, ...] = (0,),
    statistics_dtype: str = "widened",
    output_dtype: str = "input",
) -> Array:
    """Evaluate with a weight of 1 / B^2 for each example's own statistics, B being the number of examples in a batch of training.

    Experimental: the paper (Singh and Shrivastava 2019, arXiv:1904.06031) was not read. The weight is that of one implementation by others;
    the paper's own weights may be others, and some are learned.

    Parameters
    ----------
    x, scale, shift, state, channel_axes, batch_axes, epsilon, statistics_dtype, output_dtype
        As `example_weighing` has them; the running statistics are those that batch norm keeps with correction 0.
    training_batch
        The number of examples of which training took its statistics.

    Returns
    -------
    y
        Of x's shape, its dtype by `output_dtype`.

    Raises
    ------
    InvalidInput
        As `example_weighing` says, and where the number of examples is none.
    """
    if training_batch < 1:
        raise InvalidInput(f"training_batch must be a number of examples, 1 or more, got {training_batch!r}")
    return example_weighing(
        x,
        scale,
        shift,
        state,
        weight=training_batch**-2,
        channel_axes=channel_axes,
        epsilon=epsilon,
        batch_axes=batch_axes,
        statistics_dtype=statistics_dtype,
        output_dtype=output_dtype,
    )
