"""Instance normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar, and mask, if there is one, to whether the value counts.
An instance is the indices that agree along the batch axes and along the channel axes. Parameters and state have one scalar per
channel, and a channel is the tuple of an index's entries along the channel axes:

values = {"scale": {channel: ...}, "shift": {channel: ...}, "running_mean": {channel: ...}, "running_variance": {channel: ...}, "count": k}
"""

from definitions.indices import Refusal, along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values, mask=None):
    """Take one step: give y (None in mode observe) and the state after it."""
    instances = instances_of(spec, x)
    if takes_statistics(spec, mode) and spec.one_value == "refuse" and any(len(indices) == 1 for indices in instances):
        raise Refusal
    after = updated(spec, mode, x, values, mask)
    if mode == "observe":
        return None, after
    y = {}
    for indices in instances:
        channel = along(indices[0], spec.channel_axes)
        normalized, _ = normalize(spec, mode, {i: x[i] for i in indices}, counting(indices, mask), values)
        for i in indices:
            y[i] = scale_of(spec, values, channel) * normalized[i] + (values["shift"][channel] if spec.shift else 0)
    return y, after


def vjp(spec, mode, x, values, mask=None, *, dy):
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule. `values` are those before the step."""
    dx = {}
    dscale = dict.fromkeys(values.get("scale", {}), mpf(0))
    dshift = dict.fromkeys(values.get("shift", {}), mpf(0))
    for indices in instances_of(spec, x):
        channel = along(indices[0], spec.channel_axes)
        own, counts = {i: x[i] for i in indices}, counting(indices, mask)
        normalized, _ = normalize(spec, mode, own, counts, values)
        # through y, which is scale * normalized + shift
        if spec.shift:
            dshift[channel] += sum(dy[i] for i in indices)
        if spec.scale:
            dscale[channel] += sum(dy[i] * normalized[i] for i in indices)
        dnormalized = {i: dy[i] * scale_of(spec, values, channel) for i in indices}
        dx |= normalize_vjp(spec, mode, own, counts, values, of_normalized=dnormalized)
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def normalize(spec, mode, own, counts, values):
    """Give (x - mean) / divisor of one instance, whose values are `own`, and the divisor. `counts` has the indices that count."""
    if uses_running(spec, mode):
        channel = along(next(iter(own)), spec.channel_axes)
        mean, variance = values["running_mean"][channel], values["running_variance"][channel]
    elif len(own) == 1:  # a value is its own mean: y is shift, whatever the divisor
        return dict.fromkeys(own, mpf(0)), None
    else:
        counted = [own[i] for i in counts]
        mean, variance = mean_of(counted), variance_of(counted, spec.correction)
    divided_by = divisor(spec, variance)
    return {i: (value - mean) / divided_by for i, value in own.items()}, divided_by


def normalize_vjp(spec, mode, own, counts, values, *, of_normalized):
    """Give the cotangents of one instance's values from those of its normalized values."""
    normalized, divided_by = normalize(spec, mode, own, counts, values)
    if divided_by is None:  # one value: y does not depend on it
        return dict.fromkeys(own, mpf(0))
    # through normalized, which is (x - mean) / divisor
    dvalues = {i: of_normalized[i] / divided_by for i in own}
    if uses_running(spec, mode):  # the running statistics do not come from x
        return dvalues
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


def updated(spec, mode, x, values, mask=None):
    """Give the state after one more observation, in the modes that observe."""
    if spec.running is None:
        return {}
    after = {name: values[name] for name in ("running_mean", "running_variance", "count") if name in values}
    if mode not in ("train", "observe"):
        return after
    if spec.running.start != "initial":
        after["count"] = values["count"] + 1
    weight = weight_of(spec.running, after)
    for name, observed in observations(spec, x, mask).items():
        after[name] = {channel: old + weight * (observed[channel] - old) for channel, old in values[name].items()}
    return after


def observations(spec, x, mask):
    """Give what one step observes of every channel: the mean, over the batch, of its instances' means and of their variances."""
    means, variances = {}, {}
    for indices in instances_of(spec, x):
        channel = along(indices[0], spec.channel_axes)
        counted = [x[i] for i in counting(indices, mask)]
        means.setdefault(channel, []).append(mean_of(counted))
        variances.setdefault(channel, []).append(variance_of(counted, spec.running.correction))
    return {
        "running_mean": {channel: mean_of(of_instances) for channel, of_instances in means.items()},
        "running_variance": {channel: mean_of(of_instances) for channel, of_instances in variances.items()},
    }


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


def instances_of(spec, x):
    return grouped(x, lambda index: (along(index, spec.batch_axes), along(index, spec.channel_axes))).values()


def counting(indices, mask):
    return [i for i in indices if mask is None or mask[i]]


def scale_of(spec, values, channel):
    return values["scale"][channel] if spec.scale else 1


def uses_running(spec, mode):
    return spec.running is not None and mode != "train"


def takes_statistics(spec, mode):
    return mode in ("train", "observe") or spec.running is None
