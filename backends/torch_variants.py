"""The variants of `torch`, and those of the dialect that they drive. Text alone: scripts are written without PyTorch."""

COMPILED = "compile"
"""The variant in which layers are compiled."""
VARIANTS = {"": "", "functional": "functional", COMPILED: ""}
"""Variant of the implementation -> that of the entries: what is compiled is what `torch` has."""
