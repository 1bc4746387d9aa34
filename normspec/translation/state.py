"""Arrays out of what frameworks keep weights in, by the native names of a layer, and back into it. No framework is imported.

| dialects | weights | at |
|---|---|---|
| torch, transformers, mlx, paddle | a mapping by dotted names: `module.state_dict()`, a safetensors file | the name of the module: "bn1" |
| tinygrad | the same: `nn.state.get_state_dict(model)` | the name of the layer: "bn1" |
| mindspore | the same: `net.parameters_dict()`, `mindspore.load_checkpoint` | the name of the cell: "bn1" |
| keras, tf_keras | a list: `layer.get_weights()` | nothing |
| flax:linen | variables by collection: `{"params": ..., "batch_stats": ...}` | the path of the module: "block/BatchNorm_0" |
| flax:nnx | `nnx.to_pure_dict(nnx.state(model))` | the path of the module: "block/bn" |
| haiku | parameters and state, two mappings: `(params, state)` | the name of the module: "net/~/batch_norm" |
| caffe | the blobs of a layer, in order: `net.params["bn1"]` | nothing |
| onnx, openvino | initializers, or constants, by name | the inputs of the node, with commas: "x,bn.scale,bn.B,bn.mean,bn.var" |
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from normspec.dialects import dialect_of
from normspec.errors import InvalidInput, Unsupported
from normspec.records import Array
from normspec.translation.reading import reading
from normspec.translation.situated import Reading

Named = dict[str, Array]
"""Arrays by the native names of a layer."""
LINEN = {"parameter": "params", "state": "batch_stats", "count": "batch_stats"}
"""The collection of Flax in which arrays of a role are kept."""
FORGOTTEN = 2.0**-53
"""What may be left of the average that a layer was born with, where it is not told how many steps it has taken."""


class Kept(NamedTuple):
    """How a framework keeps weights: what takes a layer's arrays out of them, and what makes weights of these alone."""

    taken: Callable[[Any, str, Reading], Named]
    put: Callable[[Named, str, Reading], Any]


def arrays_of(weights: Any, layer: Any, at: str = "") -> Named:
    """Give the arrays of one layer by its native names, as `Translation.convert` takes them.

    Parameters
    ----------
    weights
        What its framework keeps weights in, as the table of this module says.
    layer
        The layer as a call, `"torch.nn.BatchNorm2d(64)"`, or alive.
    at
        Where in the weights the layer's are.

    Raises
    ------
    InvalidInput
        Where one of the arrays is not there; the message has all of them, and what is there.
    Unsupported
        Where no way is known in which the framework keeps weights.
    """
    read = reading(layer)
    there = _kept(read).taken(weights, at, read)
    found = {name: there[name] for name in read.entry.names.values() if name in there}
    missing = [name for name in _names(read) if name not in found]
    if missing:
        raise InvalidInput(f"weights of {read.entry.native} must have {', '.join(missing)} at {at!r}, got {', '.join(there) or 'nothing'}")
    return found


def weights_of(arrays: Mapping[str, Array], layer: Any, at: str = "") -> Any:
    """Give what the layer's framework keeps weights in, with the arrays of this one layer: the way back from `arrays_of`."""
    read = reading(layer)
    return _kept(read).put(dict(arrays), at, read)


def _kept(read: Reading) -> Kept:
    dialect = dialect_of(read.entry)
    found = KEPT.get(dialect) or KEPT.get(dialect.partition(":")[0])
    if found is None:
        raise Unsupported(f"weights must be of one of {', '.join(KEPT)}, got a layer of {dialect}: give its arrays by name")
    return found


def _names(read: Reading) -> dict[str, str]:
    """Give the native names of the arrays that a layer must have, with their roles."""
    slots = read.spec.slots(read.situation.shape)
    return {theirs: slots[ours].role for ours, theirs in read.entry.names.items() if ours in slots}


def _dotted(weights: Mapping[str, Array], at: str, read: Reading) -> Named:
    prefix = f"{at}." if at else ""
    return {name: weights[prefix + name] for name in read.entry.names.values() if prefix + name in weights}


def _to_dotted(arrays: Named, at: str, _: Reading) -> Named:
    return {f"{at}.{name}" if at else name: a for name, a in arrays.items()}


def _listed(weights: Sequence[Array], _: str, read: Reading) -> Named:
    names = list(_names(read))
    if len(weights) != len(names):  # of more arrays, as of a wrapped layer with a bias, nothing tells which is which
        raise InvalidInput(f"weights of {read.entry.native} must be {', '.join(names)}, got a list of {len(weights)}")
    return dict(zip(names, weights, strict=True))


def _to_list(arrays: Named, _: str, read: Reading) -> list[Array]:
    return [arrays[name] for name in _names(read) if name in arrays]


def _of_collections(weights: Mapping[str, Any], at: str, read: Reading) -> Named:
    return {name: a for tree in weights.values() for name, a in _of_tree(tree, at, read).items()}


