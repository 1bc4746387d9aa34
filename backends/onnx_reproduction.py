"""Reproductions with ONNX, what runs its models, and NumPy only. Imports no framework: it writes text."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.scripts import TRAINS, Draft, Forms, Say, Words, given, imports, in_words, result, variables, worded
from normspec.claim import Claim
from normspec.dialects.entry import Name, native
from normspec.dialects.onnx import ENTRIES
from normspec.dtypes import of_slots, output
from normspec.errors import Unsupported
from normspec.records import Case

FORMS = Forms("{0}.ravel()", "float({0})", "{0}.dtype.name")
RUN = {
    "reference": ("import onnx.parser, onnx.reference", "onnx.reference.ReferenceEvaluator({})"),
    "onnxruntime": ("import onnx.parser, onnxruntime", "onnxruntime.InferenceSession({}.SerializeToString())"),
}
"""What a script imports, and what makes a model ready to run."""
WORDS = {"float32": "float", "float64": "double"}
"""dtypes as models in text name them, where that is not NumPy's name."""
STATE = ("running_mean", "running_variance")


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about an operator of ONNX."""
    if claim.differentiated:
        raise Unsupported("ONNX' operators have no gradients")
    entry, arguments = native(offered(ENTRIES, instead), "", case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    head, ready = RUN[variant or "reference"]
    trains = [_trains(case, k) for k in range(len(case.steps))]
    owned = ", ".join(f'"{name}": {draft.say(name, a)}' for name, a in case.values.items())
    make = [f"owned = {{{owned}}}"] if owned else []
    if not instead:
        make += [
            f"{_run(training=t)} = {ready.format(f'onnx.parser.parse_model({_model(draft, training=t)!r})')}.run"
            for t in sorted(set(trains))
        ]
    steps = [[*given(draft, k), _step(draft, k)] for k in range(len(case.steps))]
    heads = ["import ml_dtypes"] if "bfloat16" in (case.situation.dtype, case.situation.parameter_dtype) else []
    heads = [*heads, *(imports(instead) if instead else [head])]
    return worded(draft, FORMS, owned={name: _own(name) for name in case.values}, head=heads, make=make, steps=steps, gradient=[])


def _sayer(claim: Claim) -> Say:
    def say(name: str, a: Any) -> str:
        dtype = np.asarray(a).dtype.name
        return f"np.array({in_words(name, a, claim)}, {'ml_dtypes.bfloat16' if dtype == 'bfloat16' else f'np.{dtype}'})"

    return say


def _trains(case: Case, k: int) -> bool:
    return "running_mean" in case.values and case.steps[k].mode in TRAINS


def _run(*, training: bool) -> str:
    return "train" if training else "run"


def _owned(draft: Draft) -> list[str]:
    return [name for name in draft.entry.names if name in draft.case.values]


def _own(name: str) -> str:
    return f'owned["{name}"]'


def _attributes(draft: Draft) -> dict[str, Any]:
    return {name: value for name, value in draft.arguments.items() if value is not None and not isinstance(value, Name)}


def _model(draft: Draft, *, training: bool) -> str:
    """Give a model of the one operator, in ONNX' own text."""
    case, (_, opset, name) = draft.case, draft.entry.native.split(".")
    dtypes = of_slots(case.spec, case.situation)
    arrays = {"x": case.situation.dtype, **{own: dtypes[own] for own in _owned(draft)}}
    ranks = {"x": len(case.situation.shape), **{own: np.asarray(case.values[own]).ndim for own in _owned(draft)}}
    given = ", ".join(f"{_word(dtype)}[{', '.join('?' * ranks[own])}] {own}" for own, dtype in arrays.items())
    made = {"y": output(case.spec, case.situation), **({f"new_{own}": dtypes[own] for own in STATE} if training else {})}
    told = {**_attributes(draft), **({"training_mode": 1} if training else {})}
    attributes = ", ".join(f"{key} = {list(value) if isinstance(value, tuple) else value!r}" for key, value in told.items())
    node = f"{', '.join(made)} = {name} <{attributes}> ({', '.join(arrays)})"
    results = ", ".join(f"{_word(dtype)}[] {own}" for own, dtype in made.items())
    return f'<ir_version: 10, opset_import: ["": {opset.removeprefix("opset")}]> layer ({given}) => ({results}) {{ {node} }}'


def _word(dtype: str) -> str:
    return WORDS.get(dtype, dtype)


def _step(draft: Draft, k: int) -> str:
    case, x, owned = draft.case, variables(draft.case)[k][0], _owned(draft)
    training = _trains(case, k)
    results = ", ".join([result(case, k), *(_own(name) for name in STATE if training)])
    if draft.instead:
        told = {**_attributes(draft), **({"training_mode": 1} if training else {})}
        arguments = ", ".join([x, *map(_own, owned), *(f"{key}={value!r}" for key, value in told.items())])
        return f"{results} = {draft.instead[draft.entry.native]}({arguments})"
    fed = f'"x": {x}, **owned' if owned else f'"x": {x}'
    return f"{results}{'' if training else ','} = {_run(training=training)}(None, {{{fed}}})"
