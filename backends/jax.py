"""JAX's own function, jax.nn.standardize: a layer norm that owns nothing."""

from functools import lru_cache
from typing import Any

import jax

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.pure import Pure, Step, asarray, asnumpy, compiled
from normspec.dialects.entry import native
from normspec.dialects.jax import ENTRIES
from normspec.errors import NotFound
from normspec.records import Array, Arrays, Implementation, Situation

MOST = 4096
"""Compiled functions kept."""
NAMES = {"mask": "where"}
"""What the inputs besides x are called."""


@lru_cache(maxsize=MOST)
def _step(function: Any, arguments: tuple[tuple[str, Any], ...]) -> Step:
    told = dict(arguments)

    def apply(_: Arrays, state: Arrays, x: Array, **rest: Array) -> tuple[Array, Arrays]:
        return function(x, **told, **{NAMES[name]: a for name, a in rest.items()}), state

    return compiled(apply, apply)


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `jax`, or what drives drop-ins as it drives its function."""
    if variant:
        raise NotFound(f"jax has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Pure:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        return Pure(_step(maker(entry, instead), tuple(arguments.items())), {}, {}, spec, situation)

    return Implementation(name="jax", version=jax.__version__, build=build, asarray=asarray, asnumpy=asnumpy, inputs=("x", "mask"))
