"""Layers that JAX computes: a pure function of parameters, state and x, compiled once for each meaning, mode and signature."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, PartitionSpec

from normspec.dtypes import output
from normspec.records import Array, Arrays, Mode, Pullback, Situation

DEVICES = 8
"""As how many devices a CPU serves: more shards are in no case."""

with suppress(RuntimeError):  # where JAX has run, there are the devices that there are
    jax.config.update("jax_num_cpu_devices", DEVICES)  # type: ignore[no-untyped-call]  # it comes without types
jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]  # without it float64 silently becomes float32; narrower results are bit-identical

Apply = Callable[..., tuple[Array, Arrays]]
"""From parameters, state and x, and a mask by its name where there is one, to y and the new state."""


class Compiled(NamedTuple):
    """A compiled step with its gradient, and its derivatives along a direction of x."""

    taken: Callable[..., Any]
    along: Callable[..., Any]


class Step(NamedTuple):
    """A step in training, one in evaluation, and one of a frozen layer."""

    train: Compiled
    evaluate: Compiled
    freeze: Compiled


def compiled(train: Apply, evaluate: Apply, freeze: Apply | None = None) -> Step:
    """Give a layer's steps, each with its gradient in one compiled function; frozen is evaluation, unless it is told otherwise."""
    applied = (train, evaluate, freeze or evaluate)
    steps = {apply: Compiled(_with_gradient(apply), _along(apply)) for apply in applied}  # what is the same is compiled once
    return Step(*(steps[apply] for apply in applied))


def _with_gradient(apply: Apply) -> Callable[..., Any]:
    @jax.jit
    def step(parameters: Arrays, state: Arrays, x: Array, dy: Array, **rest: Array) -> tuple[Array, Arrays, Arrays]:
        y, back, new = jax.vjp(lambda p, x: apply(p, state, x, **rest), parameters, x, has_aux=True)
        gradients, dx = back(dy.astype(y.dtype))
        return y, new, {**gradients, "x": dx}

    return step


def _along(apply: Apply) -> Callable[..., Any]:
    @jax.jit
    def along(parameters: Arrays, state: Arrays, x: Array, dy: Array, direction: Array) -> Any:
        def shown(x: Array) -> Arrays:
            y, back = jax.vjp(lambda p, x: apply(p, state, x)[0], parameters, x)
            gradients, dx = back(dy.astype(y.dtype))
            return {"y": y, **{name: a for name, a in gradients.items() if name == "scale"}, "x": dx}

        return jax.jvp(shown, (x,), (direction,))[1]

    return along


def by_role(values: Arrays, spec: Any, situation: Situation) -> tuple[Arrays, Arrays]:
    """Give the parameters among the arrays that a layer owns, and its state."""
    parameters = {name for name, slot in spec.slots(situation.shape).items() if slot.role == "parameter"}
    return {n: a for n, a in values.items() if n in parameters}, {n: a for n, a in values.items() if n not in parameters}


def together(apply: Apply, shards: int, axis: str, *, follow: bool = True) -> Apply:
    """Give a step that so many devices take together, each on its shard of x; the layer is told the name of the axis that they are along.

    Where there are fewer devices, one stands for all. What is the same on all of them is followed, as `jax.pmap` does not: then what
    a parameter is widened to is added up over the devices, and not what it is. JAX cannot, where a sum is over a mapped axis besides.
    """
    if not shards:
        return apply
    devices = jax.devices()[:shards]
    return _on(devices, apply, axis, follow=follow) if len(devices) == shards else _mapped(shards, apply, axis)


def _on(devices: list[Any], apply: Apply, axis: str, *, follow: bool) -> Apply:
    same, cut = PartitionSpec(), PartitionSpec(axis)  # type: ignore[no-untyped-call]  # it comes without types
    where: dict[str, Any] = {"mesh": Mesh(np.array(devices), (axis,)), "in_specs": (same, same, cut), "out_specs": (cut, same)}

    def whole(parameters: Arrays, state: Arrays, x: Array, **told: Any) -> tuple[Array, Arrays]:
        found: tuple[Array, Arrays] = jax.shard_map(partial(apply, **told), **where, check_vma=follow)(parameters, state, x)
        return found

    return whole


def _mapped(shards: int, apply: Apply, axis: str) -> Apply:
    def whole(parameters: Arrays, state: Arrays, x: Array, **told: Any) -> tuple[Array, Arrays]:
        each = jax.vmap(partial(apply, **told), in_axes=(None, None, 0), axis_name=axis)
        y, new = each(parameters, state, x.reshape(shards, -1, *x.shape[1:]))
        return y.reshape(x.shape), {name: a[0] for name, a in new.items()}

    return whole


class Pure:
    """Drives a pure function. `parameters` and `state` are what is born, by our names; where theirs lie flat, ours have shapes.

    What is born random is not shown before it is loaded.
    """

    def __init__(self, step: Step, parameters: Arrays, state: Arrays, spec: Any, situation: Situation) -> None:
        self.step, self.parameters, self.state = step, parameters, state
        self.output = output(spec, situation)
        slots = spec.slots(situation.shape)
        self.shapes = {name: slot.shape for name, slot in slots.items()}
        self.hidden = {name for name, slot in slots.items() if slot.born is None}

    def load(self, values: Arrays) -> None:
        """Take parameters and state, as far as they are given."""
        self.parameters = {name: values[name].reshape(own.shape) if name in values else own for name, own in self.parameters.items()}
        self.state = {name: values[name].reshape(own.shape) if name in values else own for name, own in self.state.items()}
        self.hidden -= values.keys()

    def forward(self, inputs: Arrays, mode: Mode) -> tuple[Array, Pullback | None]:
        """Take a step. The pullback is the same compiled function once more, on what this step was given."""
        step = self._in(mode).taken
        x, rest = inputs["x"], {name: a for name, a in inputs.items() if name != "x"}
        given = self.parameters, self.state, x
        y, self.state, _ = step(*given, jnp.zeros(x.shape, self.output), **rest)
        return y, lambda dy: self._shaped(step(*given, dy, **rest)[2])

    def tangents(self, inputs: Arrays, mode: Mode, dy: Array, direction: Array) -> Arrays:
        """Differentiate the step along a direction of x, forward over its gradient."""
        return self._shaped(self._in(mode).along(self.parameters, self.state, inputs["x"], dy, direction))

    def read(self) -> Arrays:
        """Give parameters and state."""
        return self._shaped({name: a for name, a in {**self.parameters, **self.state}.items() if name not in self.hidden})

    def _in(self, mode: Mode) -> Compiled:
        found: Compiled = getattr(self.step, "train" if mode == "observe" else mode)
        return found

    def _shaped(self, arrays: Arrays) -> Arrays:
        return {name: a.reshape(self.shapes[name]) if name in self.shapes else a for name, a in arrays.items()}


def asarray(a: Array, _: Situation) -> Array:
    """Give a NumPy array as one of JAX, copied."""
    return jnp.array(a)


def asnumpy(a: Array) -> Array:
    """Give an array of JAX as one of NumPy."""
    return np.asarray(a)
