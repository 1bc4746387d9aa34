"""Lp normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A sample is the indices that differ along the axes
alone: they share a norm. The layer owns no arrays, so that `values` is empty.
"""

from definitions.indices import across, grouped
from mpmath import mpf, nan, sign


def forward(spec, mode, x, values):  # noqa: ARG001 - there are none
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for indices in samples_of(spec, x):
        divided_by = divisor(spec, norm(spec, x, indices))
        y |= {i: x[i] / divided_by if divided_by != 0 else at_zero(spec) for i in indices}
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode, and there are no values
    """Give the cotangent of x from dy, the cotangent of y, by the chain rule."""
    dx = {}
    for indices in samples_of(spec, x):
        p_norm = norm(spec, x, indices)
        divided_by = divisor(spec, p_norm)
        if divided_by == 0:
            dx |= dict.fromkeys(indices, at_zero(spec))
            continue
        # through y, which is x / divisor
        ddivisor = -sum(dy[i] * x[i] for i in indices) / divided_by**2
        for i in indices:
            dx[i] = dy[i] / divided_by + ddivisor * divisor_slope(spec, p_norm, x[i])
    return {"x": dx}


def norm(spec, x, indices):
    """Give the p-norm of a sample; where epsilon stands inside, it is added under the root."""
    total = sum(abs(x[i]) ** mpf(spec.order) for i in indices)
    return (total + (mpf(spec.epsilon) if spec.epsilon_place == "inside" else 0)) ** (1 / mpf(spec.order))


def divisor(spec, p_norm):
    if spec.epsilon_place == "inside":
        return p_norm
    return p_norm + mpf(spec.epsilon) if spec.epsilon_place == "outside" else max(p_norm, mpf(spec.epsilon))


def divisor_slope(spec, p_norm, value):
    """Give the derivative of the divisor with respect to one value of x.

    That of |x|^p is p |x|^(p - 1) sign(x), which counts as 0 at x = 0 for every p; that of the norm at norm 0 counts as 0 too.
    """
    if p_norm == 0 or (spec.epsilon_place == "floor" and p_norm <= mpf(spec.epsilon)):  # in a floor, the divisor is a constant
        return mpf(0)
    return sign(value) * (abs(value) / p_norm) ** (mpf(spec.order) - 1)


def at_zero(spec):
    return mpf(0) if spec.at_zero == "zero" else nan


def samples_of(spec, x):
    return grouped(x, lambda index: across(index, spec.axes)).values()
