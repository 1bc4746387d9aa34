"""Reproductions with PyTorch and NumPy only. Imports no framework: it writes text."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

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
    indented,
    place_of,
    result,
    variables,
    worded,
)
from normspec.backends.torch_variants import COMPILED, VARIANTS
from normspec.claim import Claim
from normspec.dialects.entry import Entry, native
from normspec.dialects.torch import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Case

Written = tuple[list[str], list[list[str]], dict[str, str]]
"""The lines that make a layer, those of each step, and where its arrays are."""
FORMS = Forms("{0}.ravel()", "{0}.item()", 'str({0}.dtype).removeprefix("torch.")')
PARAMETERS = ("scale", "shift")
LAYOUTS = {
    "strided": "torch.stack([{0}, {0}], -1)[..., 0]",
    "offset": "torch.cat([torch.zeros(3, dtype={0}.dtype), {0}.ravel()])[3:].view({0}.shape)",
    "permuted": "{0}.movedim(1, -1).contiguous().movedim(-1, 1)",
    "expanded": "{0}[:1].expand({0}.shape)",
}
"""An array as it lies in memory."""
TOLD = {"batch_norm": "training", "instance_norm": "use_input_stats"}
"""The argument by which a function is told to train."""


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of PyTorch."""
    entry, arguments = native(offered(ENTRIES, instead), VARIANTS[variant], case.spec, case.situation)
    return written(entry, arguments, variant, case, claim, instead)


def written(
    entry: Entry, arguments: Mapping[str, Any], variant: str, case: Case, claim: Claim, instead: Mapping[str, str], *modules: str
) -> Words:
    """Give the words of a claim about a layer of an entry, a script of which imports these modules besides."""
    write, compiling = WRITTEN.get(entry.native.rpartition(".")[0], (_module, ""))
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(case, claim))
    if variant == COMPILED and write is _function:
        draft = replace(draft, instead={entry.native: "function"})
    make, steps, owned = write(draft)
    make += [compiling.format(entry.native)] if variant == COMPILED else []
    if claim.along and not claim.of:
        steps[claim.step] = forward(draft, steps[claim.step], owned)
    head, gradient = [f"import {', '.join(('torch', *modules))}", *imports(instead)], _gradient(draft, owned) if claim.of else []
    return worded(draft, FORMS, owned=owned, head=head, make=make, steps=steps, gradient=gradient)


def _sayer(case: Case, claim: Claim) -> Say:
    device = "" if case.situation.device == "cpu" else f", device={case.situation.device!r}"
    return lambda name, a: f"torch.tensor({in_words(name, a, claim)}, dtype=torch.{np.asarray(a).dtype.name}{device})"


def _gradient(draft: Draft, owned: Mapping[str, str]) -> list[str]:
    """Give the lines that make the gradient that is claimed: as all of them are asked for at once, or its derivative."""
    case, claim = draft.case, draft.claim
    leaves = {"x": variables(case)[claim.step][0]} | {name: place_of(owned, name) for name in PARAMETERS if name in case.values}
    leaves |= {name: array for name, array in owned.items() if name == "x"}
    if claim.along:
        return twice(draft, result(case, claim.step), leaves["x"], leaves[claim.of])
    found = ", ".join(f"d{name}" for name in leaves)
    call = f"torch.autograd.grad({result(case, claim.step)}, [{', '.join(leaves.values())}], dy)"
    dy = _laid("dy", draft.say(f"{claim.step}.dy", case.steps[claim.step].cotangent), case)
    return [f"dy = {dy}", f"{found} = {call}" if len(leaves) > 1 else f"({found},) = {call}"]


def forward(draft: Draft, rows: list[str], owned: Mapping[str, str]) -> list[str]:
    """Give the lines of a step, of which the last makes the call, with the derivative of y in its place.

    Raises
    ------
    Unsupported
        Where x is what the layer owns: there no dual number takes a parameter's place.
    """
    if "x" in owned:
        raise Unsupported(f"a reproduction of {draft.entry.native} has words for gradients and their derivatives, and none for that of y")
    k, mode = draft.claim.step, "torch.autograd.forward_ad"
    x, y, w = variables(draft.case)[k][0], result(draft.case, k), following(draft)["w"]
    within = [f"{x} = {mode}.make_dual({x}, {w})", rows[-1], f"{y} = {mode}.unpack_dual({y}).tangent"]
    return [*rows[:-1], f"with {mode}.dual_level():", *indented(within)]


def twice(draft: Draft, y: str, x: str, leaf: str) -> list[str]:
    """Give the lines that differentiate the gradient of x again."""
    more = following(draft)
    first = f"(dx,) = torch.autograd.grad({y}, [{x}], {more['dy']}, create_graph=True)"
    return [first, f"(d{draft.claim.of},) = torch.autograd.grad(dx, [{leaf}], {more['w']}, materialize_grads=True)"]


