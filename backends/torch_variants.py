"""The variants of `torch`, and those of the dialect that they drive. Text alone: scripts are written without PyTorch."""

COMPILED = "compile"
"""The variant in which layers are compiled."""
OTHERS = "others"
"""The variant of modules that mean what another module does."""
VARIANTS = {"": "", "functional": "functional", OTHERS: OTHERS, COMPILED: ""}
"""Variant of the implementation -> that of the entries: what is compiled is what `torch` has."""
