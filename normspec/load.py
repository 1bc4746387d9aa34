"""Implementations by name: where reference, backends and conformance meet, at run time."""

from collections import Counter
from contextlib import AbstractContextManager
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from pkgutil import resolve_name
from typing import Any

from normspec.claim import Claim
from normspec.deviation import Deviation
from normspec.dialects import DIALECTS, dialect_of
from normspec.errors import NotFound, Unsupported
from normspec.records import Case, Implementation
from normspec.translation.find import named

BACKENDS = tuple(name for name in DIALECTS if name != "caffe")
"""The frameworks that normspec drives itself, one module of `normspec.backends` each: all that have a dialect but Caffe, which is gone."""
ON_DEVICES = ("torch", "transformers", "reference:torch")
"""Those of ours that put arrays on the device that is asked for; the others choose one themselves."""
OURS = {"reference": "normspec.reference.implementation", "mutants": "normspec.conformance.mutants.implementation"}
"""Where implementations of ours are made, by the word before the colon."""


def load(name: str, like: str = "") -> Implementation:
    """Give the implementation of this name.

    Parameters
    ----------
    name
        `reference` or a framework (`torch`), with a variant after a colon (`reference:jax`, `torch:functional`); `mutants` with the
        id of a known-wrong layer (`mutants:updated-twice`); or `module:object` for any importable `Implementation`, or function
        without arguments that gives one.
    like
        A native layer, `torch.nn.LayerNorm`: then `module:object` is a class or function of the same signature, and is driven as that.

    Raises
    ------
    NotFound
        Where the name names nothing that can be imported here; the message says what to install or to write.
    """
    if like:
        return _drop_in(name, like)
    head, _, tail = name.partition(":")
    if is_ours(name):
        module = OURS.get(head, f"normspec.backends.{head}")
        try:
            return import_module(module).implementation(tail)  # type: ignore[no-any-return]  # each defines implementation(variant)
        except ModuleNotFoundError as error:
            raise _lacking(name, str(error.name)) from None
    found = _imported(name)
    made = found() if callable(found) and not isinstance(found, Implementation) else found
    if not isinstance(made, Implementation):
        raise NotFound(f"{name} must be a normspec.Implementation or a function that gives one, got {made!r}")
    return made


def is_ours(name: str) -> bool:
    """Tell whether an implementation is the reference, a mutant or a framework's, and not `module:object`."""
    head, _, tail = name.partition(":")
    return head in OURS or _is_variant(head, tail)


def require_name(name: str) -> None:
    """Refuse what can be no implementation.

    Raises
    ------
    NotFound
        With those that there are.
    """
    if ":" not in name and name not in ("reference", *BACKENDS):
        raise NotFound(f"implementation must be one of {', '.join(('reference', *BACKENDS))}, or module:object, got {name!r}")


def require_installed(name: str) -> None:
    """Refuse an implementation of ours whose framework is not installed here.

    Raises
    ------
    NotFound
        With the module that lacks.
    """
    head, _, tail = name.partition(":")
    if _is_variant(head, tail) and find_spec(head) is None:
        raise _lacking(name, head)


def _lacking(name: str, module: str) -> NotFound:
    told = f"{name} needs the module {module}, which is not installed here"
    return NotFound(f"{told}: README.md says what to install, and normspec list what there is")


def require_device(name: str, device: str) -> None:
    """Refuse a device besides the CPU for an implementation of ours that chooses its device itself.

    Raises
    ------
    NotFound
        With those that go where they are asked to.
    """
    if device != "cpu" and is_ours(name) and not name.startswith(ON_DEVICES):
        able = f"{', '.join(ON_DEVICES)} and what you wrap yourself go where --device says"
        raise NotFound(f"device must be cpu for {name}, which chooses its device itself, got {device!r}: {able}")


def _is_variant(head: str, tail: str) -> bool:
    """Tell whether a name is that of a framework and its variant, and not `module:class.method`."""
    return head in BACKENDS and "." not in tail


