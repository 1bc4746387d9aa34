"""What PyTorch's functions that fold a batch norm do not keep of their promises. They are no layers: no case is about them.

Imports no framework.
"""

from typing import Any

from normspec.backends.torch_common_deviations import SINGLE, row
from normspec.deviation import Deviation

DOCS = "https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils."


def _beside(name: str, **told: Any) -> Deviation:
    """Give a row that excuses no check."""
    nothing: dict[str, Any] = {"cases": "*", "dtypes": SINGLE, "modes": (), "quantities": {}, "grave_as": "error"}
    return row(f"fold_{name}", id=f"torch-fold-{name.replace('_', '-')}", clause="batch-norm.output", **nothing, **told)


ROWS = (
    _beside(
        "transposed_groups",
        title="Batch norm is not folded into a transposed convolution with groups: fuse_conv_bn_eval raises an error or, where each group "
        "has one output, gives a layer that does",
        size="RuntimeError: The size of tensor a (3) must match the size of tensor b (6) at non-singleton dimension 1",
        promise="Fuse a convolutional module and a BatchNorm module into a single, new convolutional module.",
        source=f"{DOCS}fuse_conv_bn_eval.html",
        upstream="https://github.com/pytorch/pytorch/issues/180995 (open); https://github.com/pytorch/pytorch/pull/184076 (closed)",
    ),
    _beside(
        "linear_without_weight",
        title="Batch norm without weight and bias is not folded into a linear layer: fuse_linear_bn_eval raises an error, where "
        "fuse_conv_bn_eval folds it",
        size="TypeError: unsupported operand type(s) for *: 'NoneType' and 'Tensor'",
        promise="Fuse a linear module and a BatchNorm module into a single, new linear module.",
        source=f"{DOCS}fuse_linear_bn_eval.html",
        upstream="https://github.com/pytorch/pytorch/issues/122183 (open)",
    ),
)
