"""The normalization layers of a model: alive, or out of a file, which is parsed and never executed."""