def _imported(name: str) -> Any:
    """Give what `module:object` names."""
    head, _, tail = name.partition(":")
    if not tail or _is_variant(head, tail) or find_spec(head.partition(".")[0]) is None:
        known = ", ".join(("reference", *BACKENDS))
        raise NotFound(f"implementation must be one of {known}, or module:object of an importable module, got {name!r}")
    try:
        return resolve_name(name)
    except AttributeError:
        return None


def _drop_in(name: str, like: str) -> Implementation:
    """Give a drop-in, driven as the native layer that it is like."""
    entry, found = named(like)[0], _imported(name)
    if not callable(found):
        raise NotFound(f"{name} must be a class or function of the signature of {entry.native}, got {found!r}")
    dialect, _, variant = dialect_of(entry).partition(":")
    by: Implementation = import_module(f"normspec.backends.{dialect}").implementation(variant, {entry.native: found})
    return replace(by, name=f"{name} like {entry.native}")


def planted(native: str, name: str) -> AbstractContextManager[Counter[str]]:
    """Give a context in which a framework's function is computed by another implementation: `mutants:updated-twice`, `reference`.

    Parameters
    ----------
    native
        The function, which the framework's modules call too: `torch.nn.functional.layer_norm`.
    name
        What computes it, on NumPy arrays.

    Raises
    ------
    NotFound
        Where there is no such implementation, or nothing can be planted there.
    """
    dialect = dialect_of(named(native)[0]).partition(":")[0]
    found = _beside(dialect, "planted")
    if found is None:
        able = ", ".join(b for b in BACKENDS if _beside(b, "planted") is not None)
        raise NotFound(f"native must be a function of {able}, in which alone faults can be planted, got {native!r}")
    return found.planted(native, load(name))  # type: ignore[no-any-return]  # each defines planted(native, implementation)


def deviations(name: str) -> tuple[Deviation, ...]:
    """Give the deviations declared for an implementation of ours: `torch` is one, and other rows hold for `torch:compile`."""
    return tuple(row for row in findings(name) if row.holds_for(name))


def findings(name: str) -> tuple[Deviation, ...]:
    """Give the deviations declared for all variants of an implementation of ours; no framework is imported for it."""
    found = _beside(name, "deviations")
    return () if found is None else tuple(found.DEVIATIONS)


def reproduction(name: str, case: Case, claim: Claim, like: str = "") -> str:
    """Give a script that plays a case with a framework and NumPy only, and asserts a claim; no framework is imported for it.

    Raises
    ------
    NotFound
        Where the implementation is of no framework that scripts are written for.
    Unsupported
        Where the framework has no such layer, or the script would be too long.
    """
    if not reproducible(name, like):
        raise NotFound(f"a reproduction can be written for {', '.join(BACKENDS)}, and for what is like a layer of these, got {name!r}")
    if claim.name.startswith("inputs.") and claim.name != "inputs.x":
        raise Unsupported(f"a reproduction is of y, gradients, x, parameters and state, not of {claim.name}")
    instead = {named(like)[0].native: name.replace(":", ".")} if like else {}
    head, _, variant = (dialect_of(named(like)[0]) if like else name).partition(":")
    found = _beside(head, "reproduction")
    case = case if claim.step >= 0 else replace(case, values={})  # what is born shows before anything is loaded
    text = import_module("normspec.backends.scripts").script(case, claim, found.words(variant, case, claim, instead))
    return str(text)


def reproducible(name: str, like: str = "") -> bool:
    """Tell whether scripts can be written for an implementation: a framework of ours, or a drop-in for one of its layers."""
    return _beside(dialect_of(named(like)[0]) if like else name, "reproduction") is not None


def _beside(name: str, what: str) -> Any:
    """Give the module that lies beside a framework's adapter, or None."""
    head = name.partition(":")[0]
    module = f"normspec.backends.{head}_{what}"
    return import_module(module) if head in BACKENDS and find_spec(module) is not None else None