def _to_collections(arrays: Named, at: str, read: Reading) -> dict[str, Any]:
    roles = _names(read)
    found: dict[str, Any] = {}
    for collection in dict.fromkeys(LINEN.values()):
        own = {name: a for name, a in arrays.items() if LINEN[roles.get(name, "count")] == collection}
        found |= {collection: _to_tree(own, at, read)} if own else {}
    return found


def _of_tree(tree: Mapping[str, Any], at: str, _: Reading) -> Named:
    for part in at.split("/") if at else ():
        tree = tree.get(part, {})
    return dict(_leaves(tree))


def _leaves(tree: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Array]]:
    for name, a in tree.items():
        if isinstance(a, Mapping):
            yield from _leaves(a, f"{before}{name}/")
        else:
            yield before + str(name), a


def _to_tree(arrays: Named, at: str, _: Reading) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, a in arrays.items():
        *way, last = f"{at}/{name}".removeprefix("/").split("/")
        place = tree
        for part in way:
            place = place.setdefault(part, {})
        place[last] = a
    return tree


def _of_haiku(weights: tuple[Mapping[str, Any], Mapping[str, Any]], at: str, _: Reading) -> Named:
    parameters, state = weights
    own = {name.removeprefix(f"{at}/~/"): tree for name, tree in state.items() if name.startswith(f"{at}/~/")}
    return {**parameters.get(at, {}), **state.get(at, {}), **dict(_leaves(own))}


def _to_haiku(arrays: Named, at: str, read: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give parameters and state. A moving average keeps what it would be without its weights, too, and how many steps it has taken."""
    running, count = getattr(read.spec, "running", None), arrays.pop("mean_ema/counter", None)
    roles, state = _names(read), {}
    parameters = {name: a for name, a in arrays.items() if roles[name] == "parameter"}
    for name, a in ((name, a) for name, a in arrays.items() if roles[name] != "parameter"):
        module, _, leaf = name.rpartition("/")
        kept = 1 - running.rate if running is not None else 0.0
        steps = int(count) if count is not None else math.ceil(math.log(FORGOTTEN) / math.log(kept)) if kept > 0 else 1
        more = {"hidden": a * (1 - kept**steps), "counter": steps} if module else {}
        state[f"{at}/~/{module}" if module else at] = {leaf: a, **more}
    return ({at: parameters} if parameters else {}), state


def _of_inputs(weights: Mapping[str, Array], at: str, read: Reading) -> Named:
    own = dict(zip(read.entry.positional, (name.strip() for name in at.split(",")), strict=False))
    return {name: weights[own[name]] for name in read.entry.names.values() if own.get(name) in weights}


def _to_inputs(arrays: Named, at: str, read: Reading) -> Named:
    own = dict(zip(read.entry.positional, (name.strip() for name in at.split(",")), strict=False))
    return {own.get(name, name): a for name, a in arrays.items()}


def _of_blobs(weights: Sequence[Array], _: str, read: Reading) -> Named:
    """Give the means of which batch norm keeps sums, and how many steps their weights are those of."""
    if len(weights) != len(BLOBS):
        raise InvalidInput(f"blobs of {read.entry.native} must be {', '.join(BLOBS)}, got {len(weights)}")
    mean, variance, factor = weights
    weight, new = float(factor.reshape(-1)[0]), read.spec.running.rate
    left = max(1 - weight * new, FORGOTTEN)
    steps = round(math.log(left) / math.log(1 - new)) if 0 < new < 1 else round(weight)
    return {"mean": mean / weight if weight else mean, "variance": variance / weight if weight else variance, "count": steps}


def _to_blobs(arrays: Named, _: str, read: Reading) -> list[Array]:
    new, count = read.spec.running.rate, arrays.get("count")
    if count is not None:
        weight = (1 - (1 - new) ** int(count)) / new if new else int(count)
    elif new:
        weight = 1 / new
    else:
        raise InvalidInput(f"arrays of {read.entry.native} whose fraction is 1 must have count, for the sum of weights grows for ever")
    return [arrays["mean"] * weight, arrays["variance"] * weight, arrays["mean"].reshape(-1)[:1] * 0 + weight]


BLOBS = ("the sum of means", "that of variances", "that of their weights")
KEPT = {
    **dict.fromkeys(("torch", "transformers", "mlx", "paddle", "tinygrad", "mindspore"), Kept(_dotted, _to_dotted)),
    **dict.fromkeys(("keras", "tf_keras"), Kept(_listed, _to_list)),
    "flax:linen": Kept(_of_collections, _to_collections),
    "flax:nnx": Kept(_of_tree, _to_tree),
    "caffe": Kept(_of_blobs, _to_blobs),
    "haiku": Kept(_of_haiku, _to_haiku),
    **dict.fromkeys(("onnx", "openvino"), Kept(_of_inputs, _to_inputs)),
}
"""By dialect, with its variant where these differ."""
