"""What a function is told, held to the rules of the spec that it computes."""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from normspec.clauses import Rule
from normspec.errors import InvalidInput
from normspec.layers import LAYERS
from normspec.layers.fields import field_rules
from normspec.records import Array, Mode
from normspec.reference import quad

MODES = get_args(Mode)
RULES: dict[type, Mapping[str, Callable[[Any], Rule]]] = {spec: field_rules(spec) for spec in LAYERS}
"""The rules of every spec's fields, made once: compilers look into what is called, and not into records."""
NOT_FLOATING = ("int", "uint", "bool", "complex")


def check(spec: type, x: Array, **told: Any) -> None:
    """Refuse an x that is not floating, and values that no layer of a spec has.

    Raises
    ------
    InvalidInput
        With every broken rule at once.
    """
    if quad.holds(x):  # the oracle's, whose statistics may round to any dtype
        return
    dtype = dtype_name(x)
    rules = {name: rule(told[name]) for name, rule in RULES[spec].items() if name in told}
    if "mode" in told:
        rules["mode"] = told["mode"] in MODES, "'train', 'evaluate', 'freeze' or 'observe'", told["mode"]
    broken = [f"{name} must be {must}, got {got!r}" for name, (holds, must, got) in rules.items() if not holds]
    if dtype.startswith(NOT_FLOATING):
        broken.insert(0, f"x must be floating, got {dtype}: convert it first")
    if broken:
        raise InvalidInput("; ".join(broken))


def dtype_name(x: Array, name: str = "x") -> str:
    """Give the name of an array's dtype, whatever its library."""
    if not hasattr(x, "dtype"):
        raise InvalidInput(f"{name} must be an array, got a {type(x).__name__}: make it one first, with numpy.asarray for example")
    return str(getattr(x.dtype, "name", x.dtype)).rpartition(".")[2]
