"""How a layer of nnx is said in a script: it keeps its arrays; where a gradient is taken it is split into `graph` and `v`. Text alone."""

from typing import Any

from normspec.backends.flax_linen_script import told
from normspec.backends.jax_reproduction import pulled
from normspec.backends.scripts import Draft, given, result, variables
from normspec.dialects.entry import Entry

RNGS = "flax.nnx.Rngs(0)"


def nnx(draft: Draft, *, wraps: bool) -> tuple[list[str], list[list[str]], dict[str, str]]:
    """Give the lines that make a layer, those of each step, and where its arrays and their gradients lie."""
    entry, case, say = draft.entry, draft.case, draft.say
    shape, dtype = case.situation.shape, f"jax.numpy.{case.situation.parameter_dtype}"
    make = [f"layer = flax.nnx.LinearGeneral({shape[0]}, {shape[1:]}, use_bias=False, param_dtype={dtype}, rngs={RNGS})"] if wraps else []
    make += [f"layer = {draft.call(param_dtype=dtype).replace('rngs=rngs', f'rngs={RNGS}')}"]
    path = {name: _path(entry, name) for name in case.spec.slots(shape)}
    if len(case.values) > 1:
        make += [f"flax.nnx.update(layer, {{{', '.join(f'{path[n][0]!r}: {say(n, a)}' for n, a in case.values.items())}}})"]
    else:
        no_variable = wraps and "scale" in case.values
        make += [f"layer.{_attribute(path[n])}{'' if no_variable else '[...]'} = {say(n, a)}" for n, a in case.values.items()]
    owned = {name: f"layer.{_attribute(keys)}" for name, keys in path.items()}
    owned |= {f"d{name}": f"dv{''.join(f'[{key!r}]' for key in keys)}" for name, keys in path.items()}
    owned |= {"dx": 'dv["layer_instance"]["kernel"]'} if wraps else {}
    return make, [_step(draft, k, wraps=wraps) for k in range(len(case.steps))], owned


def _step(draft: Draft, k: int, *, wraps: bool) -> list[str]:
    entry, case, claim = draft.entry, draft.case, draft.claim
    x, lines = variables(case)[k][0], given(draft, k)
    lines += [f"layer.layer_instance.kernel[...] = {x}"] if wraps else []
    on = f'jax.numpy.eye({case.situation.shape[0]}, dtype="{case.situation.dtype}")' if wraps else "x"
    more = ", ".join([on, *(f"{name}={value}" for name, value in told(entry, case, k).items())])
    if k == claim.step and claim.differentiated:
        function = f"lambda v, x: flax.nnx.merge(graph, v)({more})"
        return [*lines, "graph, v = flax.nnx.split(layer)", pulled(draft, function, ("v", x), "dv, dx")]
    return [*lines, f"{result(case, k)} = flax.nnx.jit(lambda layer, x: layer({more}))(layer, {x})"]


def _path(entry: Entry, name: str) -> tuple[Any, ...]:
    """Give where an array of a module of nnx lies: an attribute, or a key in one, which is a tuple."""
    attribute, *key = entry.names[name].split("/")
    return (attribute, tuple(key)) if key else (attribute,)


def _attribute(path: tuple[Any, ...]) -> str:
    return str(path[0]) + "".join(f"[{key!r}]" for key in path[1:])
