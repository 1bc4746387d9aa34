"""The table of what files of models may have, from the numbers by which readers refuse them."""

from normspec.audit import archive, audit, onnx_file, onnx_graph, wire
from sections.tables import table

GIB, MIB, MILLION = 2**30, 2**20, 10**6


def limits() -> str:
    """Give the table: a kind of file, and what it is refused for."""
    onnx = (
        f"{onnx_file.LARGEST // GIB} GiB; lengths that go beyond the end; {wire.MOST_FIELDS // MILLION} million fields; names of "
        f"{wire.LONGEST_TEXT} bytes; graphs {onnx_graph.DEEPEST} deep; {onnx_graph.MOST_NUMBERS} integers in an attribute"
    )
    keras = (
        f"a list of members of {archive.LARGEST_DIRECTORY // MIB} MiB; member names that lead out of the archive, or stand twice; "
        "encryption; any compression but deflate; "
        f"{archive.LARGEST_TEXT // MIB} MiB of `config.json`, as is said and as is there; lists and objects {archive.DEEPEST} deep"
    )
    both = f"another format, by its first bytes: a pickle, HDF5, a zip archive; {audit.MOST:,} normalization layers"
    return table(("file", "is refused for more than, or for"), (("ONNX", onnx), ("Keras", keras), ("both", both)))
