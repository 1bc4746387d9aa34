"""PyTorch's Lp normalization: the function `normalize`. There is no module of it."""

import math
from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.torch.common import FUNCTIONAL
from normspec.errors import Unsupported
from normspec.layers import LpNorm
from normspec.records import Situation


def read(a: Mapping[str, Any], _: Situation) -> LpNorm:
    """Give what normalize means: x over the larger of its norm and epsilon."""
    if not 1 <= a["p"] < math.inf:
        raise Unsupported(f"p must be finite and at least 1 to have a place among the points of lp_norm, got {a['p']}")
    if a["dim"] is None:
        raise Unsupported("dim must be an integer or a tuple of them, got None")
    return LpNorm(
        axes=(a["dim"],) if isinstance(a["dim"], int) else tuple(a["dim"]),
        order=a["p"],
        epsilon=a["eps"],
        epsilon_place="floor" if a["eps"] else "inside",  # with no epsilon all places are one
        at_zero="zero" if a["eps"] else "no_number",
        statistics_dtype="input",
    )


def write(s: LpNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of normalize."""
    return {"p": s.order, "dim": s.axes[0] if len(s.axes) == 1 else s.axes, "eps": s.epsilon}


ENTRIES = (
    Entry(
        native="torch.nn.functional.normalize",
        layer="lp_norm",
        variant="",
        versions=">=2.13",
        source=f"{FUNCTIONAL}normalize.html",
        ranks=range(1, 65),
        positional=("input", "p", "dim", "eps", "out"),
        defaults={"p": 2.0, "dim": 1, "eps": 1e-12},
        free=("input", "out"),
        names={},
        modes=dict.fromkeys(("train", "evaluate", "freeze"), "normalize(x, ...)"),
        read=read,
        write=write,
    ),
)
