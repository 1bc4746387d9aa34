"""What Keras 3.15.1 on a CPU does not keep of its promises in unit normalization. Imports no framework."""

from typing import Any

from normspec.backends.keras_common_deviations import DOUBLE, HALF, IN_FLOAT32, SAME, SINGLE, float64, row, shows_float32
from normspec.deviation import Deviation


def _gradient(finding: str, backend: str, **rest: Any) -> Deviation:
    return row(
        "lp_norm_gradients",
        id=f"keras-lp-norm-{finding}-{backend}",
        clause="lp-norm.gradient.x",
        implementations=(f"keras:{backend}",),
        no_number=True,
        **rest,
    )


def _zero(backend: str, share: float, within: dict[str, str]) -> Deviation:
    return _gradient(
        "zero",
        backend,
        title=f"The gradient of unit normalization on {backend} is no number where x is 0",
        size="NaN for 1e12",
        cases="lp-norm.gradient.x/*-zero/*",
        dtypes=(*DOUBLE, *SINGLE),
        quantities={"dx": share},
        within=within,
        promise="It is defined as: `normalize(x) = x / max(norm(x), epsilon)`.",
        source="https://keras.io/api/ops/nn/",
        upstream="https://github.com/keras-team/keras/pull/23093 (merged after this release)",
    )


def _small(backend: str) -> Deviation:
    return _gradient(
        "small",
        backend,
        title=f"The gradient of unit normalization on {backend} is infinite in float16 where the norm is below 0.03",
        size="-inf for 38.5, at a norm of 0.017",
        cases="lp-norm.gradient.x/*-small/*",
        dtypes=HALF[:1],
        quantities={"dx": 1.0},
        **SAME,
        upstream="https://github.com/keras-team/keras/issues/23546",
    )


DEVIATIONS = (
    float64("lp_norm", "torch", "y errs by 1.8e-08", {"y": 0.087, "dx": 0.084}),
    shows_float32("lp_norm", "y of dtype float32", ("y",), "lp_norm_float64"),
    _zero("jax", 1.0, {}),
    _zero("torch", 0.06, IN_FLOAT32),
    _small("jax"),
    _small("torch"),
)
