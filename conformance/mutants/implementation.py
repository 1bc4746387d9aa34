"""A mutant as an implementation like any other: `normspec.load("mutants:updated-twice")`."""

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

import numpy as np

from normspec.conformance.mutants import MUTANTS
from normspec.conformance.mutants.altered import right
from normspec.conformance.mutants.generated import generated
from normspec.conformance.mutants.record import Mutant
from normspec.errors import NotFound, Unsupported
from normspec.layers import SPECS
from normspec.records import Implementation, Layer, Situation


def mutant_of(name: str) -> Mutant:
    """Give the mutant of this id.

    Raises
    ------
    NotFound
        Where there is none.
    """
    layer, made, _ = name.partition(":")
    found = {mutant.id: mutant for mutant in (generated(layer) if made and layer in SPECS else MUTANTS)}
    if name not in found:
        near = ", ".join(get_close_matches(name, found, 3, 0))
        raise NotFound(f"mutant must be the id of one, got {name!r}; the nearest are {near}, and normspec mutants list has all")
    return found[name]


def implementation(name: str) -> Implementation:
    """Give the implementation of the mutant of this id: where the fault does not exist, it has no such layer."""
    return implementation_of(mutant_of(name))


def implementation_of(mutant: Mutant) -> Implementation:
    """Give the implementation of a mutant; its arrays are copies, which a fault may damage."""

    def build(spec: Any, situation: Situation) -> Layer:
        if not mutant.lives_in(spec, situation):
            raise Unsupported("the fault does not exist here")
        return mutant.make(spec, situation)

    by = right()
    return replace(
        by,
        name=f"mutants:{mutant.id}",
        build=build,
        asarray=lambda a, situation: by.asarray(np.array(a), situation),
    )
