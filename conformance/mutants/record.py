"""The record of a mutant: a layer that is right but for one fault, with the clause that the fault breaks and the report of it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from normspec.records import Layer, Situation

STANDARDIZING = (
    "batch_norm",
    "layer_norm",
    "instance_norm",
    "group_norm",
    "mean_variance_norm",
    "weight_standardization",
    "ghost_batch_norm",
    "conditional_instance_norm",
    "conditional_batch_norm",
)
DIVIDING = ("rms_norm", "lp_norm", "weight_norm", "scale_norm")
CONDITIONAL = ("conditional_instance_norm", "conditional_batch_norm")
MASKED = ("batch_norm", "layer_norm", "instance_norm", "group_norm")
MASKED_AT_ALL = (*MASKED, "batch_renorm")
SCALED = (
    *("batch_norm", "ghost_batch_norm", "layer_norm", "instance_norm", "group_norm", "rms_norm"),
    *("weight_norm", "weight_standardization", "scale_norm"),
)
"""Layers of a kind."""

Make = Callable[[Any, Situation], Layer]
"""From a spec in a situation to the wrong layer."""

Where = Callable[[Any, Situation], bool]
"""Whether a fault exists in a layer of a spec in a situation."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One fault. `law` is the path of the field or law whose clause names it, `source` where it was reported.

    Where `source` is empty no report is known: the fault is a neighbour of one that has been reported. `dtypes` are those of x in which
    the fault shows; `layers`, where it is of some layers alone, are those.
    """

    id: str
    words: str
    law: str
    make: Make
    source: str = ""
    where: Where = lambda spec, situation: True  # noqa: ARG005 - everywhere
    dtypes: tuple[str, ...] = ("float32",)
    layers: tuple[str, ...] = ()

    def lives_in(self, spec: Any, situation: Situation) -> bool:
        """Tell whether a layer of this spec has the fault in this situation."""
        told = not self.layers or spec.layer in self.layers
        return told and has(spec, self.law) and self.where(spec, situation)


def has(spec: Any, path: str) -> bool:
    """Tell whether a spec has a law, or a value at the path of a field."""
    if path in spec.laws:
        return True
    head, _, rest = path.partition(".")
    known = head in {f.name for f in fields(spec)}
    return known and (not rest or getattr(spec, head) is not None)


def names(spec: type, path: str) -> bool:
    """Tell whether a layer's class has a clause at this path."""
    laws: Any = spec.laws  # type: ignore[attr-defined]  # every layer's spec names its laws
    return path in laws or path.partition(".")[0] in {f.name for f in fields(spec)}


def report(name: str) -> str:
    """Give the address of a report: ("pytorch/pytorch#12013") -> https://github.com/pytorch/pytorch/issues/12013."""
    repository, _, number = name.partition("#")
    return f"https://github.com/{repository}/issues/{number}"


def mutant(name: str, words: str, law: str, source: str = "", **rest: Any) -> Mutant:
    """Give a mutant; `source` is an address, or the name of a report."""
    return Mutant(id=name, words=words, law=law, source=source if not source or ":" in source else report(source), **rest)
