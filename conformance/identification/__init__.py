"""Identification: the point in the space of meanings that an implementation occupies, from what it shows alone.

No dialect is read here: what a framework promises is compared with what was measured by the command line.
"""
