"""How layers of Keras, 3 and 2, are said in a script: made, built, loaded and called. Text alone."""

from typing import NamedTuple

import numpy as np

from normspec.backends.scripts import TRAINS, Draft, given, in_words, result, variables
from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import as_tuple, policy
from normspec.errors import Unsupported

SPECTRAL = "SpectralNormalization"
MASKED_WITHOUT_LAST = "BatchNormalization"
"""The layer whose mask has no axis of the channels."""


class Said(NamedTuple):
    """The lines that make a layer, those of each step (the last calls it), and where its arrays lie."""

    make: list[str]
    steps: list[list[str]]
    owned: dict[str, str]


def layer_of(draft: Draft) -> Said:
    """Give what a script says of a layer."""
    write = {"feature_norm": _moments, "spectral_norm": _wrapper}.get(draft.entry.layer, _usual)
    return write(draft)


def _usual(draft: Draft) -> Said:
    entry, case = draft.entry, draft.case
    make = [f"layer = {draft.call(dtype=repr(policy(case.situation)))}", f"layer.build({case.situation.shape})"]
    owned = {ours: f"layer.{theirs}" for ours, theirs in entry.names.items()}
    values = ", ".join(in_words(name, a, draft.claim) for name, a in case.values.items())  # in the order of the layer's own
    load = f"layer.set_weights([np.reshape(value, own.shape) for value, own in zip([{values}], layer.weights)])"
    return Said([*make, *([load] if values else [])], [[*given(draft, k), *_call(draft, k)] for k in range(len(case.steps))], owned)


def _reshape(entry: Entry) -> str:
    return "keras.ops.reshape" if entry.native.startswith("keras.") else "tf.reshape"


def _call(draft: Draft, k: int) -> list[str]:
    """Give the lines that call a layer, frozen or thawed before if the step before was the other."""
    entry, case = draft.entry, draft.case
    mode = case.steps[k].mode
    told = {"training": repr("training=True" in entry.modes[mode])} if "training=" in entry.modes["train"] else {}
    if "mask" in case.steps[k].inputs:
        told["mask"] = variables(case, "mask")[k][0] + _without(draft)
    frozen, before = mode == "freeze", k > 0 and case.steps[k - 1].mode == "freeze"
    set_ = [] if frozen == before else [f"layer.trainable = {not frozen}"]
    more = "".join(f", {name}={value}" for name, value in told.items())
    return [*set_, f"{result(case, k)} = layer({variables(case)[k][0]}{more})"]


def _without(draft: Draft) -> str:
    """Give what takes the axis of the channels from a mask, where the layer wants it without.

    Raises
    ------
    Unsupported
        Where the channels lie along another axis than the last.
    """
    entry, case = draft.entry, draft.case
    if not entry.native.endswith(MASKED_WITHOUT_LAST):
        return ""
    if as_tuple(draft.arguments.get("axis", -1)) not in ((-1,), (len(case.situation.shape) - 1,)):
        raise Unsupported(f"{entry.native} takes a mask only where the channels lie along the last axis")
    return "[..., 0]"


def _moments(draft: Draft) -> Said:
    """Write of a layer whose moments are given to it, or observed: of what was observed before, weights and count are loaded."""
    entry, case, say = draft.entry, draft.case, draft.say
    told = {"dtype": repr(policy(case.situation))}
    if not case.spec.observes:
        make = [f"{name} = {say(name, a)}" for name, a in case.values.items()]
        make += [f"layer = {draft.call(**told)}", f"layer.build({case.situation.shape})"]
        steps = [[*given(draft, k), *_call(draft, k)] for k in range(len(case.steps))]
        return Said(make, steps, {name: name for name in case.values})
    owned = {"mean": "layer.adapt_mean", "variance": "layer.adapt_variance", "count": "layer.count"}
    make = [f"layer = {draft.call(**told)}", f"layer.build({case.situation.shape})"]
    if any(np.any(a) for a in case.values.values()):
        pairs = ", ".join(f"({owned[name]}, {say(name, a)})" for name, a in case.values.items())
        make += [f"for variable, value in [{pairs}]:", "    variable.assign(value)", "layer.finalize_state()"]
    steps, seen = [], []
    for k, step in enumerate(case.steps):
        seen += [variables(case)[k][0]] if step.mode == "observe" else []
        batches = seen[0] if len(seen) == 1 else f"[{', '.join(seen)}]"
        keras_2 = [f"layer.update_state({variables(case)[k][0]})", "layer.finalize_state()"]
        observed = [f"layer.adapt({batches})"] if entry.native.startswith("keras.") else keras_2
        steps.append([*given(draft, k), *(observed if step.mode == "observe" else _call(draft, k))])
    return Said(make, steps, owned)


def _wrapper(draft: Draft) -> Said:
    """Write of a wrapper: x is the kernel of a dense layer, which gives it back where it is called with an identity.

    Raises
    ------
    Unsupported
        Where a derivative along a direction of x is claimed, which is not what the layer is called with.
    """
    entry, case, say = draft.entry, draft.case, draft.say
    if draft.claim.along:
        raise Unsupported(f"a reproduction of {entry.native} has words for gradients, and none for derivatives along a direction")
    rows, *others = case.situation.shape
    of, dtype, letters = entry.native.partition(".")[0], repr(policy(case.situation)), "klmnop"[: len(others)]
    make = [f'layer = {of}.layers.EinsumDense("ij,j{letters}->i{letters}", {tuple(others)}, dtype={dtype})']
    make += [f"layer = {draft.call('layer', dtype=dtype)}", f"layer.build(({rows}, {rows}))"]
    make += [f"layer.vector_u.assign({_reshape(entry)}({say('u', case.values['u'])}, (1, -1)))"] if "u" in case.values else []
    steps = []
    for k, step in enumerate(case.steps):
        eye = f"{'keras.ops' if of == 'keras' else 'tf'}.eye({rows}, dtype={case.situation.dtype!r})"
        put = f"layer.kernel.assign({variables(case)[k][0]})"
        steps.append([*given(draft, k), put, f"{result(case, k)} = layer({eye}, training={step.mode in TRAINS})"])
    return Said(make, steps, {"x": "layer.kernel", "u": "layer.vector_u"})
