"""Honest variants of the plain implementation: other algorithms, other orders of summation, none of them wrong."""

from math import isqrt

import numpy as np

from normspec.conformance.mutants.altered import altered


def rows_of(x, axes):
    """Give x with the reduced axes flattened into the first, the others into the second."""
    kept = [a for a in range(x.ndim) if a not in axes]
    flat = np.transpose(x, (*axes, *kept)).reshape([int(np.prod([x.shape[a] for a in some])) for some in (axes, kept)])
    return flat, [1 if a in axes else x.shape[a] for a in range(x.ndim)]


def pairwise(terms):
    """Add the two halves, each added so."""
    n = len(terms)
    return terms.sum(axis=0) if n < 2 else pairwise(terms[: n // 2]) + pairwise(terms[n // 2 :])


def blocked(terms):
    """Add blocks of about sqrt(n), one term after the other, then their sums."""
    block = isqrt(len(terms)) + 1
    sums = [_in_a_row(terms[i : i + block]) for i in range(0, max(len(terms), 1), block)]
    return _in_a_row(sums)


def _in_a_row(terms):
    total = terms[0] if len(terms) else np.zeros(terms.shape[1:], terms.dtype)
    for term in terms[1:]:
        total = total + term
    return total


def _two_pass(add):
    def moments(x, axes):
        rows, shape = rows_of(x, axes)
        n = x.dtype.type(len(rows))
        mean = add(rows) / n
        return mean.reshape(shape), (add((rows - mean) ** 2) / n).reshape(shape)

    return moments


def welford(x, axes):
    """Take mean and variance in one pass that never subtracts large numbers."""
    rows, shape = rows_of(x, axes)
    mean, squares = np.zeros(rows.shape[1:], rows.dtype), np.zeros(rows.shape[1:], rows.dtype)
    for k, row in enumerate(rows, 1):
        delta = row - mean
        mean = mean + delta / x.dtype.type(k)
        squares = squares + delta * (row - mean)
    return mean.reshape(shape), (squares / x.dtype.type(len(rows))).reshape(shape)


def fused(a, b, c):
    """Give a b + c with one rounding, as a fused multiply-add does (float64 inputs stay as they are: no wider type is at hand)."""
    wide = np.longdouble
    return (np.asarray(a, wide) * np.asarray(b, wide) + np.asarray(c, wide)).astype(np.result_type(a, b, c))


HONEST = {
    "plain": {},
    "pairwise sums": {"moments": _two_pass(pairwise)},
    "blocked sums": {"moments": _two_pass(blocked)},
    "sums in a row": {"moments": _two_pass(_in_a_row)},
    "Welford": {"moments": welford},
    "x a + b": {"normalize": lambda x, m, r, s, t: x * (r * s) + (t - m * r * s)},
    "fused multiply-add": {"normalize": lambda x, m, r, s, t: fused(x, r * s, fused(-m, r * s, t))},
    "float64 inside": {"wide": lambda _: np.float64},
}
"""Variant -> what is changed."""


def _own(layer, values):
    layer.memory["own"] = {name: np.array(value) for name, value in values.items()}
    layer.right.load(layer.memory["own"])


def _moved(layer, inputs, mode):
    own = layer.memory["own"]
    found = layer.right.forward(inputs, mode)
    for name, value in layer.right.read().items():
        own[name][...] = value
    layer.right.load(own)
    return found


in_place = altered(_moved, _own)
"""Keeps its state in arrays of its own, which it shows as they are and moves in place."""
