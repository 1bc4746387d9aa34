"""RMS norms of models in Transformers: modules of PyTorch, driven as its own are."""

from importlib.metadata import version
from typing import Any

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.backends.torch import Module
from normspec.backends.torch_arrays import LAYOUTS, asarray, asnumpy
from normspec.dialects.entry import native
from normspec.dialects.transformers import ENTRIES
from normspec.errors import NotFound
from normspec.records import Implementation, Situation


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `transformers:llama`, which `transformers` is, `transformers:gemma` or `transformers:t5`, or what drives drop-ins as those."""
    variant, models = variant or "llama", tuple(entry.variant for entry in ENTRIES)
    if variant not in models:
        raise NotFound(f"variant of transformers must be one of {', '.join(models)}, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Module:
        entry, arguments = native(offered(ENTRIES, instead), variant, spec, situation)
        return Module(maker(entry, instead), entry, arguments, situation)

    return Implementation(
        name=f"transformers:{variant}",
        version=version("transformers"),
        build=build,
        asarray=asarray,
        asnumpy=asnumpy,
        layouts=LAYOUTS,
    )
