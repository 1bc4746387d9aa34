"""Measures how far y is from the truth on every rung of the accuracy ladder, and keeps it in errors.jsonl.

`python docs/errors.py IMPLEMENTATION ...`, or without a name those of NAMES; rows of others stay as they are. It takes minutes.
"""  # noqa: INP001 - a script

import json
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from normspec.conformance.distance import distance
from normspec.conformance.expectation import expectation
from normspec.conformance.fuzzing.projection import projection
from normspec.conformance.grades.ladder import Rung, points, rungs
from normspec.conformance.grades.levels import allowed
from normspec.conformance.subject import Answer, Subject

KEPT = Path(__file__).resolve().parent / "errors.jsonl"
NAMES = (
    "reference:numpy",
    "torch",
    "keras:tensorflow",
    "keras:jax",
    "keras:torch",
    "keras:numpy",
    "keras:openvino",
    "tf_keras",
    "tensorflow",
    "flax:nnx",
    "haiku",
    "equinox",
    "jax",
    "mlx",
    "onnx:onnxruntime",
    "openvino",
)
LAYERS = ("layer_norm", "batch_norm")
DTYPE = "float32"


def measured(name: str) -> Iterator[dict[str, Any]]:
    """Give the error of y, and what its bound allows, on every rung: as shares of the largest |y| that is true there."""
    project = projection(name)
    with TemporaryFile() as log, closing(Subject(name, log)) as subject:
        version = subject.start()["version"]
        for layer in LAYERS:
            for variance, (spec, shape) in points(layer, DTYPE, project).items():
                found = [(rung, subject.play(rung.case)) for rung in rungs(spec, shape, DTYPE)]
                if any("unsupported" not in answer.texts for _, answer in found):
                    at = {"implementation": name, "version": version, "layer": layer, "variance": variance, "dtype": DTYPE}
                    yield from ({**at, **_row(*rung_and_answer)} for rung_and_answer in found)


def _row(rung: Rung, answer: Answer) -> dict[str, Any]:
    (expected,) = (one for one in expectation(rung.case) if one.quantity == "0.y")
    largest = float(np.max(np.abs(expected.value)))
    away, _ = distance(rung.case, expected, answer.arrays.get("0.y", np.nan))
    bound = float(np.max(allowed(rung.case)["standard"]["0.y"]))
    return {"ratio": 2**rung.power, "error": _short(np.max(away) / largest), "bound": _short(bound / largest)}


def _short(share: float) -> float | str:
    """Give three digits, which are more than a picture shows; what is not finite as a string, for JSON has none."""
    return float(f"{share:.3g}") if np.isfinite(share) else str(share)


def main(names: tuple[str, ...]) -> None:
    """Measure, and put the rows in the order of NAMES."""
    lines = KEPT.read_text(encoding="utf-8").splitlines() if KEPT.exists() else []
    rows = [row for row in map(json.loads, lines) if row["implementation"] not in names]
    for name in names:
        print(name)  # noqa: T201 - it takes minutes
        rows += measured(name)
    order = (*NAMES, *dict.fromkeys(row["implementation"] for row in rows))
    rows.sort(key=lambda row: order.index(row["implementation"]))
    KEPT.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or NAMES)
