"""Feature normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A feature is the tuple of an index's entries along the
channel axes; mean and variance have one scalar per feature. They are state where the layer observes, with a count of the values of
each feature that were observed; else they are given:

values = {"mean": {feature: ...}, "variance": {feature: ...}, "count": k}
"""

from definitions.indices import along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values):
    """Take one step: give y (None in mode observe) and the state after it."""
    after = {name: values[name] for name in ("mean", "variance", "count")} if spec.observes else {}
    if mode == "observe":
        return None, observed(spec, x, values) if spec.observes else after
    y = {}
    for feature, indices in features_of(spec, x).items():
        mean, divided_by = values["mean"][feature], divisor(spec, values["variance"][feature])
        for i in indices:
            y[i] = x[i] * divided_by + mean if spec.invert else (x[i] - mean) / divided_by
    return y, after


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangent of x from dy, the cotangent of y; mean and variance are constants, and have none."""
    dx = {}
    for feature, indices in features_of(spec, x).items():
        divided_by = divisor(spec, values["variance"][feature])
        dx |= {i: dy[i] * divided_by if spec.invert else dy[i] / divided_by for i in indices}
    return {"x": dx}


def observed(spec, x, values):
    """Give the moments of all that was observed before, and of x: two sets of values are merged exactly."""
    before, after = values["count"], {"mean": {}, "variance": {}}
    for feature, indices in features_of(spec, x).items():
        mean, n = values["mean"][feature], len(indices)
        # the sums of squared deviations, about the mean of each set; before the first observation there are none
        squares = values["variance"][feature] * max(before - spec.correction, 1) if before > 0 else mpf(0)
        own_mean = sum(x[i] for i in indices) / n
        own_squares = sum((x[i] - own_mean) ** 2 for i in indices)
        # about the mean of both together
        count = before + n
        distance = own_mean - mean
        squares += own_squares + distance**2 * before * n / count
        after["mean"][feature] = mean + distance * n / count
        after["variance"][feature] = squares / max(count - spec.correction, 1)
        after["count"] = count  # the same for every feature
    return after


def divisor(spec, variance):
    epsilon = mpf(spec.epsilon)
    if variance == 0 and spec.zero_variance == "one":
        return mpf(1)
    if spec.epsilon_place == "inside":
        return sqrt(variance + epsilon)
    return sqrt(variance) + epsilon if spec.epsilon_place == "outside" else max(sqrt(variance), epsilon)


def features_of(spec, x):
    return grouped(x, lambda index: along(index, spec.channel_axes))
