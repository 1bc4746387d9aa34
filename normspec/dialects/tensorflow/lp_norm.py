"""TensorFlow's Lp normalization: `l2_normalize`, with a floor under the sum of squares, and `normalize`, for any norm and without one."""

import math
from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.tensorflow.common import DOCS, one_mode, root, square
from normspec.errors import Unsupported
from normspec.layers import LpNorm
from normspec.layers.axes import resolve
from normspec.records import Situation

L2_EPSILON = 1e-12
EUCLIDEAN = ("euclidean", "fro")
OF_MATRICES = 2
"""As many axes as a matrix has, for which `normalize` takes a norm of matrices."""


def read_l2(a: Mapping[str, Any], situation: Situation) -> LpNorm:
    """Give what l2_normalize means: `x / sqrt(max(sum(x**2), epsilon))`; axis=None is every axis."""
    return LpNorm(
        axes=_axes(a["axis"], situation),
        order=2.0,
        epsilon=root(a["epsilon"]),
        epsilon_place="floor" if a["epsilon"] else "inside",  # with no epsilon all places are one
        at_zero="zero" if a["epsilon"] else "no_number",
        statistics_dtype="input",
    )


def write_l2(s: LpNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of l2_normalize: epsilon as what is under the root."""
    return {"axis": _axis(s.axes, situation), "epsilon": s.epsilon if s.epsilon_place == "inside" else square(s.epsilon)}


def read(a: Mapping[str, Any], situation: Situation) -> LpNorm:
    """Give what normalize means: x over its norm, and nothing against a division by zero."""
    if situation.dtype not in ("float32", "float64"):
        raise Unsupported(f"tensor must be float32 or float64, got {situation.dtype}")
    axes, order = _axes(a["axis"], situation), 2.0 if a["ord"] in EUCLIDEAN else a["ord"]
    if isinstance(order, str) or not 1 <= order < math.inf:
        raise Unsupported(
            f"ord must be a number of at least 1, 'euclidean' or 'fro' to have a place among the points of lp_norm, got {order!r}"
        )
    matrices = a["axis"] is not None and not isinstance(a["axis"], int)
    if matrices and (len(axes) != OF_MATRICES or a["ord"] not in EUCLIDEAN):
        raise Unsupported(f"of several axes there must be two, with the norm 'euclidean' or 'fro', got axis={axes} and ord={a['ord']!r}")
    if not matrices and a["ord"] == "fro":
        raise Unsupported("ord='fro' is not defined for vectors: give two axes, or 'euclidean'")
    return LpNorm(axes=axes, order=order, epsilon=0.0, epsilon_place="inside", at_zero="no_number", statistics_dtype="input")


def write(s: LpNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of normalize: several axes are those of matrices where they can be, else all, else one of them."""
    euclidean = s.order == 2  # noqa: PLR2004 - the order of the Euclidean norm
    order = "euclidean" if euclidean else s.order
    of_matrices = len(s.axes) == OF_MATRICES and euclidean
    axis = s.axes if of_matrices else _axis(s.axes, situation)
    return {"ord": order, "axis": axis[0] if isinstance(axis, tuple) and not of_matrices else axis}


def _axes(axis: Any, situation: Situation) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(len(situation.shape)))
    return (axis,) if isinstance(axis, int) else tuple(axis)


def _axis(axes: tuple[int, ...], situation: Situation) -> int | tuple[int, ...] | None:
    """Give an `axis` of these axes: one as itself, all as None."""
    if len(axes) == 1:
        return axes[0]
    rank = len(situation.shape)
    return None if len(resolve(axes, rank, "axes")) == rank else axes


ENTRIES = (
    Entry(
        native="tf.math.l2_normalize",
        layer="lp_norm",
        variant="",
        versions=">=2.21",
        source=f"{DOCS}math/l2_normalize",
        ranks=range(1, 65),
        positional=("x", "axis", "epsilon", "name", "dim"),
        defaults={"axis": None, "epsilon": L2_EPSILON},
        fixed={"dim": None},
        free=("x", "name"),
        names={},
        modes=one_mode("tf.math.l2_normalize(x, ...)"),
        read=read_l2,
        write=write_l2,
    ),
    Entry(
        native="tf.linalg.normalize",
        layer="lp_norm",
        variant="",
        versions=">=2.21",
        source=f"{DOCS}linalg/normalize",
        ranks=range(1, 65),
        positional=("tensor", "ord", "axis", "name"),
        defaults={"ord": "euclidean", "axis": None},
        free=("tensor", "name"),
        names={},
        modes=one_mode("tf.linalg.normalize(x, ...)[0]"),
        read=read,
        write=write,
    ),
)
