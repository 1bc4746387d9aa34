"""`normspec list`: which framework has which layer, and what is installed. No framework is imported."""

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

import rich_click as click

from normspec.cli.text import columns, paragraph
from normspec.dialects import DIALECTS, entries
from normspec.dialects.entry import Entry
from normspec.errors import NotFound
from normspec.layers import SPECS
from normspec.load import BACKENDS

DISTRIBUTIONS = {
    "haiku": ("dm-haiku",),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "tf_keras": ("tf_keras", "tf_keras-cpu"),
    "paddle": ("paddlepaddle",),
}
"""What brings a framework, where that has not its name."""

VARIANTS = {
    "keras": ("tensorflow", "jax", "torch", "numpy", "openvino"),
    "torch": ("", "functional", "others", "compile"),
    "onnx": ("reference", "onnxruntime"),
}
"""What is judged of a framework, where some of it means the same: what its layers run on, or that they are compiled."""

SHORT = {
    "batch_renorm": "renorm",
    "ghost_batch_norm": "ghost",
    "instance_norm": "inst",
    "local_response_norm": "lrn",
    "mean_variance_norm": "mvn",
    "weight_norm": "wn",
    "spectral_norm": "sn",
}
"""What layers are called at the head of a column; others by their stem without what all have in common."""
HEAD = ("layer", "versions", "rank of x")


def list_all() -> None:
    """Print the frameworks, and how many native layers of each kind each of them has."""
    rows = [(name, (installed(name) or "not installed") if name in BACKENDS else "-", _judged(name)) for name in DIALECTS]
    click.echo(columns([("framework", "installed", "normspec judge"), *rows], 0))
    click.echo("\nnative layers of each, -: it has none\n")
    had = [layer for layer in SPECS if any(e.layer == layer for name in DIALECTS for e in entries(name))]
    heads = [SHORT.get(layer, layer.removesuffix("_norm")) for layer in had]
    width = max(map(len, DIALECTS))
    click.echo(" ".join([" " * width, *heads]))
    for name in DIALECTS:
        each = (str(len({e.native for e in entries(name) if e.layer == layer}) or "-") for layer in had)
        click.echo(" ".join([f"{name:<{width}}", *(f"{cell:>{len(head)}}" for cell, head in zip(each, heads, strict=True))]))
    click.echo("\n" + paragraph(", ".join(f"{short}: {layer}" for layer, short in SHORT.items())))
    click.echo(paragraph(f"no framework here has {', '.join(layer for layer in SPECS if layer not in had)}"))
    click.echo(
        paragraph("normspec list LAYER or FRAMEWORK has their names, versions and ranks of x; normspec explain LAYER says what it means.")
    )


def list_some(what: str) -> None:
    """Print the native layers of a kind, or those of a framework and the kinds that it lacks.

    Raises
    ------
    NotFound
        Where there is neither of that name.
    """
    if what not in (*SPECS, *DIALECTS):
        raise NotFound(f"what is listed must be a layer ({', '.join(SPECS)}) or a framework ({', '.join(DIALECTS)}), got {what!r}")
    found = {layer: [e for name in DIALECTS if what in (name, layer) for e in entries(name) if e.layer == layer] for layer in SPECS}
    for layer in (layer for layer in SPECS if found[layer]):
        click.echo(f"{layer}: docs/spec/{layer}.md")
        click.echo(columns([HEAD, *_rows(found[layer])]) + "\n")
    if what in SPECS:
        lacking = [name for name in DIALECTS if not any(e.layer == what for e in entries(name))]
        click.echo(paragraph(f"without it: {', '.join(lacking) or 'none'}"))
    else:
        click.echo(paragraph(f"it lacks {', '.join(layer for layer in SPECS if not found[layer]) or 'none'}", 0, 2))


def installed(name: str) -> str | None:
    """Give the version of a framework that is installed, from its metadata alone."""
    for distribution in DISTRIBUTIONS.get(name, (name,)):
        try:
            return version(distribution)
        except PackageNotFoundError:
            continue
    return None


def _judged(name: str) -> str:
    variants = VARIANTS.get(name) or sorted({entry.variant for entry in entries(name)})
    return ", ".join(f"{name}:{v}" if v else name for v in variants) if name in BACKENDS else "not driven"


def _rows(found: Iterable[Entry]) -> Iterator[tuple[str, str, str]]:
    for e in found:
        ranks = f"{e.ranks.start}" if len(e.ranks) == 1 else f"{e.ranks.start} to {e.ranks.stop - 1}"
        yield e.native, e.versions, ranks
