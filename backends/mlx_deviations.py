"""What MLX 0.32.4 on a CPU does not keep of its promises. Imports no framework; the reproduction is run by the tests."""

from datetime import date

from normspec.deviation import Deviation

HUGE = {"layer norm": 1.6e5, "RMS norm": 7e5}
"""Of the case's own bounds, one and a half times what is seen: as much as dx itself."""

DEVIATIONS = tuple(
    Deviation(
        id=f"mlx-{layer}-huge",
        title=f"The gradient of {words} for a float32 x near 1e17 loses the way through the statistics",
        size="dx is off by 0.2 to 1 of the largest",
        clause=f"{layer}.gradient.x",
        cases=f"{layer}.gradient.x/*-huge/*",
        dtypes=(("float32", "float32"),),
        modes=("train",),
        quantities={"dx": share},
        promise="Compute the vector-Jacobian product.",
        source="https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.vjp.html",
        reproduction="docs/findings/mlx_norms_huge.py",
        upstream="none found",
        versions="0.32.4",
        reviewed=date(2026, 11, 22),
    )
    for words, share in HUGE.items()
    for layer in [words.lower().replace(" ", "-")]
)
