"""Reproductions with Keras 3 on each of its backends, and NumPy only. Imports no framework: it writes text."""

import os
from collections.abc import Mapping

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.jax_reproduction import HEAD
from normspec.backends.jax_reproduction import pulled as pulled_on_jax
from normspec.backends.keras_script import layer_of
from normspec.backends.scripts import Draft, Forms, Say, Words, following, imports, in_words, leaf_of, result, variables, worded
from normspec.backends.tensorflow_reproduction import pulled, taped
from normspec.backends.torch_reproduction import forward, twice
from normspec.claim import Claim
from normspec.dialects.entry import native
from normspec.dialects.keras import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Case

CHOSEN = {b: (f'import os; os.environ["KERAS_BACKEND"] = "{b}"',) for b in ("jax", "torch", "numpy", "openvino")}
"""How a backend is chosen, where it is not the usual one."""
FORMS = Forms("keras.ops.reshape({0}, (-1,))", "float({0})", "keras.backend.standardize_dtype({0}.dtype)")
LIBRARY = {"tensorflow": ("import tensorflow as tf",), "jax": HEAD, "torch": ("import torch",), "numpy": (), "openvino": ()}


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of Keras."""
    backend = variant or os.environ.get("KERAS_BACKEND", "tensorflow")
    entry, arguments = native(offered(ENTRIES, instead), "", case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=_sayer(claim))
    said = layer_of(draft)
    leaf = leaf_of(draft, said.owned) + (".value" if claim.of in said.owned else "")
    steps, gradient = list(map(list, said.steps)), []
    if claim.differentiated:
        own = steps[claim.step]
        steps[claim.step], gradient = _before(backend, draft, own, leaf), _gradient(backend, draft, leaf, own[-1], said.owned)
    needs = claim.differentiated or (backend == "jax" and "float64" in (case.situation.dtype, case.situation.parameter_dtype))
    head = [*CHOSEN.get(backend, ()), "import keras", *(LIBRARY[backend] if needs else ()), *imports(instead)]
    return worded(draft, FORMS, owned=said.owned, head=head, make=said.make, steps=steps, gradient=gradient)


def _sayer(claim: Claim) -> Say:
    return lambda name, a: f'keras.ops.convert_to_tensor({in_words(name, a, claim)}, "{np.asarray(a).dtype.name}")'


def _before(backend: str, draft: Draft, own: list[str], leaf: str) -> list[str]:
    """Give the lines of the step of which a gradient or a derivative is claimed: as its backend follows it."""
    k, x = draft.claim.step, variables(draft.case)[draft.claim.step][0]
    if backend == "tensorflow":
        return [*own[:-1], *taped(draft, k, own[-1:], leaf)]
    if backend == "torch" and draft.claim.of:
        leaves = dict.fromkeys([leaf, *([x] if draft.claim.along else [])])
        return [*own[:-1], "; ".join(f"{a}.requires_grad_()" for a in leaves), own[-1]]
    if backend == "torch":
        return forward(draft, own, {})
    return own[:-1] if backend == "jax" else own


def _gradient(backend: str, draft: Draft, leaf: str, call: str, owned: Mapping[str, str]) -> list[str]:
    """Give the lines that take a gradient or a derivative.

    Raises
    ------
    Unsupported
        Where the backend has none.
    """
    case, claim = draft.case, draft.claim
    x, y = variables(case)[claim.step][0], result(case, claim.step)
    if backend == "tensorflow":
        return pulled(draft, leaf)
    if backend == "torch" and claim.along:
        return twice(draft, y, x, leaf) if claim.of else []
    if backend == "torch":
        return [f"{claim.name} = torch.autograd.grad({y}, {leaf}, {following(draft)['dy']})[0]"]
    if backend == "numpy":
        raise Unsupported("Keras on NumPy has no gradients")
    return [_of_kernel(draft, call) if claim.of == "x" and "x" in owned else _of_stateless(draft, x, call)]


def _of_stateless(draft: Draft, x: str, call: str) -> str:
    """Give the line that takes it on JAX: through a call that is a function of the layer's variables, too."""
    case, claim, names = draft.case, draft.claim, list(draft.case.values)
    trained = 0 if case.steps[claim.step].mode == "freeze" else sum(name in ("scale", "shift") for name in names)
    rest = call.partition(f"layer({x}")[2]
    function = f"lambda v, x: layer.stateless_call(v[:{trained}], v[{trained}:], x{rest}[0]"
    which = f"[0][{names.index(claim.of)}]" if claim.of in names else "[1]" if claim.of else ""
    return f"{pulled_on_jax(draft, function, ('[w.value for w in layer.weights]', x), claim.name)}{which}"


def _of_kernel(draft: Draft, call: str) -> str:
    """Give the line that takes it on JAX where x is the kernel of a wrapped layer."""
    function = f"lambda v: layer.stateless_call([v], [layer.vector_u.value], {call.partition('layer(')[2]}[0]"
    return f"{pulled_on_jax(draft, function, ('layer.kernel.value',), 'dx')}[0]"
