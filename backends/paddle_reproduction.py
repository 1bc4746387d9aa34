"""Reproductions with Paddle and NumPy only. Imports no framework: it writes text."""

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
    has_modes,
    imports,
    in_words,
    place_of,
    result,
    variables,
    worded,
)
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.paddle import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Case

Written = tuple[list[str], list[list[str]], dict[str, str]]
"""The lines that make a layer, those of each step, and where its arrays are."""
FORMS = Forms("{0}.flatten()", "{0}.item()", "{0}.dtype.name.lower()")
PARAMETERS = ("scale", "shift")


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of Paddle."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    make, steps, owned = WRITTEN[entry.native.rpartition(".")[0]](draft)
    gradient = _gradient(draft, owned) if claim.of else []
    if claim.along and not claim.of:
        raise Unsupported("Paddle has no forward mode in which a reproduction could differentiate y")
    return worded(draft, FORMS, owned=owned, head=["import paddle", *imports(instead)], make=make, steps=steps, gradient=gradient)


def _sayer(claim: Claim) -> Say:
    return lambda name, a: f'paddle.to_tensor({in_words(name, a, claim)}, "{np.asarray(a).dtype.name}")'


def _gradient(draft: Draft, owned: Mapping[str, str]) -> list[str]:
    """Give the lines that make the gradient that is claimed, or its derivative, as the adapter asks for all of them at once."""
    case, claim = draft.case, draft.claim
    leaves = {"x": owned.get("x", variables(case)[claim.step][0])}
    leaves |= {name: place_of(owned, name) for name in PARAMETERS if name in case.values}
    more, y, found = following(draft), result(case, claim.step), ", ".join(f"d{name}" for name in leaves)
    at = ", ".join(leaves.values())
    lines = [f"{name} = {_leaf(said) if claim.along and name == 'dy' else said}" for name, said in more.items()]
    if not claim.along:
        return [*lines, f"{found if len(leaves) > 1 else f'({found},)'} = paddle.grad([{y}], [{at}], [dy])"]
    first = f"(dx,) = paddle.grad([{y}], [{leaves['x']}], [dy], create_graph=True)"
    return [*lines, first, f"{found}, _ = paddle.grad([dx], [{at}, dy], [w], allow_unused=True)"]


def _leaf(said: str) -> str:
    """Give the words of a tensor that is differentiated by."""
    return f"{said.removesuffix(')')}, stop_gradient=False)"


def _x(draft: Draft, k: int) -> list[str]:
    """Give the line that makes x of a step, unless it is there."""
    case, claim = draft.case, draft.claim
    x, known = variables(case)[k]
    said = draft.say(f"{k}.x", case.steps[k].inputs["x"])
    wanted = claim.of and x == variables(case)[claim.step][0]
    return [] if known else [f"{x} = {_leaf(said) if wanted else said}"]


def _called(draft: Draft, k: int) -> str:
    """Give the layer in the mode of a step."""
    return f"layer.{'train' if draft.case.steps[k].mode in TRAINS else 'eval'}()" if has_modes(draft.entry) else "layer"


def _layer(draft: Draft) -> Written:
    entry, case = draft.entry, draft.case
    loaded = ", ".join(f'"{place_of(entry.names, name)}": {draft.say(name, _flat(draft, a))}' for name, a in case.values.items())
    make = [f'layer = {draft.call()}.to(dtype="{case.situation.parameter_dtype}")']
    make += [f"layer.set_state_dict({{{loaded}}})"] if loaded else []
    steps = [[*_x(draft, k), f"{result(case, k)} = {_called(draft, k)}({variables(case)[k][0]})"] for k in range(len(case.steps))]
    return make, steps, {ours: f"layer.{theirs}" for ours, theirs in entry.names.items()}


def _flat(draft: Draft, a: np.ndarray) -> np.ndarray:
    return np.ravel(a) if draft.entry.lie == "flat" else a


def _function(draft: Draft) -> Written:
    entry, case, claim = draft.entry, draft.case, draft.claim
    said = {name: draft.say(name, _flat(draft, a)) for name, a in case.values.items()}
    make = [f"{name} = {_leaf(text) if claim.of and name in PARAMETERS else text}" for name, text in said.items()]
    steps = []
    for k, step in enumerate(case.steps):
        told = {"training": repr(step.mode in TRAINS)} if has_modes(entry) else {}
        steps.append([*_x(draft, k), f"{result(case, k)} = {draft.call(variables(case)[k][0], **told)}"])
    return make, steps, {name: name for name in case.values}


def _hook(draft: Draft) -> Written:
    """Write of a hook: x takes the place of what it keeps of the weight of a layer."""
    entry, case, say = draft.entry, draft.case, draft.say
    weight = case.situation.weight if case.situation.weight is not None else case.steps[0].inputs["x"]
    own = f"layer.weight_{'v' if 'scale' in entry.names else 'orig'}"
    owned = {ours: f"layer.{theirs}" for ours, theirs in entry.names.items()}
    make = [
        "layer = paddle.nn.Identity()",
        f'layer.weight = layer.create_parameter({list(weight.shape)}, dtype="{case.situation.dtype}")',
        *([f"layer.weight.set_value({say('weight', weight)})"] if case.situation.weight is not None else []),
        f'{draft.call("layer")}.to(dtype="{case.situation.dtype}")',
        *(f"{owned[name]}.set_value({say(name, a)})" for name, a in case.values.items()),
    ]
    steps = []
    for k, step in enumerate(case.steps):
        put = f"{own}.set_value({say(f'{k}.x', step.inputs['x'])})"
        steps.append([put, f"_, {result(case, k)} = {_called(draft, k)}(paddle.zeros([1])), layer.weight"])
    return make, steps, {**owned, "x": own}


WRITTEN = {"paddle.nn": _layer, "paddle.nn.functional": _function, "paddle.nn.utils": _hook}
"""What writes of the entries that stand in each of Paddle's modules."""
