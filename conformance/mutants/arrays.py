"""Faults of arrays: strides and offsets ignored, inputs and parameters damaged, outputs in place of inputs."""

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered
from normspec.conformance.mutants.record import mutant
from normspec.dtypes import output
from normspec.records import Array, Arrays, Mode


def _zeroed(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    found = layer.right.forward({name: np.array(a) for name, a in inputs.items()}, mode)
    inputs["x"][...] = 0
    return found


def _in_place(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward({name: np.array(a) for name, a in inputs.items()}, mode)
    if y is not None:
        inputs["x"][...] = y
    return y if y is None else inputs["x"], pullback


def _dx_over_dy(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)

    def pull(dy: Array) -> Arrays:
        assert pullback is not None, "only called where there is one"
        found = pullback(np.array(dy))
        dy[...] = found["x"]
        return {**found, "x": dy.astype(found["x"].dtype)}

    return y, None if pullback is None else pull


def _parameters_doubled(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    found = layer.right.forward(inputs, mode)
    layer.right.load({name: (a + a).astype(a.dtype) for name, a in layer.owned("parameter").items()})
    return found


def _once(layer: Altered, values: Arrays) -> None:
    if not layer.memory.get("loaded"):
        layer.right.load(values)
    layer.memory["loaded"] = True


MUTANTS = (
    mutant("x-zeroed", "x is zeroed by the step", "inputs", "ScalingIntelligence/KernelBench#82", make=altered(_zeroed)),
    mutant(
        "y-in-place-of-x", "y is written over x", "inputs", where=lambda spec, at: output(spec, at) == at.dtype, make=altered(_in_place)
    ),
    mutant("dx-over-dy", "dx is written over dy", "inputs", "linkedin/Liger-Kernel#376", make=altered(_dx_over_dy)),
    mutant(
        "parameters-doubled",
        "a step moves the parameters",
        "parameters",
        where=lambda spec, at: any(slot.role == "parameter" for slot in spec.slots(at.shape).values()),
        make=altered(_parameters_doubled),
    ),
    mutant(
        "loads-once",
        "what is loaded second is ignored",
        "parameters",
        where=lambda spec, at: any(slot.role == "parameter" for slot in spec.slots(at.shape).values()),
        make=altered(load=_once),
    ),
)
"""Faults of what arrays are, not of what stands in them."""
