"""Weight standardization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x is the weight; x, y and dy map an index to a scalar. A channel is the tuple of an index's
entries along the channel axes; the weights of one channel share a mean and a variance, and scale has one scalar per channel:

values = {"scale": {channel: ...}}
"""

from definitions.indices import along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values):
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for channel, indices in channels_of(spec, x).items():
        normalized, _ = normalize(spec, {i: x[i] for i in indices})
        y |= {i: scale_of(spec, values, channel) * normalized[i] for i in indices}
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x and scale from dy, the cotangent of y, by the chain rule."""
    dx, dscale = {}, {}
    for channel, indices in channels_of(spec, x).items():
        own = {i: x[i] for i in indices}
        normalized, _ = normalize(spec, own)
        # through y, which is scale * normalized
        dscale[channel] = sum(dy[i] * normalized[i] for i in indices)
        dx |= normalize_vjp(spec, own, of_normalized={i: dy[i] * scale_of(spec, values, channel) for i in indices})
    return {"x": dx} | ({"scale": dscale} if spec.scale else {})


def normalize(spec, own):
    """Give (x - mean) / divisor of one channel, whose weights are `own`, and the divisor."""
    mean = mean_of(own.values())
    divided_by = divisor(spec, variance_of(own.values(), spec.correction))
    return {i: (value - mean) / divided_by for i, value in own.items()}, divided_by


def normalize_vjp(spec, own, *, of_normalized):
    """Give the cotangents of one channel's weights from those of the normalized weights."""
    normalized, divided_by = normalize(spec, own)
    # through normalized, which is (x - mean) / divisor
    dvalues = {i: of_normalized[i] / divided_by for i in own}
    dmean = -sum(dvalues.values())
    ddivisor = -sum(of_normalized[i] * normalized[i] for i in own) / divided_by
    dvariance = ddivisor * divisor_slope(spec, variance_of(own.values(), spec.correction))
    # through the variance, the sum of (x - mean)^2 over max(n - correction, 1): by the mean in it there is no way, for the
    # deviations add up to 0; and through the mean, the sum of x over n
    mean, n = mean_of(own.values()), len(own)
    return {i: dvalues[i] + dvariance * 2 * (own[i] - mean) / max(n - spec.correction, 1) + dmean / n for i in own}


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


def scale_of(spec, values, channel):
    return values["scale"][channel] if spec.scale else 1
