"""Where Flax' gradients of float32 x near 1e17 lose a part, for the third power of 1 / divisor underflows. Imports no framework."""

from normspec.backends.flax_common_deviations import row

SHARES = {"layer norm": 1.6e5, "instance norm": 2.7e5, "RMS norm": 7e5}
"""Of the case's own bounds, one and a half times what is seen: as much as dx itself."""

ROWS = tuple(
    row(
        "norms_huge",
        id=f"flax-{layer}-huge",
        title=f"The gradient of {words} for a float32 x near 1e17 loses the way through the statistics",
        size="dx is off by 0.2 to 1.1 of the largest",
        clause=f"{layer}.gradient.x",
        cases=f"{layer}.gradient.x/*-huge/*",
        dtypes=(("float32", "float32"),),
        modes=("train",),
        quantities={"dx": share},
        promise="Creates a function that evaluates the gradient of fun.",
        source="https://docs.jax.dev/en/latest/_autosummary/jax.grad.html",
    )
    for words, share in SHARES.items()
    for layer in [words.lower().replace(" ", "-")]
)
