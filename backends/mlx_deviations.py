"""What MLX 0.32.4 on a CPU does not keep of its promises. Imports no framework; the reproduction is run by the tests."""

from datetime import date

from normspec.backends.huge_rows import huge
from normspec.deviation import Deviation

DEVIATIONS = tuple(
    Deviation(
        **huge("mlx", words),
        size="dx is off by 0.2 to 1 of the largest",
        promise="Compute the vector-Jacobian product.",
        source="https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.vjp.html",
        reproduction="docs/findings/mlx_norms_huge.py",
        upstream="none found",
        versions="0.32.4",
        reviewed=date(2026, 11, 22),
    )
    for words in ("layer norm", "RMS norm")
)
