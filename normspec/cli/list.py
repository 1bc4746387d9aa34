"""`normspec list`: every layer in every framework, and what is installed. No framework is imported."""

from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version

import rich_click as click

from normspec.cli.text import columns
from normspec.dialects import DIALECTS, entries
from normspec.dialects.entry import Entry
from normspec.layers import SPECS
from normspec.load import BACKENDS

DISTRIBUTIONS = {"haiku": ("dm-haiku",), "tensorflow": ("tensorflow", "tensorflow-cpu"), "tf_keras": ("tf_keras", "tf_keras-cpu")}
"""What brings a framework, where that has not its name."""

VARIANTS = {"keras": ("tensorflow", "jax", "torch", "numpy"), "torch": ("", "functional", "compile"), "onnx": ("reference", "onnxruntime")}
"""What is judged of a framework, where some of it means the same: what its layers run on, or that they are compiled."""

HEAD = ("layer", "versions", "rank of x")


def list_all() -> None:
    """Print the frameworks, then the layers of each."""
    rows = [(name, installed(name) or "not installed", _judged(name)) for name in DIALECTS]
    click.echo(columns([("framework", "installed", "normspec judge"), *rows], 0))
    click.echo("\nnormspec explain LAYER says what a layer means.")
    for layer in SPECS:
        table = list(_rows(entry for name in DIALECTS for entry in entries(name) if entry.layer == layer))
        click.echo(f"\n{layer}: docs/spec/{layer}.md")
        click.echo(columns([HEAD, *table]) if table else "  none of them has it")


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
    return ", ".join(f"{name}:{v}" if v else name for v in variants) if name in BACKENDS else "-"


def _rows(found: Iterable[Entry]) -> Iterator[tuple[str, str, str]]:
    for e in found:
        ranks = f"{e.ranks.start}" if len(e.ranks) == 1 else f"{e.ranks.start} to {e.ranks.stop - 1}"
        yield e.native, e.versions, ranks
