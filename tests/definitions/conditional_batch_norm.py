"""Conditional batch normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A channel is the tuple of an index's entries along the
channel axes, and a place that of its entries along the batch axes and the channel axes, both in ascending order. State has one scalar
for each channel, and what is given with x one for each place:

values = {"scale": {place: ...}, "shift": {place: ...}, "running_mean": {channel: ...}, "running_variance": {channel: ...}, "count": k}
"""

from definitions.indices import Refusal, along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values):
    """Take one step: give y (None in mode observe) and the state after it."""
    channels = channels_of(spec, x)
    takes_statistics = mode in ("train", "observe") or spec.running is None
    if takes_statistics and spec.one_value == "refuse" and any(len(indices) == 1 for indices in channels.values()):
        raise Refusal
    after = updated(spec, mode, x, values)
    if mode == "observe":
        return None, after
    y = {}
    for channel, indices in channels.items():
        normalized, _ = normalize(spec, mode, channel, {i: x[i] for i in indices}, values)
        for i in indices:
            place = place_of(spec, i)
            y[i] = values["scale"][place] * normalized[i] + values["shift"][place]
    return y, after


def vjp(spec, mode, x, values, *, dy):
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule. `values` are those before the step."""
    dx = {}
    dscale, dshift = dict.fromkeys(values["scale"], mpf(0)), dict.fromkeys(values["shift"], mpf(0))
    for channel, indices in channels_of(spec, x).items():
        own = {i: x[i] for i in indices}
        normalized, divided_by = normalize(spec, mode, channel, own, values)
        # through y, which is scale * normalized + shift
        dnormalized = {}
        for i in indices:
            place = place_of(spec, i)
            dshift[place] += dy[i]
            dscale[place] += dy[i] * normalized[i]
            dnormalized[i] = dy[i] * values["scale"][place]
        dx |= normalize_vjp(spec, mode, own, normalized, divided_by, dnormalized)
    return {"x": dx, "scale": dscale, "shift": dshift}


def normalize(spec, mode, channel, own, values):
    """Give (x - mean) / divisor of one channel, whose values are `own`, and the divisor."""
    if uses_running(spec, mode):
        mean, variance = values["running_mean"][channel], values["running_variance"][channel]
    elif len(own) == 1:  # a value is its own mean: y is shift, whatever the divisor
        return dict.fromkeys(own, mpf(0)), None
    else:
        mean, variance = mean_of(own.values()), variance_of(own.values(), spec.correction)
    divided_by = divisor(spec, variance)
    return {i: (value - mean) / divided_by for i, value in own.items()}, divided_by


def normalize_vjp(spec, mode, own, normalized, divided_by, of_normalized):
    """Give the cotangents of one channel's values from those of its normalized values."""
    if divided_by is None:  # one value: y does not depend on it
        return dict.fromkeys(own, mpf(0))
    # through normalized, which is (x - mean) / divisor
    dvalues = {i: of_normalized[i] / divided_by for i in own}
    if uses_running(spec, mode):  # the running statistics do not come from x
        return dvalues
    dmean = -sum(dvalues.values())
    ddivisor = -sum(of_normalized[i] * normalized[i] for i in own) / divided_by
    # through the variance, the sum of (x - mean)^2 over max(n - correction, 1): by the mean in it there is no way, for the
    # deviations add up to 0; and through the mean, the sum of x over n
    mean, n = mean_of(own.values()), len(own)
    dvariance = ddivisor * divisor_slope(spec, variance_of(own.values(), spec.correction))
    return {i: dvalues[i] + dvariance * 2 * (own[i] - mean) / max(n - spec.correction, 1) + dmean / n for i in own}


def updated(spec, mode, x, values):
    """Give the state after one more observation, in the modes that observe."""
    if spec.running is None:
        return {}
    after = {name: values[name] for name in ("running_mean", "running_variance", "count") if name in values}
    if mode not in ("train", "observe"):
        return after
    if spec.running.start != "initial":
        after["count"] = values["count"] + 1
    weight = weight_of(spec.running, after)
    for channel, indices in channels_of(spec, x).items():
        own = [x[i] for i in indices]
        observed = {"running_mean": mean_of(own), "running_variance": variance_of(own, spec.running.correction)}
        for name, value in observed.items():
            old = values[name][channel]
            after[name] = after[name] | {channel: old + weight * (value - old)}
    return after


def weight_of(running, state):
    """Give the weight of the k-th observation, the count of `state` being k."""
    rate = mpf(running.rate)
    if running.start == "initial":
        return rate
    k = state["count"]
    if running.start == "first":
        return mpf(1) if k == 1 else rate
    return rate / (1 - (1 - rate) ** k) if rate != 0 else mpf(1) / k


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


def channels_of(spec, x):
    return grouped(x, lambda index: along(index, spec.channel_axes))


def place_of(spec, index):
    return along(index, spec.batch_axes + spec.channel_axes)


def uses_running(spec, mode):
    return spec.running is not None and mode != "train"
