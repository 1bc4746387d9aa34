"""Filter response normalization: every channel of a sample over its root mean square, and a learned threshold in place of an activation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from normspec.clauses import choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, over


@dataclass(frozen=True, kw_only=True)
class FilterResponseNorm:
    """y = max(scale x / sqrt(mean square + epsilon + |offset|) + shift, threshold), the same in every mode.

    Source: Singh and Krishnan 2020, arXiv:1911.09737, whose thresholded linear unit is the maximum.
    """

    layer: ClassVar[str] = "filter_response_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be scale times x over sqrt(mean square + epsilon + |offset|), plus shift, as far as that is no less than the "
        "threshold, and have the shape of x.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "The cotangent of x MUST include the way through the mean square, which is made of this x; of dy, all counts where "
        "what is compared with the threshold is larger than it, none where it is smaller, half where they are equal; and the derivative "
        "of a root at 0 counts as 0.",
        "gradient.scale": "The cotangent of scale MUST be the sum of what counts of dy times what scale multiplies, over every axis along "
        "which scale is broadcast.",
        "gradient.shift": "The cotangent of shift MUST be the sum of what counts of dy, over every axis along which shift is broadcast.",
        "gradient.threshold": "The cotangent of threshold MUST be the sum of the rest of dy, which does not count for x, over every axis "
        "along which threshold is broadcast.",
        "gradient.offset": "The cotangent of offset MUST be that of epsilon times the sign of offset, which counts as 0 where offset is 0.",
        "gradient.dtype": f.LAWS["gradient.dtype"],
        "inputs": f.LAWS["inputs"],
        "parameters": f.LAWS["parameters"],
        "born": "Before anything is loaded, scale MUST be 1, shift 0 and threshold 0.",
        "accuracy": d.LAWS["accuracy"],
        **f.MODES,
    }

    axes: tuple[int, ...] = choice("The mean square MUST be taken over these axes.", (1, 2), (-2, -1), (1,), (-1,), rule=f.some_axes)
    parameter_axes: tuple[int, ...] = choice(
        "scale, shift and threshold MUST lie along these axes, in ascending order.", (-1,), (1,), (0,), rule=f.axes_rule
    )
    epsilon: float = f.epsilon()
    offset: bool = choice(
        "With `offset`, the absolute value of the learned parameter offset, a scalar, MUST be added to epsilon; without, nothing.",
        True,
        False,
    )
    initial_offset: float = choice("Before anything is loaded, offset MUST be `initial_offset`.", 2.0**-13, 2.0**-10, rule=f.a_number)
    scale: bool = f.scale()
    shift: bool = choice("With `shift`, the learned parameter shift MUST be added, with or without a scale; without, nothing.", True, False)
    threshold: bool = choice(
        "With `threshold`, y MUST be no less than the learned parameter threshold; without, it may be any number.", True, False
    )
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype("x and every parameter")

    def __post_init__(self) -> None:
        """Refuse what no filter response norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "FilterResponseNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front; what is not there lies nowhere, and is born as 0."""
        found: FilterResponseNorm = counted_from_front(self, rank)
        along = self.scale or self.shift or self.threshold
        return replace(
            found, parameter_axes=found.parameter_axes if along else (), initial_offset=self.initial_offset if self.offset else 0.0
        )

    def geometry(self, shape: Shape) -> Geometry:
        """Give where statistics and parameters lie in an x of this shape."""
        return over(shape, self.axes, self.at_rank(len(shape)).parameter_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        owned = self.geometry(shape).owned
        offset = {"offset": f.Slot((), "parameter", self.initial_offset)} if self.offset else {}
        threshold = {"threshold": f.Slot(owned, "parameter", 0.0)} if self.threshold else {}
        return {**offset, **f.parameter_slots(self, owned), **threshold}
