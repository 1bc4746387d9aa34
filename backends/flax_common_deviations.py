"""What the rows of Flax have in common. Imports no framework."""

from datetime import date
from typing import Any

from normspec.deviation import Deviation

SINGLE = (("float64", "float64"), ("float32", "float32"))
HALF = (("float16", "float16"), ("bfloat16", "bfloat16"))

NNX = "https://flax.readthedocs.io/en/v0.12.8/api_reference/flax.nnx/nn/normalization.html#flax.nnx."
STATISTICS = "flax/linen/normalization.py: _compute_stats"


def row(finding: str, **rest: Any) -> Deviation:
    """Give a row of the version reviewed, whose reproduction is named after what is found."""
    told = {"cases": "*", "upstream": "none found", **rest}
    return Deviation(reproduction=f"docs/findings/flax_{finding}.py", versions="0.12.8", reviewed=date(2026, 11, 20), **told)
