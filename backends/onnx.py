"""ONNX' operators, each as a model of one node: what the standard's reference evaluator makes of it, or ONNX Runtime. No gradients."""

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from importlib import import_module
from importlib.metadata import version
from typing import Any

import numpy as np
from onnx import ModelProto, TensorProto, helper

from normspec.backends.dropin import NOTHING, Instead, offered
from normspec.dialects.entry import Entry, Name, native
from normspec.dialects.onnx import ENTRIES
from normspec.dtypes import of_slots, output
from normspec.errors import NotFound, Unsupported
from normspec.records import Array, Arrays, Implementation, Mode, Situation

MOST = 4096
"""Models kept, made ready to run."""
IR_VERSION = 10
"""The format of the file, which says nothing of what operators mean."""
STATE = ("running_mean", "running_variance")
"""Arrays of ours that batch normalization gives in training, after y."""

Run = Callable[[Sequence[Array]], Any]
"""From the inputs of an operator, in its order, to its outputs."""
Engine = Callable[[ModelProto], Run]
Signature = tuple[tuple[tuple[str, str, int], ...], tuple[str, ...]]
"""Names, dtypes and ranks of an operator's inputs, and the dtypes of its outputs."""
Make = Callable[[Entry, tuple[tuple[str, Any], ...], Signature], Run]
"""From an operator, its attributes and its signature to what runs it."""


def reference(model: ModelProto) -> Run:
    """Make a model ready to run as the standard's reference evaluator does."""
    evaluator = import_module("onnx.reference").ReferenceEvaluator(model)
    return lambda arrays: evaluator.run(None, _fed(model, arrays))


def onnxruntime(model: ModelProto) -> Run:
    """Make a model ready to run in ONNX Runtime, on a CPU."""
    ort = import_module("onnxruntime")
    if any(i.type.tensor_type.elem_type == TensorProto.BFLOAT16 for i in model.graph.input):
        raise Unsupported("ONNX Runtime takes and gives no bfloat16 arrays in Python")
    options = ort.SessionOptions()
    options.log_severity_level = 4  # what is wrong is raised, too
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except ort.capi.onnxruntime_pybind11_state.NotImplemented as error:
        raise Unsupported(f"ONNX Runtime has no such kernel for a CPU: {error}") from error
    except ort.capi.onnxruntime_pybind11_state.Fail as error:
        return partial(_refuse, error)
    return lambda arrays: session.run(None, _fed(model, arrays))


def _refuse(error: Exception, _: Sequence[Array]) -> None:
    """Raise what was wrong with a model when it was made ready: it is the step that is refused."""
    raise error


ENGINES: dict[str, tuple[str, Engine]] = {"reference": ("onnx", reference), "onnxruntime": ("onnxruntime", onnxruntime)}
"""What runs models, and the distribution that brings it."""


def _fed(model: ModelProto, arrays: Sequence[Array]) -> Arrays:
    return dict(zip((i.name for i in model.graph.input), arrays, strict=True))


def model(entry: Entry, attributes: tuple[tuple[str, Any], ...], signature: Signature) -> ModelProto:
    """Give a model of one operator, of the opset that its entry names."""
    _, opset, name = entry.native.split(".")
    inputs, outputs = signature
    given = [helper.make_tensor_value_info(i, _type(dtype), [None] * rank) for i, dtype, rank in inputs]
    made = [helper.make_tensor_value_info(f"output{k}", _type(dtype), None) for k, dtype in enumerate(outputs)]
    node = helper.make_node(name, [i.name for i in given], [o.name for o in made], **dict(attributes))
    graph = helper.make_graph([node], "layer", given, made)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", int(opset.removeprefix("opset")))], ir_version=IR_VERSION)


def _type(dtype: str) -> int:
    return int(getattr(TensorProto, {"float32": "FLOAT", "float64": "DOUBLE"}.get(dtype, dtype.upper())))


def by(engine: Engine) -> Make:
    """Give what makes models that an engine runs, and keeps them."""

    @lru_cache(maxsize=MOST)
    def make(entry: Entry, attributes: tuple[tuple[str, Any], ...], signature: Signature) -> Run:
        return engine(model(entry, attributes, signature))

    return make


def dropped_in(instead: Instead) -> Make:
    """Give what calls functions in the place of operators: from their inputs and attributes to y, or to all outputs."""

    def make(entry: Entry, attributes: tuple[tuple[str, Any], ...], signature: Signature) -> Run:
        function, several = instead[entry.native], len(signature[1]) > 1
        return lambda arrays: function(*arrays, **dict(attributes)) if several else [function(*arrays, **dict(attributes))]

    return make


class Operator:
    """Drives an operator: its caller owns parameters and state, which are inputs after x, in the entry's order."""

    def __init__(self, make: Make, entry: Entry, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        self.make, self.entry = make, entry
        self.attributes = {n: v for n, v in arguments.items() if v is not None and not isinstance(v, Name)}
        self.dtypes, self.output = of_slots(spec, situation), output(spec, situation)
        slots = spec.slots(situation.shape)
        self.ranks = {name: len(slot.shape) for name, slot in slots.items()}
        self.values = {name: np.full(slot.shape, slot.born, np.dtype(self.dtypes[name])) for name, slot in slots.items()}  # all must be fed
        self.loaded = False
        self._ready(situation.dtype, len(situation.shape), training=False)  # what there is no kernel for is not built

    def load(self, values: Arrays) -> None:
        """Take parameters and state."""
        self.values, self.loaded = {**self.values, **values}, True

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, None]:
        """Run the operator, in training mode or not."""
        x, training = inputs["x"], "running_mean" in self.dtypes and mode in ("train", "observe")
        run = self._ready(x.dtype.name, x.ndim, training=training)
        y, *state = run([x, *(self.values[name] for name in self.entry.names if name in self.dtypes)])
        self.values |= dict(zip(STATE, state, strict=False))
        return y, None

    def read(self) -> Arrays:
        """Give parameters and state."""
        if not self.loaded:
            raise Unsupported("an operator owns nothing: parameters and state are its caller's")
        return dict(self.values)

    def _ready(self, dtype: str, rank: int, *, training: bool) -> Run:
        told = {**self.attributes, "training_mode": 1} if training else self.attributes
        owned = ((name, self.dtypes[name], self.ranks[name]) for name in self.entry.names if name in self.dtypes)
        outputs = (self.output, *(self.dtypes[name] for name in STATE)) if training else (self.output,)
        return self.make(self.entry, tuple(told.items()), ((("x", dtype, rank), *owned), outputs))


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `onnx:reference`, which `onnx` is, or `onnx:onnxruntime`, or what drives drop-ins as it drives operators."""
    variant = variant or "reference"
    if variant not in ENGINES:
        raise NotFound(f"variant of onnx must be one of {', '.join(ENGINES)}, got {variant!r}")
    distribution, engine = ENGINES[variant]
    make = dropped_in(instead) if instead else by(engine)

    def build(spec: Any, situation: Situation) -> Operator:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        return Operator(make, entry, arguments, spec, situation)

    return Implementation(
        name=f"onnx:{variant}",
        version=version(distribution),
        build=build,
        asarray=lambda a, _: np.array(a),
        asnumpy=np.asarray,
    )
