"""The reference on every library, eager, compiled, vectorized and differentiated: everywhere what it gives on NumPy."""

import shutil

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from points import CORRECTED, POINTS, differentiable, drawn, into, shown

import normspec
from normspec.reference.layers import step
from normspec.reference.names import namespace


def traced(f, backend="aot_eager"):
    """Give what torch.compile makes of a function, in one piece."""
    torch.compiler.reset()
    return torch.compile(f, fullgraph=True, dynamic=False, backend=backend)


def taped(loss, leaves):
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        value = loss(leaves)
    return tape.gradient(value, leaves)


ONE_OF_EACH = {at.layer: name for name, at in reversed(POINTS.items())}
COMPILER = "inductor" if shutil.which("c++") else "aot_eager"
"""What torch.compile compiles with: without a C++ compiler, what it traces is run operation by operation."""
WAYS = {
    "torch": lambda f: f,
    "torch compile": traced,
    "jax jit": jax.jit,
    "tensorflow": lambda f: f,
    "tensorflow function": tf.function,
    "tensorflow xla": lambda f: tf.function(f, jit_compile=True),
    "dask": lambda f: f,
    "array_api_strict": lambda f: f,
}
VECTORIZED = {
    "torch vmap": lambda f: torch.func.vmap(f, in_dims=(0, None, 0)),
    "jax vmap": lambda f: jax.jit(jax.vmap(f, in_axes=(0, None, 0))),
}
DIFFERENTIATED = {
    "torch grad": torch.func.grad,
    "torch compile grad": lambda loss: traced(torch.func.grad(loss)),
    "jax grad": lambda loss: jax.jit(jax.grad(loss)),
    "tensorflow tape": lambda loss: lambda leaves: taped(loss, leaves),
    "tensorflow function tape": lambda loss: tf.function(lambda leaves: taped(loss, leaves)),
}


def library_of(way):
    return way.partition(" ")[0]


def assert_equal(way, found, expected):
    asnumpy = normspec.load(f"reference:{library_of(way)}").asnumpy
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        got = asnumpy(found[name])
        assert (got.dtype, got.shape) == (value.dtype, value.shape), name
        np.testing.assert_allclose(got, value, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("way", WAYS)
def test_every_library_gives_what_numpy_gives(way, point):
    at = POINTS[point]
    f = WAYS[way](lambda inputs, values, dy: shown(at, inputs, values, dy))
    given = drawn(at)
    assert_equal(way, f(*into(library_of(way), *given)), shown(at, *given))


@pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")  # the compiler warns of itself
@pytest.mark.parametrize("layer", ONE_OF_EACH)
def test_compiled_code_gives_what_numpy_gives(layer):
    at = POINTS[ONE_OF_EACH[layer]]
    f = traced(lambda inputs, values, dy: shown(at, inputs, values, dy), COMPILER)
    given = drawn(at)
    assert_equal("torch", f(*into("torch", *given)), shown(at, *given))


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("way", VECTORIZED)
def test_what_is_vectorized_is_a_loop(way, point):
    at = POINTS[point]
    f = VECTORIZED[way](lambda inputs, values, dy: shown(at, inputs, values, dy))
    _, values, _ = drawn(at)
    some = [drawn(at, seed=seed) for seed in (1, 2, 3)]
    inputs = {name: np.stack([each[name] for each, _, _ in some]) for name in some[0][0]}
    loop = [shown(at, each, values, dy) for each, _, dy in some]
    found = f(*into(library_of(way), inputs, values, np.stack([dy for _, _, dy in some])))
    assert_equal(way, found, {name: np.stack([of[name] for of in loop]) for name in loop[0]})


@pytest.mark.parametrize("point", [name for name, at in POINTS.items() if at.mode != "observe" and name not in CORRECTED])
@pytest.mark.parametrize("way", DIFFERENTIATED)
def test_the_gradient_of_a_loss_is_the_closed_form(way, point):
    inputs, values, dy = drawn(POINTS[point])
    closed = shown(POINTS[point], inputs, values, dy)
    at, values = differentiable(POINTS[point], inputs, values)
    leaves = {"x": inputs["x"], **{name: values[name] for name in ("scale", "shift") if name in values}}
    leaves, inputs, values, dy = into(library_of(way), leaves, inputs, values, dy)

    def loss(leaves):
        y, _, _ = step(at.layer, values | leaves, inputs | {"x": leaves["x"]}, at.mode, at.keywords)
        return namespace(y).sum(y * dy)

    found = DIFFERENTIATED[way](loss)(leaves)
    assert_equal(way, {f"d{name}": a for name, a in found.items()}, {f"d{name}": closed[f"d{name}"] for name in leaves})
