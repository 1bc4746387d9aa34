"""RMS normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A sample is the indices that differ along the axes
alone. scale and shift have one scalar per place, and a place is the tuple of an index's entries along the parameter axes:

values = {"scale": {place: ...}, "shift": {place: ...}}

Exact scalars have no dtype: with rounding "before_scale", `rounded` is what rounds a scalar to the dtype of x.
"""

from definitions.indices import across, along, grouped
from mpmath import mpf, sqrt


def forward(spec, mode, x, values, *, rounded=lambda value: value):
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for indices in samples_of(spec, x):
        divided_by = divisor(spec, mean_square(spec, x, indices))
        for i in indices:
            place = along(i, spec.parameter_axes)
            normalized = scaled_value(spec, x[i] / divided_by, rounded)
            y[i] = scale_of(spec, values, place) * normalized + (values["shift"][place] if spec.shift else 0)
    return y, {}


def vjp(spec, mode, x, values, *, dy, rounded=lambda value: value):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule.

    The rounding before scale is in what scale multiplies; the cotangent of x goes through it as if it were not there.
    """
    dx = {}
    dscale = dict.fromkeys(values.get("scale", {}), mpf(0))
    dshift = dict.fromkeys(values.get("shift", {}), mpf(0))
    for indices in samples_of(spec, x):
        divided_by = divisor(spec, mean_square(spec, x, indices))
        dnormalized = {}
        for i in indices:  # through y, which is scale * normalized + shift
            place = along(i, spec.parameter_axes)
            if spec.shift:
                dshift[place] += dy[i]
            if spec.scale:
                dscale[place] += dy[i] * scaled_value(spec, x[i] / divided_by, rounded)
            dnormalized[i] = dy[i] * scale_of(spec, values, place)
        # through normalized, which is x / divisor
        for i in indices:
            dx[i] = dnormalized[i] / divided_by
        ddivisor = -sum(dnormalized[i] * x[i] for i in indices) / divided_by**2
        # through the mean square, which is made of the first values alone
        dsquare = ddivisor * divisor_slope(spec, mean_square(spec, x, indices))
        first = first_of(spec, indices)
        for i in first:
            dx[i] += dsquare * 2 * x[i] / len(first)
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def first_of(spec, indices):
    """Give the indices of a sample whose values are in the mean square: the first floor(fraction n) in row-major order, at least one."""
    return sorted(indices)[: max(int(spec.fraction * len(indices)), 1)]


def mean_square(spec, x, indices):
    first = first_of(spec, indices)
    return sum(x[i] ** 2 for i in first) / len(first)


def divisor(spec, square):
    return sqrt(square + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(square) + mpf(spec.epsilon)


def divisor_slope(spec, square):
    """Give the derivative of the divisor with respect to the mean square; where it has none, at 0, it counts as 0."""
    root = sqrt(square + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(square)
    return 1 / (2 * root) if root != 0 else mpf(0)


def scaled_value(spec, normalized, rounded):
    """Give what scale and shift are applied to; without them there is nothing before which to round."""
    return rounded(normalized) if spec.rounding == "before_scale" and (spec.scale or spec.shift) else normalized


def samples_of(spec, x):
    return grouped(x, lambda index: across(index, spec.axes)).values()


def scale_of(spec, values, place):
    return values["scale"][place] if spec.scale else 1
