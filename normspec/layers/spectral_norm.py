"""Spectral normalization: a weight over an estimate of its largest singular value, by power iterations. x is the weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import ClassVar, Literal

from normspec.clauses import choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over
from normspec.records import Mode

First = Literal["u", "v"]
Evaluation = Literal["kept", "iterated", "none"]


@dataclass(frozen=True, kw_only=True)
class SpectralNorm:
    """y = x / sigma, sigma = u W v, W being the weight x as a matrix, u and v vectors that power iterations move.

    Source: Miyato, Kataoka, Koyama and Yoshida 2018, arXiv:1802.05957; the points are those of today's frameworks.
    """

    layer: ClassVar[str] = "spectral_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be x over sigma, but for x itself where evaluation gives it, and have the shape and dtype of x.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "Where y is x over sigma and does not take the place of x, the cotangent of x MUST include the way through sigma, u "
        "and v being constants in it; elsewhere it MUST be dy.",
        "gradient.dtype": f.LAWS["gradient.dtype"],
        **f.TANGENTS,
        "inputs": f.LAWS["inputs"],
        "update": "A train or observe step MUST move u and v by its iterations once, and its pullback MUST NOT move them; sigma of "
        "the step MUST be that of the vectors before they are rounded to the dtype in which they are kept.",
        "keep": "evaluate and freeze MUST leave the state bit by bit as it was.",
        "accuracy": d.LAWS["accuracy"],
    }
    output_dtype: ClassVar[str] = "input"
    moves: ClassVar[tuple[Mode, ...]] = f.MOVING

    channel_axes: tuple[int, ...] = choice(
        "The rows of W MUST lie along this axis; its columns MUST lie along all others, in row-major order.",
        (0,),
        (-1,),
        (1,),
        rule=f.one_axis,
    )
    iterations: int = choice("A step that iterates MUST take `iterations` iterations, of both vectors each.", 1, 2, 3, rule=f.at_least(1))
    first: First = choice(
        "An iteration MUST take u from W v, then v from W^T u (u), or v from W^T u, then u from W v (v), each over the divisor.",
        "u",
        "v",
    )
    epsilon: float = f.epsilon_or_floor()
    epsilon_place: s.Floored = choice(
        "The divisor of a vector MUST be sqrt(sum of squares + epsilon) (inside), its norm + epsilon (outside) or "
        "max(norm, epsilon) (floor).",
        "inside",
        "outside",
        "floor",
    )
    evaluation: Evaluation = choice(
        "evaluate and freeze MUST take sigma from u and v as they are kept (kept), or as iterations that are not kept make them "
        "(iterated); or MUST give x itself (none).",
        "kept",
        "iterated",
        "none",
    )
    replaces: bool = choice(
        "With `replaces`, y MUST take the place of x, so that the cotangent of x is dy; without, x MUST stay, and the cotangent goes "
        "through sigma.",
        False,
        True,
    )
    warm_up: int = choice(
        "Before anything is loaded, u and v MUST be what `warm_up` iterations on the weight that the layer is made with make of random "
        "vectors of norm 1.",
        0,
        15,
        rule=f.at_least(0),
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()

    def __post_init__(self) -> None:
        """Refuse what no spectral norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "SpectralNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: SpectralNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give what shares a statistic: the whole weight; there are no parameters."""
        return over(shape, tuple(range(len(shape))))

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns: the vector that iterations start from, and the other where evaluation needs both."""
        (axis,) = self.at_rank(len(shape)).channel_axes
        sizes = {"u": shape[axis], "v": prod(shape) // max(shape[axis], 1)}
        start = "v" if self.first == "u" else "u"
        return {name: f.Slot((n,), "state", None) for name, n in sizes.items() if name == start or self.evaluation == "kept"}
