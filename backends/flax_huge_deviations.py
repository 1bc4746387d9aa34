"""Where Flax' gradients of float32 x near 1e17 lose a part. Imports no framework."""

from normspec.backends.flax_common_deviations import row
from normspec.backends.huge_rows import JAX_GRAD, huge

ROWS = tuple(
    row("norms_huge", **huge("flax", words), **JAX_GRAD, size="dx is off by 0.2 to 1.1 of the largest")
    for words in ("layer norm", "instance norm", "RMS norm")
)
