"""Full normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. Everything else has one scalar per channel, and a channel is
the tuple of an index's entries along the channel axes:

values = {"scale": {channel: ...}, "shift": {channel: ...}, "running_mean": {channel: ...}, "running_square": {channel: ...}}
"""

from definitions.indices import along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values, beside=None):
    """Take one step: give y (None in mode observe) and the state after it: with `beside`, that much beside the batch's statistics."""
    after = updated(spec, mode, x, values) if beside is None else moved_by(observed_of(spec, x), beside)
    if mode == "observe":
        return None, after
    y = {}
    for channel, indices in channels_of(spec, x).items():
        divided_by, _ = divisor_of(spec, after, channel)
        for i in indices:
            normalized = (x[i] - after["running_mean"][channel]) / divided_by
            y[i] = (values["scale"][channel] if spec.scale else 1) * normalized + (values["shift"][channel] if spec.shift else 0)
    return y, after


def vjp(spec, mode, x, values, *, dy):
    """Give the cotangents of x, scale and shift from dy, the cotangent of y.

    In train that of x is no derivative of y: the derivatives of y by the running statistics meet those of the batch's statistics by x, as
    if the running ones were these.
    """
    after, dx, dscale, dshift = updated(spec, mode, x, values), {}, {}, {}
    for channel, indices in channels_of(spec, x).items():
        mean, (divided_by, floored) = after["running_mean"][channel], divisor_of(spec, after, channel)
        dnormalized = {i: dy[i] * (values["scale"][channel] if spec.scale else 1) for i in indices}
        dshift[channel] = sum(dy[i] for i in indices)
        dscale[channel] = sum(dy[i] * (x[i] - mean) / divided_by for i in indices)
        # by the variance, which is square - mean^2, and nothing where it is floored; by the mean and the mean of squares
        dvariance = mpf(0)
        if not floored:
            dvariance = -sum(dnormalized[i] * (x[i] - mean) for i in indices) / (2 * divided_by**3)
        dsquare = dvariance
        dmean = -sum(dnormalized.values()) / divided_by - dvariance * 2 * mean
        for i in indices:
            dx[i] = dnormalized[i] / divided_by
            if mode == "train":  # the batch's mean of x and of x^2
                dx[i] += dmean / len(indices) + dsquare * 2 * x[i] / len(indices)
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def updated(spec, mode, x, values):
    """Give the state after a step."""
    before = {name: values[name] for name in ("running_mean", "running_square")}
    if mode not in ("train", "observe"):
        return before
    observed = observed_of(spec, x)
    return {n: {c: old + mpf(spec.rate) * (observed[n][c] - old) for c, old in array.items()} for n, array in before.items()}


def observed_of(spec, x):
    """Give the mean of x and that of its squares."""
    channels, powers = channels_of(spec, x), {"running_mean": 1, "running_square": 2}
    return {name: {c: sum(x[i] ** p for i in own) / len(own) for c, own in channels.items()} for name, p in powers.items()}


def beside_observed(spec, x, values):
    """Give by how much the state after a step of training is beside the batch's statistics."""
    after, observed = updated(spec, "train", x, values), observed_of(spec, x)
    return {name: {c: a - observed[name][c] for c, a in array.items()} for name, array in after.items()}


def moved_by(state, beside):
    return {name: {c: a + beside[name][c] for c, a in array.items()} for name, array in state.items()}


def divisor_of(spec, state, channel):
    """Give the root of the variance, and whether that is epsilon."""
    variance = state["running_square"][channel] - state["running_mean"][channel] ** 2
    floored = variance < mpf(spec.epsilon)
    return sqrt(mpf(spec.epsilon) if floored else variance), floored


def channels_of(spec, x):
    return grouped(x, lambda index: along(index, spec.channel_axes))
