"""What Keras 3.15.1 on a CPU does not keep of its promises in group and instance normalization, one layer. Imports no framework."""

from normspec.backends.keras_common_deviations import IN_ONE_PASS, PARAMETERS, born, float64, one_pass
from normspec.deviation import Deviation

FLOAT64 = {
    "jax": ("y errs by 7.3e-07", {"y": 1.0, "dx": 1.0, "dscale": 1.0, "dshift": 1.0}),
    "torch": ("y errs by 6.4e-07", {"y": 1.0, "dx": 1.0, "dscale": 1.0, "dshift": 1.0}),
    "numpy": ("y errs by 5.1e-07", {"y": 1.0}),
}
"""By backend: what the reproduction shows, and the shares of group norm."""
OF_INSTANCES = {
    "jax": {"y": 1.0, "dx": 1.0, "dscale": 1.0, "dshift": 1.0},
    "torch": {"y": 1.0, "dx": 1.0, "dscale": 1.0, "dshift": 1.0},
    "numpy": {"y": 1.0},
}
ON_TORCH = "at mean / deviation 1e1, y errs by 4.8e-05, at 1e3 by 0.35; at 1e4 it is no number"
ON_NUMPY = "at mean / deviation 1e1, y errs by 3.3e-05, at 1e3 by 0.23; at 1e4 it is no number"


def _float64(layer: str, backend: str, size: str, quantities: dict[str, float]) -> Deviation:
    within = {} if backend == "jax" else {"within": IN_ONE_PASS}
    return float64(layer, backend, size, quantities, "group_norm_float64", **within)


DEVIATIONS = (
    *(_float64("group_norm", backend, *told) for backend, told in FLOAT64.items()),
    *(_float64("instance_norm", backend, FLOAT64[backend][0], shares) for backend, shares in OF_INSTANCES.items()),
    one_pass("group_norm", "torch", ON_TORCH, {"y": 1.0, "dx": 1.0, "dscale": 1.0}),
    one_pass("group_norm", "numpy", ON_NUMPY, {"y": 1.0}),
    one_pass("instance_norm", "torch", ON_TORCH, {"y": 1.0, "dx": 1.0, "dscale": 1.0}, "group_norm_one_pass"),
    one_pass("instance_norm", "numpy", ON_NUMPY, {"y": 1.0}, "group_norm_one_pass"),
    born("group_norm", PARAMETERS),
    born("instance_norm", PARAMETERS),
)