def _given(draft: Draft, k: int) -> list[str]:
    """Give the line that makes x of a step, unless it is there."""
    case, claim = draft.case, draft.claim
    x, known = variables(case)[k]
    wanted = bool(claim.of) and x == variables(case)[claim.step][0]
    said = _laid("x", draft.say(f"{k}.x", case.steps[k].inputs["x"]), case)
    return [] if known else [f"{x} = {said}{'.requires_grad_()' if wanted else ''}"]


def _laid(name: str, text: str, case: Case) -> str:
    """Give the words of an array as it lies in memory.

    Raises
    ------
    Unsupported
        Where tensors do not lie so.
    """
    layout = dict(case.situation.layout).get(name)
    if layout is not None and layout not in LAYOUTS:
        raise Unsupported(f"tensors have no {layout} layout, in which {name} lies")
    return text if layout is None else LAYOUTS[layout].format(text)


def _module(draft: Draft) -> Written:
    entry, case = draft.entry, draft.case
    device = "" if case.situation.device == "cpu" else f"{case.situation.device!r}, "
    more = {name: f" - {plus:g}" for name, plus in entry.plus.items()}
    if draft.claim.name in more:
        raise Unsupported(f"a reproduction has no words for {draft.claim.name}, which the layer keeps as something else")
    loaded = ", ".join(f'"{place_of(entry.names, name)}": {draft.say(name, a)}{more.get(name, "")}' for name, a in case.values.items())
    make = [f"layer = {draft.call()}.to({device}torch.{case.situation.parameter_dtype})"]
    make += [f"layer.load_state_dict({{{loaded}}})"] if loaded else []
    laid = [name for name, _ in case.situation.layout if name in case.values]
    make += [f"layer.{entry.names[name]}.data = {_laid(name, f'layer.{entry.names[name]}.data', case)}" for name in laid]
    steps = []
    for k, step in enumerate(case.steps):
        mode = (".train()" if step.mode in TRAINS else ".eval()") if has_modes(entry) else ""
        steps.append([*_given(draft, k), f"{result(case, k)} = layer{mode}({variables(case)[k][0]})"])
    return make, steps, {ours: f"layer.{theirs}" for ours, theirs in entry.names.items()}


def _function(draft: Draft) -> Written:
    entry, case, claim = draft.entry, draft.case, draft.claim
    ends = {name: ".requires_grad_()" if claim.of and name in PARAMETERS else "" for name in case.values}
    make = [f"{name} = {_laid(name, draft.say(name, a), case)}{ends[name]}" for name, a in case.values.items()]
    steps = []
    for k, step in enumerate(case.steps):
        trains = step.mode in TRAINS or "running_mean" not in case.values
        told = {TOLD[entry.layer]: repr(trains)} if entry.layer in TOLD else {}
        said = draft.call(variables(case)[k][0], **told)
        steps.append([*_given(draft, k), f"{result(case, k)} = {said}"])
    return make, steps, {name: name for name in case.values}


def _parametrized(draft: Draft) -> Written:
    """Write of a parametrization: x takes the place of what it keeps of the weight of a module."""
    entry, case, say = draft.entry, draft.case, draft.say
    weight = case.situation.weight if case.situation.weight is not None else case.steps[0].inputs["x"]
    make = [
        "module = torch.nn.Module()",
        f"module.weight = torch.nn.Parameter({say('weight', weight)})",
        draft.call("module"),
    ]
    owned = {name: f'module.state_dict(keep_vars=True)["{theirs}"]' for name, theirs in entry.names.items()}
    own = f"parametrizations.weight.original{'1' if 'scale' in entry.names else ''}"
    make += [f"{owned[name]}.data.copy_({say(name, a)}.view_as({owned[name]}))" for name, a in case.values.items()]
    steps = []
    for k, step in enumerate(case.steps):
        put = [f"module.{own}.data = {say(f'{k}.x', step.inputs['x'])}"] if k or case.situation.weight is not None else []
        steps.append([*put, f"{result(case, k)} = module.{'train' if step.mode in TRAINS else 'eval'}().weight"])
    return make, steps, {**owned, "x": f"module.{own}"}


COMPILE = "{0} = torch.compile({1}, dynamic=False)"
WEIGHT = "module.parametrizations.weight.forward"
WRITTEN = {
    "torch.nn": (_module, COMPILE.format("layer", "layer")),
    "torch.nn.functional": (_function, COMPILE.format("function", "{0}")),
    "torch.nn.utils.parametrizations": (_parametrized, COMPILE.format(WEIGHT, WEIGHT)),
}
"""What writes of the entries that stand in each of PyTorch's modules, and the line that compiles the layer, as the adapter does."""
