"""What Haiku 0.0.17 on a CPU does not keep of its promises. Imports no framework; the reproduction is run by the tests."""

from datetime import date

from normspec.backends.huge_rows import JAX_GRAD, huge
from normspec.deviation import Deviation

DEVIATIONS = tuple(
    Deviation(
        **huge("haiku", words),
        **JAX_GRAD,
        size="dx is off by 0.2 to 1 of the largest",
        reproduction="docs/findings/haiku_norms_huge.py",
        upstream="none found",
        versions="0.0.17",
        reviewed=date(2026, 11, 22),
    )
    for words in ("layer norm", "group norm", "instance norm", "RMS norm")
)
