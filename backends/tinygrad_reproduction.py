"""Reproductions with tinygrad and NumPy only. Imports no framework: it writes text.

What a gradient is asked of is not realized before, for then it has none; all that is given is.
"""

from collections.abc import Mapping

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.scripts import (
    TRAINS,
    Draft,
    Forms,
    Say,
    Words,
    given,
    has_modes,
    imports,
    in_words,
    indented,
    leaf_of,
    result,
    variables,
    worded,
)
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.tinygrad import ENTRIES
from normspec.dtypes import FLOATS
from normspec.records import Case

FORMS = Forms("{0}.flatten()", "{0}.item()", f"next(name for name in {tuple(FLOATS)} if getattr(tinygrad.dtypes, name) == {{0}}.dtype)")
HEAD = "import tinygrad.nn"
BORN = "float32"
"""The dtype in which tinygrad makes what layers own, unless it is told otherwise."""


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of tinygrad, or a method of its tensors."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    owned = {ours: f"layer.{theirs}" for ours, theirs in entry.names.items()}
    steps = [_step(draft, k) for k in range(len(case.steps))]
    gradient = _gradient(draft, owned) if claim.differentiated else []
    return worded(draft, FORMS, owned=owned, head=[HEAD, *imports(instead)], make=_made(draft, owned), steps=steps, gradient=gradient)


def _sayer(claim: Claim) -> Say:
    return lambda name, a: f'tinygrad.Tensor({in_words(name, a, claim)}, dtype="{np.asarray(a).dtype.name}").realize()'


def _made(draft: Draft, owned: Mapping[str, str]) -> list[str]:
    """Give the lines that make a layer and load it: none where it is a method."""
    if not owned:
        return []
    dtype, values, make = draft.case.situation.parameter_dtype, draft.case.values, [f"layer = {draft.call()}"]
    if dtype != BORN:
        make = [f'with tinygrad.Context(DEFAULT_FLOAT="{dtype}"):', *indented(make)]
    loaded = f"{', '.join(owned[name] for name in values)} = {', '.join(draft.say(name, a) for name, a in values.items())}"
    return [*make, *([loaded] if values else [])]


def _step(draft: Draft, k: int) -> list[str]:
    case, claim, x = draft.case, draft.claim, variables(draft.case)[k][0]
    trains = has_modes(draft.entry) and case.steps[k].mode in TRAINS
    layer = "tinygrad.Context(TRAINING=1)(layer)" if trains else "layer"
    call = f"{layer}({x})" if draft.entry.names else draft.call(x)
    moved = [f"layer.{draft.entry.names[name]}" for name in ("running_mean", "running_variance") if trains and name in case.values]
    realized = "" if k == claim.step and claim.differentiated else f".realize({', '.join(moved)})"
    return [*given(draft, k), f"{result(case, k)} = {call}{realized}"]


def _gradient(draft: Draft, owned: Mapping[str, str]) -> list[str]:
    """Give the lines that make the gradient that is claimed: as all are asked for at once, or a derivative of that of x."""
    case, claim = draft.case, draft.claim
    k, dy = claim.step, f"dy = {draft.say(f'{claim.step}.dy', case.steps[claim.step].cotangent)}"
    x, y = variables(case)[k][0], result(case, k)
    if claim.along:
        w = f"w = {draft.say(f'{k}.direction', case.steps[k].direction)}"
        leaf, found = (leaf_of(draft, owned), f"d{claim.of}") if claim.of else ("dy", y)
        return [dy, w, f"(dx,) = {y}.gradient({x}, gradient=dy)", f"({found},) = (dx * w).sum().gradient({leaf})"]
    leaves = {"x": x, **{name: place for name, place in owned.items() if name in ("scale", "shift") and name in case.values}}
    return [dy, f"({''.join(f'd{name}, ' for name in leaves)}) = {y}.gradient({', '.join(leaves.values())}, gradient=dy)"]
