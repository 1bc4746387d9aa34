"""What PyTorch's local response norm does not keep of its promises. Imports no framework."""

from normspec.backends.torch_common_deviations import EAGER, HALF, row

ROWS = (
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
