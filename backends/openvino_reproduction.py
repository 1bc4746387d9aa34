"""Reproductions with OpenVINO and NumPy only. Imports no framework: it writes text."""

from collections.abc import Mapping

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.scripts import Draft, Forms, Say, Words, given, imports, in_words, result, variables, worded
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.openvino import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Case

FORMS = Forms("{0}.ravel()", "float({0})", "{0}.dtype.name")
TYPES = {"float64": "f64", "float32": "f32", "float16": "f16", "bfloat16": "bf16"}


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about an operation of OpenVINO."""
    if claim.differentiated:
        raise Unsupported("OpenVINO's operations have no gradients")
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    head = ["import ml_dtypes"] if case.situation.dtype == "bfloat16" else []
    head += [f"import openvino as ov, {entry.native.rpartition('.')[0]}", *imports(instead)]
    make = [f"{name} = {draft.say(name, a)}" for name, a in case.values.items()]
    steps = [[*given(draft, k), *_step(draft, k)] for k in range(len(case.steps))]
    return worded(draft, FORMS, owned={name: name for name in case.values}, head=head, make=make, steps=steps, gradient=[])


def _sayer(claim: Claim) -> Say:
    def say(name: str, a: np.ndarray) -> str:
        dtype = np.asarray(a).dtype.name
        return f"np.array({in_words(name, a, claim)}, {'ml_dtypes.bfloat16' if dtype == 'bfloat16' else f'np.{dtype}'})"

    return say


def _step(draft: Draft, k: int) -> list[str]:
    """Give the lines of a step: a model of the operation, unless the former is for an x of that shape, and what it gives."""
    case, x = draft.case, variables(draft.case)[k][0]
    shape, dtype = np.shape(case.steps[k].inputs["x"]), case.situation.dtype
    y = f"{result(case, k)} = run([{_tensor(x, dtype)}])[0]{'.view(ml_dtypes.bfloat16)' if dtype == 'bfloat16' else ''}"
    if k and np.shape(case.steps[k - 1].inputs["x"]) == shape:
        return [y]
    owned = [f"ov.op.Constant({_tensor(name, dtype)})" for name in draft.entry.names if name in case.values]
    model = f"ov.Model([{draft.call('at', *owned)}], [at])"
    return [
        f"at = ov.op.Parameter(ov.Type.{TYPES[dtype]}, ov.PartialShape({list(shape)}))",
        f'run = ov.Core().compile_model({model}, "CPU", {{"INFERENCE_PRECISION_HINT": "f32"}})',
        y,
    ]


def _tensor(name: str, dtype: str) -> str:
    return f"ov.Tensor({name}.view(np.uint16), {name}.shape, ov.Type.bf16)" if dtype == "bfloat16" else f"ov.Tensor({name})"
