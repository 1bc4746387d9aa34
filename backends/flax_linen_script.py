"""How a layer of linen is said in a script: it is applied to its variables `v`, which change with each step. Text alone."""

from collections.abc import Mapping

from normspec.backends.jax_reproduction import masked, pulled
from normspec.backends.scripts import TRAINS, Draft, given, result, variables
from normspec.dialects.entry import Entry
from normspec.records import Case

DENSE = '["params"]["layer_instance"]["kernel"]'
"""Where the weight of a wrapped layer lies."""


def linen(draft: Draft, *, wraps: bool) -> tuple[list[str], list[list[str]], dict[str, str]]:
    """Give the lines that make a layer, those of each step, and where its arrays and their gradients lie."""
    entry, case, say = draft.entry, draft.case, draft.say
    dtype, collection = f"jax.numpy.{case.situation.parameter_dtype}", _collections(case)
    make = [f"layer = flax.linen.DenseGeneral({case.situation.shape[1:]}, use_bias=False, param_dtype={dtype})"] if wraps else []
    make += [f"layer = {draft.call(param_dtype=dtype)}"]
    key = {name: f"layer_instance/{entry.names[name]}" if wraps else entry.names[name] for name in collection}
    owned = {name: f'["{of}"]["{key[name]}"]' for name, of in collection.items()}
    shown = {name: f"v{place}" for name, place in owned.items()} | {f"d{name}": f"dv{place}" for name, place in owned.items()}
    shown |= {"dx": f"dv{DENSE}"} if wraps else {}
    if draft.claim.step < 0:
        x = f'jax.numpy.ones({case.situation.shape}, "{case.situation.dtype}")'
        return [*make, f"v = layer.init(jax.random.key(0), {_told(entry, case, 0, x)})"], [], shown
    row = "[None]" if entry.lie == "row" else ""
    steps = []
    for k in range(len(case.steps)):
        x = variables(case)[k][0]
        dense = {"layer_instance": f'{{"kernel": {x}}}'} if wraps else {}
        loaded = {c: {key[n]: say(n, a) + row for n, a in case.values.items() if collection[n] == c} for c in ("params", "batch_stats")}
        loaded["params"] |= dense
        first = f"v = {_dict({c: _dict(arrays) for c, arrays in loaded.items()})}"
        later = [f'v["params"] = {{**v["params"], **{_dict(dense)}}}'] if wraps else []
        steps.append([*given(draft, k), *(later if k else [first]), *_step(draft, k, wraps=wraps)])
    return make, steps, shown


def _step(draft: Draft, k: int, *, wraps: bool) -> list[str]:
    entry, case, claim = draft.entry, draft.case, draft.claim
    x = variables(case)[k][0]
    on = f'jax.numpy.eye({case.situation.shape[0]}, dtype="{case.situation.dtype}")' if wraps else "x"
    function = f'lambda v, x: layer.apply(v, {_told(entry, case, k, on)}, mutable=["batch_stats"])'
    if k == claim.step and claim.differentiated:
        return [pulled(draft, f"{function}[0]", ("v", x), "dv, dx")]
    ends = k == claim.step and claim.name in ("y", "raised")
    return [f"{result(case, k)}, new = jax.jit({function})(v, {x})", *([] if ends else ["v = {**v, **new}"])]


def _collections(case: Case) -> dict[str, str]:
    """Give the collection that each array of the layer is in."""
    slots = case.spec.slots(case.situation.shape)
    return {name: "params" if slot.role == "parameter" else "batch_stats" for name, slot in slots.items()}


def _told(entry: Entry, case: Case, k: int, *first: str) -> str:
    """Give what a call is told: x, the mode, the mask."""
    return ", ".join([*first, *(f"{name}={value}" for name, value in told(entry, case, k).items())])


def told(entry: Entry, case: Case, k: int) -> dict[str, str]:
    """Give what a call of either kind of layer is told besides x: the mode, and the mask."""
    trains = case.steps[k].mode in TRAINS
    mode = {"batch_norm": {"use_running_average": repr(not trains)}, "spectral_norm": {"update_stats": repr(trains)}}
    return {**mode.get(entry.layer, {}), **masked(case, k, "mask")}


def _dict(arrays: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'"{name}": {text}' for name, text in arrays.items() if text != "{}") + "}"
