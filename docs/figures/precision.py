"""Figures on half precision: where a layer rounds, and in what it computes. Every function gives a table in Markdown."""

from typing import Any

import numpy as np
from sections.tables import table

from normspec.conformance.wire import named
from normspec.dtypes import FLOATS
from normspec.reference import rms_norm

HALF = ("float16", "bfloat16")
SAMPLES, FEATURES = 64, 256
EPSILON = 1e-6


def _noise(size: float = 1.0) -> Any:
    return size * np.random.default_rng(0).normal(size=(SAMPLES, FEATURES))


def roundings() -> str:
    """Give how many values of y differ where what scale multiplies is rounded first, and by how much."""
    drawn, rows = np.random.default_rng(1).uniform(0.5, 1.5, FEATURES), []
    scales = {"all 1": np.ones(FEATURES), "all 2": np.full(FEATURES, 2.0), "drawn from 0.5 to 1.5": drawn}
    for dtype in HALF:
        x = _noise().astype(named(dtype))
        for name, scale in scales.items():
            ys = (rms_norm(x, scale.astype(np.float32), axes=(-1,), epsilon=EPSILON, rounding=r)[0] for r in ("last", "before_scale"))
            last, first = (y.astype(np.float64) for y in ys)
            spacing = 2.0 * FLOATS[dtype].roundoff * 2.0 ** np.floor(np.log2(np.abs(last)))
            apart = np.abs(last - first)
            rows.append((dtype, name, f"{100 * np.mean(apart > 0):.0f} %", f"{np.max(apart / spacing):.0f}"))
    return table(("dtype of x and y", "scale", "values of y that differ", "by at most, in spacings of y"), rows)


def narrow() -> str:
    """Give the error of y where everything is computed in half precision, and where it is rounded once, by the size of x."""
    rows = []
    for dtype in HALF:
        for size in (1e-4, 1.0, 100.0, 300.0):
            x = _noise(size).astype(named(dtype))
            exact, _ = rms_norm(x.astype(np.float64), axes=(-1,), epsilon=EPSILON)
            errors = []
            for rule in ("input", "widened"):
                with np.errstate(all="ignore"):
                    y, _ = rms_norm(x, axes=(-1,), epsilon=EPSILON, statistics_dtype=rule)
                error = 100 * np.max(np.abs(y.astype(np.float64) - exact)) / np.max(np.abs(exact))
                errors.append(f"{error:.1g} %" if error < 10 else f"{error:.0f} %")  # noqa: PLR2004 - two digits and more
            rows.append((dtype, f"{size:g}", *errors))
    return table(("dtype of x and y", "size of x", "error of y, all in that dtype", "error of y, in float32 and rounded once"), rows)


def narrow_epsilons() -> str:
    """Give what usual epsilons are in half precision."""
    usual = (1e-3, 1e-5, 1e-6, 1e-12)
    rows = ((f"{e:g}", *(f"{float(np.asarray(e).astype(named(dtype))):.4g}" for dtype in HALF)) for e in usual)
    return table(("epsilon", *(f"in {dtype}" for dtype in HALF)), rows)
