"""The closed-form gradients against what libraries differentiate: our own forward, in float64, at every point of every field."""

from dataclasses import fields, replace

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from apart import SPECS_APART, WITHOUT_NUMBERS
from drawn_specs import cases
from hypothesis import given
from points import differentiable, drawn, into, of_spec, shown
from second import examples
from test_masks import OVER_THE_LAST

from normspec.clauses import neighbours
from normspec.errors import InvalidInput
from normspec.layers import SPECS
from normspec.reference.layers import step

SPECS_WIDE = {**OVER_THE_LAST, **SPECS_APART}
"""One spec of every layer."""
APART = ("one_value", "replaces", *WITHOUT_NUMBERS)
"""Fields that say what is refused, that the gradient is to be another than that of y, or in which float64 is as it is."""


def of_torch(f, leaves, dy):
    leaves = {name: a.requires_grad_() for name, a in leaves.items()}
    return dict(zip(leaves, torch.autograd.grad(f(leaves), list(leaves.values()), dy), strict=True))


def of_jax(f, leaves, dy):
    return jax.vjp(f, leaves)[1](dy)[0]


def of_tensorflow(f, leaves, dy):
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        y = f(leaves)
    return tape.gradient(y, leaves, output_gradients=dy)


LIBRARIES = {"torch": of_torch, "jax": of_jax, "tensorflow": of_tensorflow}


def differentiated(library, point, inputs, values, dy):
    """Give what a library makes of the derivative of y, by the names of our cotangents."""
    at, values = differentiable(point, inputs, values)
    leaves = {"x": inputs["x"], **{name: a for name, a in values.items() if name in ("scale", "shift")}}
    leaves, inputs, values, dy = into(library, leaves, inputs, values, dy)
    y = lambda leaves: step(at.layer, values | leaves, inputs | {"x": leaves["x"]}, at.mode, at.keywords)[0]
    return {f"d{name}": np.asarray(a) for name, a in LIBRARIES[library](y, leaves, dy).items()}


def paths(spec):
    for f in fields(spec):
        yield f.name
        if f.metadata["record"] is not None and getattr(spec, f.name) is not None:
            yield from (f"{f.name}.{inner.name}" for inner in fields(f.metadata["record"]))


def points(layer):
    """Give the spec of a layer, and every neighbour of it that exists at a shape, in every mode with a y, with and without a mask."""
    spec = SPECS_WIDE[layer]
    wide = replace(spec, **({"epsilon_place": "inside"} if hasattr(spec, "epsilon_place") else {}))
    found = {spec, wide, *(other for at in (spec, wide) for path in paths(at) if path.rpartition('.')[2] not in APART for other in neighbours(at, path))}
    for at in sorted(found, key=str):
        for mode in ("train", "evaluate") if spec.laws.keys() & {"update", "keep"} else ("train",):
            yield at, mode, "mask" in spec.laws


SHAPE = (4, 6, 4)


@pytest.mark.parametrize("layer", SPECS)
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_closed_form_is_what_a_library_differentiates(library, layer):
    compared = 0
    for spec, mode, masked in points(layer):
        for with_mask in {False, masked}:
            try:
                point = of_spec(spec, SHAPE, mode, masked=with_mask)
                spec.geometry(SHAPE)
            except InvalidInput:
                continue
            compared += 1
            inputs, values, dy = drawn(point, SHAPE)
            closed = shown(point, inputs, values, dy)
            for name, a in differentiated(library, point, inputs, values, dy).items():
                np.testing.assert_allclose(closed[name], a, rtol=1e-12, atol=1e-12, err_msg=f"{name} {spec} {mode}")
    print(layer, library, compared)
    assert compared
