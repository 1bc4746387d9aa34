"""Running statistics that are not those of evaluation: by dropout, which is of training alone, or because there were few steps."""

from math import ceil, expm1, inf, log, log1p, pi, sqrt

from normspec.layers.running import Running

OF_RELU = 1 / (pi - 1)
"""The squared mean over the variance of a normal x of mean 0 after ReLU."""


def variance_kept(rate: float, squared_mean: float = 0.0) -> float:
    """Give the variance, in evaluation, of what a norm with running statistics makes 1 in training, right after dropout.

    Parameters
    ----------
    rate
        The share that is set to 0.
    squared_mean
        The squared mean of what is dropped, over its variance.

    Returns
    -------
    float
        (1 - rate) / (1 + rate squared_mean): dropout keeps the mean, and makes the variance v one of (v + rate mean^2) / (1 - rate).
    """
    return (1 - rate) / (1 + rate * squared_mean)


def left(running: Running, steps: int) -> float:
    """Give the share of running statistics that is still what they were born with after so many steps."""
    return (1 - running.rate) ** steps if running.start == "initial" or steps == 0 else 0.0


def steps_until(running: Running, share: float) -> float:
    """Give the number of steps after which at most this share is left of what they were born with; infinity where that is never."""
    if running.start != "initial" or running.rate == 1:
        return 1
    return ceil(log(share) / log1p(-running.rate)) if running.rate else inf


def batches(running: Running) -> float:
    """Give of how many batches the plain mean is as noisy as running statistics are in the long run: (2 - rate) / rate."""
    return (2 - running.rate) / running.rate if running.rate else inf


def of_first(running: Running, steps: int) -> float:
    """Give the share of running statistics that is still the first observation after so many steps: the weight that lasts longest."""
    if steps == 0:
        return 0.0
    since = (1 - running.rate) ** (steps - 1)
    if running.start == "debiased":
        whole = steps if running.rate == 0 else 1.0 if running.rate == 1 else -expm1(steps * log1p(-running.rate)) / running.rate
        return since / whole
    return since if running.start == "first" else running.rate * since


def variance_after(running: Running, steps: int, variance: float) -> float:
    """Give the running variance after so many steps in which every batch had this one."""
    share = left(running, steps)
    return share * running.initial_variance + (1 - share) * variance


def divisor_off(running: Running, steps: int, variance: float, *, epsilon: float = 0.0, epsilon_place: str = "inside") -> float:
    """Give what evaluation divides by after so many steps, over what it should: the divisor of the variance that every batch had.

    Parameters
    ----------
    running, steps
        The running statistics, and how often they observed.
    variance
        That of every batch: positive, or epsilon is.
    epsilon, epsilon_place
        As the clauses of `normspec.BatchNorm` define them.

    Returns
    -------
    float
        Above 1, y is too small by this factor; below, too large.
    """
    kept, right = (_divisor(v, epsilon, epsilon_place) for v in (variance_after(running, steps, variance), variance))
    return kept / right


def _divisor(variance: float, epsilon: float, epsilon_place: str) -> float:
    if epsilon_place == "inside":
        return sqrt(variance + epsilon)
    return sqrt(variance) + epsilon if epsilon_place == "outside" else max(sqrt(variance), epsilon)
