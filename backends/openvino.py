"""OpenVINO's operations, each as a model of one operation, compiled for a CPU. No gradients, and no training.

On CPUs with bfloat16 instructions all is computed in bfloat16 by default: here, and wherever numbers matter, float32 is asked for.
"""

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import ml_dtypes
import numpy as np
import openvino as ov  # type: ignore[import-untyped]  # it comes without types

from normspec.backends.dropin import NOTHING, Instead, maker, offered
from normspec.dialects.entry import Entry, losses, native
from normspec.dialects.openvino import ENTRIES
from normspec.errors import NotFound, Unsupported
from normspec.records import Array, Arrays, Implementation, Mode, Situation

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
PRECISION = {"INFERENCE_PRECISION_HINT": "f32"}
TRAINS: tuple[Mode, ...] = ("train", "observe")

Run = Callable[[Array], Array]
"""From x to y."""


class Operation:
    """Drives an operation, whose parameters and state are constants of a model. There is a model for each shape of x after each load.

    It takes steps of training where it `trains`: where what is asked for in them is what it does.
    """

    def __init__(self, make: Callable[..., Any], entry: Entry, arguments: dict[str, Any], *, trains: bool) -> None:
        self.make, self.entry, self.arguments, self.trains = make, entry, arguments, trains
        self.core = ov.Core()
        self.values: dict[str, Array] = {}
        self.ready: dict[tuple[int, ...], Run] = {}
        self.loaded = False

    def load(self, values: Arrays) -> None:
        """Take parameters and state."""
        self.values, self.ready, self.loaded = dict(values), {}, True

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, None]:
        """Run the model."""
        if mode in TRAINS and not self.trains:
            raise Unsupported(f"{self.entry.native} runs in inference alone")
        x = inputs["x"]
        if x.shape not in self.ready:
            self.ready[x.shape] = self._compiled(x)
        return self.ready[x.shape](x), None

    def read(self) -> Arrays:
        """Give parameters and state."""
        if not self.loaded:
            raise Unsupported("an operation owns nothing: parameters and state are its caller's")
        return dict(self.values)

    def _compiled(self, x: Array) -> Run:
        at = ov.op.Parameter(tensor(x).element_type, ov.PartialShape(list(x.shape)))
        constants = [ov.op.Constant(tensor(self.values[name])) for name in self.entry.names if name in self.values]
        model = ov.Model([self.make(at, *constants, **self.arguments)], [at], "layer")
        compiled = self.core.compile_model(model, "CPU", PRECISION)
        return lambda x: compiled([tensor(x)])[0].view(x.dtype)


def tensor(a: Array) -> Any:
    """Give a NumPy array as a tensor: one of bfloat16 by its bits, for a dtype of that name is not known."""
    a = np.ascontiguousarray(a)
    return ov.Tensor(a.view(np.uint16), a.shape, ov.Type.bf16) if a.dtype == BFLOAT16 else ov.Tensor(a)


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `openvino`, or what drives drop-ins as it drives operations: functions from nodes to a node."""
    if variant:
        raise NotFound(f"openvino has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Operation:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        trains = not list(losses(spec, entry.meaning(arguments, situation), situation))
        return Operation(maker(entry, instead), entry, arguments, trains=trains)

    return Implementation(name="openvino", version=version("openvino"), build=build, asarray=lambda a, _: np.array(a), asnumpy=np.asarray)
