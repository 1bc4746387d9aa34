"""What the operations of OpenVINO have in common: how they are named and documented, axes, epsilon, and that they compute in float32."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.errors import Unsupported

DOCS = "https://docs.openvino.ai/2026/documentation/openvino-ir-format/operation-sets/operation-specs/normalization/"

Arguments = Mapping[str, Any]

COMPUTED: dict[str, Any] = {"statistics_dtype": "float32"}
"""In what a CPU computes, where it is told to infer in f32."""
STANDARDIZED: dict[str, Any] = {"correction": 0, "variance": "two_pass", **COMPUTED}
"""What every operation here has in common that takes a mean and a variance."""
SCALED: dict[str, Any] = {
    "epsilon_place": "inside",
    "scale": True,
    "shift": True,
    "output_dtype": "input",
    "one_value": "shift",
    **STANDARDIZED,
}
"""And of these, those that scale and shift."""
LATEST = 16
"""The latest opset that has these functions: opset17 has none but its own."""


def positive(name: str, a: Arguments) -> float:
    """Give an epsilon.

    Raises
    ------
    Unsupported
        Where it is not positive.
    """
    if a[name] <= 0:
        raise Unsupported(f"{name} must be positive, got {a[name]}")
    found: float = a[name]
    return found


def no_less(epsilon: float) -> float:
    """Give the nearest epsilon that is positive: for 0, the least number of 32 bits that is no subnormal one."""
    return epsilon or 2.0**-126


def axes(a: Arguments) -> tuple[int, ...]:
    """Give the axes that an operation is told, one or several."""
    return (a["axes"],) if isinstance(a["axes"], int) else tuple(a["axes"])


def entry(
    layer: str, name: str, opset: int, page: str, inputs: tuple[str, ...], told: tuple[str, ...], *, since: int = 0, **rest: Any
) -> Entry:
    """Give the entry of an operation, whose inputs are arrays and say nothing; what it is `told` must be given, or has a default.

    `since` is the first opset that has it, where that is an earlier one of the same meaning.
    """
    native = f"openvino.opset{opset}.{name}"
    shared: dict[str, Any] = {"defaults": {}, "names": {}, "modes": dict.fromkeys(("train", "evaluate", "freeze"), f"{native}(x, ...)")}
    return Entry(
        native=native,
        layer=layer,
        variant="",
        versions=">=2026.4",
        source=f"{DOCS}{page}.html",
        positional=(*inputs, *told, "name"),
        also=tuple(f"openvino.opset{one}.{name}" for one in range(since or opset, LATEST + 1) if one != opset),
        free=(*inputs, "name"),
        **{**shared, **rest},
    )
