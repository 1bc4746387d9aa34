"""What the steps of a script say of each other: from which state each starts, and which shapes x has in them."""

from collections.abc import Sequence
from dataclasses import replace

from normspec.layers.fields import PARAMETERS
from normspec.records import Arrays, Case, Situation, Step

LOADED = -1
"""The state that the case's values are, before any step."""


def before(case: Case, k: int) -> int:
    """Give the step after which the state was that from which step k starts, or `LOADED`."""
    resumes = case.steps[k].resumes
    return k - 1 if resumes is None else resumes


def lineage(case: Case, k: int) -> tuple[int, ...]:
    """Give the steps that led to the state from which step k starts, and k itself, in their order."""
    found = [k]
    while (earlier := before(case, found[-1])) != LOADED:
        found.append(earlier)
    return tuple(reversed(found))


def values_at(case: Case, step: Step) -> Arrays:
    """Give the values of a step: those of the case, and those that some layers are given with x instead."""
    return {**case.values, **{name: a for name, a in step.inputs.items() if name in PARAMETERS}}


def shaped(situation: Situation, steps: Sequence[Step]) -> Situation:
    """Give a situation with the shapes that x has in these steps."""
    first, *later = dict.fromkeys(step.inputs["x"].shape for step in steps)
    return replace(situation, shape=first, later=tuple(later))
