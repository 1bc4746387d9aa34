"""Reproductions with TensorFlow and NumPy only; what Keras' have in common with them. Imports no framework: it writes text."""

from collections.abc import Mapping
from dataclasses import replace

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
    imports,
    in_words,
    indented,
    leaf_of,
    result,
    variables,
    worded,
)
from normspec.claim import Claim
from normspec.dialects.entry import Entry, native
from normspec.dialects.tensorflow import ENTRIES
from normspec.records import Case

FUSED = "tf.compat.v1.nn.fused_batch_norm"
FORMS = Forms("np.ravel({0})", "float({0})", "{0}.dtype.name")
GIVES_MORE = {"tf.linalg.normalize": ", _", FUSED: ", running_mean, running_variance"}
"""What an operation gives besides y."""


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about an operation of TensorFlow."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=sayer(claim))
    make = [f"{name} = {_lying(entry, case, draft.say(name, a))}" for name, a in case.values.items()]
    owned = {name: name for name in (*case.values, *(("running_mean", "running_variance") if entry.native == FUSED else ()))}
    leaf, steps = leaf_of(draft, owned), []
    for k in range(len(case.steps)):
        lines = [f"{result(case, k)}{_more(entry, case, k)} = {_call(draft, k)}"]
        steps.append([*given(draft, k), *taped(draft, k, lines, leaf)])
    head = ["import tensorflow as tf", *imports(instead)]
    return worded(draft, FORMS, owned=owned, head=head, make=make, steps=steps, gradient=pulled(draft, leaf))


def sayer(claim: Claim) -> Say:
    """Give what says an array in TensorFlow's words."""
    return lambda name, a: f'tf.constant({in_words(name, a, claim)}, "{np.asarray(a).dtype.name}")'


def taped(draft: Draft, k: int, lines: list[str], leaf: str) -> list[str]:
    """Give the lines of a step, on a tape that watches what the gradient is claimed of; a derivative is followed through both."""
    claim = draft.claim
    if k != claim.step or not claim.differentiated:
        return lines
    tape = ["tf.GradientTape() as tape"] if claim.of else []
    watched = [f"tape.watch({leaf})", *lines] if claim.of else lines
    if not claim.along:
        return [f"with {tape[0]}:", *indented(watched)]
    x, w = variables(draft.case)[k][0], following(draft)["w"]
    both = ", ".join([f"tf.autodiff.ForwardAccumulator({x}, {w}) as along", *tape])
    return [f"with {both}:", *indented([*watched, *_gradient(draft, leaf)])]


def pulled(draft: Draft, leaf: str) -> list[str]:
    """Give the line that takes the gradient from the tape, or the derivative from what follows both."""
    claim = draft.claim
    if not claim.along:
        return _gradient(draft, leaf)
    array = claim.name if claim.of else result(draft.case, claim.step)
    return [f'{array} = along.jvp({array}, "zero")']


def _gradient(draft: Draft, leaf: str) -> list[str]:
    claim = draft.claim
    y = result(draft.case, claim.step)
    return [f"{claim.name} = tape.gradient({y}, {leaf}, {following(draft)['dy']})"] if claim.of else []


def _lying(entry: Entry, case: Case, text: str) -> str:
    """Give a parameter as it broadcasts over x, where moments are given."""
    if entry.native != "tf.nn.batch_normalization":
        return text
    spec, shape = case.spec.at_rank(len(case.situation.shape)), case.situation.shape
    lie = spec.channel_axes if spec.layer == "batch_norm" else spec.parameter_axes
    return f"tf.reshape({text}, {tuple(n if a in lie else 1 for a, n in enumerate(shape))})"


def _more(entry: Entry, case: Case, k: int) -> str:
    if entry.native == FUSED and not (case.steps[k].mode in TRAINS and case.spec.running is not None):
        return ", *_"
    return GIVES_MORE.get(entry.native, "")


def _call(draft: Draft, k: int) -> str:
    case, arguments = draft.case, draft.arguments
    x, told = variables(case)[k][0], {}
    if draft.entry.native == FUSED:
        trains = case.steps[k].mode in TRAINS or case.spec.running is None
        told = {"is_training": repr(trains)}
        if trains and arguments.get("exponential_avg_factor", 1.0) == 1.0:  # the state is the batch's: both must be None
            draft = replace(draft, arguments={**arguments, "mean": None, "variance": None})
    return draft.call(x, **told).replace("moments(x,", f"moments({x},")
