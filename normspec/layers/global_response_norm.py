"""Global response normalization: every channel multiplied by how large it is beside the others, and x itself added."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from normspec.clauses import choice, require
from normspec.layers import divide as d
from normspec.layers import fields as f
from normspec.layers import standardize as s
from normspec.layers.axes import counted_from_front
from normspec.layers.geometry import Geometry, Shape, together


@dataclass(frozen=True, kw_only=True)
class GlobalResponseNorm:
    """y = scale x response + shift + x, a channel's response being its norm over the mean of all channels' norms, the same in every mode.

    Source: Woo et al. 2023, ConvNeXt V2, arXiv:2301.00808. Channels last and channels first are one layer with other axes.
    """

    layer: ClassVar[str] = "global_response_norm"
    laws: ClassVar[Mapping[str, str]] = {
        "output": "y MUST be scale times x times the response, plus shift, plus x, and have the shape of x, the response of a channel of a "
        "sample being its norm over the sum of epsilon and the mean of the sample's norms.",
        "pullback": f.LAWS["pullback"],
        "gradient.x": "The cotangent of x MUST include the ways through x itself, through the norm of its channel and through the mean of "
        "the norms, which are made of this x; the derivative of a norm that is 0 counts as 0.",
        "gradient.dtype": f.LAWS["gradient.dtype"],
        "inputs": f.LAWS["inputs"],
        "accuracy": d.LAWS["accuracy"],
        **d.SCALED,
        "gradient.shift": s.LAWS["gradient.shift"],
        "born": "Before anything is loaded, scale and shift MUST be 0, so that y is x.",
        **f.MODES,
    }

    axes: tuple[int, ...] = choice(
        "The norm of a channel MUST be the root of the sum of its squares over these axes.", (1, 2), (-2, -1), (1,), (-1,), rule=f.some_axes
    )
    channel_axes: tuple[int, ...] = choice(
        "The mean of the norms MUST be taken over these axes; scale and shift MUST lie along these, in ascending order.",
        (-1,),
        (1,),
        (0,),
        rule=f.some_axes,
    )
    epsilon: float = choice(
        "`epsilon` MUST be the number added to the mean of the norms, as given, neither floored nor replaced.",
        2.0**-10,
        2.0**-6,
        0.0,
        rule=f.not_negative,
    )
    scale: bool = f.scale()
    shift: bool = choice("With `shift`, the learned parameter shift MUST be added, with or without a scale; without, nothing.", True, False)
    statistics_dtype: f.StatisticsDtype = f.statistics_dtype()
    output_dtype: f.OutputDtype = f.output_dtype()

    def __post_init__(self) -> None:
        """Refuse what no global response norm can be."""
        require(**f.rules(self))

    def at_rank(self, rank: int) -> "GlobalResponseNorm":
        """Give the same layer on arrays of this rank, its axes counted from the front."""
        found: GlobalResponseNorm = counted_from_front(self, rank)
        return found

    def geometry(self, shape: Shape) -> Geometry:
        """Give where values share a mean of norms, and where parameters lie, in an x of this shape."""
        return together(shape, self.axes, self.channel_axes)

    def slots(self, shape: Shape) -> dict[str, f.Slot]:
        """Give every array that the layer owns, for an x of this shape."""
        return f.parameter_slots(self, self.geometry(shape).owned, scale=0.0)
