"""Known-wrong layers, planted in a framework, to learn how many of them a test of normalization layers notices.

`normspec mutants run` asks this of a pytest command; `score` here asks it of a function.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

from normspec.load import planted as _planted


def of(native: str) -> tuple[Any, ...]:
    """Give the mutants of a native function, each with its `id`, the path of its clause (`law`), `words` and, if any, `source`.

    Raises
    ------
    NotFound
        Where no dialect has such a layer.
    """
    found: tuple[Any, ...] = _run().mutants_of(native)
    return found


def planted(native: str, mutant: str) -> AbstractContextManager[Counter[str]]:
    """Give a context in which a framework's function, and so each of its modules that calls it, has this fault.

    Parameters
    ----------
    native
        `torch.nn.functional.layer_norm`, or another function of `torch.nn.functional`.
    mutant
        The id of a mutant: `epsilon-outside`.

    Returns
    -------
    AbstractContextManager
        What it gives counts the calls that were `planted`, and those that were left to the `original`, for they have no such fault.
    """
    return _planted(native, f"mutants:{mutant}")


def score(test: Callable[[], object], native: str, chosen: Iterable[str] = ()) -> dict[str, str]:
    """Give the fate of each mutant in a test: `killed` where it raises, `survives`, or `not reached` where no call had the fault.

    Parameters
    ----------
    test
        A function without arguments that raises where the layer is wrong. It is called once with right layers, which must pass, and
        then once for each mutant.
    native
        The function that the mutants stand for.
    chosen
        The ids of mutants; without any, all of `of(native)`.

    Raises
    ------
    normspec.NormspecError
        Where the test fails with right layers, or never calls the function.
    """
    found: dict[str, str] = _run().scored(test, native, tuple(chosen))
    return found


def _run() -> Any:
    return import_module("normspec.conformance.mutants.run")
