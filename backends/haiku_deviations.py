"""What Haiku 0.0.17 on a CPU does not keep of its promises. Imports no framework; the reproduction is run by the tests."""

from datetime import date

from normspec.deviation import Deviation

HUGE = {"layer norm": 1.6e5, "group norm": 2e5, "instance norm": 2.7e5, "RMS norm": 7e5}
"""Of the case's own bounds, one and a half times what is seen: as much as dx itself."""

DEVIATIONS = tuple(
    Deviation(
        id=f"haiku-{layer}-huge",
        title=f"The gradient of {words} for a float32 x near 1e17 loses the way through the statistics",
        size="dx is off by 0.2 to 1 of the largest",
        clause=f"{layer}.gradient.x",
        cases=f"{layer}.gradient.x/*-huge/*",
        dtypes=(("float32", "float32"),),
        modes=("train",),
        quantities={"dx": share},
        promise="Creates a function that evaluates the gradient of fun.",
        source="https://docs.jax.dev/en/latest/_autosummary/jax.grad.html",
        reproduction="docs/findings/haiku_norms_huge.py",
        upstream="none found",
        versions="0.0.17",
        reviewed=date(2026, 11, 22),
    )
    for words, share in HUGE.items()
    for layer in [words.lower().replace(" ", "-")]
)
