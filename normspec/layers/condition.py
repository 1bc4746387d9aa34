"""What the layers have in common whose scale and shift are given for every sample."""

from normspec.layers import standardize as s
from normspec.layers.fields import Slot
from normspec.layers.geometry import Geometry

LAWS = {
    **{name: sentence for name, sentence in s.LAWS.items() if name not in ("parameters", "born")},
    "inputs": "x, scale, shift and the cotangent of y MUST be bit by bit what they were, after the step and its pullback.",
}


def inputs(at: Geometry) -> dict[str, Slot]:
    """Give the scale and the shift that are given with x."""
    return {name: Slot(at.parameters.owned, "parameter", None) for name in ("scale", "shift")}
