"""Dynamic tanh in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. alpha is one scalar, at the index that has no entries. scale
and shift have one scalar per place, and a place is the tuple of an index's entries along the parameter axes:

values = {"alpha": {(): ...}, "scale": {place: ...}, "shift": {place: ...}}
"""

from definitions.indices import along
from mpmath import mpf, tanh


def initial_values(spec, x):
    """Give what is there before anything is loaded."""
    places = [along(i, spec.parameter_axes) for i in x]
    learned = {"scale": dict.fromkeys(places, mpf(1)), "shift": dict.fromkeys(places, mpf(0))}
    return {"alpha": {(): mpf(spec.initial_alpha)}} | {name: array for name, array in learned.items() if getattr(spec, name)}


def forward(spec, mode, x, values):
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for i, value in x.items():
        place = along(i, spec.parameter_axes)
        bent = tanh(values["alpha"][()] * value)
        y[i] = scale_of(spec, values, place) * bent + (values["shift"][place] if spec.shift else 0)
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x, alpha, scale and shift from dy, the cotangent of y, by the chain rule."""
    alpha, dx, dalpha = values["alpha"][()], {}, mpf(0)
    dscale = dict.fromkeys(values.get("scale", {}), mpf(0))
    dshift = dict.fromkeys(values.get("shift", {}), mpf(0))
    for i, value in x.items():
        place = along(i, spec.parameter_axes)
        # through y, which is scale * bent + shift
        if spec.shift:
            dshift[place] += dy[i]
        if spec.scale:
            dscale[place] += dy[i] * tanh(alpha * value)
        dbent = dy[i] * scale_of(spec, values, place)
        # through bent, which is the tanh of alpha * x
        dproduct = dbent * (1 - tanh(alpha * value) ** 2)
        dalpha += dproduct * value
        dx[i] = dproduct * alpha
    return {"x": dx, "alpha": {(): dalpha}} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def scale_of(spec, values, place):
    return values["scale"][place] if spec.scale else 1
