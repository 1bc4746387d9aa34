"""dtypes by name: what a spec in a situation says of each array, and the roundoff that goes with it."""

from typing import Any, NamedTuple

from normspec.layers.fields import arrays_of, inputs_of
from normspec.records import Situation


class Float(NamedTuple):
    """A binary floating-point format: significand bits (the leading one counted) and the exponent of the smallest subnormal."""

    bits: int
    smallest: int

    @property
    def roundoff(self) -> float:
        """The largest relative error of rounding to nearest."""
        return 2.0**-self.bits

    @property
    def tiny(self) -> float:
        """The largest absolute error of rounding to nearest among subnormal numbers."""
        return 2.0 ** max(self.smallest - 1, -1074)

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return (2 - 2 * self.roundoff) * 2.0 ** (2 - self.bits - self.smallest)


FLOATS = {"float64": Float(53, -1074), "float32": Float(24, -149), "float16": Float(11, -24), "bfloat16": Float(8, -133)}


def promote(*dtypes: str) -> str:
    """Give the dtype that holds all of these: float16 and bfloat16 meet in float32."""
    found = set(dtypes)
    if len(found) == 1:
        return found.pop()
    return "float64" if "float64" in found else "float32"


def statistics(spec: Any, dtype: str) -> str:
    """Give the dtype in which a layer takes the statistics of an x of this dtype."""
    return {"widened": promote(dtype, "float32"), "input": dtype, "float32": "float32"}[spec.statistics_dtype]


def output(spec: Any, situation: Situation) -> str:
    """Give the dtype of y."""
    roles = {"input": (), "promoted": ("parameter",), "promoted_with_state": ("parameter", "state")}[spec.output_dtype]
    dtypes = {**of_slots(spec, situation), **of_inputs(spec, situation)}
    slots = arrays_of(spec, situation.shape)
    return promote(situation.dtype, *(dtypes[name] for name, slot in slots.items() if slot.role in roles))


def of_slots(spec: Any, situation: Situation) -> dict[str, str]:
    """Give the dtype of every array that the layer owns."""
    running = getattr(spec, "running", None)
    state = "float32" if running is not None and running.state_dtype == "float32" else situation.parameter_dtype
    by_role = {"parameter": situation.parameter_dtype, "state": state, "count": "int64"}
    return {name: by_role[slot.role] for name, slot in spec.slots(situation.shape).items()}


def of_inputs(spec: Any, situation: Situation) -> dict[str, str]:
    """Give the dtype of every array that the layer is given with x."""
    by_role = {"parameter": situation.parameter_dtype, "input": situation.dtype}
    return {name: by_role[slot.role] for name, slot in inputs_of(spec, situation.shape).items()}
