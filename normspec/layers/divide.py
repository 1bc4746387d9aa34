"""What the layers have in common that divide x by a norm of itself and take no mean: semantic parameters and laws."""

from typing import Any

from normspec.clauses import choice
from normspec.layers import fields as f


def over_norm() -> Any:
    """Declare epsilon's place where x is divided by its Euclidean norm."""
    return choice(
        "The divisor MUST be sqrt(sum of squares + epsilon) (inside), the norm + epsilon (outside) or max(norm, epsilon) (floor), the norm "
        "being sqrt(sum of squares).",
        "inside",
        "outside",
        "floor",
    )


LAWS = {
    "pullback": f.LAWS["pullback"],
    "gradient.x": "The cotangent of x MUST include the way through the divisor, which is made of this x: but a divisor at its floor counts "
    "as a constant, and the derivative of a power or a root at 0 as 0.",
    "gradient.dtype": f.LAWS["gradient.dtype"],
    "inputs": f.LAWS["inputs"],
    "accuracy": "The error MUST stay within the bound of docs/bounds.md.",
}
SCALED = {
    "gradient.scale": "The cotangent of scale MUST be the sum of dy times what scale multiplies, over every axis along which scale is "
    "broadcast.",
    "parameters": f.LAWS["parameters"],
}
