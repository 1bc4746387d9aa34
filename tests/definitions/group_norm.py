"""Group normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar, and mask, if there is one, to whether the value counts.
The channels, numbered from 0 along the channel axis, are divided into groups; the indices of one group that agree along the batch
axes share a mean and a variance. scale and shift have one scalar per place, and a place is (channel,) or (group,):

values = {"scale": {place: ...}, "shift": {place: ...}}
"""

from definitions.indices import Refusal, along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values, mask=None):
    """Give y (None in mode observe) and the state after the step, which is empty."""
    shared = sharing(spec, x)
    if spec.one_value == "refuse" and any(len(indices) == 1 for indices in shared):
        raise Refusal
    if mode == "observe":
        return None, {}
    y, place = {}, places(spec, x)
    for indices in shared:
        normalized, _ = normalize(spec, {i: x[i] for i in indices}, counting(indices, mask))
        for i in indices:
            y[i] = scale_of(spec, values, place[i]) * normalized[i] + (values["shift"][place[i]] if spec.shift else 0)
    return y, {}


def vjp(spec, mode, x, values, mask=None, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule."""
    dx, place = {}, places(spec, x)
    dscale = dict.fromkeys(values.get("scale", {}), mpf(0))
    dshift = dict.fromkeys(values.get("shift", {}), mpf(0))
    for indices in sharing(spec, x):
        own, counts = {i: x[i] for i in indices}, counting(indices, mask)
        normalized, _ = normalize(spec, own, counts)
        for i in indices:  # through y, which is scale * normalized + shift
            if spec.shift:
                dshift[place[i]] += dy[i]
            if spec.scale:
                dscale[place[i]] += dy[i] * normalized[i]
        dnormalized = {i: dy[i] * scale_of(spec, values, place[i]) for i in indices}
        dx |= normalize_vjp(spec, own, counts, of_normalized=dnormalized)
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def group_of(spec, index, channels):
    """Give the group of an index, `channels` being how many channels there are."""
    (axis,) = spec.channel_axes
    channel = index[axis]
    return channel * spec.groups // channels if spec.grouping == "contiguous" else channel % spec.groups


def sharing(spec, x):
    """Give the indices of x in lists that share statistics."""
    channels = channels_of(spec, x)
    return grouped(x, lambda index: (along(index, spec.batch_axes), group_of(spec, index, channels))).values()


def places(spec, x):
    """Give the place of every index."""
    channels = channels_of(spec, x)
    if spec.scale_per == "channel":
        return {index: along(index, spec.channel_axes) for index in x}
    return {index: (group_of(spec, index, channels),) for index in x}


def channels_of(spec, x):
    (axis,) = spec.channel_axes
    return 1 + max(index[axis] for index in x)


def normalize(spec, own, counts):
    """Give (x - mean) / divisor of values that share statistics, `own`, and the divisor. `counts` has the indices that count."""
    if len(own) == 1:  # a value is its own mean: y is shift, whatever the divisor
        return dict.fromkeys(own, mpf(0)), None
    counted = [own[i] for i in counts]
    mean, divided_by = mean_of(counted), divisor(spec, variance_of(counted, spec.correction))
    return {i: (value - mean) / divided_by for i, value in own.items()}, divided_by


def normalize_vjp(spec, own, counts, *, of_normalized):
    """Give the cotangents of values that share statistics from those of the normalized values."""
    normalized, divided_by = normalize(spec, own, counts)
    if divided_by is None:  # one value: y does not depend on it
        return dict.fromkeys(own, mpf(0))
    # through normalized, which is (x - mean) / divisor
    dvalues = {i: of_normalized[i] / divided_by for i in own}
    dmean = -sum(dvalues.values())
    ddivisor = -sum(of_normalized[i] * normalized[i] for i in own) / divided_by
    # through the variance, the sum of (x - mean)^2 over max(n - correction, 1): by the mean in it there is no way, for the
    # deviations add up to 0; and through the mean, the sum of x over n; values that do not count are in neither
    counted = [own[i] for i in counts]
    mean, n = mean_of(counted), len(counted)
    dvariance = ddivisor * divisor_slope(spec, variance_of(counted, spec.correction))
    for i in counts:
        dvalues[i] += dvariance * 2 * (own[i] - mean) / max(n - spec.correction, 1) + dmean / n
    return dvalues


def mean_of(values):
    return sum(values) / len(values)


def variance_of(values, correction):
    mean = mean_of(values)
    return sum((value - mean) ** 2 for value in values) / max(len(values) - correction, 1)


def divisor(spec, variance):
    return sqrt(variance + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(variance) + mpf(spec.epsilon)


def divisor_slope(spec, variance):
    """Give the derivative of the divisor with respect to the variance; where it has none, at variance 0, it counts as 0."""
    root = sqrt(variance + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(variance)
    return 1 / (2 * root) if root != 0 else mpf(0)


def counting(indices, mask):
    return [i for i in indices if mask is None or mask[i]]


def scale_of(spec, values, place):
    return values["scale"][place] if spec.scale else 1
