"""Arrays of a library that has nothing but what `reference/names.py` names: every other attribute, name or operator raises."""

import operator
from pathlib import Path

import numpy as np

LISTED = (Path(__file__).parent.parent / "reference" / "names.py").read_text().split("no others:\n\n")[1].split("\n\n")[0].split()


def bare(value):
    """Give NumPy's own of an array of ours, or of a list of them; anything else as it is."""
    if isinstance(value, list):
        return [bare(one) for one in value]
    return value.hidden if isinstance(value, Only) else value


def wrapped(function):
    """Give a function of NumPy's for arrays of ours; it mixes no dtypes, and a Python number has the array's, as in TensorFlow."""

    def called(*given, **told):
        arrays = [a for one in given for a in (one if isinstance(one, list) else [one]) if isinstance(a, Only)]
        dtypes = {a.dtype for a in arrays if a.dtype != bool}
        assert len(dtypes) <= 1, f"{function} of {dtypes}"
        return Only(function(*(np.asarray(one, *dtypes) if isinstance(one, float) else bare(one) for one in given), **told))

    return called


class Names:
    """The namespace: the functions that are listed, as NumPy has them."""

    __name__ = "only"

    def __getattr__(self, name):
        assert name in LISTED, f"{name} is not listed"
        if name in ("float32", "result_type"):
            return getattr(np, name)
        return wrapped(getattr(np, name))


NAMES = Names()


class Only:
    """An array: shape, dtype, the operators and slicing."""

    __slots__ = ("hidden",)
    __hash__ = None

    def __init__(self, hidden):
        self.hidden = np.asarray(hidden)

    def __array_namespace__(self, *, api_version=None):
        del api_version
        return NAMES

    @property
    def shape(self):
        return self.hidden.shape

    @property
    def dtype(self):
        return self.hidden.dtype

    def __getitem__(self, key):
        assert all(isinstance(one, slice) or one is Ellipsis for one in key), f"{key} is more than slicing"
        return Only(self.hidden[key])

    def __bool__(self):
        raise AssertionError("a branch on values")

    __add__, __radd__ = wrapped(operator.add), wrapped(lambda a, b: b + a)
    __sub__, __rsub__ = wrapped(operator.sub), wrapped(lambda a, b: b - a)
    __mul__, __rmul__ = wrapped(operator.mul), wrapped(lambda a, b: b * a)
    __truediv__, __rtruediv__ = wrapped(operator.truediv), wrapped(lambda a, b: b / a)
    __pow__ = wrapped(operator.pow)
    __eq__, __lt__, __le__, __gt__, __ge__ = map(wrapped, (operator.eq, operator.lt, operator.le, operator.gt, operator.ge))
