"""Specs drawn by hypothesis: every field among its own points and a few values more."""

from collections.abc import Mapping
from dataclasses import Field, fields
from functools import cache, partial
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st

from normspec.errors import InvalidSpec, NormspecError
from normspec.layers.fields import arrays_of

MORE: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(("epsilon", "style_epsilon"), (1e-5, 1.7)),
    "groups": (4,),
    "fraction": (0.25, 0.75),
    "order": (1.5, 4.0),
    "before": (0, 5),
    "after": (0, 4),
    "coefficient": (0.0, 1e-4),
    "exponent": (1.0, 2.5),
    "bias": (0.5,),
    "rate": (0.1,),
    "renorm_rate": (0.1, 1.0),
    "r_min": (1.0,),
    "r_max": (1.0, 3.0),
    "d_max": (0.1,),
    "initial_mean": (0.1,),
    "initial_variance": (0.1,),
}
AXES = ((-2,), (2, 0), (-1, 1), (0, 1), (3,), (-3, -1))


ANY_RANK = 0


@cache
def specs(record: type, rank: int = ANY_RANK, fixed: tuple[tuple[str, Any], ...] = ()) -> st.SearchStrategy[Any]:
    """Give a strategy for the specs of a class, or for a record within one, on x of this rank.

    `fixed` has the fields that have one value only.
    """
    values = {f.name: _of_field(f, rank, fixed) for f in fields(record)}
    return st.fixed_dictionaries(values).map(partial(_made, record))


def _made(record: type, values: Mapping[str, Any]) -> Any:
    try:
        return record(**values)
    except InvalidSpec:  # this combination of points is no layer
        reject()


def _of_field(f: Field[Any], rank: int, fixed: tuple[tuple[str, Any], ...]) -> st.SearchStrategy[Any]:
    if f.name in dict(fixed):
        return st.just(dict(fixed)[f.name])
    if f.metadata["record"] is not None:
        own = specs(f.metadata["record"], rank, fixed)
        return st.one_of(st.none(), own, own) if None in f.metadata["points"] else own
    if not f.name.endswith("axes"):
        return st.sampled_from((*f.metadata["points"], *MORE.get(f.name, ())))
    points = (*f.metadata["points"], *AXES)
    return st.sampled_from([axes for axes in points if rank == ANY_RANK or all(-rank <= a < rank for a in axes)] or [(0,)])


def exists(spec: Any, shape: tuple[int, ...]) -> bool:
    """Tell whether there is a layer of a spec on an x of this shape."""
    try:
        spec.geometry(shape)
        arrays_of(spec, shape)
    except NormspecError:
        return False
    return True
