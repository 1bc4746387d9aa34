"""Scale normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A sample is the indices that differ along the axes alone:
they share a norm. scale is one scalar for all of x, at the index that has no entries:

values = {"scale": {(): ...}}
"""

from definitions.indices import across, grouped
from mpmath import mpf, sqrt


def initial_values(spec, x):
    """Give what is there before anything is loaded."""
    n = max(len(indices) for indices in samples_of(spec, x))
    return {"scale": {(): sqrt(mpf(n)) if spec.initial_scale == "root" else mpf(1)}}


def forward(spec, mode, x, values):
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for indices in samples_of(spec, x):
        divided_by = divisor(spec, norm(x, indices))
        y |= {i: values["scale"][()] * x[i] / divided_by for i in indices}
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x and scale from dy, the cotangent of y, by the chain rule."""
    scale, dx, dscale = values["scale"][()], {}, mpf(0)
    for indices in samples_of(spec, x):
        divided_by = divisor(spec, norm(x, indices))
        # through y, which is scale * x / divisor
        dscale += sum(dy[i] * x[i] / divided_by for i in indices)
        ddivisor = -sum(dy[i] * scale * x[i] for i in indices) / divided_by**2
        # through the divisor, which is made of every x of the sample
        dx |= {i: dy[i] * scale / divided_by + ddivisor * divisor_slope(spec, norm(x, indices), x[i]) for i in indices}
    return {"x": dx, "scale": {(): dscale}}


def norm(x, indices):
    return sqrt(sum(x[i] ** 2 for i in indices))


def divisor(spec, length):
    """Give the divisor, from the norm."""
    epsilon = mpf(spec.epsilon)
    if spec.epsilon_place == "inside":
        return sqrt(length**2 + epsilon)
    return length + epsilon if spec.epsilon_place == "outside" else max(length, epsilon)


def divisor_slope(spec, length, value):
    """Give the derivative of the divisor with respect to one value of x; where it has none, at the norm 0, it counts as 0."""
    if spec.epsilon_place == "floor" and length <= mpf(spec.epsilon):  # the divisor is a constant
        return mpf(0)
    root = divisor(spec, length) if spec.epsilon_place == "inside" else length
    return value / root if root != 0 else mpf(0)


def samples_of(spec, x):
    return grouped(x, lambda index: across(index, spec.axes)).values()
