"""Reproductions with Equinox and NumPy only. Imports no framework: it writes text.

Of a wrapper, x is the weight of a linear layer, which gives it where it is called with an identity.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from normspec.backends.dropin import offered
from normspec.backends.jax_reproduction import FORMS, HEAD, pulled, sayer
from normspec.backends.scripts import TRAINS, Draft, Words, given, imports, result, variables, worded
from normspec.claim import Claim
from normspec.dialects.entry import Entry, native
from normspec.dialects.equinox import ENTRIES
from normspec.records import Case

WRAPS = ("weight_norm", "spectral_norm")
WITH_STATE = ("batch_norm", "spectral_norm")
RUNNING = ("running_mean", "running_variance")
KEY = "jax.random.key(0)"
LINEAR = f"equinox.nn.Linear(1, 1, use_bias=False, key={KEY})"


def words(variant: str, case: Case, claim: Claim, instead: Mapping[str, str]) -> Words:
    """Give the words of a claim about a layer of Equinox: `f`, of its parameters `p`, its state `s` and x."""
    entry, arguments = native(offered(ENTRIES, instead), variant, case.spec, case.situation)
    draft = Draft(entry=entry, arguments=arguments, case=case, claim=claim, instead=instead, say=sayer(claim))
    names = [name for name in ("scale", "shift") if name in case.values]
    layer = _with(draft, names)
    function = f"f = lambda p, s, x, off: {_on_all(draft, layer)}" if _has_state(entry) else f"f = lambda p, x: {_on_each(draft, layer)}"
    make = [*_made(draft), f"p = [{', '.join(draft.say(name, case.values[name]) for name in names)}]", *_loaded(draft), function]
    owned = {name: f"p[{k}]" for k, name in enumerate(names)}
    owned |= {f"d{name}": f"d{place}" for name, place in owned.items()} | _shown(draft)
    steps = [_step(draft, k) for k in range(len(case.steps))]
    return worded(draft, FORMS, owned=owned, head=[*HEAD, "import equinox", *imports(instead)], make=make, steps=steps, gradient=[])


def _made(draft: Draft) -> list[str]:
    """Give the line that makes a layer, and its state where it has one."""
    entry, case = draft.entry, draft.case
    if entry.layer not in WRAPS:
        call = draft.call(dtype=repr(case.situation.parameter_dtype))
    else:
        weight = np.ones(case.situation.shape, case.situation.dtype) if case.situation.weight is None else case.situation.weight
        linear = f"equinox.tree_at(lambda l: l.weight, {LINEAR}, {draft.say('weight', weight)})"
        call = draft.call(linear, '"weight"', **({"key": KEY} if _has_state(entry) else {}))
    name, _, told = call.partition("(")
    return [f"layer, s = equinox.nn.make_with_state({name})({told}"] if _has_state(entry) else [f"layer = {call}"]


def _has_state(entry: Entry) -> bool:
    return entry.layer in WITH_STATE


def _with(draft: Draft, names: Sequence[str]) -> str:
    """Give a layer that has parameters `p`, and the weight x where it is wrapped around one."""
    wraps = draft.entry.layer in WRAPS
    places = [*(["l.layer.weight"] if wraps else []), *(f"l.{draft.entry.names[name]}" for name in names)]
    values = ", ".join([*(["x"] if wraps else []), *(["*p"] if names else [])])
    return f"equinox.tree_at(lambda l: [{', '.join(places)}], layer, [{values}])" if places else "layer"


def _on_all(draft: Draft, layer: str) -> str:
    if draft.entry.layer in WRAPS:
        return f"{layer}({_identity(draft)}, s, inference=off)"
    return f"jax.vmap(lambda x: {layer}(x, s, inference=off), out_axes=(0, None), axis_name='batch')(x)"


def _on_each(draft: Draft, layer: str) -> str:
    if draft.entry.layer in WRAPS:
        return f"{layer}({_identity(draft)})"
    mapped = 1 if draft.entry.layer == "group_norm" else len(draft.case.situation.shape) - len(draft.arguments["shape"])
    return f"{'jax.vmap(' * mapped}{layer}{')' * mapped}(x)"


def _identity(draft: Draft) -> str:
    """Give what a linear layer answers with its weight."""
    return f'jax.numpy.eye({draft.case.situation.shape[-1]}, dtype="{draft.case.situation.dtype}")'


def _loaded(draft: Draft) -> list[str]:
    """Give the line that loads state: of batch norm in mode "batch" what is hidden."""
    values, say = draft.case.values, draft.say
    if "u" in values:
        return [f"s = s.set(layer.uv_index, ({say('u', values['u'])}, {say('v', values['v'])}))"]
    if "count" not in values:
        return []
    k, batch = int(np.asarray(values["count"])), _batch(draft)
    hidden = f" * (1 - {draft.arguments['momentum']!r}**{k})" if batch and k else ""
    running = ", ".join(f"{say(name, values[name])}{hidden}" for name in RUNNING)
    counted = f"layer.batch_counter, jax.numpy.asarray({k})" if batch else f"layer.ema_first_time_index, jax.numpy.asarray({not k})"
    return [f"s = s.set(layer.{'batch' if batch else 'ema'}_state_index, ({running})).set({counted})"]


def _batch(draft: Draft) -> bool:
    return bool(draft.arguments["mode"] == "batch")


def _shown(draft: Draft) -> dict[str, str]:
    """Give where state lies, as it is after the steps: of mode "batch" what inference makes of it."""
    if draft.entry.layer == "spectral_norm":
        return {"u": "s.get(layer.uv_index)[0]", "v": "s.get(layer.uv_index)[1]"}
    if draft.entry.layer != "batch_norm":
        return {}
    kept, weights = f"s.get(layer.{'batch' if _batch(draft) else 'ema'}_state_index)", ""
    if _batch(draft):
        weights = f" / (1 - {draft.arguments['momentum']!r}**s.get(layer.batch_counter))"
    return {name: f"({kept}[{k}]{weights})" for k, name in enumerate(RUNNING)}


def _step(draft: Draft, k: int) -> list[str]:
    case, has_state, x = draft.case, _has_state(draft.entry), variables(draft.case)[k][0]
    off = case.steps[k].mode not in TRAINS
    if k == draft.claim.step and draft.claim.differentiated:
        call = f"f(p, s, x, {off})[0]" if has_state else "f(p, x)"
        return [*given(draft, k), pulled(draft, f"lambda p, x: {call}", ("p", x), "dp, dx")]
    if has_state:
        return [*given(draft, k), f"{result(case, k)}, s = jax.jit(f, static_argnums=3)(p, s, {x}, {off})"]
    return [*given(draft, k), f"{result(case, k)} = jax.jit(f)(p, {x})"]
