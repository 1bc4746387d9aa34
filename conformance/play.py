"""A case played by an implementation: the same few lines for the oracle and for every subject.

What is seen is a dict from quantity to array: `born.scale` before anything is loaded, then for step k `k.y`, `k.dx`, `k.dscale`,
the values after it (`k.running_mean`), and the inputs after it (`k.inputs.x`). Where there is no array there is a text that says
why: `k.raised` for a step that raised, `k.lacking` for one that the implementation does not have, `k.gradients` for its pullback.
A step with a direction shows `k.tangent.y`, `k.tangent.dx` and `k.tangent.dscale` alone.
Every array is a copy: what an implementation does to its own later is no matter.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from normspec.conformance.layouts import Laid, into, require, written
from normspec.conformance.lineage import LOADED
from normspec.errors import Unsupported
from normspec.records import Arrays, Case, Implementation, Layer, Pullback, Step

Seen = dict[str, Any]
AROUND = "lies in a larger array, which was written to around it"


class Taken(NamedTuple):
    """A step that has been taken: its inputs, the cotangent among them, its pullback, if that is to be called, and where inputs lie."""

    inputs: Arrays
    pullback: Pullback | None
    laid: Mapping[str, Laid] = MappingProxyType({})


def play(case: Case, by: Implementation) -> Seen:
    """Build the layer, look at what is born, load the case's values, take its steps."""
    require(case, by)
    layer = by.build(case.spec, case.situation)
    seen = _born(layer, by)
    for values in ({name: value + value for name, value in case.values.items()}, case.values):  # the last load is what holds
        layer.load(into(values, case, by)[0])
    waiting: list[tuple[str, Taken]] = []
    after = {LOADED: case.values}
    for k, step in enumerate(case.steps):
        layer = _resumed(case, k, layer, after, by)
        if step.direction is not None:
            seen |= {f"{k}.{name}": value for name, value in _tangents(case, step, layer, by).items()}
            continue
        shown, taken = _forward(case, step, layer, by)
        if not case.deferred:
            shown |= _backward(taken, by)
        after[k] = {name: _copy(by.asnumpy(value)) for name, value in layer.read().items()}
        shown |= after[k]
        shown |= {f"inputs.{name}": _copy(by.asnumpy(value)) for name, value in taken.inputs.items()}
        shown |= {f"inputs.{name}": AROUND for name, laid in taken.laid.items() if written(laid, by)}
        seen |= {f"{k}.{name}": value for name, value in shown.items()}
        waiting.append((str(k), taken))
    for k_, taken in reversed(waiting if case.deferred else []):
        seen |= {f"{k_}.{name}": value for name, value in _backward(taken, by).items()}
    return seen


def _born(layer: Layer, by: Implementation) -> Seen:
    try:
        return {f"born.{name}": _copy(by.asnumpy(value)) for name, value in layer.read().items()}
    except Unsupported as reason:
        return {"born": str(reason)}


def _resumed(case: Case, k: int, layer: Layer, after: Mapping[int, Arrays], by: Implementation) -> Layer:
    """Give the layer that takes a step, loaded with what was shown where that says so."""
    step = case.steps[k]
    if step.resumes is None and not step.anew:
        return layer
    values = layer.read() if step.resumes is None else into(after[step.resumes], case, by)[0]  # as it gives them: it may share these
    if step.anew:
        other = by.build(case.spec, case.situation)
        other.load(values)
        _backward(_forward(case, step, layer, by)[1], by)  # by the former, which shares nothing
        return other
    layer.load(values)
    return layer


def _forward(case: Case, step: Step, layer: Layer, by: Implementation) -> tuple[Seen, Taken]:
    if lacking := ", ".join(name for name in step.inputs if name not in by.inputs):
        return {"lacking": f"takes no {lacking}"}, Taken({}, None)
    given, laid = into(step.inputs if step.cotangent is None else {**step.inputs, "dy": step.cotangent}, case, by)
    inputs = {name: given[name] for name in step.inputs}
    try:
        y, pullback = layer.forward(inputs, step.mode)
        shown = {} if y is None else {"y": _copy(by.asnumpy(y))}
    except Unsupported as reason:
        return {"lacking": str(reason)}, Taken(given, None, laid)
    except Exception as error:  # noqa: BLE001 - whatever the subject raises is what was seen
        return {"raised": f"{type(error).__name__}: {error}"}, Taken(given, None, laid)
    if step.cotangent is not None and pullback is None:
        shown["gradients"] = "has no gradients"
    return shown, Taken(given, pullback, laid)


def _backward(taken: Taken, by: Implementation) -> Seen:
    if taken.pullback is None or "dy" not in taken.inputs:
        return {}
    try:
        return {f"d{name}": _copy(by.asnumpy(value)) for name, value in taken.pullback(taken.inputs["dy"]).items()}
    except Exception as error:  # noqa: BLE001 - as above
        return {"pullback": f"{type(error).__name__}: {error}"}


def _tangents(case: Case, step: Step, layer: Layer, by: Implementation) -> Seen:
    if not hasattr(layer, "tangents"):
        return {"lacking": "is differentiated once"}
    given, _ = into({**step.inputs, "dy": step.cotangent, "direction": step.direction}, case, by)
    inputs = {name: given[name] for name in step.inputs}
    try:
        found = layer.tangents(inputs, step.mode, given["dy"], given["direction"])
        shown = {name: value if isinstance(value, str) else _copy(by.asnumpy(value)) for name, value in found.items()}
        return {f"tangent.{name if name == 'y' else f'd{name}'}": value for name, value in shown.items()}
    except Unsupported as reason:
        return {"lacking": str(reason)}
    except Exception as error:  # noqa: BLE001 - as above
        return {"raised": f"{type(error).__name__}: {error}"}


def _copy(value: Any) -> Any:
    return np.array(value) if isinstance(value, np.ndarray) else value
