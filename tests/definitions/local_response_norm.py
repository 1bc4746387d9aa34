"""Local response normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. The layer owns no arrays, so that `values` is empty.
"""

from mpmath import mpf


def forward(spec, mode, x, values):  # noqa: ARG001 - there are none
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    return {i: x[i] / base(spec, x, i) ** mpf(spec.exponent) for i in x}, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode, and there are no values
    """Give the cotangent of x from dy, the cotangent of y, by the chain rule."""
    exponent, dx = mpf(spec.exponent), dict.fromkeys(x, mpf(0))
    for i in x:
        # through y, which is x base^-exponent
        dx[i] += dy[i] * base(spec, x, i) ** -exponent
        dbase = dy[i] * x[i] * -exponent * base(spec, x, i) ** (-exponent - 1)
        # through the base, which is bias + coefficient S
        for j in window(spec, x, i):
            dx[j] += dbase * mpf(spec.coefficient) * weight(spec, x, i) * 2 * x[j]
    return {"x": dx}


def base(spec, x, index):
    """Give what is raised to the exponent at this index: bias + coefficient S."""
    squares = sum(x[j] ** 2 for j in window(spec, x, index))
    return mpf(spec.bias) + mpf(spec.coefficient) * weight(spec, x, index) * squares


def window(spec, x, index):
    """Give the indices in the window of this one, which is cut at the first and at the last channel."""
    axis = spec.channel_axes[0] % len(index)
    channels = range(index[axis] - spec.before, index[axis] + spec.after + 1)
    return [place for place in ((*index[:axis], channel, *index[axis + 1 :]) for channel in channels) if place in x]


def weight(spec, x, index):
    """Give what the squares in the window are multiplied by for S: 1 where places beyond the edges count as 0."""
    if spec.edges == "zeros":
        return mpf(1)
    return mpf(spec.before + spec.after + 1) / len(window(spec, x, index))
