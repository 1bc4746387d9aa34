"""Masks: the reference against the definitions, and padding that leaks nowhere."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from agreement import PRECISION
from apart import SPECS_APART
from drawn_specs import cases
from hypothesis import given
from second import assert_agrees, examples

import normspec
from normspec.layers import SPECS, BatchNorm, LayerNorm

LAYERS = [layer for layer, spec in SPECS.items() if "mask" in spec.laws]
INSTANCE = SPECS_APART["instance_norm"]
SHARED = {name: getattr(INSTANCE, name) for name in ("epsilon", "epsilon_place", "correction", "variance", "scale", "shift", "one_value")}
SHARED |= {"statistics_dtype": "input", "output_dtype": "input"}
OVER_THE_LAST = {
    "batch_norm": BatchNorm(channel_axes=(1,), train_with="batch", running=INSTANCE.running, **SHARED),
    "layer_norm": LayerNorm(axes=(2,), parameter_axes=(1,), **SHARED),
    "instance_norm": INSTANCE,
    "group_norm": SPECS_APART["group_norm"],
    "batch_renorm": SPECS_APART["batch_renorm"],
}
"""Layers that take their statistics over the last of three axes, among others."""


@pytest.mark.parametrize("layer", LAYERS)
def test_the_reference_agrees_with_the_definition(layer):
    """batch-norm.mask, layer-norm.mask, instance-norm.mask and group-norm.mask."""

    @examples(150)
    @given(cases(SPECS[layer], masked=True))
    def agrees(case):
        with mpmath.workprec(PRECISION):
            assert_agrees(*case)

    agrees()


def shown(spec, x, dy, mode, mask=None):
    """Give everything that a step in float64 shows."""
    layer = normspec.load("reference").build(spec, normspec.Situation(shape=x.shape, dtype="float64", parameter_dtype="float64"))
    layer.load(layer.read() | {"scale": np.arange(1.0, 5.0), "shift": np.arange(4.0)})
    with np.errstate(all="ignore"):
        y, pullback = layer.forward({"x": x} | ({} if mask is None else {"mask": mask}), mode)
        cotangents = pullback(dy)
    state = {name: value for name, value in layer.read().items() if name not in cotangents}
    return {"y": y, **{f"d{name}": value for name, value in cotangents.items()}, **state}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("mode", ["train", "evaluate"])
@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("padding", [np.nan, np.inf, 1e300])
def test_padding_leaks_nowhere(padding, kept, mode, layer):
    """Whatever stands where the mask is false and y has no cotangent: all else is as if it were not there."""
    spec = OVER_THE_LAST[layer]
    if layer in ("batch_norm", "instance_norm") and not kept:
        spec = replace(spec, running=None)
    rng = np.random.default_rng(0)
    x, dy = rng.normal(size=(3, 4, 5)), rng.normal(size=(3, 4, 5))
    beside = ((0, 0), (0, 0), (0, 3))
    mask = np.pad(np.ones(x.shape, dtype=bool), beside)
    found = shown(spec, np.pad(x, beside, constant_values=padding), np.pad(dy, beside), mode, mask)
    for name, value in shown(spec, x, dy, mode).items():
        here = found[name][..., :5] if name in ("y", "dx") else found[name]
        np.testing.assert_allclose(here, value, rtol=1e-13, atol=1e-13, err_msg=name)


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_masked_counts_without_the_mask(layer):
    rng = np.random.default_rng(0)
    x, mask = rng.normal(size=(3, 4, 5)), rng.random((3, 4, 5)) < 0.5
    with_mask, without = (shown(OVER_THE_LAST[layer], x, x, "train", given) for given in (mask, None))
    assert with_mask.keys() == without.keys()
    assert not any(np.allclose(with_mask[name], without[name]) for name in with_mask if name not in ("dshift", "count"))
