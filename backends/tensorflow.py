"""TensorFlow's own operations. Parameters and state are the caller's; gradients are tf.GradientTape's."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf  # type: ignore[import-untyped]  # it comes without types

from normspec.backends.dropin import NOTHING, Instead, offered
from normspec.backends.tape import asarray, asnumpy, tangents, taped
from normspec.dialects.entry import Name, native
from normspec.dialects.tensorflow import ENTRIES
from normspec.dialects.tensorflow.common import over
from normspec.errors import NotFound, Unsupported
from normspec.records import Array, Arrays, Implementation, Layer, Mode, Pullback, Situation

PARAMETERS = ("scale", "shift")


class Function:
    """Drives an operation: its caller owns parameters and state. `call` gives y and keeps the new state where there is one."""

    def __init__(self, call: "Call", function: Any, arguments: dict[str, Any], spec: Any, situation: Situation) -> None:
        self.call, self.function, self.arguments = call, function, arguments
        self.spec = spec.at_rank(len(situation.shape))
        self.values: dict[str, Array] = {}
        self.loaded = False

    def load(self, values: Arrays) -> None:
        """Take parameters and state."""
        self.values, self.loaded = dict(values), True

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback]:
        """Call the operation."""
        parameters = {name: self.values[name] for name in PARAMETERS if name in self.values}
        return taped(lambda x: self.call(self, x, mode), inputs["x"], parameters)

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the operation along a direction of x."""
        scale = {name: a for name, a in self.values.items() if name == "scale"}
        return tangents(lambda x: self.call(self, x, mode), inputs["x"], scale, dy, direction)

    def read(self) -> Arrays:
        """Give parameters and state."""
        if not self.loaded:
            raise Unsupported("an operation owns nothing: parameters and state are its caller's")
        return dict(self.values)


Call = Callable[[Function, Array, Mode], Array]
"""From what drives an operation, x and the mode to y."""


def fused(by: Function, x: Array, mode: Mode) -> Array:
    """Give y of fused_batch_norm, and keep the new state. Without a state it is told to train, for only so does it take the batch's."""
    training = mode in ("train", "observe") or by.spec.running is None
    given = {name: by.values.get(a) if isinstance(a, Name) else a for name, a in by.arguments.items()}
    if training and given.get("exponential_avg_factor", 1.0) == 1.0:
        given |= {"mean": None, "variance": None}  # the state is the batch's: "must be None"
    y, mean, variance = by.function(x, **given, is_training=training)
    if training and by.spec.running is not None:
        by.values |= {"running_mean": mean, "running_variance": variance}
    return y


def over_moments(by: Function, x: Array, _: Mode) -> Array:
    """Give y of batch_normalization over x's own moments; parameters have x's axes, of length 1 where they do not lie."""
    mean, variance = tf.nn.moments(x, over(by.arguments), keepdims=True)
    lie = by.spec.channel_axes if by.spec.layer == "batch_norm" else by.spec.parameter_axes
    shape = [n if a in lie else 1 for a, n in enumerate(x.shape)]
    scale, offset = (None if name not in by.values else tf.reshape(by.values[name], shape) for name in PARAMETERS)
    return by.function(x, mean, variance, offset, scale, by.arguments["variance_epsilon"])


def plain(by: Function, x: Array, _: Mode) -> Array:
    """Give y of an operation that owns nothing."""
    return by.function(x, **by.arguments)


def with_norm(by: Function, x: Array, _: Mode) -> Array:
    """Give y of an operation that gives the norm, too."""
    y, _ = by.function(x, **by.arguments)
    return y


DRIVES: dict[str, tuple[Call, Any]] = {
    "tf.compat.v1.nn.fused_batch_norm": (fused, tf.compat.v1.nn.fused_batch_norm),
    "tf.nn.batch_normalization": (over_moments, tf.nn.batch_normalization),
    "tf.math.l2_normalize": (plain, tf.math.l2_normalize),
    "tf.linalg.normalize": (with_norm, tf.linalg.normalize),
    "tf.nn.local_response_normalization": (plain, tf.nn.local_response_normalization),
    "tf.image.per_image_standardization": (plain, tf.image.per_image_standardization),
}


def implementation(variant: str = "", instead: Instead = NOTHING) -> Implementation:
    """Give `tensorflow`, or what drives drop-ins as it drives its operations."""
    if variant:
        raise NotFound(f"tensorflow has no variants, got {variant!r}")

    def build(spec: Any, situation: Situation) -> Layer:
        entry, arguments = native(offered(ENTRIES, instead), "", spec, situation)
        call, own = DRIVES[entry.native]
        return Function(call, instead.get(entry.native, own), arguments, spec, situation)

    return Implementation(name="tensorflow", version=tf.__version__, build=build, asarray=asarray, asnumpy=asnumpy)
