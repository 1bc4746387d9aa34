"""A case played by an implementation: the same few lines for the oracle and for every subject.

What is seen is a dict from quantity to array: `born.scale` before anything is loaded, then for step k `k.y`, `k.dx`, `k.dscale`,
the values after it (`k.running_mean`), and the inputs after it (`k.inputs.x`). A step that raised has `k.raised`, a text.
"""

from collections.abc import Mapping
from typing import Any

from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Case, Implementation, Layer, Step

Seen = dict[str, Any]


def play(case: Case, by: Implementation) -> Seen:
    """Build the layer, look at what is born, load the case's values, take its steps."""
    layer = by.build(case.spec, case.situation)
    seen = _born(layer, by)
    layer.load(_into(case.values, case, by))
    for k, step in enumerate(case.steps):
        seen |= {f"{k}.{name}": value for name, value in _step(case, step, layer, by).items()}
    return seen


def _born(layer: Layer, by: Implementation) -> Seen:
    try:
        values = layer.read()
    except Unsupported as reason:
        return {"born": str(reason)}
    return {f"born.{name}": by.asnumpy(value) for name, value in values.items()}


def _step(case: Case, step: Step, layer: Layer, by: Implementation) -> Seen:
    inputs = _into(step.inputs, case, by)
    given = inputs if step.cotangent is None else {**inputs, "dy": by.asarray(step.cotangent, case.situation)}
    seen: Seen = {}
    try:
        y, pullback = layer.forward(inputs, step.mode)
        if y is not None:
            seen["y"] = by.asnumpy(y)
        if step.cotangent is not None:
            seen |= _gradients(given["dy"], pullback, by)
    except Exception as error:  # noqa: BLE001 - whatever the subject raises is what was seen
        seen = {"raised": f"{type(error).__name__}: {error}"}
    seen |= {name: by.asnumpy(value) for name, value in layer.read().items()}
    return seen | {f"inputs.{name}": by.asnumpy(value) for name, value in given.items()}


def _gradients(dy: Array, pullback: Any, by: Implementation) -> Mapping[str, Any]:
    if pullback is None:
        return {"gradients": "has no gradients"}
    return {f"d{name}": by.asnumpy(value) for name, value in pullback(dy).items()}


def _into(arrays: Arrays, case: Case, by: Implementation) -> Arrays:
    return {name: by.asarray(value, case.situation) for name, value in arrays.items()}
