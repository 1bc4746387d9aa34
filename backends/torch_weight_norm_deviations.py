"""What PyTorch's weight norm does not keep of its promises. Imports no framework."""

import numpy as np

from normspec.backends.torch_common_deviations import MAKE_DUAL, SINGLE, row
from normspec.records import Arrays, Case


def _with_a_norm_that_stays(case: Case, seen: Arrays) -> Arrays:
    """Give the derivative of the inner product of dx and w by x, where the norm n counts as a constant: -(w <h, x> + h <w, x>) / n^3."""
    found = {}
    for k, step in enumerate(case.steps):
        if step.direction is not None:
            at = case.spec.geometry(step.inputs["x"].shape)
            x, dy, w = (np.asarray(a, np.float64) for a in (step.inputs["x"], step.cotangent, step.direction))
            h = dy * (np.asarray(case.values["scale"], np.float64).reshape(at.broadcast) if "scale" in case.values else 1.0)
            norm, of_h, of_w = ((a * x).sum(axis=at.axes, keepdims=True) for a in (x, h, w))
            found[f"{k}.tangent.dx"] = np.asarray(-(w * of_h + h * of_w) / norm**1.5).astype(seen[f"{k}.tangent.dx"].dtype)
    return found


ROWS = (
    row(
        "weight_norm_twice",
        id="torch-weight-norm-twice",
        title="The second derivative of weight norm is wrong: its gradient's own gradient takes the norm for a constant",
        size="-0.112 for -0.041",
        clause="weight-norm.tangent.gradient",
        cases="*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"tangent.dx": 1.0},
        implementations=("torch",),
        value=_with_a_norm_that_stays,
        promise="graph of the derivative will be constructed, allowing to compute higher order derivative products.",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.autograd.grad.html",
    ),
    row(
        "weight_norm_whole_forward",
        id="torch-weight-norm-whole-forward",
        title="Weight norm over a whole weight has no derivative in forward mode: an error is raised in its place",
        size="RuntimeError: a forward gradient that has a different size than that of the original Tensor",
        clause="weight-norm.tangent.y",
        cases="*",
        dtypes=SINGLE,
        modes=("train",),
        of={"channel_axes": ()},
        quantities=dict.fromkeys(("tangent.y", "tangent.dx", "tangent.dscale"), 1.0),
        raises="Trying to set a forward gradient that has a different size than that of the original Tensor",
        promise='Associate a tensor value with its tangent to create a "dual tensor" for forward AD gradient computation.',
        source=MAKE_DUAL,
        upstream="https://github.com/pytorch/pytorch/issues/191787",
        implementations=("torch",),
    ),
    row(
        "weight_norm_empty",
        id="torch-weight-norm-empty",
        title="Weight norm of rows without weights gives NaN as the gradient of g",
        size="NaN for 0",
        clause="weight-norm.gradient.scale",
        cases="weight-norm.output/*-empty/*",
        dtypes=(("float32", "float32"),),
        modes=("train", "evaluate", "freeze"),
        quantities={"dscale": 1.0},
        implementations=("torch", "torch:compile"),
        no_number=True,
        promise="Weight normalization is a reparameterization that decouples the magnitude of a weight tensor from its direction.",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.utils.parametrizations.weight_norm.html",
    ),
)
