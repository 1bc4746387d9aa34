"""What Keras 3.15.1 on a CPU does not keep of its promises in spectral normalization. Imports no framework.

What float32 shows here is one or two of its steps, as the BLAS adds. With the kernels that OPENBLAS_CORETYPE names, y in float64 on NumPy
takes 0.15 of float32's bound (Haswell, Zen) or 0.19 (Prescott), and u 0.077 or 0.039; with those of MKL_CBWR, y on PyTorch 0.038 or 0.066.
"""

from dataclasses import replace
from typing import Any

from normspec.backends.keras_common_deviations import DOUBLE, HALF, SAME, SINGLE, float64, row
from normspec.records import Arrays, Case


def _not_replaced(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, replaces=False))


def _without_a_floor(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, epsilon=0.0, epsilon_place="inside", statistics_dtype="float32"))


ON_NUMPY: dict[str, Any] = {"implementations": ("keras:numpy",), "upstream": "none found", **SAME}

DEVIATIONS = (
    row(
        "spectral_norm_gradient",
        id="keras-spectral-norm-gradient",
        title="Spectral norm on JAX divides the kernel anew in every stateless call, and keeps none: the gradient goes through sigma",
        size="the gradient is off by 1.1; stateless_call gives back vector_u, and no kernel",
        clause="spectral-norm.replaces",
        cases="*",
        dtypes=(*DOUBLE, *SINGLE, HALF[0]),
        modes=("train",),
        quantities={"dx": 1.0},
        implementations=("keras:jax",),
        instead=_not_replaced,
        promise="This method returns the updated value for `self.kernel` with the spectral normalized value, so that the layer is ready "
        "for `call()`.",
        source="https://www.tensorflow.org/api_docs/python/tf/keras/layers/SpectralNormalization",
        upstream="none found",
    ),
    row(
        "spectral_norm_numpy",
        id="keras-spectral-norm-no-floor",
        title="Spectral norm on NumPy has no floor under its norms",
        size="vector_u is 1.00 long for 0.0012",
        clause="spectral-norm.epsilon",
        cases="spectral-norm.epsilon/*",
        dtypes=(*DOUBLE, *SINGLE),
        quantities={"y": 1.0, "u": 1.0},
        instead=_without_a_floor,
        **ON_NUMPY,
    ),
    row(
        "spectral_norm_numpy",
        id="keras-spectral-norm-half",
        title="Spectral norm on NumPy raises in float16",
        size="TypeError",
        clause="spectral-norm.output",
        cases="*",
        dtypes=HALF[:1],
        quantities=dict.fromkeys(("y", "dx", "u"), 1.0),
        raises="array type float16 is unsupported in linalg",
        **ON_NUMPY,
    ),
    float64("spectral_norm", "torch", "the kernel errs by 1.1e-07 of itself", {"y": 0.09, "u": 0.095}),
    float64("spectral_norm", "numpy", "the kernel errs by 1.0e-07 of itself", {"y": 0.28, "u": 0.095}),
    float64("spectral_norm", "openvino", "the kernel errs by 3.2e-07 of itself", {"y": 0.2, "u": 0.06}),
)
