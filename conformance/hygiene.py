"""What a subject may change in its process besides its own: noticed after every case, told, and set back before the next.

So that no verdict depends on which cases came before. Where the process began is the state in which its import left it.
"""

import locale
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

State = dict[str, Any]


class Watched(NamedTuple):
    """One thing that numbers may depend on: the module that must be loaded for it, how it is seen, and how it is set back."""

    module: str
    see: Callable[[Any], Any]
    set_back: Callable[[Any, Any], object]


def flushed() -> bool:
    """Tell whether subnormal numbers are flushed to zero."""
    return bool(np.finfo(np.float32).smallest_normal / np.float32(2) == 0)


def _flush(_: Any, flushed: Any) -> object:
    torch = sys.modules.get("torch")  # the only one here that has a switch for it
    return None if torch is None else torch.set_flush_denormal(flushed)


WATCHED = {
    "NumPy's error state": Watched("numpy", lambda numpy: numpy.geterr(), lambda numpy, was: numpy.seterr(**was)),
    "the locale": Watched("locale", lambda _: locale.setlocale(locale.LC_ALL), lambda _, was: locale.setlocale(locale.LC_ALL, was)),
    "whether subnormal numbers are flushed to zero": Watched("numpy", lambda _: flushed(), _flush),
    "PyTorch's default dtype": Watched("torch", lambda torch: torch.get_default_dtype(), lambda torch, was: torch.set_default_dtype(was)),
    "PyTorch's number of threads": Watched("torch", lambda torch: torch.get_num_threads(), lambda torch, was: torch.set_num_threads(was)),
    "JAX's 64-bit mode": Watched("jax", lambda jax: jax.config.jax_enable_x64, lambda jax, was: jax.config.update("jax_enable_x64", was)),
    "Keras' default dtype": Watched("keras", lambda keras: keras.config.floatx(), lambda keras, was: keras.config.set_floatx(was)),
}


def state() -> State:
    """Give everything that is watched, as far as its library is loaded."""
    return {name: w.see(sys.modules[w.module]) for name, w in WATCHED.items() if w.module in sys.modules}


def changes(before: State) -> list[str]:
    """Give a line for everything that is not as it was, having set it back where that can be done."""
    told = []
    for name, now in state().items():
        was = before.get(name, now)
        if now != was:
            watched = WATCHED[name]
            module = sys.modules[watched.module]
            watched.set_back(module, was)
            outcome = "set back" if watched.see(module) == was else "which cannot be set back: later cases run so"
            told.append(f"{name} from {was} to {now}, {outcome}")
    return told
