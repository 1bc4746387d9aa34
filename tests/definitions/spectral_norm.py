"""Spectral normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x is the weight; x, y and dy map an index to a scalar. W is x as a matrix, whose entries map
(row, column) to a scalar. The state has the vector that iterations start from (v where the first one taken is u, else u), and the
other too where evaluation takes both as they are kept:

values = {"u": {(row,): ...}, "v": {(column,): ...}}
"""

from definitions.indices import across
from mpmath import mpf, sqrt


def forward(spec, mode, x, values):
    """Take one step: give y (None in mode observe) and the state after it."""
    moves = mode in ("train", "observe")
    if not moves and spec.evaluation == "none":
        return dict(x), dict(values)
    u, v = vectors(spec, mode, x, values)
    after = {name: {"u": u, "v": v}[name] for name in values} if moves else dict(values)
    if mode == "observe":
        return None, after
    estimate = sigma(matrix(spec, x), u, v)
    return {i: x[i] / estimate for i in x}, after


def vjp(spec, mode, x, values, *, dy):
    """Give the cotangent of x from dy, the cotangent of y, by the chain rule. `values` are those before the step."""
    if spec.replaces or (mode != "train" and spec.evaluation == "none"):
        return {"x": dict(dy)}
    u, v = vectors(spec, mode, x, values)
    estimate, place = sigma(matrix(spec, x), u, v), places(spec, x)
    # through y, which is x / sigma, and sigma, which is the sum of u_row W_row,column v_column; u and v are constants
    dsigma = -sum(dy[i] * x[i] for i in x) / estimate**2
    return {"x": {i: dy[i] / estimate + dsigma * u[place[i][:1]] * v[place[i][1:]] for i in x}}


def vectors(spec, mode, x, values):
    """Give the u and v that sigma is taken from: as they are kept, or as this step's iterations make them."""
    if mode in ("evaluate", "freeze") and spec.evaluation == "kept":
        return values["u"], values["v"]
    w, u, v = matrix(spec, x), values.get("u"), values.get("v")
    for _ in range(spec.iterations):
        if spec.first == "u":
            u = divided(spec, times(w, v))
            v = divided(spec, transposed_times(w, u))
        else:
            v = divided(spec, transposed_times(w, u))
            u = divided(spec, times(w, v))
    return u, v


def divided(spec, vector):
    """Give a vector over its norm."""
    squares, epsilon = sum(value**2 for value in vector.values()), mpf(spec.epsilon)
    if spec.epsilon_place == "inside":
        divisor = sqrt(squares + epsilon)
    elif spec.epsilon_place == "outside":
        divisor = sqrt(squares) + epsilon
    else:
        divisor = max(sqrt(squares), epsilon)
    return {index: value / divisor for index, value in vector.items()}


def places(spec, x):
    """Give row and column of every index of x: its entry along the channel axis, and its number among the others in row-major order."""
    (axis,) = spec.channel_axes
    columns = sorted({across(index, (axis,)) for index in x})
    return {index: (index[axis], columns.index(across(index, (axis,)))) for index in x}


def matrix(spec, x):
    return {place: x[index] for index, place in places(spec, x).items()}


def times(w, v):
    """Give W v."""
    u = {}
    for (row, column), value in w.items():
        u[(row,)] = u.get((row,), 0) + value * v[(column,)]
    return u


def transposed_times(w, u):
    """Give W^T u."""
    v = {}
    for (row, column), value in w.items():
        v[(column,)] = v.get((column,), 0) + value * u[(row,)]
    return v


def sigma(w, u, v):
    return sum(value * u[(row,)] * v[(column,)] for (row, column), value in w.items())
