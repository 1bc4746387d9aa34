"""Running statistics that are not those of evaluation: by dropout, which is of training alone, or because there were few steps."""

from math import ceil, inf, log, log1p, pi

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
