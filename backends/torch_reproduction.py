"""A case as a script with PyTorch and NumPy only. Imports no framework: it writes text."""

from typing import Any

import numpy as np

from normspec.dialects.entry import Entry, native
from normspec.dialects.torch import ENTRIES
from normspec.errors import Unsupported
from normspec.records import Array, Case

PARAMETERS = ("scale", "shift")

HEAD = """import numpy as np
import torch


def tensor(values, shape, dtype):
    return torch.tensor(np.array(values).reshape(shape), dtype=dtype)

"""


def script(case: Case) -> str:
    """Give the script: build the layer, load its values, take its steps, print what each shows.

    Raises
    ------
    Unsupported
        Where PyTorch has no such layer, or none that is a module.
    """
    entry, arguments = native(ENTRIES, "", case.spec, case.situation)
    if entry.native.rpartition(".")[0] != "torch.nn":
        raise Unsupported(f"a reproduction is written for modules of torch.nn, such as torch.nn.LayerNorm, not for {entry.native}")
    device = "" if case.situation.device == "cpu" else f", device={case.situation.device!r}"
    owned = f", dtype=torch.{case.situation.parameter_dtype}{device}" if "dtype" in entry.free else ""
    lines = [f"layer = {entry.call(arguments)[:-1]}{owned})", "with torch.no_grad():"]
    lines += [f"    layer.{entry.names[name]}.copy_({_literal(value)})" for name, value in case.values.items()]
    lines += ["    pass"] if not case.values else []
    later: list[list[str]] = []
    for k, step in enumerate(case.steps):
        lines += ["", f"# step {k}: {step.mode}", f"layer.train({step.mode in ('train', 'observe')})"]
        lines += [f"x{k} = {_literal(step.inputs['x'])}{_to(case)}.requires_grad_()"]
        gradients = [] if step.cotangent is None else _gradients(k, entry, case, step.cotangent)
        lines += _tried(k, [f"y{k} = layer(x{k})", f'print("{k}.y", y{k})', *([] if case.deferred else gradients)])
        state = [f"layer.{entry.names[n]}" for n in case.values if n not in PARAMETERS]
        lines += [f'print("{k}", {s!r}, {s})' for s in state]
        later.append(_tried(k, gradients) if case.deferred and gradients else [])
    for rows in reversed(later):  # pullbacks that wait for all steps are called last first
        lines += ["", *rows] if rows else []
    return HEAD + "\n".join(lines) + "\n"


def _gradients(k: int, entry: Entry, case: Case, cotangent: Array) -> list[str]:
    present = [name for name in PARAMETERS if name in case.values]
    leaves = ", ".join([f"x{k}", *(f"layer.{entry.names[n]}" for n in present)])
    names = ["dx", *(f"d{n}" for n in present)]
    call = f"gradients = torch.autograd.grad(y{k}, [{leaves}], {_literal(cotangent)}{_to(case)})"
    return [call, *(f'print("{k}.{name}", gradients[{i}])' for i, name in enumerate(names))]


def _tried(k: int, body: list[str]) -> list[str]:
    return ["try:", *(f"    {line}" for line in body), "except (ValueError, RuntimeError) as error:", f'    print("{k} raised", error)']


def _to(case: Case) -> str:
    return "" if case.situation.device == "cpu" else f".to({case.situation.device!r})"


def _literal(array: Any) -> str:
    array = np.asarray(array)
    kind = array.dtype.name
    values = array.reshape(-1).astype(np.int64 if array.dtype.kind in "iu" else np.float64).tolist()
    return f"tensor({values}, {array.shape}, torch.{kind})"
