"""What the rows of many frameworks have in common whose gradients of float32 x near 1e17 lose a part. Imports no framework.

The third power of 1 / divisor underflows.
"""

from typing import Any

SHARES = {"layer norm": 1.6e5, "instance norm": 2.7e5, "group norm": 2e5, "RMS norm": 7e5, "batch norm": 7.3e4}
"""Of the case's own bounds, one and a half times what is seen: as much as dx itself."""
JAX_GRAD: dict[str, Any] = {
    "promise": "Creates a function that evaluates the gradient of fun.",
    "source": "https://docs.jax.dev/en/latest/_autosummary/jax.grad.html",
}


def huge(framework: str, words: str) -> dict[str, Any]:
    """Give what a row says of a layer, by its words, but for its size, the promise and the framework's own."""
    layer = words.lower().replace(" ", "-")
    return {
        "id": f"{framework}-{layer}-huge",
        "title": f"The gradient of {words} for a float32 x near 1e17 loses the way through the statistics",
        "clause": f"{layer}.gradient.x",
        "cases": f"{layer}.gradient.x/*-huge/*",
        "dtypes": (("float32", "float32"),),
        "modes": ("train",),
        "quantities": {"dx": SHARES[words]},
    }
