"""Native calls as text, parsed and never executed: which layer, with which arguments."""

import ast
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from normspec.dialects.entry import Entry, Name
from normspec.errors import InvalidInput
from normspec.translation.find import named

Arguments = dict[str, Any]


def parse(text: str) -> tuple[tuple[Entry, ...], Arguments]:
    """Give the entries of the layer that a call names (several only where it means different things at different ranks), and its arguments.

    Literals stand for themselves, any other expression for itself as code.

    Raises
    ------
    NotFound
        Where no dialect has the layer, or more than one.
    InvalidInput
        Where the text is no call of it; the message names every argument that cannot be.
    """
    call = _one_call(text)
    found = named(ast.unparse(call.func))
    bound: Arguments = {}
    problems = [*_bind(call, found[0], bound), *_wrong(found[0], bound)]
    if problems:
        raise InvalidInput("; ".join(problems))
    return found, bound


def _one_call(text: str) -> ast.Call:
    try:
        node = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = getattr(error, "msg", error)  # a syntax error's own text names a file, and there is none
        raise InvalidInput(f"call must be one call in Python, such as torch.nn.BatchNorm2d(64), got {text!r}: {why}") from error
    if not isinstance(node, ast.Call) or not _is_dotted(node.func):
        raise InvalidInput(f"call must be one call of a layer, such as torch.nn.BatchNorm2d(64), got {text!r}")
    return node


def _is_dotted(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or (isinstance(node, ast.Attribute) and _is_dotted(node.value))


def _bind(call: ast.Call, entry: Entry, bound: Arguments) -> Iterator[str]:
    """Give each argument its name, filling `bound`; yield what cannot be."""
    known = {*entry.positional, *entry.defaults, *entry.fixed, *entry.free}
    given = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
    if len(given) < len(call.args) or any(k.arg is None for k in call.keywords):
        yield f"arguments of {entry.native} must be written out, got * or **"
    if len(given) > len(entry.positional):
        yield f"{entry.native} must get at most {len(entry.positional)} arguments by position, got {len(given)}"
    bound |= {name: _value(node) for name, node in zip(entry.positional, given, strict=False)}
    for k in call.keywords:
        if k.arg in bound:
            yield f"{k.arg} of {entry.native} must be given once, got it twice"
        elif k.arg is not None and k.arg not in known:
            yield f"argument of {entry.native} must be one of {', '.join(sorted(known))}, got {k.arg!r}"
        elif k.arg is not None:
            bound[k.arg] = _value(k.value)
    for name in required(entry):
        if name not in bound:
            yield f"{name} of {entry.native} must be given, got nothing"


def required(entry: Entry) -> tuple[str, ...]:
    """Give the parameters without which there is no such layer, as far as they are told to the layer itself."""
    own = (name for name in entry.positional if name not in {*entry.defaults, *entry.fixed, *entry.free})
    return (*own, *entry.needed)


def _value(node: ast.expr) -> Any:
    """Give a literal's value, or the expression as code; so, too, for what is in a tuple or list."""
    if isinstance(node, ast.Tuple | ast.List):
        return tuple(map(_value, node.elts))
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return Name(ast.unparse(node))


def _wrong(entry: Entry, bound: Mapping[str, Any]) -> Iterator[str]:
    for name, value in bound.items():
        must, fits = _rule(entry.defaults.get(name), entry.sizes.get(name))
        if not fits(value):
            kind = "a literal, for its value is meaning: " if isinstance(value, Name) else ""
            yield f"{name} of {entry.native} must be {kind}{must}, got {value!r}"


def _rule(default: Any, size: type | None) -> tuple[str, Callable[[Any], bool]]:
    """Give what stands in an argument's place, as far as its default tells, or which kind of size of x it is, and the test of it."""
    if size is int:
        return "a positive integer", lambda v: isinstance(v, Name) or _is_size(v)
    if size is tuple:  # its length is meaning: a variable does not say enough, one in a tuple does
        return (
            "a positive integer or a tuple of them",
            lambda v: _is_size(v) or (_is_several(v) and all(isinstance(n, Name) or _is_size(n) for n in v)),
        )
    if isinstance(default, bool):
        return "True or False", lambda v: isinstance(v, bool)
    if isinstance(default, float):
        return "a number, or None where that has a meaning", lambda v: v is None or isinstance(v, float) or _is_integer(v)
    if isinstance(default, int | tuple | list):
        return "an integer or a tuple of them", lambda v: v is None or _is_integer(v) or (_is_several(v) and all(map(_is_integer, v)))
    return "", lambda _: True


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return _is_integer(value) and value > 0


def _is_several(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) > 0
