"""What Paddle's group norm, and its norms of one parameter alone, do not keep of their promises. Imports no framework."""

import numpy as np

from normspec.backends.paddle_common_deviations import EACH, GRAD, differentiated, row
from normspec.dialects.paddle.common import DOCS
from normspec.records import Arrays, Case

FUNCTION = ("paddle:functional",)
"""Layers of instance norm have both parameters or neither."""


def _without_the_means_term(case: Case, seen: Arrays) -> Arrays:
    """Give dx without the way through the mean."""
    spec, shown = case.spec.at_rank(len(case.situation.shape)), {}
    for k, *given in differentiated(case):
        x, dy = (np.moveaxis(a, spec.channel_axes[0], 1).reshape(len(a), spec.groups, -1) for a in given)
        through = np.broadcast_to(dy.mean(-1, keepdims=True) / np.sqrt(x.var(-1, keepdims=True) + spec.epsilon), x.shape)
        dx = np.moveaxis(seen[f"{k}.dx"].astype(np.longdouble), spec.channel_axes[0], 1)
        shown[f"{k}.dx"] = np.moveaxis(dx + through.reshape(dx.shape), 1, spec.channel_axes[0])
    return shown


ALONE = {
    "size": "None for (-0.5, 0.5)",
    "modes": EACH,
    "raises": "is missing",
    "grave_as": "another result",
    "upstream": "https://github.com/PaddlePaddle/Paddle/issues/32331 (closed: of an error that there was in its place)",
    **GRAD,
}
ROWS = (
    *(
        row(
            "lone_parameter",
            id=f"paddle-{kind}-norm-lone-{parameter}",
            title=f"{kind.capitalize()} norm with a {parameter} alone has no gradient of it: it is None, and no error says so; likewise "
            "where the other parameter is frozen",
            clause=f"{kind}-norm.gradient.{parameter}",
            cases="*",
            of={"scale": parameter == "scale", "shift": parameter == "shift"},
            quantities={f"d{parameter}": 1.0},
            **ALONE,
            **rest,
        )
        for kind, rest in (("batch", {}), ("instance", {"implementations": FUNCTION}))
        for parameter in ("scale", "shift")
    ),
    row(
        "group_norm_one_pass",
        id="paddle-group-norm-one-pass",
        title="Group norm takes the variance in one pass, as the mean of squares less the squared mean, so that its error grows with the "
        "square of mean over deviation",
        size="y errs by 0.32 at a mean of 1000 deviations",
        clause="group-norm.accuracy",
        cases="*",
        modes=EACH,
        quantities={"y": 0.6, "dx": 0.5, "dscale": 0.08},
        within={"variance": "one_pass"},
        promise="The small value added to the variance to prevent division by zero",
        source=f"{DOCS}paddle/nn/GroupNorm_en.html",
        upstream="https://github.com/PaddlePaddle/Paddle/pull/33176 (negative variances were mended)",
    ),
    row(
        "group_norm_without_weight",
        id="paddle-group-norm-without-weight",
        title="The gradient of group norm without a weight, as `affine=False` makes it, lacks the way through the mean, and no error says "
        "so",
        size="1.64 for 0.49",
        clause="group-norm.gradient.x",
        cases="*",
        modes=EACH,
        of={"scale": False},
        quantities={"dx": 1.0},
        value=_without_the_means_term,
        **GRAD,
    ),
)
