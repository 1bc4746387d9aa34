"""Layer normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar, and mask, if there is one, to whether the value counts.
A sample is the indices that differ along the axes alone. scale and shift have one scalar per place, and a place is the tuple of an
index's entries along the parameter axes:

parameters = {"scale": {place: ...}, "shift": {place: ...}}
"""

from definitions.indices import Refusal, across, along, grouped
from mpmath import mpf, sqrt


def forward(spec, x, parameters, mask=None):
    """Give y, which is the same in every mode."""
    samples = samples_of(spec, x)
    if spec.one_value == "refuse" and any(len(indices) == 1 for indices in samples):
        raise Refusal
    y = {}
    for indices in samples:
        normalized, _ = normalize(spec, [x[i] for i in indices], counting(indices, mask))
        for i, value in zip(indices, normalized, strict=True):
            place = along(i, spec.parameter_axes)
            y[i] = scale_of(spec, parameters, place) * value + (parameters["shift"][place] if spec.shift else 0)
    return y


def vjp(spec, x, parameters, dy, mask=None):
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule."""
    dx = {}
    dscale = dict.fromkeys(parameters.get("scale", {}), mpf(0))
    dshift = dict.fromkeys(parameters.get("shift", {}), mpf(0))
    for indices in samples_of(spec, x):
        values, counts = [x[i] for i in indices], counting(indices, mask)
        normalized, _ = normalize(spec, values, counts)
        dnormalized = []
        for i, value in zip(indices, normalized, strict=True):
            # through y, which is scale * normalized + shift
            place = along(i, spec.parameter_axes)
            if spec.shift:
                dshift[place] += dy[i]
            if spec.scale:
                dscale[place] += dy[i] * value
            dnormalized.append(dy[i] * scale_of(spec, parameters, place))
        dx.update(zip(indices, normalize_vjp(spec, values, counts, of_normalized=dnormalized), strict=True))
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def normalize(spec, values, counts):
    """Give (x - mean) / divisor of one sample, and the divisor. `counts` tells of each value whether it counts in the statistics."""
    if len(values) == 1:  # a value is its own mean: y is shift, whatever the divisor
        return [mpf(0)], None
    own = [value for value, count in zip(values, counts, strict=True) if count]
    mean = mean_of(own)
    divided_by = divisor(spec, variance_of(own, spec.correction))
    return [(value - mean) / divided_by for value in values], divided_by


def normalize_vjp(spec, values, counts, *, of_normalized):
    """Give the cotangents of one sample's values from those of its normalized values."""
    normalized, divided_by = normalize(spec, values, counts)
    if divided_by is None:  # one value: y does not depend on it
        return [mpf(0)]
    # through normalized, which is (x - mean) / divisor
    dvalues = [d / divided_by for d in of_normalized]
    dmean = -sum(dvalues)
    ddivisor = -sum(d * value for d, value in zip(of_normalized, normalized, strict=True)) / divided_by
    own = [value for value, count in zip(values, counts, strict=True) if count]
    dvariance = ddivisor * divisor_slope(spec, variance_of(own, spec.correction))
    # through the variance, the sum of (x - mean)^2 over max(n - correction, 1): by the mean in it there is no way, for the
    # deviations add up to 0; and through the mean, the sum of x over n; values that do not count are in neither
    mean, n = mean_of(own), len(own)
    through = [
        dvariance * 2 * (value - mean) / max(n - spec.correction, 1) + dmean / n if count else 0
        for value, count in zip(values, counts, strict=True)
    ]
    return [d + t for d, t in zip(dvalues, through, strict=True)]


def counting(indices, mask):
    return [mask is None or mask[i] for i in indices]


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


def samples_of(spec, x):
    return grouped(x, lambda index: across(index, spec.axes)).values()


def scale_of(spec, parameters, place):
    return parameters["scale"][place] if spec.scale else 1
