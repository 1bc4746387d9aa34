"""What Paddle's layers that divide x by a norm or a power do not keep of their promises. Imports no framework."""

from dataclasses import replace

import numpy as np

from normspec.backends.paddle_common_deviations import BOTH, DOUBLE, EACH, GRAD, LAYERS, differentiated, row
from normspec.dialects.paddle.common import DOCS
from normspec.records import Array, Arrays, Case

WIDE = np.longdouble


def _norm(case: Case, x: Array) -> Array:
    """Give the norm as p_norm makes it, whose 1/p is of float32."""
    spec, wide = case.spec.at_rank(x.ndim), case.situation.dtype == "float64"
    root = WIDE(np.float32(1 / spec.order)) if wide else 1 / WIDE(spec.order)
    return np.sum(np.abs(x) ** spec.order, axis=spec.axes, keepdims=True) ** root


def _of_a_root_of_float32(case: Case, _: Arrays) -> Arrays:
    """Give y over such a norm."""
    shown = {}
    with np.errstate(invalid="ignore"):
        for k, step in enumerate(case.steps):
            x = step.inputs["x"].astype(WIDE)
            shown[f"{k}.y"] = x / np.maximum(_norm(case, x), case.spec.epsilon)
    return shown


def _with_epsilon_in_the_gradient(case: Case, _: Arrays) -> Arrays:
    """Give dx as p_norm makes it: of a gradient of the norm n that is over n^(p - 1) + epsilon, not n^(p - 1)."""
    spec, shown = case.spec, {}
    for k, x, dy in differentiated(case):
        norm, axes = _norm(case, x), spec.at_rank(x.ndim).axes
        divisor = np.maximum(norm, spec.epsilon)
        way = np.sign(x) * np.abs(x) ** (spec.order - 1) / (norm ** (spec.order - 1) + WIDE(np.float32(spec.epsilon)))
        through = np.where(norm > spec.epsilon, np.sum(dy * x, axis=axes, keepdims=True) / divisor**2, 0) * way
        shown[f"{k}.dx"] = dy / divisor - through
    return shown


def _by_a_size_of_float32(case: Case, seen: Arrays) -> Arrays:
    """Give dx whose way through the window is over its length in float32."""
    size, shown = case.spec.before + case.spec.after + 1, {}
    for k, x, dy in differentiated(case):
        y, dx = (seen[f"{k}.{name}"].astype(WIDE) for name in ("y", "dx"))
        own = dy * y / x
        shown[f"{k}.dx"] = own + (dx - own) * (size * WIDE(np.float32(1 / size)))
    return shown


def _kept_as_they_are(case: Case, _: Arrays) -> Case:
    """Give the case in which no step moves u."""
    return replace(case, steps=tuple(replace(s, mode="evaluate") if s.mode in ("train", "observe") else s for s in case.steps))


def _by_the_sum_of_y(case: Case, _: Arrays) -> Arrays:
    """Give dx = dy (1 - u v^T sum(y)) / sigma, element by element, in the place of (dy - u v^T sum(dy y)) / sigma."""
    spec, shown = case.spec.at_rank(len(case.situation.shape)), {}
    for k, *given in differentiated(case):
        w, dy = (np.moveaxis(a, spec.channel_axes[0], 0) for a in given)
        rows, u = w.reshape(len(w), -1), case.values["u"].astype(WIDE)
        for _iteration in range(spec.iterations):
            v = rows.T @ u
            v /= np.linalg.norm(v) + spec.epsilon
            u = rows @ v
            u /= np.linalg.norm(u) + spec.epsilon
        sigma = u @ rows @ v
        dx = dy * (1 - np.outer(u, v).reshape(w.shape) * w.sum() / sigma) / sigma
        shown[f"{k}.dx"] = np.moveaxis(dx, 0, spec.channel_axes[0])
    return shown


