"""What a function is told, held to the rules of the spec that it computes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, get_args

from normspec.clauses import Rule
from normspec.errors import InvalidInput
from normspec.layers import LAYERS
from normspec.layers.fields import field_rules
from normspec.records import Array, Arrays, Mode
from normspec.reference import quad
from normspec.reference.names import namespace

MODES = get_args(Mode)
TAKE_NUMPY = ("jax", "tensorflow", "dask")
"""Libraries whose arrays NumPy's may stand beside."""
RULES: dict[type, Mapping[str, Callable[[Any], Rule]]] = {spec: field_rules(spec) for spec in LAYERS}
"""The rules of every spec's fields, made once: compilers look into what is called, and not into records."""


def check(spec: type, x: Array, **told: Any) -> None:
    """Refuse an x that is not floating, and values that no layer of a spec has.

    Raises
    ------
    InvalidInput
        With every broken rule at once.
    """
    if quad.holds(x):  # the oracle's, whose statistics may round to any dtype
        return
    require_array(x, "x")
    rules = {name: rule(told[name]) for name, rule in RULES[spec].items() if name in told}
    if "mode" in told:
        require_mode(told["mode"])
    if "state" in told:
        state = told["state"]
        rules["state"] = state is None or isinstance(state, Mapping), "a dict of arrays by their names, or None", state
    broken = [f"{name} must be {must}, got {got!r}" for name, (holds, must, got) in rules.items() if not holds]
    if broken:
        raise InvalidInput("; ".join(broken))


def require_mode(mode: Any) -> None:
    """Refuse what is no mode.

    Raises
    ------
    InvalidInput
        With the four that there are.
    """
    if mode not in MODES:
        raise InvalidInput(f"mode must be 'train', 'evaluate', 'freeze' or 'observe', got {mode!r}")


def require_array(a: Array, name: str, of: Array = None) -> None:
    """Refuse what is no floating array, or where one is given none of the library `of` which that is.

    Raises
    ------
    InvalidInput
        With the name, and what was got.
    """
    if quad.holds(a):
        return
    dtype = dtype_name(a, name)
    if not dtype.startswith(("float", "bfloat")):
        raise InvalidInput(f"{name} must be floating, got {dtype}: convert it first")
    if of is not None and namespace(a) is not namespace(of) and not _mixes(a, of):
        raise InvalidInput(f"{name} must be an array of x's library, {type(of).__module__}, got one of {type(a).__module__}")


def _mixes(a: Array, of: Array) -> bool:
    """Tell whether a library takes an array of another namespace: one of its own that has none, or NumPy's."""
    own, other = (type(array).__module__.partition(".")[0].replace("jaxlib", "jax") for array in (of, a))
    return own == other or (own in TAKE_NUMPY and other == "numpy")


def require_count(count: Array) -> None:
    """Refuse a count of steps that is no array of one integer.

    Raises
    ------
    InvalidInput
        With what was got.
    """
    dtype, shape = dtype_name(count, "count"), tuple(count.shape)
    if not dtype.startswith(("int", "uint")) or shape != ():
        raise InvalidInput(f"count must be one integer, of shape (), got {dtype} of shape {shape}")


def require_mask(mask: Array, x: Array) -> None:
    """Refuse what is no boolean array that broadcasts to x.

    Raises
    ------
    InvalidInput
        With what was got.
    """
    dtype, shape = dtype_name(mask, "mask"), tuple(mask.shape)
    if dtype != "bool":
        raise InvalidInput(f"mask must be boolean, true at what counts, got {dtype}: compare it with 0 first")
    over = tuple(x.shape)[len(x.shape) - len(shape) :]
    if len(shape) > len(x.shape) or [n for n, whole in zip(shape, over, strict=True) if n not in (1, whole)]:
        raise InvalidInput(f"mask must broadcast to x, which has shape {tuple(x.shape)}, got {shape}")


def shape_of_cotangent(dy: Array, saved: Any) -> tuple[int, ...]:
    """Give the shape of dy, which must be that of the x that was saved, whose library must be dy's.

    Raises
    ------
    InvalidInput
        Where dy is no such array, or nothing was saved.
    """
    x = getattr(saved, "x", None)
    if x is None:
        raise InvalidInput(f"saved must be what the forward function gave last, in a mode that has an output, got {type(saved).__name__}")
    require_array(dy, "dy", x)
    if tuple(dy.shape) != tuple(x.shape):
        raise InvalidInput(f"dy must have the shape of y, {tuple(x.shape)}, got {tuple(dy.shape)}")
    return tuple(x.shape)


def require_same(saved: Array, *shapes: tuple[int, ...]) -> None:
    """Refuse keywords of a gradient by which what was saved would be of another shape than it is.

    Raises
    ------
    InvalidInput
        Where it has none of the shapes.
    """
    if tuple(saved.shape) not in shapes:
        told = f"what was saved has shape {tuple(saved.shape)}, and by these would have {shapes[0]}"
        raise InvalidInput(f"keywords must be those that the forward function was given: {told}")


def kept(state: Arrays | None, needed: Iterable[str], where: str = "") -> dict[str, Array]:
    """Give what a step needs of a state.

    Raises
    ------
    InvalidInput
        Where the state lacks something of it.
    """
    state = state or {}
    missing = [name for name in needed if state.get(name) is None]
    if missing:
        raise InvalidInput(f"state must hold {', '.join(needed)}{where}, and lacks {', '.join(missing)}")
    return {name: state[name] for name in needed}


def dtype_name(x: Array, name: str = "x") -> str:
    """Give the name of an array's dtype, whatever its library."""
    if not hasattr(x, "dtype"):
        raise InvalidInput(f"{name} must be an array, got a {type(x).__name__}: make it one first, with numpy.asarray for example")
    return str(getattr(x.dtype, "name", x.dtype)).rpartition(".")[2]
