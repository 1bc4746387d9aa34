"""Adaptive instance normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar, and so does the style, whose indices may be others along the
axes of the statistics. An instance is the indices that agree along the batch axes and along the channel axes, and a place is the tuple
of an index's entries along all of these axes, in ascending order:

values = {"style": {index: ...}}
"""

from definitions.indices import Refusal, along, grouped
from mpmath import mpf, sqrt


def forward(spec, _, x, values):
    """Take one step, alike in every mode: give y, and no state."""
    instances, styles = instances_of(spec, x), instances_of(spec, values["style"])
    if spec.one_value == "refuse" and any(len(indices) == 1 for indices in instances.values()):
        raise Refusal
    y = {}
    for place, indices in instances.items():
        normalized, _ = normalize(spec, {i: x[i] for i in indices})
        style = [values["style"][j] for j in styles[place]]
        for i in indices:
            y[i] = deviation_of(spec, style) * normalized[i] + mean_of(style)
    return y, {}


def vjp(spec, _, x, values, *, dy):
    """Give the cotangents of x and style from dy, the cotangent of y, by the chain rule."""
    dx, dstyle, styles = {}, {}, instances_of(spec, values["style"])
    for place, indices in instances_of(spec, x).items():
        own = {i: x[i] for i in indices}
        style = {j: values["style"][j] for j in styles[place]}
        normalized, divided_by = normalize(spec, own)
        # through y, which is deviation * normalized + mean, both of the style
        deviation = deviation_of(spec, style.values())
        dmean = sum(dy[i] for i in indices)
        ddeviation = sum(dy[i] * normalized[i] for i in indices)
        dx |= normalize_vjp(spec, own, normalized, divided_by, {i: dy[i] * deviation for i in indices})
        dstyle |= style_vjp(spec, style, deviation, dmean, ddeviation)
    return {"x": dx, "style": dstyle}


def style_vjp(spec, style, deviation, dmean, ddeviation):
    """Give the cotangents of one instance's style from those of its mean and its deviation."""
    # a root has no derivative at 0, where it counts as 0
    dvariance = ddeviation / (2 * deviation) if deviation != 0 else mpf(0)
    mean, n = mean_of(style.values()), len(style)
    return {j: dmean / n + dvariance * 2 * (style[j] - mean) / max(n - spec.style_correction, 1) for j in style}


def normalize(spec, own):
    """Give (x - mean) / divisor of one instance, whose values are `own`, and the divisor."""
    if len(own) == 1:  # a value is its own mean: y is the mean of the style, whatever the divisor
        return dict.fromkeys(own, mpf(0)), None
    mean, divided_by = mean_of(own.values()), divisor(spec, variance_of(own.values(), spec.correction))
    return {i: (value - mean) / divided_by for i, value in own.items()}, divided_by


def normalize_vjp(spec, own, normalized, divided_by, of_normalized):
    """Give the cotangents of one instance's values from those of its normalized values."""
    if divided_by is None:  # one value: y does not depend on it
        return dict.fromkeys(own, mpf(0))
    # through normalized, which is (x - mean) / divisor
    dvalues = {i: of_normalized[i] / divided_by for i in own}
    dmean = -sum(dvalues.values())
    ddivisor = -sum(of_normalized[i] * normalized[i] for i in own) / divided_by
    # through the variance, the sum of (x - mean)^2 over max(n - correction, 1): by the mean in it there is no way, for the
    # deviations add up to 0; and through the mean, the sum of x over n
    mean, n = mean_of(own.values()), len(own)
    dvariance = ddivisor * divisor_slope(spec, variance_of(own.values(), spec.correction))
    return {i: dvalues[i] + dvariance * 2 * (own[i] - mean) / max(n - spec.correction, 1) + dmean / n for i in own}


def mean_of(values):
    return sum(values) / len(values)


def variance_of(values, correction):
    mean = mean_of(values)
    return sum((value - mean) ** 2 for value in values) / max(len(values) - correction, 1)


def deviation_of(spec, style):
    return sqrt(variance_of(style, spec.style_correction) + mpf(spec.style_epsilon))


def divisor(spec, variance):
    return sqrt(variance + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(variance) + mpf(spec.epsilon)


def divisor_slope(spec, variance):
    """Give the derivative of the divisor with respect to the variance; where it has none, at variance 0, it counts as 0."""
    root = sqrt(variance + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(variance)
    return 1 / (2 * root) if root != 0 else mpf(0)


def instances_of(spec, x):
    return grouped(x, lambda index: along(index, spec.batch_axes + spec.channel_axes))
