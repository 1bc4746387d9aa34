"""Filter response normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A response is the indices that differ along the axes alone:
they share a mean square. scale, shift and threshold have one scalar per place, and a place is the tuple of an index's entries along the
parameter axes; offset is one scalar, at the index that has no entries:

values = {"scale": {place: ...}, "shift": {place: ...}, "threshold": {place: ...}, "offset": {(): ...}}
"""

from definitions.indices import across, along, grouped
from mpmath import mpf, sign, sqrt

BORN = {"scale": mpf(1), "shift": mpf(0), "threshold": mpf(0)}


def initial_values(spec, x):
    """Give what is there before anything is loaded."""
    places = [along(i, spec.parameter_axes) for i in x]
    found = {name: dict.fromkeys(places, born) for name, born in BORN.items() if getattr(spec, name)}
    return found | ({"offset": {(): mpf(spec.initial_offset)}} if spec.offset else {})


def forward(spec, mode, x, values):
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for indices in responses_of(spec, x):
        divided_by = divisor(spec, values, x, indices)
        for i in indices:
            place = along(i, spec.parameter_axes)
            z = compared(spec, values, place, x[i] / divided_by)
            y[i] = max(z, values["threshold"][place]) if spec.threshold else z
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x and the parameters from dy, the cotangent of y, by the chain rule."""
    dx, doffset = {}, mpf(0)
    dscale, dshift, dthreshold = (dict.fromkeys(values.get(name, {}), mpf(0)) for name in BORN)
    for indices in responses_of(spec, x):
        divided_by = divisor(spec, values, x, indices)
        dnormalized = {}
        for i in indices:
            place = along(i, spec.parameter_axes)
            counts = dy[i] * share(spec, values, place, x[i] / divided_by)  # through the maximum
            if spec.threshold:
                dthreshold[place] += dy[i] - counts
            if spec.shift:
                dshift[place] += counts
            if spec.scale:
                dscale[place] += counts * x[i] / divided_by
            dnormalized[i] = counts * scale_of(spec, values, place)
        # through normalized, which is x / divisor, and the divisor, which is the root of the mean square and what is added
        ddivisor = -sum(dnormalized[i] * x[i] for i in indices) / divided_by**2
        dadded = ddivisor / (2 * divided_by)
        for i in indices:
            dx[i] = dnormalized[i] / divided_by + dadded * 2 * x[i] / len(indices)
        if spec.offset:
            doffset += dadded * sign(values["offset"][()])  # the absolute value has no derivative at 0: it counts as 0
    given = {"scale": dscale, "shift": dshift, "threshold": dthreshold}
    return {"x": dx} | {name: array for name, array in given.items() if name in values} | ({"offset": {(): doffset}} if spec.offset else {})


def divisor(spec, values, x, indices):
    mean_square = sum(x[i] ** 2 for i in indices) / len(indices)
    return sqrt(mean_square + mpf(spec.epsilon) + (abs(values["offset"][()]) if spec.offset else 0))


def compared(spec, values, place, normalized):
    """Give what is compared with the threshold."""
    return scale_of(spec, values, place) * normalized + (values["shift"][place] if spec.shift else 0)


def share(spec, values, place, normalized):
    """Give the share of dy that goes past the threshold; where both are equal, the maximum has no derivative: half goes to either."""
    if not spec.threshold:
        return mpf(1)
    return (1 + sign(compared(spec, values, place, normalized) - values["threshold"][place])) / 2


def responses_of(spec, x):
    return grouped(x, lambda index: across(index, spec.axes)).values()


def scale_of(spec, values, place):
    return values["scale"][place] if spec.scale else 1
