"""Linear layers as plain loops over exact scalars, channels first: the second truth of what is folded.

A weight is a dictionary from its own indices; `connections` says which of them multiplies an input into an output at a tap.
"""

from itertools import product

from mpmath import mpf


def connections(layout, taps, outputs, inputs, groups):
    """Give output, input, tap, and the index of the weight, wherever an input reaches an output: within its group.

    A layout has the axes of the weight: O all outputs, o those of a group, I and i the inputs likewise, and the taps.
    """
    outs, ins = outputs // groups, inputs // groups
    for o, i, tap in product(range(outputs), range(inputs), product(*map(range, taps))):
        if o // outs == i // ins:
            axes = {"O": (o,), "o": (o % outs,), "I": (i,), "i": (i % ins,), "taps": tap}
            yield o, i, tap, tuple(entry for axis in layout.split() for entry in axes[axis])


def convolution(x, weight, bias, how, *, stride=1, dilation=1, padding=0, border=None):
    """Give y of a convolution of one sample, `how` being what `connections` takes.

    x is a dictionary from (channel, *place); beyond it lies `border` of the channel, or 0.
    """
    _, taps, outputs, _, _ = how
    spatial = [max(index[1 + d] for index in x) + 1 for d in range(len(taps))]
    lengths = [(n + 2 * padding - dilation * (k - 1) - 1) // stride + 1 for n, k in zip(spatial, taps, strict=True)]
    y = {(o, *at): bias[o] for o in range(outputs) for at in product(*map(range, lengths))}
    for o, i, tap, index in connections(*how):
        for at in product(*map(range, lengths)):
            place = tuple(a * stride - padding + t * dilation for a, t in zip(at, tap, strict=True))
            y[o, *at] += weight[index] * x.get((i, *place), border[i] if border else mpf(0))
    return y


def transposed(x, weight, bias, how, *, stride=1, dilation=1, padding=0):
    """Give y of a transposed convolution of one sample: every input is spread over the places that the taps reach."""
    _, taps, outputs, _, _ = how
    spatial = [max(index[1 + d] for index in x) + 1 for d in range(len(taps))]
    lengths = [(n - 1) * stride - 2 * padding + dilation * (k - 1) + 1 for n, k in zip(spatial, taps, strict=True)]
    y = {(o, *at): bias[o] for o in range(outputs) for at in product(*map(range, lengths))}
    for o, i, tap, index in connections(*how):
        for at in product(*map(range, spatial)):
            place = tuple(a * stride - padding + t * dilation for a, t in zip(at, tap, strict=True))
            if (o, *place) in y:
                y[o, *place] += weight[index] * x[i, *at]
    return y
