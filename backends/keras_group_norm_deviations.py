"""What Keras 3.15.1 on a CPU does not keep of its promises in group and instance normalization, one layer. Imports no framework."""

from normspec.backends.keras_common_deviations import IN_FLOAT32, IN_ONE_PASS, PARAMETERS, TANGENTS, born, constant, float64, one_pass
from normspec.deviation import Deviation

SHOWN = ("y", "dx", "dscale", "dshift", *TANGENTS)
FLOAT64 = {"jax": ("y errs by 7.3e-07", SHOWN), "torch": ("y errs by 6.4e-07", SHOWN), "numpy": ("y errs by 5.1e-07", ("y",))}
"""By backend: what the reproduction shows, and where it shows."""
ON_TORCH = "at mean / deviation 1e1, y errs by 4.8e-05, at 1e3 by 0.35; at 1e4 it is no number"
ON_NUMPY = "at mean / deviation 1e1, y errs by 3.3e-05, at 1e3 by 0.23; at 1e4 it is no number"


def _float64(layer: str, backend: str) -> Deviation:
    within = IN_FLOAT32 if backend == "jax" else IN_ONE_PASS
    size, shown = FLOAT64[backend]
    return float64(layer, backend, size, shown, "group_norm_float64", within=within)


DEVIATIONS = (
    *(_float64(layer, backend) for layer in ("group_norm", "instance_norm") for backend in FLOAT64),
    one_pass("group_norm", "torch", ON_TORCH, ("y", "dx", "dscale")),
    one_pass("group_norm", "numpy", ON_NUMPY, ("y",)),
    one_pass("instance_norm", "torch", ON_TORCH, ("y", "dx", "dscale"), "group_norm_one_pass"),
    one_pass("instance_norm", "numpy", ON_NUMPY, ("y",), "group_norm_one_pass"),
    *(constant(layer, "torch", dict.fromkeys(("y", "dx", "dscale"), 1.0)) for layer in ("group_norm", "instance_norm")),
    *(constant(layer, "numpy", {"y": 1.0}) for layer in ("group_norm", "instance_norm")),
    born("group_norm", PARAMETERS),
    born("instance_norm", PARAMETERS),
)
