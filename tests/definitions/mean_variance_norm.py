"""Mean and variance normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A sample is the indices that differ along the axes
alone: they share a mean and a variance. The layer owns no arrays, so that `values` is empty.
"""

from definitions.indices import across, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values):  # noqa: ARG001 - there are none
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for indices in samples_of(spec, x):
        mean, divided_by = mean_and_divisor(spec, [x[i] for i in indices])
        y |= {i: (x[i] - mean) / divided_by for i in indices}
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode, and there are no values
    """Give the cotangent of x from dy, the cotangent of y, by the chain rule."""
    dx = {}
    for indices in samples_of(spec, x):
        own = [x[i] for i in indices]
        mean, divided_by = mean_and_divisor(spec, own)
        # through y, which is (x - mean) / divisor
        dvalues = {i: dy[i] / divided_by for i in indices}
        dmean = -sum(dvalues.values())
        ddivisor = -sum(dy[i] * (x[i] - mean) for i in indices) / divided_by**2
        dvariance = ddivisor * divisor_slope(spec, variance_of(own, spec.correction))
        # through the variance, the sum of (x - mean)^2 over max(n - correction, 1): by the mean in it there is no way, for the
        # deviations add up to 0; and through the mean, the sum of x over n
        n = len(own)
        dx |= {i: dvalues[i] + dvariance * 2 * (x[i] - mean) / max(n - spec.correction, 1) + dmean / n for i in indices}
    return {"x": dx}


def mean_and_divisor(spec, own):
    """Give the mean of one sample, whose values are `own`, and what its deviations are divided by."""
    return mean_of(own), divisor(spec, variance_of(own, spec.correction)) if spec.divide else mpf(1)


def mean_of(values):
    return sum(values) / len(values)


def variance_of(values, correction):
    mean = mean_of(values)
    return sum((value - mean) ** 2 for value in values) / max(len(values) - correction, 1)


def divisor(spec, variance):
    epsilon = mpf(spec.epsilon)
    if spec.epsilon_place == "inside":
        return sqrt(variance + epsilon)
    return sqrt(variance) + epsilon if spec.epsilon_place == "outside" else max(sqrt(variance), epsilon)


def divisor_slope(spec, variance):
    """Give the derivative of the divisor with respect to the variance; where it has none, at variance 0, it counts as 0."""
    if not spec.divide or (spec.epsilon_place == "floor" and sqrt(variance) <= mpf(spec.epsilon)):  # the divisor is a constant
        return mpf(0)
    root = sqrt(variance + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(variance)
    return 1 / (2 * root) if root != 0 else mpf(0)


def samples_of(spec, x):
    return grouped(x, lambda index: across(index, spec.axes)).values()
