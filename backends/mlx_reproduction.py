"""Reproductions with MLX and NumPy only. Imports no framework: it writes text."""

from collections.abc import Mapping

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.scripts import (
    TRAINS,
    Draft,
    Forms,
    Say,
    Words,
    following,
    given,
    has_modes,
    imports,
    in_words,
    result,
    variables,
    worded,
)
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.mlx import ENTRIES
from normspec.records import Case

FORMS = Forms("{0}.flatten()", "{0}.item()", 'str({0}.dtype).removeprefix("mlx.core.")')


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of MLX."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    make = [f"layer = {draft.call()}", f"layer.set_dtype(mx.{case.situation.parameter_dtype})"]
    loaded = ", ".join(f'"{entry.names[name]}": {draft.say(name, a)}' for name, a in case.values.items())
    make += [f"layer.update({{{loaded}}})"] if loaded else []
    owned = {ours: f"layer.{theirs}" for ours, theirs in entry.names.items()}
    steps = [_step(draft, k) for k in range(len(case.steps))]
    return worded(draft, FORMS, owned=owned, head=["import mlx.core as mx, mlx.nn", *imports(instead)], make=make, steps=steps, gradient=[])


def _sayer(claim: Claim) -> Say:
    return lambda name, a: f"mx.array({in_words(name, a, claim)}, mx.{np.asarray(a).dtype.name})"


def _step(draft: Draft, k: int) -> list[str]:
    case, claim, x = draft.case, draft.claim, variables(draft.case)[k][0]
    mode = (".train()" if case.steps[k].mode in TRAINS else ".eval()") if has_modes(draft.entry) else ""
    if k != claim.step or not claim.differentiated:
        return [*given(draft, k), f"{result(case, k)} = layer{mode}({x})"]
    more = following(draft)
    made = [f"{name} = {said}" for name, said in more.items()]
    if not claim.of:
        return [*given(draft, k), *made, f"_, ({result(case, k)},) = mx.jvp(layer{mode}, [{x}], [w])"]
    names = draft.entry.names
    owned = {name: f"layer.{names[name]}" for name in ("scale", "shift") if name in case.values}
    put = ", ".join(f'"{names[name]}": {name}' for name in owned)
    layer = f"layer{mode}.update({{{put}}})" if put else f"layer{mode}"
    at = ", ".join(["x" if claim.along else x, *owned.values()])
    gradients = f"mx.vjp(lambda {', '.join(['x', *owned])}: {layer}(x), [{at}], [dy])"
    gradients = f"mx.jvp(lambda x: {gradients}[1], [{x}], [w])" if claim.along else gradients
    return [*given(draft, k), *made, f"_, ({''.join(f'd{name}, ' for name in ('x', *owned))}) = {gradients}"]
