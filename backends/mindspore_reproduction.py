"""Reproductions with MindSpore and NumPy only. Imports no framework: it writes text."""

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
from normspec.dialects.mindspore import ENTRIES
from normspec.records import Case

FORMS = Forms("{0}.flatten()", "{0}.item()", "str({0}.dtype).lower()")
HEAD = (
    "import contextlib, mindspore",
    "with contextlib.suppress(SystemError):  # the first of some operations ends so with NumPy 2.4",
    "    mindspore.ops.reshape(mindspore.Tensor([0.0]), (1, 1))",
)
PARAMETERS = ("scale", "shift")
BORN = "float32"
"""The dtype in which MindSpore makes what layers own, unless it is told otherwise."""


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer or an operation of MindSpore."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    owned = {ours: f"layer.{theirs}" for ours, theirs in entry.names.items()}
    steps = [_step(draft, k, owned) for k in range(len(case.steps))]
    gradient = _gradient(draft, owned) if claim.differentiated else []
    return worded(draft, FORMS, owned=owned, head=[*HEAD, *imports(instead)], make=_made(draft, owned), steps=steps, gradient=gradient)


def _sayer(claim: Claim) -> Say:
    return lambda name, a: f"mindspore.Tensor({in_words(name, a, claim)}, mindspore.{np.asarray(a).dtype.name})"


def _made(draft: Draft, owned: Mapping[str, str]) -> list[str]:
    """Give the lines that make a layer and load it."""
    dtype, values = draft.case.situation.parameter_dtype, draft.case.values
    more = {"dtype": f"mindspore.{dtype}"} if owned and dtype != BORN else {}
    loaded = ", ".join(f"{owned[name]}.set_data({draft.say(name, a)})" for name, a in values.items())
    return [f"layer = {draft.call(**more)}", *([loaded] if values else [])]


def _called(draft: Draft, k: int, x: str) -> str:
    """Give the call of a step, in its mode."""
    mode = f".set_train({draft.case.steps[k].mode in TRAINS})" if has_modes(draft.entry) else ""
    return f"layer{mode}({x})"


def _weights(draft: Draft, owned: Mapping[str, str], *names: str) -> str:
    return ", ".join(owned[name] for name in names if name in draft.case.values)


def _step(draft: Draft, k: int, owned: Mapping[str, str]) -> list[str]:
    claim, x, y = draft.claim, variables(draft.case)[k][0], result(draft.case, k)
    if k != claim.step or not claim.differentiated:
        return [*given(draft, k), f"{y} = {_called(draft, k, x)}"]
    if claim.along:  # what is differentiated twice is called there
        return given(draft, k)
    weights = _weights(draft, owned, *PARAMETERS)
    told = f", weights=[{weights}]" if weights else ""
    return [*given(draft, k), f"{y}, back = mindspore.vjp(lambda x: {_called(draft, k, 'x')}, {x}{told})"]


def _gradient(draft: Draft, owned: Mapping[str, str]) -> list[str]:
    """Give the lines that make the gradient that is claimed: as all are asked for at once, or a derivative of that of x."""
    case, claim = draft.case, draft.claim
    x, y = variables(case)[claim.step][0], result(case, claim.step)
    lines = [f"dy = {draft.say(f'{claim.step}.dy', case.steps[claim.step].cotangent)}"]
    if claim.along:
        lines += [f"w = {following(draft)['w']}"]
        once = "mindspore.ops.GradOperation(get_all=True, sens_param=True)"
        inner = f"lambda x, dy: {once}(lambda x: {_called(draft, claim.step, 'x')})(x, dy)[0]"
        scale = _weights(draft, owned, "scale")
        twice = "mindspore.ops.GradOperation(get_all=True, get_by_list=True, sens_param=True)"
        found = f"(dx, {y}), {'(dscale,)' if scale else '_'}"
        return [*lines, f"{found} = {twice}({inner}, mindspore.ParameterTuple([{scale}]))({x}, dy, w)"]
    own = "".join(f"d{name}, " for name in PARAMETERS if name in case.values)
    return [*lines, f"{f'(dx,), ({own})' if own else '(dx,)'} = back(dy)"]
