"""What errors.jsonl has of a layer, in curves: those within the bound together, those beyond it one by one."""

import json
from collections import defaultdict
from dataclasses import dataclass
from math import isfinite, log2
from pathlib import Path

KEPT = Path(__file__).resolve().parents[1] / "errors.jsonl"
PASSES = {"one_pass": "one pass", "two_pass": "two passes"}
GROWS = 1 / 4
"""An error whose logarithm grows by less than this share of its bound's, from the first rung to the last, does not grow with it."""
KINDS = ("flat", "within", "beyond")


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Errors of y of one implementation at one point of `variance`, and what each may be; `flat`, `within` the bound or `beyond` it."""

    implementation: str
    version: str
    variance: str
    ratios: tuple[int, ...]
    errors: tuple[float, ...]
    bounds: tuple[float, ...]

    @property
    def kind(self) -> str:
        """How the error grows."""
        if any(error > bound for error, bound in zip(self.errors, self.bounds, strict=True)):
            return "beyond"
        grown, allowed = (log2(max(ends[-2:]) / max(ends[:2])) for ends in (self.errors, self.bounds))
        return "flat" if grown < GROWS * allowed else "within"


def curves(layer: str) -> list[Curve]:
    """Give every curve of a layer."""
    found = defaultdict(list)
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["layer"] == layer:
            found[row["implementation"], row["version"], row["variance"]].append(row)
    return [
        Curve(
            implementation=implementation,
            version=version,
            variance=variance,
            ratios=tuple(row["ratio"] for row in rows),
            errors=tuple(float(row["error"]) for row in rows),
            bounds=tuple(row["bound"] for row in rows),
        )
        for (implementation, version, variance), rows in found.items()
    ]


def names(found: list[Curve]) -> dict[str, list[str]]:
    """Give the names of each kind's curves."""
    return {kind: list(dict.fromkeys(label(curve, found) for curve in found if curve.kind == kind)) for kind in KINDS}


def label(curve: Curve, among: list[Curve]) -> str:
    """Give a curve's name: with its passes, where the curves of an implementation are of two kinds."""
    kinds = {other.kind for other in among if other.implementation == curve.implementation}
    return curve.implementation + (f", {PASSES[curve.variance]}" if len(kinds) > 1 else "")


def words(layer: str) -> str:
    """Say what the picture of a layer shows."""
    found = curves(layer)
    named, last = names(found), max(curve.ratios[-1] for curve in found)
    told = {kind: f"{'; '.join(those)} ({_range([c for c in found if c.kind == kind])})" for kind, those in named.items() if those}
    return (
        f"Error of y of {layer} in float32, as a share of the largest y, where the mean of x is 1 to {last} times its deviation. "
        f"It does not grow in {told.get('flat', 'none')}. It grows with that and stays within the bound in {told.get('within', 'none')}. "
        f"It leaves the bound in {told.get('beyond', 'none')}."
    )


def _range(found: list[Curve]) -> str:
    """Give the errors on the last rung."""
    least, most = (_number(f(curve.errors[-1] for curve in found)) for f in (min, max))
    return f"at last {least}" + (f" to {most}" if most != least else "")


def _number(error: float) -> str:
    if isfinite(error):
        return f"{error:.1g}" if error < 1 else f"{error:.0f}"
    return "no number"
