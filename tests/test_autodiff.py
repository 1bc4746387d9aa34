"""The closed-form gradients against what libraries differentiate: our own forward, in float64, at every point of every field."""

from dataclasses import fields, replace

import jax
import numpy as np
import pytest
import tensorflow as tf
import torch
from apart import SPECS_APART, WITHOUT_NUMBERS
from points import differentiable, drawn, into, of_spec, shown
from test_masks import OVER_THE_LAST

from normspec.clauses import neighbours
from normspec.errors import InvalidInput
from normspec.layers import SPECS
from normspec.reference.layers import step

SPECS_WIDE = {**OVER_THE_LAST, **SPECS_APART}
"""One spec of every layer."""
APART = ("one_value", "replaces", *WITHOUT_NUMBERS)
"""Fields that say what is refused, that the gradient is to be another than that of y, or in which float64 is as it is."""
SHAPE = (4, 6, 4)
PARAMETERS = ("scale", "shift", "alpha", "threshold", "offset", "style")


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
    leaves = {"x": inputs["x"], **{name: a for name, a in values.items() if name in PARAMETERS}}
    leaves, inputs, values, dy = into(library, leaves, inputs, values, dy)
    y = lambda leaves: step(at.layer, values | leaves, inputs | {"x": leaves["x"]}, at.mode, at.keywords)[0]
    return {f"d{name}": np.asarray(a) for name, a in LIBRARIES[library](y, leaves, dy).items()}


def paths(spec):
    for f in fields(spec):
        yield f.name
        if f.metadata["record"] is not None and getattr(spec, f.name) is not None:
            yield from (f"{f.name}.{inner.name}" for inner in fields(f.metadata["record"]))


def specs(spec):
    """Give a spec, the one with epsilon under the root, and every neighbour that exists at the shape."""
    moved = [other for path in paths(spec) if path.rpartition(".")[2] not in APART for other in neighbours(spec, path)]
    inside = [replace(spec, epsilon_place="inside")] if "epsilon_place" in {f.name for f in fields(spec)} else []
    for at in {str(at): at for at in (spec, *inside, *moved)}.values():
        try:
            at.geometry(SHAPE)
            at.slots(SHAPE)
        except InvalidInput:
            continue
        yield at


def points(layer):
    """Give these specs in every mode that gives another y, with and without a mask.

    In training, what batch renormalization takes for constants is made of x, and full normalization takes its rate for 1: there, their
    gradients answer to laws of their own.
    """
    spec = SPECS_WIDE[layer]
    modes = ("train", "evaluate") if "keep" in spec.laws else ("train",)
    modes = ("evaluate",) if layer in ("batch_renorm", "full_norm") else modes
    masks = (False, True) if "mask" in spec.laws else (False,)
    return [of_spec(at, SHAPE, mode, masked=masked) for at in specs(spec) for mode in modes for masked in masks]


@pytest.mark.parametrize("layer", SPECS)
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("slices", [None, 0.0, 0.75])
def test_the_closed_form_is_what_a_library_differentiates(slices, library, layer):
    """Where slices of x are 0 or constant, a library's may be no number; the closed form is one there, too."""
    for point in points(layer):
        inputs, values, dy = drawn(point, SHAPE)
        if slices is not None:
            inputs["x"][1] = inputs["x"][:, 2] = inputs["x"][..., 3] = slices
        with np.errstate(divide="ignore", invalid="ignore"):
            closed, theirs = shown(point, inputs, values, dy), differentiated(library, point, inputs, values, dy)
        for name, a in theirs.items():
            known = np.isfinite(a)
            assert known.all() or slices is not None
            assert np.isfinite(closed[name]).all()
            np.testing.assert_allclose(closed[name][known], a[known], rtol=1e-12, atol=1e-12, err_msg=f"{name} at {point}")
