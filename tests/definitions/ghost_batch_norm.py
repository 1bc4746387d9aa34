"""Ghost batch normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar; its first entry is the sample. A ghost is some of the samples,
and a set of values that share statistics is the indices of one ghost that agree along the channel axes. Parameters and state have one
scalar per channel, and a channel is the tuple of an index's entries along the channel axes:

values = {"scale": {channel: ...}, "shift": {channel: ...}, "running_mean": {channel: ...}, "running_variance": {channel: ...}, "count": k}
"""

from definitions.indices import Refusal, along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values):
    """Take one step: give y (None in mode observe) and the state after it."""
    own = takes_statistics(spec, mode)
    if own and spec.one_value == "refuse" and any(len(indices) == 1 for ghost in ghosts_of(spec, x) for indices in ghost.values()):
        raise Refusal
    after = updated(spec, mode, x, values)
    if mode == "observe":
        return None, after
    y = {}
    for channel, indices in sets_of(spec, mode, x):
        normalized, _ = normalize(spec, mode, channel, {i: x[i] for i in indices}, values)
        for i in indices:
            y[i] = scale_of(spec, values, channel) * normalized[i] + (values["shift"][channel] if spec.shift else 0)
    return y, after


def vjp(spec, mode, x, values, *, dy):
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule. `values` are those before the step."""
    dx = {}
    dscale = dict.fromkeys(values.get("scale", {}), mpf(0))
    dshift = dict.fromkeys(values.get("shift", {}), mpf(0))
    for channel, indices in sets_of(spec, mode, x):
        own = {i: x[i] for i in indices}
        normalized, divided_by = normalize(spec, mode, channel, own, values)
        # through y, which is scale * normalized + shift
        if spec.shift:
            dshift[channel] += sum(dy[i] for i in indices)
        if spec.scale:
            dscale[channel] += sum(dy[i] * normalized[i] for i in indices)
        dnormalized = {i: dy[i] * scale_of(spec, values, channel) for i in indices}
        dx |= normalize_vjp(spec, mode, own, normalized, divided_by, dnormalized)
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def normalize(spec, mode, channel, own, values):
    """Give (x - mean) / divisor of the values that share statistics, and the divisor."""
    if not own_statistics(spec, mode):
        mean, variance = values["running_mean"][channel], values["running_variance"][channel]
    elif len(own) == 1:  # a value is its own mean: y is shift, whatever the divisor
        return dict.fromkeys(own, mpf(0)), None
    else:
        mean, variance = mean_of(own.values()), variance_of(own.values(), spec.correction)
    divided_by = divisor(spec, variance)
    return {i: (value - mean) / divided_by for i, value in own.items()}, divided_by


def normalize_vjp(spec, mode, own, normalized, divided_by, of_normalized):
    """Give the cotangents of values that share statistics from those of the normalized ones."""
    if divided_by is None:  # one value: y does not depend on it
        return dict.fromkeys(own, mpf(0))
    # through normalized, which is (x - mean) / divisor
    dvalues = {i: of_normalized[i] / divided_by for i in own}
    if not own_statistics(spec, mode):  # the running statistics do not come from x
        return dvalues
    dmean = -sum(dvalues.values())
    ddivisor = -sum(of_normalized[i] * normalized[i] for i in own) / divided_by
    # through the variance, the sum of (x - mean)^2 over max(n - correction, 1): by the mean in it there is no way, for the
    # deviations add up to 0; and through the mean, the sum of x over n
    mean, n = mean_of(own.values()), len(own)
    dvariance = ddivisor * divisor_slope(spec, variance_of(own.values(), spec.correction))
    return {i: dvalues[i] + dvariance * 2 * (own[i] - mean) / max(n - spec.correction, 1) + dmean / n for i in own}


def updated(spec, mode, x, values):
    """Give the state after a step's observations, in the modes that observe."""
    if spec.running is None:
        return {}
    after = {name: values[name] for name in ("running_mean", "running_variance", "count") if name in values}
    if mode not in ("train", "observe"):
        return after
    for observation in observations(spec, x):
        if spec.running.start != "initial":
            after["count"] += 1
        weight = weight_of(spec.running, after)
        for name, of_channel in observation.items():
            after[name] = {channel: old + weight * (of_channel[channel] - old) for channel, old in after[name].items()}
    return after


def observations(spec, x):
    """Give what a step observes, one after the other: the mean and the variance of every channel."""
    parts = [ghost_statistics(spec, x, ghost) for ghost in ghosts_of(spec, x)]
    if spec.observed == "each":
        return parts
    if spec.observed == "whole":
        return [ghost_statistics(spec, x, grouped(x, lambda index: along(index, spec.channel_axes)))]
    return [{name: {channel: mean_of([part[name][channel] for part in parts]) for channel in parts[0][name]} for name in parts[0]}]


def ghost_statistics(spec, x, of_channels):
    """Give the mean and the variance of each channel, whose indices are given."""
    own = {channel: [x[i] for i in indices] for channel, indices in of_channels.items()}
    return {
        "running_mean": {channel: mean_of(found) for channel, found in own.items()},
        "running_variance": {channel: variance_of(found, spec.running.correction) for channel, found in own.items()},
    }


def ghosts_of(spec, x):
    """Give for every ghost, in the order of their first samples, the indices of each channel."""
    samples = 1 + max(index[0] for index in x)
    count = samples // spec.ghost_size

    def ghost_of(sample):
        return sample // spec.ghost_size if spec.grouping == "contiguous" else sample % count

    return [grouped([i for i in x if ghost_of(i[0]) == g], lambda index: along(index, spec.channel_axes)) for g in range(count)]


def sets_of(spec, mode, x):
    """Give the channel and the indices of each set of values that one mean and one divisor normalize."""
    if own_statistics(spec, mode):
        return [item for ghost in ghosts_of(spec, x) for item in ghost.items()]
    return list(grouped(x, lambda index: along(index, spec.channel_axes)).items())


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


def scale_of(spec, values, channel):
    return values["scale"][channel] if spec.scale else 1


def own_statistics(spec, mode):
    """Tell whether x's own statistics normalize."""
    return spec.running is None or mode == "train"


def takes_statistics(spec, mode):
    return mode in ("train", "observe") or spec.running is None
