"""Batch renormalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar, and mask, if there is one, to whether the value counts.
Everything else has one scalar per channel, and a channel is the tuple of an index's entries along the channel axes:

values = {"scale": {channel: ...}, "shift": {channel: ...}, "running_mean": {channel: ...}, ..., "count": k}

With `averaged` "deviation" there is a running_deviation, with "variance" a running_variance, with "both" there are both; where
`renorm_rate` is given there are a renorm_mean and a renorm_deviation, or a renorm_variance with "variance".
"""

from definitions.indices import Refusal, along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values, mask=None, corrected_by=None):
    """Take one step: give y (None in mode observe) and the state after it. With `corrected_by`, that is r and d of each channel."""
    channels = channels_of(spec, x)
    if mode in ("train", "observe") and spec.one_value == "refuse" and any(len(indices) == 1 for indices in channels.values()):
        raise Refusal
    after = updated(spec, x, values, mask) if mode in ("train", "observe") else state_of(spec, values)
    if mode == "observe":
        return None, after
    y = {}
    for channel, indices in channels.items():
        _, multiplied = multiplied_of(spec, mode, x, values, mask, channel, indices, corrected_by)
        for i in indices:
            y[i] = (values["scale"][channel] if spec.scale else 1) * multiplied[i] + (values["shift"][channel] if spec.shift else 0)
    return y, after


def vjp(spec, mode, x, values, mask=None, *, dy):
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule; r and d are constants."""
    dx, dscale, dshift = {}, {}, {}
    for channel, indices in channels_of(spec, x).items():
        divided_by, multiplied = multiplied_of(spec, mode, x, values, mask, channel, indices)
        dshift[channel] = sum(dy[i] for i in indices)
        dscale[channel] = sum(dy[i] * multiplied[i] for i in indices)
        dmultiplied = {i: dy[i] * (values["scale"][channel] if spec.scale else 1) for i in indices}
        if mode != "train":
            dx |= {i: dmultiplied[i] / divided_by for i in indices}
            continue
        own = counting(x, indices, mask)
        r, _ = correction_of(spec, own, values, channel)
        dnormalized = {i: r * dmultiplied[i] for i in indices}
        if divided_by == 0:  # then all values are their mean, and y does not depend on them
            dx |= dict.fromkeys(indices, mpf(0))
            continue
        # through normalized, which is (x - mean) / sqrt(variance + epsilon)
        mean = mean_of(own)
        dmean = -sum(dnormalized.values()) / divided_by
        ddivisor = -sum(dnormalized[i] * (x[i] - mean) for i in indices) / divided_by**2
        # through the divisor, whose square is the sum of (x - mean)^2 over max(n - correction, 1), plus epsilon; and through the mean
        dvariance = ddivisor / (2 * divided_by)
        for i in indices:
            dx[i] = dnormalized[i] / divided_by
            if mask is None or mask[i]:
                dx[i] += dvariance * 2 * (x[i] - mean) / max(len(own) - spec.correction, 1) + dmean / len(own)
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def multiplied_of(spec, mode, x, values, mask, channel, indices, corrected_by=None):
    """Give the divisor of one channel, and what scale multiplies."""
    if mode == "train":
        own = counting(x, indices, mask)
        r, d = corrected_by[channel] if corrected_by else correction_of(spec, own, values, channel)
        mean, divided_by = mean_of(own), sqrt(variance_of(own, spec.correction) + mpf(spec.epsilon))
        if divided_by == 0:
            return divided_by, dict.fromkeys(indices, d)
        return divided_by, {i: (x[i] - mean) / divided_by * r + d for i in indices}
    mean = values["running_mean"][channel]
    if spec.averaged == "deviation":
        divided_by = values["running_deviation"][channel]
    else:
        divided_by = sqrt(values["running_variance"][channel] + mpf(spec.epsilon))
    return divided_by, {i: (x[i] - mean) / divided_by for i in indices}


def correction_of(spec, own, values, channel):
    """Give r and d of one channel, from the averages before the step."""
    of = "running" if spec.renorm_rate is None else "renorm"
    mean = values[f"{of}_mean"][channel]
    if spec.averaged == "variance":
        divisor = sqrt(values[f"{of}_variance"][channel] + mpf(spec.epsilon))
    else:
        divisor = values[f"{of}_deviation"][channel]
        divisor = max(divisor, sqrt(mpf(spec.epsilon))) if spec.floor else divisor
    r = sqrt(variance_of(own, spec.correction) + mpf(spec.epsilon)) / divisor
    d = (mean_of(own) - mean) / divisor
    r = max(r, mpf(spec.r_min))
    r = r if spec.r_max is None else min(r, mpf(spec.r_max))
    return r, d if spec.d_max is None else max(-mpf(spec.d_max), min(d, mpf(spec.d_max)))


def corrections(spec, x, values, mask=None):
    """Give r and d of every channel."""
    return {c: correction_of(spec, counting(x, indices, mask), values, c) for c, indices in channels_of(spec, x).items()}


def updated(spec, x, values, mask=None):
    """Give the state after one more observation."""
    after = {name: {} for name in state_of(spec, values)}
    if spec.running.start != "initial":
        after["count"] = values["count"] + 1
    rates = {"running": spec.running.rate} | ({} if spec.renorm_rate is None else {"renorm": spec.renorm_rate})
    for channel, indices in channels_of(spec, x).items():
        own = counting(x, indices, mask)
        variance = variance_of(own, spec.running.correction)
        deviation = sqrt(variance + mpf(spec.epsilon))
        for of, rate in rates.items():
            weight = weight_of(spec.running.start, mpf(rate), after.get("count"))
            size = {"variance": variance} if spec.averaged == "variance" else {"deviation": deviation}
            for name, value in {"mean": mean_of(own), **size}.items():
                old = values[f"{of}_{name}"][channel]
                after[f"{of}_{name}"][channel] = old + weight * (value - old)
        if spec.averaged == "both":
            after["running_variance"][channel] = max(after["running_deviation"][channel] ** 2 - mpf(spec.epsilon), mpf(0))
    return after


def state_of(spec, values):
    sizes = {"deviation": ["deviation"], "variance": ["variance"], "both": ["deviation", "variance"]}[spec.averaged]
    names = ["running_mean", *(f"running_{name}" for name in sizes)]
    names += [] if spec.renorm_rate is None else ["renorm_mean", f"renorm_{sizes[0]}"]
    names += [] if spec.running.start == "initial" else ["count"]
    return {name: values[name] for name in names}


def weight_of(start, rate, k):
    """Give the weight of the k-th observation."""
    if start == "initial":
        return rate
    if start == "first":
        return mpf(1) if k == 1 else rate
    return rate / (1 - (1 - rate) ** k) if rate != 0 else mpf(1) / k


def counting(x, indices, mask):
    """Give the values of one channel that count in its statistics."""
    return [x[i] for i in indices if mask is None or mask[i]]


def mean_of(values):
    return sum(values) / len(values)


def variance_of(values, correction):
    mean = mean_of(values)
    return sum((value - mean) ** 2 for value in values) / max(len(values) - correction, 1)


def channels_of(spec, x):
    return grouped(x, lambda index: along(index, spec.channel_axes))
