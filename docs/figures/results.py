"""What a line of results holds: its fields are those of a line that a run has just written. Every function gives a table in Markdown."""

import json
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import get_args

from sections.tables import table

from normspec.conformance.cases import cases
from normspec.conformance.judge import Check, Verdict
from normspec.conformance.run import Asked, run

FIELDS = {
    "schema": "The version of this list. Another number is another list.",
    "implementation": "What was judged, by its own name; of a drop-in, `... like ...`.",
    "version": "Its version.",
    "versions": "The versions of Python and of every distribution that its process had loaded.",
    "flags": "The machine, whether subnormal numbers are flushed to zero there, and variables of the environment that change numbers.",
    "device": "Where it ran, as `--device` says it.",
    "case": "The case, as `normspec show` takes it: clause, name, dtype of x; after a `+`, the dtype of parameters where that is another.",
    "layer": "The layer, as `--layer` takes it.",
    "dtype": "The dtype of x.",
    "quantity": "What was compared: the step's number, or `born`, and the array's name.",
    "clauses": "The clauses that the check answers to; where it fails, those that are broken.",
    "verdict": "One of those above.",
    "error": "&#124;got - truth&#124; at the worst element, the one whose `ratio` is largest.",
    "bound": "By how much an honest implementation may be off at that element ([bounds](bounds.md)). 0: not at all.",
    "ratio": "error / bound. Up to 1 conforms.",
    "detail": "Why: value, place and bound of a failure; the finding of a deviation; the reason of what is unsupported.",
    "equals": "The neighbouring meaning whose value a failing one is.",
    "of_row": "Of a deviation, the share that it takes of what its finding allows, where that is a bound.",
    "reproduction": "A script in which a failure shows, of the first of each clause.",
    "seconds": "How long the case took, shared among its checks.",
}
VERDICTS = {
    "conforms": ("The quantity is within its bound, and of the right dtype and shape; or the step was refused, as it must be.", "0"),
    "deviates": ("It is not, as a [finding](findings.md) about this version of a framework says that it is not.", "0; with `--strict` 1"),
    "fails": ("It is not, and nothing says so; or it is missing, or the process died or hung.", "1"),
    "unsupported": ("There is no such layer, step or gradient there, and it says so itself.", "0"),
}


def verdicts() -> str:
    """Give what each verdict means, and the exit code where it is the gravest."""
    return table(("verdict", "meaning", "exit code"), ((f"`{name}`", *VERDICTS[name]) for name in get_args(Verdict)))


def result_fields() -> str:
    """Give the fields of a line, in the order in which a run has written them; what may be null is told by the record of a check."""
    with tempfile.TemporaryDirectory() as folder:
        (case,) = (c for c in cases(layer="layer_norm", dtype="float32") if c.id == "layer-norm.output/last-rank-2/float32")
        tuple(run(Asked(name="reference:numpy", cases=(case,), out=Path(folder))))
        row = json.loads((Path(folder) / "reference-numpy.jsonl").read_text(encoding="utf-8").splitlines()[0])
    optional = {field.name for field in fields(Check) if "None" in str(field.type)}
    return table(("field", "type", "what it says"), ((f"`{name}`", _type(name, a, optional), FIELDS[name]) for name, a in row.items()))


def _type(name: str, value: object, optional: set[str]) -> str:
    """Name a value's type as JSON does."""
    if name in optional:
        return "number or null"
    return {int: "number", float: "number", str: "text", list: "list of texts", dict: "object"}[type(value)]
