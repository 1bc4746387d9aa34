"""Dialects: what each framework's documentation promises of each of its layers. No framework is imported here."""

from importlib import import_module

from normspec.dialects.entry import Entry
from normspec.errors import NotFound

DIALECTS = (
    "torch",
    "keras",
    "tensorflow",
    "tf_keras",
    "flax",
    "haiku",
    "equinox",
    "jax",
    "mlx",
    "onnx",
    "openvino",
    "transformers",
    "paddle",
    "tinygrad",
    "mindspore",
    "caffe",
)
"""Every framework with a dialect: one module of this package each."""


def entries(dialect: str) -> tuple[Entry, ...]:
    """Give the entries of a dialect, the layers that it names first being those that people mean.

    Raises
    ------
    NotFound
        Where there is no such dialect.
    """
    if dialect not in DIALECTS:
        raise NotFound(f"dialect must be one of {', '.join(DIALECTS)}, got {dialect!r}")
    found: tuple[Entry, ...] = import_module(f"normspec.dialects.{dialect}").ENTRIES
    return found


def all_entries() -> tuple[Entry, ...]:
    """Give the entries of every dialect."""
    return tuple(entry for dialect in DIALECTS for entry in entries(dialect))


def dialect_of(entry: Entry) -> str:
    """Give the dialect that an entry is of, with its variant after a colon where it has one."""
    found = next(dialect for dialect in DIALECTS if entry in entries(dialect))
    return f"{found}:{entry.variant}" if entry.variant else found
