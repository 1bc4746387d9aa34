"""Arrays as dictionaries from index tuples to scalars: x[2, 0, 1] is an element of an array of rank 3."""


def along(index, axes):
    """Give the entries of an index along these axes, in ascending order of the axes; negative axes count from the back."""
    rank = len(index)
    return tuple(index[a] for a in sorted(axis % rank for axis in axes))


def across(index, axes):
    """Give the entries of an index along every axis but these."""
    rank = len(index)
    left_out = {axis % rank for axis in axes}
    return tuple(entry for a, entry in enumerate(index) if a not in left_out)


def grouped(x, key):
    """Give the indices of x in groups of equal key: {key: [index, ...]}."""
    groups = {}
    for index in x:
        groups.setdefault(key(index), []).append(index)
    return groups


class Refusal(Exception):  # noqa: N818 - named for what the clauses call it
    """The input is one that the layer refuses."""
