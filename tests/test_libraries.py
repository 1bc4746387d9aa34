"""The reference on every library, eager, compiled, vectorized and differentiated: everywhere what it gives on NumPy, step by step."""

import functools

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from points import POINTS, differentiable, drawn, shown

import normspec
from normspec.reference.layers import step

LIBRARIES = {name: normspec.load(f"reference:{name}") for name in ("numpy", "torch", "jax", "tensorflow", "dask", "array_api_strict")}
WAYS = {
    "torch": ("torch", lambda f: f),
    "torch.compile": ("torch", lambda f: torch.compile(f, fullgraph=True, dynamic=False)),
    "jax": ("jax", lambda f: f),
    "jax.jit": ("jax", jax.jit),
    "tensorflow": ("tensorflow", lambda f: f),
    "tf.function": ("tensorflow", tf.function),
    "tf.function-xla": ("tensorflow", lambda f: tf.function(f, jit_compile=True)),
    "dask": ("dask", lambda f: f),
    "array_api_strict": ("array_api_strict", lambda f: f),
}
VECTORIZED = {
    "torch.func.vmap": ("torch", lambda f: torch.func.vmap(f, in_dims=(0, None, 0))),
    "jax.vmap": ("jax", lambda f: jax.vmap(f, in_axes=(0, None, 0))),
    "jax.jit-of-vmap": ("jax", lambda f: jax.jit(jax.vmap(f, in_axes=(0, None, 0)))),
}
DIFFERENTIATED = {
    "torch.func.grad": ("torch", lambda loss: torch.func.grad(loss, argnums=(0, 1))),
    "jax.grad": ("jax", lambda loss: jax.grad(loss, argnums=(0, 1))),
    "jax.jit-of-grad": ("jax", lambda loss: jax.jit(jax.grad(loss, argnums=(0, 1)))),
    "tf.GradientTape": ("tensorflow", lambda loss: lambda x, parameters: taped(loss, x, parameters)),
}


def taped(loss, x, parameters):
    with tf.GradientTape() as tape:
        tape.watch((x, parameters))
        value = loss(x, parameters)
    return tape.gradient(value, (x, parameters))


def into(library, *given):
    """Give dictionaries of arrays, and arrays, in a library's own."""
    make = functools.partial(LIBRARIES[library].asarray, situation=None) if library == "none" else LIBRARIES[library].asarray
    return [{n: make(a, AT) for n, a in of.items()} if isinstance(of, dict) else make(of, AT) for of in given]


AT = normspec.Situation(shape=(), dtype="float64", parameter_dtype="float64")


def assert_equal(library, found, expected):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        got = LIBRARIES[library].asnumpy(found[name])
        assert got.dtype == value.dtype, name
        assert got.shape == value.shape, name
        np.testing.assert_allclose(got, value, rtol=1e-12, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("way", WAYS)
def test_every_library_gives_what_numpy_gives(way, point):
    library, transform = WAYS[way]
    at = POINTS[point]
    given = drawn(at)
    f = transform(lambda inputs, values, dy: shown(at, inputs, values, dy))
    assert_equal(library, f(*into(library, *given)), shown(at, *given))
