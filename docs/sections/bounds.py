"""The table of kinds of layers, each with bounds of its own."""

from normspec.conformance.bounds import BOUNDS
from sections.tables import table, title

KINDS = {
    "normalize": ("x less its mean, over its deviation", "the-bounds"),
    "divide": ("x over a norm of itself", "over-a-norm"),
    "batch_renorm": ("x as it is, and towards running averages", "towards-averages"),
    "local_response_norm": ("x over a power of a window", "over-a-window"),
    "dynamic_tanh": ("each value by itself", "of-each-value-by-itself"),
    "global_response_norm": ("x times a response", "of-a-response"),
    "filter_response_norm": ("x over a norm, above a threshold", "above-a-threshold"),
    "full_norm": ("x by a running mean of it and of its squares", "of-a-running-mean-of-squares"),
    "batch_layer_norm": ("x by two normalizations of it, and their sum", "of-two-sides"),
    "adaptive_instance_norm": ("x less its mean, over its deviation, for that of a style", "for-a-style"),
    "feature_norm": ("x by moments observed before", "by-moments-observed-before"),
    "spectral_norm": ("x over an iterated estimate", "over-an-iterated-estimate"),
}
"""Words for each module of `conformance.bounds`, and the section of docs/bounds.md that derives them."""


def kinds() -> str:
    """Give the table: a kind of layer, and the layers of it."""
    of: dict[str, list[str]] = {}
    for layer, bounds in BOUNDS.items():
        of.setdefault(bounds.__module__.rpartition(".")[2], []).append(f"[{title(layer)}](spec/{layer}.md)")
    return table(("kind", "layers"), ((f"[{KINDS[kind][0]}](#{KINDS[kind][1]})", ", ".join(layers)) for kind, layers in of.items()))
