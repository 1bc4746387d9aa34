"""Weight normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x is the weight; x, y and dy map an index to a scalar. A channel is the tuple of an index's
entries along the channel axes; the weights of one channel share a norm, and scale has one scalar per channel:

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
        divided_by = divisor(spec, sum(x[i] ** 2 for i in indices))
        y |= {i: scale_of(spec, values, channel) * (x[i] / divided_by) for i in indices}
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x and scale from dy, the cotangent of y, by the chain rule."""
    dx, dscale = {}, {}
    for channel, indices in channels_of(spec, x).items():
        squares = sum(x[i] ** 2 for i in indices)
        divided_by = divisor(spec, squares)
        # through y, which is scale * normalized
        dscale[channel] = sum(dy[i] * x[i] / divided_by for i in indices)
        dnormalized = {i: dy[i] * scale_of(spec, values, channel) for i in indices}
        # through normalized, which is x / divisor, and the divisor, which is made of the squares
        ddivisor = -sum(dnormalized[i] * x[i] for i in indices) / divided_by**2
        dsquares = ddivisor * divisor_slope(spec, squares)
        dx |= {i: dnormalized[i] / divided_by + dsquares * 2 * x[i] for i in indices}
    return {"x": dx} | ({"scale": dscale} if spec.scale else {})


def divisor(spec, squares):
    """Give the divisor, from the sum of squares."""
    epsilon = mpf(spec.epsilon)
    if spec.epsilon_place == "inside":
        return sqrt(squares + epsilon)
    return sqrt(squares) + epsilon if spec.epsilon_place == "outside" else max(sqrt(squares), epsilon)


def divisor_slope(spec, squares):
    """Give the derivative of the divisor with respect to the sum of squares; where it has none, at 0, it counts as 0."""
    if spec.epsilon_place == "floor" and sqrt(squares) <= mpf(spec.epsilon):  # the divisor is a constant
        return mpf(0)
    root = sqrt(squares + mpf(spec.epsilon)) if spec.epsilon_place == "inside" else sqrt(squares)
    return 1 / (2 * root) if root != 0 else mpf(0)


def channels_of(spec, x):
    return grouped(x, lambda index: along(index, spec.channel_axes))


def scale_of(spec, values, channel):
    return values["scale"][channel] if spec.scale else 1
