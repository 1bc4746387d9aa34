"""Figures on what is kept of a scale: itself, or what it is more than 1. Every function gives a table in Markdown."""

import numpy as np
from sections.tables import table

from normspec.conformance.wire import named
from normspec.dialects import all_entries
from normspec.explanation.positions import by_path
from normspec.reference import rms_norm

SAMPLES, FEATURES = 64, 256


def kept() -> str:
    """Give what the layers that scale an activation call what they keep of the scale, and what they multiply by."""
    found: dict[tuple[str, float], list[str]] = {}
    for entry in all_entries():
        if "scale" in entry.names and "scale" in by_path(entry.layer) and entry.layer != "weight_norm":
            found.setdefault((entry.names["scale"], entry.plus.get("scale", 0.0)), []).append(entry.native)
    rows = (
        ("<br>".join(f"`{native}`" for native in dict.fromkeys(natives)), f"`{name}`", f"`{plus:g} + {name}`" if plus else f"`{name}`")
        for (name, plus), natives in sorted(found.items(), key=lambda row: -row[0][1])
    )
    return table(("layer", "keeps", "multiplies by"), rows)


def misread() -> str:
    """Give the size of y, its root mean square, where the 1 is added as it must be, where it is left out, and where it is added twice."""
    rng, rows = np.random.default_rng(0), []
    x = rng.normal(size=(SAMPLES, FEATURES))
    scales = {
        "1, not yet trained": np.ones(FEATURES),
        "0.9 to 1.1": rng.uniform(0.9, 1.1, FEATURES),
        "0.5 to 3": rng.uniform(0.5, 3, FEATURES),
    }
    for name, scale in scales.items():
        ys = (rms_norm(x, scale + more, axes=(-1,), epsilon=1e-6)[0] for more in (0, -1, 1))
        rows.append((name, *(f"{np.sqrt(np.mean(y**2)):.2f}" for y in ys)))
    return table(("scale", "y", "y without the 1", "y with it twice"), rows)


def folded() -> str:
    """Give how much is left of a weight in 16 bits when the 1 is added to it and the sum is rounded to its dtype."""
    rng, rows = np.random.default_rng(0), []
    for dtype in ("float16", "bfloat16"):
        for size in (0.1, 0.01, 0.001):
            weight = (size * rng.uniform(-1, 1, 10_000)).astype(named(dtype)).astype(np.float64)
            left = (1 + weight).astype(named(dtype)).astype(np.float64) - 1
            lost = 100 * np.mean((left == 0) & (weight != 0))
            off = 100 * np.sqrt(np.mean((left - weight) ** 2) / np.mean(weight**2))
            rows.append((dtype, f"{size:g}", f"{lost:.0f} %", f"{off:.1g} %" if off < 10 else f"{off:.0f} %"))  # noqa: PLR2004 - two digits and more
    return table(("dtype", "weights up to", "weights that vanish", "what is left of them is off by"), rows)
