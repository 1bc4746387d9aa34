"""Reproductions with Keras 3 on each of its backends, and NumPy only. Imports no framework: it writes text."""

import os
from collections.abc import Mapping

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.jax_reproduction import HEAD
from normspec.backends.keras_script import layer_of
from normspec.backends.scripts import Draft, Forms, Say, Words, imports, in_words, place_of, result, variables, worded
from normspec.backends.tensorflow_reproduction import pulled, taped
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.keras import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Case

CHOSEN = {b: ("import os", f'os.environ["KERAS_BACKEND"] = "{b}"') for b in ("jax", "torch", "numpy")}
"""How a backend is chosen, where it is not the usual one."""
FORMS = Forms("keras.ops.reshape({0}, (-1,))", "float({0})", "keras.backend.standardize_dtype({0}.dtype)")
LIBRARY = {"tensorflow": ("import tensorflow as tf",), "jax": HEAD, "torch": ("import torch",), "numpy": ()}


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of Keras."""
    backend = variant or os.environ.get("KERAS_BACKEND", "tensorflow")
    entry, arguments = native(offered(ENTRIES, instead), "", case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    said = layer_of(draft)
    leaf = variables(case)[max(claim.step, 0)][0] if claim.of == "x" else f"{place_of(said.owned, claim.of)}.value" if claim.of else ""
    steps, gradient = list(map(list, said.steps)), []
    if claim.of:
        own = steps[claim.step]
        steps[claim.step], gradient = _before(backend, claim, own, leaf), [_gradient(backend, draft, leaf, own[-1])]
    needs = claim.of or (backend == "jax" and "float64" in (case.situation.dtype, case.situation.parameter_dtype))
    head = [*CHOSEN.get(backend, ()), "import keras", *(LIBRARY[backend] if needs else ()), *imports(instead)]
    return worded(draft, FORMS, owned=said.owned, head=head, make=said.make, steps=steps, gradient=gradient)


def _sayer(claim: Claim) -> Say:
    return lambda name, a: f'keras.ops.convert_to_tensor({in_words(name, a, claim)}, "{np.asarray(a).dtype.name}")'


def _before(backend: str, claim: Claim, own: list[str], leaf: str) -> list[str]:
    """Give the lines of the step of which a gradient is claimed: as its backend follows it."""
    if backend == "tensorflow":
        return [*own[:-1], *taped(claim, claim.step, own[-1:], leaf)]
    if backend == "torch":
        return [*own[:-1], f"{leaf}.requires_grad_()", own[-1]]
    return own[:-1] if backend == "jax" else own


def _gradient(backend: str, draft: Draft, leaf: str, call: str) -> str:
    """Give the line that takes a gradient.

    Raises
    ------
    Unsupported
        Where the backend has none.
    """
    case, claim = draft.case, draft.claim
    dy, y = draft.say(f"{claim.step}.dy", case.steps[claim.step].cotangent), result(case, claim.step)
    if backend == "tensorflow":
        return pulled(draft, leaf)[0]
    if backend == "torch":
        return f"{claim.name} = torch.autograd.grad({y}, {leaf}, {dy})[0]"
    if backend == "numpy":
        raise Unsupported("Keras on NumPy has no gradients")
    return _of_stateless(case, claim, dy, call)


def _of_stateless(case: Case, claim: Claim, dy: str, call: str) -> str:
    """Give the line that takes a gradient on JAX: through a call that is a function of the layer's variables, too."""
    x, names = variables(case)[claim.step][0], list(case.values)
    trained = 0 if case.steps[claim.step].mode == "freeze" else sum(name in ("scale", "shift") for name in names)
    more = call.partition(f"layer({x}")[2]
    function = f"lambda v, x: layer.stateless_call(v[:{trained}], v[{trained}:], x{more}[0]"
    which = "[1]" if claim.of == "x" else f"[0][{names.index(claim.of)}]"
    given = f"[w.value for w in layer.weights], {x}, {dy}"
    return f"{claim.name} = jax.jit(lambda v, x, dy: jax.vjp({function}, v, x)[1](dy))({given}){which}"
