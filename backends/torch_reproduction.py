"""A case as a script with PyTorch and NumPy only. Imports no framework: it writes text."""

from typing import Any

import numpy as np

from normspec.dialects.entry import Entry, native
from normspec.dialects.torch import ENTRIES
from normspec.records import Array, Case

HEAD = """import numpy as np
import torch


def tensor(values, shape, dtype):
    return torch.tensor(np.array(values).reshape(shape), dtype=dtype)

"""


def script(case: Case) -> str:
    """Give the script: build the layer, load its values, take its steps, print what each shows."""
    entry, arguments = native(ENTRIES, "", case.spec, case.situation)
    device = "" if case.situation.device == "cpu" else f", device={case.situation.device!r}"
    call = entry.call(arguments)
    lines = [f"layer = {call[:-1]}, dtype=torch.{case.situation.parameter_dtype}{device})", "with torch.no_grad():"]
    lines += [f"    layer.{entry.names[name]}.copy_({_literal(value)})" for name, value in case.values.items()]
    lines += ["    pass"] if not case.values else []
    for k, step in enumerate(case.steps):
        lines += ["", f"# step {k}: {step.mode}", f"layer.train({step.mode in ('train', 'observe')})"]
        lines += [f"x = {_literal(step.inputs['x'])}{_to(case)}.requires_grad_()"]
        lines += _call(k, entry, case, step.cotangent)
    return HEAD + "\n".join(lines) + "\n"


def _call(k: int, entry: Entry, case: Case, cotangent: Array) -> list[str]:
    leaves = ", ".join(["x", *(f"layer.{entry.names[n]}" for n in ("scale", "shift") if n in case.values)])
    names = ", ".join(["dx", *(f"d{n}" for n in ("scale", "shift") if n in case.values)])
    state = [f"layer.{entry.names[n]}" for n in case.values if n not in ("scale", "shift")]
    shown = [f'"{k}.{n}", {n}' for n in ("y", *([] if cotangent is None else names.split(", ")))]
    body = ["y = layer(x)"]
    if cotangent is not None:
        body.append(f"{names}{',' if ',' not in names else ''} = torch.autograd.grad(y, [{leaves}], {_literal(cotangent)}{_to(case)})")
    body += [f"print({row})" for row in shown]
    tried = ["try:", *(f"    {line}" for line in body), "except (ValueError, RuntimeError) as error:", f'    print("{k} raised", error)']
    return tried + [f'print("{k}", {s!r}, {s})' for s in state]


def _to(case: Case) -> str:
    return "" if case.situation.device == "cpu" else f".to({case.situation.device!r})"


def _literal(array: Any) -> str:
    array = np.asarray(array)
    kind = array.dtype.name
    values = array.reshape(-1).astype(np.int64 if array.dtype.kind in "iu" else np.float64).tolist()
    return f"tensor({values}, {array.shape}, torch.{kind})"
