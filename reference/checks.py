"""What a function is told, held to the rules of the spec that it computes."""

from typing import Any, get_args

from normspec.errors import InvalidInput
from normspec.layers.fields import rules_of
from normspec.records import Array, Mode
from normspec.reference import quad

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
    apart = ({"epsilon": told["epsilon"]} if "epsilon" in told else {}, {n: v for n, v in told.items() if n not in ("epsilon", "mode")})
    rules = {name: rule for values in apart for name, rule in rules_of(spec, values).items()}
    if "mode" in told:
        *some, last = map(repr, get_args(Mode))
        rules["mode"] = told["mode"] in get_args(Mode), f"{', '.join(some)} or {last}", told["mode"]
    broken = [f"{name} must be {must}, got {got!r}" for name, (holds, must, got) in rules.items() if not holds]
    if dtype.startswith(NOT_FLOATING):
        broken.insert(0, f"x must be floating, got {dtype}: convert it first")
    if broken:
        raise InvalidInput("; ".join(broken))


def dtype_name(x: Array) -> str:
    """Give the name of an array's dtype, whatever its library."""
    return str(getattr(x.dtype, "name", x.dtype)).rpartition(".")[2]
