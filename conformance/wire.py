"""What goes over the pipe to the subject: frames of a small JSON header and raw arrays.

A frame is the header's length (8 bytes, big-endian), the header (JSON: `data`, and name, dtype and shape of each array), and the
arrays' bytes in that order, C-contiguous, little-endian. Any language can speak it.
"""

import json
import struct
from typing import Any, BinaryIO

import numpy as np

from normspec.layers import from_plain, to_plain
from normspec.records import Case, Situation, Step

DTYPES = ("float64", "float32", "float16", "bfloat16", "int64", "int32", "uint8", "bool")

GIVEN = ("cotangent", "direction")
"""Arrays that a step may have besides its inputs."""


def send(stream: BinaryIO, data: dict[str, Any], arrays: dict[str, Any] | None = None) -> None:
    """Write one frame."""
    flat = {name: np.ascontiguousarray(a, a.dtype.newbyteorder("<")).reshape(np.shape(a)) for name, a in (arrays or {}).items()}
    table = [[name, a.dtype.name, list(a.shape)] for name, a in flat.items()]
    header = json.dumps({"data": data, "arrays": table}).encode()
    stream.write(struct.pack(">Q", len(header)) + header + b"".join(a.tobytes() for a in flat.values()))
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read one frame: its data and its arrays.

    Raises
    ------
    EOFError
        Where the stream ends, be it within a frame.
    """
    header = json.loads(_exactly(stream, struct.unpack(">Q", _exactly(stream, 8))[0]))
    arrays = {}
    for name, dtype, shape in header["arrays"]:
        kind = named(dtype)
        raw = _exactly(stream, kind.itemsize * int(np.prod(shape)))
        arrays[name] = np.frombuffer(bytearray(raw), kind).reshape(shape)
    return header["data"], arrays


def named(dtype: str) -> Any:
    """Give the NumPy dtype of one of `DTYPES`."""
    if dtype == "bfloat16":
        import ml_dtypes  # noqa: PLC0415 - NumPy knows the name once this is loaded, and no earlier

        return np.dtype(ml_dtypes.bfloat16)
    return np.dtype(dtype)


def send_case(stream: BinaryIO, case: Case) -> None:
    """Write a case."""
    situation = {name: value for name, value in vars(case.situation).items() if name != "weight"}
    steps = [
        {
            "mode": s.mode,
            "inputs": list(s.inputs),
            "given": [name for name in GIVEN if getattr(s, name) is not None],
            "resumes": s.resumes,
            "anew": s.anew,
        }
        for s in case.steps
    ]
    arrays = {f"values.{n}": a for n, a in case.values.items()}
    if case.situation.weight is not None:
        arrays["weight"] = case.situation.weight
    for k, step in enumerate(case.steps):
        arrays |= {f"{k}.{n}": a for n, a in step.inputs.items()}
        arrays |= {f"{k}.{name}": getattr(step, name) for name in GIVEN if getattr(step, name) is not None}
    data = {
        "id": case.id,
        "clause": case.clause,
        "spec": to_plain(case.spec),
        "situation": situation,
        "steps": steps,
        "deferred": case.deferred,
    }
    send(stream, data, arrays)


def receive_case(stream: BinaryIO) -> Case:
    """Read the case that `send_case` wrote."""
    data, arrays = receive(stream)
    situation: dict[str, Any] = {**data["situation"], "shape": tuple(data["situation"]["shape"])}
    situation["layout"] = tuple((name, layout) for name, layout in situation["layout"])
    situation["shards"] = tuple(situation["shards"])
    situation["later"] = tuple(map(tuple, situation["later"]))
    steps = tuple(
        Step(
            mode=s["mode"],
            inputs={n: arrays[f"{k}.{n}"] for n in s["inputs"]},
            **{name: arrays[f"{k}.{name}"] for name in s["given"]},
            resumes=s["resumes"],
            anew=s["anew"],
        )
        for k, s in enumerate(data["steps"])
    )
    values = {n.removeprefix("values."): a for n, a in arrays.items() if n.startswith("values.")}
    return Case(
        id=data["id"],
        clause=data["clause"],
        spec=from_plain(data["spec"]),
        situation=Situation(**situation, weight=arrays.get("weight")),
        values=values,
        steps=steps,
        deferred=data["deferred"],
    )


def _exactly(stream: BinaryIO, n: int) -> bytes:
    parts, left = [], n
    while left:
        part = stream.read(left)
        if not part:
            raise EOFError
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
