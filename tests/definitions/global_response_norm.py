"""Global response normalization in plain loops over exact scalars: the normative algorithm.

`spec` holds the semantic parameters. x, y and dy map an index to a scalar. A sample is the indices that differ along the axes and the
channel axes alone, a channel of it those that differ along the axes alone. scale and shift have one scalar per place, and a place is the
tuple of an index's entries along the channel axes:

values = {"scale": {place: ...}, "shift": {place: ...}}
"""

from definitions.indices import across, along, grouped
from mpmath import mpf, sqrt


def initial_values(spec, x):
    """Give what is there before anything is loaded: y is x then."""
    places = [along(i, spec.channel_axes) for i in x]
    return {name: dict.fromkeys(places, mpf(0)) for name in ("scale", "shift") if getattr(spec, name)}


def forward(spec, mode, x, values):
    """Give y (None in mode observe) and the state after the step, which is empty."""
    if mode == "observe":
        return None, {}
    y = {}
    for channels in samples_of(spec, x):
        mean = mean_of([norm(x, indices) for indices in channels]) + mpf(spec.epsilon)
        for indices in channels:
            for i in indices:
                place = along(i, spec.channel_axes)
                y[i] = scale_of(spec, values, place) * x[i] * norm(x, indices) / mean + shift_of(spec, values, place) + x[i]
    return y, {}


def vjp(spec, mode, x, values, *, dy):  # noqa: ARG001 - the same in every mode
    """Give the cotangents of x, scale and shift from dy, the cotangent of y, by the chain rule."""
    dx = {}
    dscale = dict.fromkeys(values.get("scale", {}), mpf(0))
    dshift = dict.fromkeys(values.get("shift", {}), mpf(0))
    for channels in samples_of(spec, x):
        norms = [norm(x, indices) for indices in channels]
        mean = mean_of(norms) + mpf(spec.epsilon)
        dresponses = []
        for indices, length in zip(channels, norms, strict=True):
            # through y, which is scale * x * response + shift + x
            place = along(indices[0], spec.channel_axes)
            if spec.shift:
                dshift[place] += sum(dy[i] for i in indices)
            if spec.scale:
                dscale[place] += sum(dy[i] * x[i] * length / mean for i in indices)
            dx |= {i: dy[i] + dy[i] * scale_of(spec, values, place) * length / mean for i in indices}
            dresponses.append(sum(dy[i] * scale_of(spec, values, place) * x[i] for i in indices))
        # through the responses, which are norm / mean, and the mean
        dmean = -sum(d * length for d, length in zip(dresponses, norms, strict=True)) / mean**2
        for indices, length, dresponse in zip(channels, norms, dresponses, strict=True):
            dnorm = dresponse / mean + dmean / len(channels)
            for i in indices:  # through the norm; where it has no derivative, at 0, that counts as 0
                dx[i] += dnorm * x[i] / length if length != 0 else 0
    return {"x": dx} | ({"scale": dscale} if spec.scale else {}) | ({"shift": dshift} if spec.shift else {})


def norm(x, indices):
    return sqrt(sum(x[i] ** 2 for i in indices))


def mean_of(norms):
    return sum(norms) / len(norms)


def samples_of(spec, x):
    """Give the channels of every sample, each a list of indices."""
    samples = grouped(x, lambda index: across(index, (*spec.axes, *spec.channel_axes))).values()
    return [list(grouped(indices, lambda index: along(index, spec.channel_axes)).values()) for indices in samples]


def scale_of(spec, values, place):
    return values["scale"][place] if spec.scale else 1


def shift_of(spec, values, place):
    return values["shift"][place] if spec.shift else 0