WINDOW = {
    "clause": "local-response-norm.gradient.x",
    "dtypes": DOUBLE,
    "title": "Local response norm divides by the window's length in float32, in the gradient alone, in float64, too",
    "size": "the gradient errs by 2.3e-08 of itself at a size of 3",
    **GRAD,
}
ROWS = (
    row(
        "lp_norm_gradients",
        id="paddle-lp-norm-gradients",
        title="`normalize` adds epsilon to a power of the norm in the gradient, where y has it as a floor that is not reached",
        size="0.14 for 0.128 at a norm of 5 and an epsilon of 1",
        clause="lp-norm.gradient.x",
        cases="*",
        quantities={"dx": 1.0},
        value=_with_epsilon_in_the_gradient,
        upstream="https://github.com/PaddlePaddle/Paddle/pull/78338 (mended later, on a GPU)",
        **GRAD,
    ),
    row(
        "lp_norm_float64",
        id="paddle-lp-norm-float64",
        title="`normalize` takes the root 1/p in float32, in float64, too",
        size="y errs by 2.8e-08 of itself at p = 3",
        clause="lp-norm.order",
        cases="*",
        dtypes=DOUBLE,
        of={"order": 3.0},
        quantities={"y": 1.0},
        value=_of_a_root_of_float32,
        grave_as="less accurate",
        promise="The input tensor could be N-D tensor, and the input data type could be float32 or float64.",
        source=f"{DOCS}paddle/nn/functional/normalize_en.html",
        upstream="https://github.com/PaddlePaddle/Paddle/pull/79529 (mended later, on a GPU)",
    ),
    row(
        "local_response_norm_float64",
        id="paddle-local-response-norm-float64",
        cases="*",
        quantities={"dx": 1.0},
        value=_by_a_size_of_float32,
        grave_as="less accurate",
        **WINDOW,
    ),
    row(
        "local_response_norm_float64",
        id="paddle-local-response-norm-float64-twice",
        cases="local-response-norm.tangent.*/*",
        quantities={"tangent.dx": 5e6},
        **WINDOW,
    ),
    row(
        "weight_norm_epsilon",
        id="paddle-weight-norm-epsilon",
        title="The hook weight_norm adds 1e-12 to norms: in the gradient; of the whole weight, in the weight, too; and to its square, "
        "where the length is made of the weight",
        size="a weight of norm 1e-6 has a length of 1.4e-6",
        clause="weight-norm.epsilon",
        cases="*",
        dtypes=DOUBLE,
        modes=(*EACH, "born"),
        quantities={"y": 32, "dx": 1500, "dscale": 2.9, "scale": 63, "tangent.dx": 1.7, "tangent.dscale": 3},
        promise=r"\mathbf{w} = g \dfrac{v}{\|v\|}",
        source=f"{DOCS}paddle/nn/utils/weight_norm_en.html",
        implementations=LAYERS,
    ),
    row(
        "spectral_norm_stays",
        id="paddle-spectral-norm-stays",
        title="The layer SpectralNorm keeps nothing of its iterations: each call begins with the vectors of random numbers that it was "
        "born with, so that sigma never comes near the largest singular value",
        size="the largest singular value of y is 1.27 at the first call and 100 calls later, for 1",
        clause="spectral-norm.update",
        cases="spectral-norm.*",
        dtypes=BOTH,
        modes=(*EACH, "observe"),
        of={"evaluation": "iterated"},
        quantities={"y": 1.0, "u": 1.0},
        instead=_kept_as_they_are,
        promise="do following calculations with U and V for power_iters rounds",
        source=f"{DOCS}paddle/nn/SpectralNorm_en.html",
        upstream="https://github.com/PaddlePaddle/Paddle/issues/27243",
        implementations=LAYERS,
    ),
    row(
        "spectral_norm_gradient",
        id="paddle-spectral-norm-gradient",
        title="The gradient of the layer SpectralNorm takes the sum of y for that of dy times y: it is right where dy is 1 everywhere, and "
        "no error says so",
        size="1 for 0.24",
        clause="spectral-norm.gradient.x",
        cases="spectral-norm.*",
        of={"evaluation": "iterated"},
        quantities={"dx": 1.0},
        value=_by_the_sum_of_y,
        implementations=LAYERS,
        **GRAD,
    ),
)
