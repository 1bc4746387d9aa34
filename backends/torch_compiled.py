"""PyTorch's layers as torch.compile makes them. Importing the compiler takes seconds, so it is imported where one is made."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

SIGNATURES = 4096
"""How many kinds of arguments one function may be compiled for. Beyond that, torch.compile calls it as it is, and only warns."""


def compiled(make: Callable[..., Any], place: str) -> Callable[..., Any]:
    """Give what makes a layer of PyTorch's module `place`, compiled for each shape that it meets."""
    import torch._dynamo.config as limits  # noqa: PLC0415 - the compiler

    limits.recompile_limit = limits.accumulated_recompile_limit = SIGNATURES
    if place == "torch.nn.functional":
        return torch.compile(make, dynamic=False)
    return partial(_module if place == "torch.nn" else _weight, make)


def _module(make: Callable[..., Any], **arguments: Any) -> Any:
    """Compile the whole module. `module.compile()` would leave what is PyTorch's own as it is, and not say so."""
    return torch.compile(make(**arguments), dynamic=False)


def _weight(make: Callable[..., Any], owner: torch.nn.Module, **arguments: Any) -> Any:
    """Compile what each access to the weight calls."""
    module = make(owner, **arguments)
    accessed = module.parametrizations["weight"]
    accessed.forward = torch.compile(accessed.forward, dynamic=False)
    return module
