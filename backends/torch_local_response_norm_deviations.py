"""What PyTorch's local response norm does not keep of its promises. Imports no framework."""

import numpy as np

from normspec.backends.torch_common_deviations import EAGER, HALF, SINGLE, row
from normspec.records import Arrays, Case


def _with_the_first_channel_in_every_window(case: Case, _: Arrays) -> Arrays:
    """Give y of windows that keep the first channel, and dx of windows that begin one place before theirs and end one before."""
    spec, shown = case.spec, {}
    for k, step in enumerate(case.steps):
        x, dy = step.inputs["x"].astype(np.float64), step.cotangent.astype(np.float64)
        windows = [slice(max(0, c - spec.before), c + spec.after + 1) for c in range(x.shape[1])]
        first = [x[:, :1] ** 2 if c > spec.before else 0 for c in range(x.shape[1])]
        squares = np.concatenate([(x[:, w] ** 2).sum(1, keepdims=True) + more for w, more in zip(windows, first, strict=True)], 1)
        base = spec.bias + spec.coefficient * squares
        shown[f"{k}.y"] = x * base**-spec.exponent
        ratio = dy * shown[f"{k}.y"] / base
        through = [ratio[:, max(0, c - spec.before - 1) : c + spec.after].sum(1, keepdims=True) for c in range(x.shape[1])]
        shown[f"{k}.dx"] = dy * base**-spec.exponent - 2 * spec.coefficient * spec.exponent * x * np.concatenate(through, 1)
    return shown


def _of_cross_map(case: Case) -> bool:
    return case.clause.startswith("local-response-norm.")  # all that this variant has of it


ROWS = (
    row(
        "cross_map_lrn",
        id="torch-cross-map-lrn",
        title="CrossMapLRN2d never takes the first channel out of its window again, and its gradient goes through windows that are one "
        "place off: y and the gradient are others, in every dtype, and no error says so",
        size="1 + the sum of squares is 2 for 1; y of channel 4 depends, by its gradient, on channels 3 to 7 for 2 to 6",
        clause="local-response-norm.output",
        cases="local-response-norm.*/*",
        dtypes=SINGLE + HALF,
        modes=("train",),
        quantities={"y": 1.0, "dx": 1.0},
        value=_with_the_first_channel_in_every_window,
        apart=_of_cross_map,
        promise="by adding the next feature map and removing the previous",
        source="https://github.com/pytorch/pytorch/blob/v2.13.0/torch/nn/modules/_functions.py",
        upstream="https://github.com/pytorch/pytorch/issues/1938 (closed: of the code that it was made of; CPU and GPU differ)",
        implementations=("torch:others",),
    ),
    row(
        "local_response_norm_half_rank",
        id="torch-local-response-norm-half-rank",
        title="Local response norm of 16-bit x has rank 3 alone: from rank 4 on, that of images among them, an error is raised",
        size="NotImplementedError at (3, 7, 5, 6), none at (3, 7, 5)",
        clause="local-response-norm.output",
        cases="local-response-norm.channel-axes/first-unequal/*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 1, "dx": 1},
        raises='NotImplementedError: "avg_pool3d_out_frame" not implemented for',
        promise="Input: (N, C, *)",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.LocalResponseNorm.html",
        upstream="https://github.com/pytorch/pytorch/issues/171948",
        implementations=EAGER,
    ),
)
