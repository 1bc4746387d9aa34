"""The reference in quadruple precision against the second truth, step by step, for every layer whose definition has the common form."""

from types import SimpleNamespace

import mpmath
import numpy as np
from agreement import REFERENCE, given_to, indexed, taken_from
from definitions import (
    adaptive_instance_norm,
    batch_layer_norm,
    batch_norm,
    batch_renorm,
    conditional_batch_norm,
    conditional_instance_norm,
    dynamic_tanh,
    feature_norm,
    filter_response_norm,
    full_norm,
    ghost_batch_norm,
    global_response_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    lp_norm,
    mean_variance_norm,
    rms_norm,
    scale_norm,
    spectral_norm,
    weight_norm,
    weight_standardization,
)
from definitions.indices import Refusal
from hypothesis import HealthCheck, settings

import normspec
from normspec.layers.fields import inputs_of

DEFINITIONS = {
    "batch_renorm": batch_renorm,
    "ghost_batch_norm": ghost_batch_norm,
    "instance_norm": instance_norm,
    "group_norm": group_norm,
    "rms_norm": rms_norm,
    "lp_norm": lp_norm,
    "local_response_norm": local_response_norm,
    "mean_variance_norm": mean_variance_norm,
    "feature_norm": feature_norm,
    "weight_norm": weight_norm,
    "spectral_norm": spectral_norm,
    "weight_standardization": weight_standardization,
    "scale_norm": scale_norm,
    "dynamic_tanh": dynamic_tanh,
    "global_response_norm": global_response_norm,
    "filter_response_norm": filter_response_norm,
    "conditional_instance_norm": conditional_instance_norm,
    "conditional_batch_norm": conditional_batch_norm,
    "full_norm": full_norm,
    "batch_layer_norm": batch_layer_norm,
    "adaptive_instance_norm": adaptive_instance_norm,
}
IN_COMMON_FORM = {
    "batch_norm": SimpleNamespace(
        forward=lambda spec, mode, x, values, mask=None: batch_norm.forward(spec, mode, x, values, values, mask),
        vjp=lambda spec, mode, x, values, mask=None, *, dy: batch_norm.vjp(spec, mode, x, values, values, mask, dy=dy),
    ),
    "layer_norm": SimpleNamespace(
        forward=lambda spec, _, x, values, mask=None: (layer_norm.forward(spec, x, values, mask), {}),
        vjp=lambda spec, _, x, values, mask=None, *, dy: layer_norm.vjp(spec, x, values, dy, mask),
    ),
    **DEFINITIONS,
}
"""Those of the two layers, too, whose definitions have another."""

AGREE = mpmath.mpf(10) ** -28
ROUNDING = {"rms_norm": {"rounded": lambda value: mpmath.mpf(value, prec=53)}}
"""What definitions that round take besides: the dtype of x is float64, however many bits the arrays have."""


def examples(count):
    return settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def largest(*arrays):
    """Give the largest magnitude in dictionaries of scalars, and 1 at least."""
    return max([mpmath.mpf(1), *(abs(value) for array in arrays for value in array.values() if not mpmath.isnan(value))])


def assert_near(found, expected, size, tolerance=AGREE):
    """Assert that arrays agree to the tolerance times the largest magnitude involved; what is no number, with what is none."""
    assert found.keys() == expected.keys()
    size = max(size, largest(expected))
    for index, value in expected.items():
        assert mpmath.isnan(found[index]) == mpmath.isnan(value), f"{index}: {found[index]} for {value}"
        if not mpmath.isnan(value):
            error = abs(found[index] - value) / size
            assert error <= tolerance, f"{index}: {found[index]} for {value}, off by {mpmath.nstr(error, 3)}"


def seen(array):
    """Give an array of quads as the definitions take it, whatever is no number in it as that."""
    array = np.asarray(array)
    bad = np.asarray(array != array)  # noqa: PLR0124 - what is no number differs from itself
    numbers = indexed(np.where(bad, np.zeros_like(array), array))
    return {index: mpmath.nan if bad[index] else value for index, value in numbers.items()}


def told(mask):
    """Give the mask, if there is one, as the definitions take it."""
    return {} if mask is None else {"mask": {index: bool(mask[index]) for index in np.ndindex(mask.shape)}}


@np.errstate(all="ignore")  # what is no number shows in the values
def assert_agrees(spec, shape, values, steps, meant=None):
    """Assert that the reference of `spec` does what the definition of `meant` says (the same spec, if not given)."""
    meant = spec if meant is None else meant
    definition = IN_COMMON_FORM[spec.layer]
    situation = normspec.Situation(shape=shape, dtype="float64", parameter_dtype="float64")
    layer = REFERENCE.build(spec, situation)
    layer.load(given_to(situation, {name: a for name, a in values.items() if name in spec.slots(shape)}))
    beside = {name: values[name] for name in inputs_of(spec, shape)}  # the definition has what is given with x among the values
    pullbacks = []
    for mode, x, dy, mask in steps:
        inputs, how = given_to(situation, {"x": x, **beside}), ROUNDING.get(spec.layer, {})
        if mask is not None:
            inputs, how = inputs | {"mask": mask}, how | told(mask)
        before, exact, cotangent = taken_from(layer), indexed(x), indexed(dy)
        known = {**before, **{name: indexed(a) for name, a in beside.items()}}
        size = largest(exact, cotangent, *(array for name, array in known.items() if name != "count"))
        try:
            y, after = definition.forward(meant, mode, exact, known, **how)
        except Refusal:
            assert_refuses(layer, inputs, mode)
            continue
        except ZeroDivisionError:  # without epsilon there is no y where the divisor is 0
            continue
        found, pullback = stepped(layer, inputs, mode)
        assert_state(mode, before, after, size, found=taken_from(layer))
        if y is None:
            assert found is None
            continue
        assert_near(seen(found), y, size)
        expected = definition.vjp(meant, mode, exact, known, **how, dy=cotangent)
        pullbacks.append((pullback, REFERENCE.asarray(dy, situation), expected, size))
    for pullback, dy, expected, size in pullbacks:  # they stay valid after later steps
        assert_cotangents(pullback(dy), expected, size)


def stepped(layer, inputs, mode):
    """Give what the reference gives; a refusal where the definition has none is no agreement."""
    try:
        return layer.forward(inputs, mode)
    except normspec.Refused as refused:
        raise AssertionError(f"refused: {refused}") from refused


def assert_refuses(layer, inputs, mode):
    before = taken_from(layer)
    try:
        layer.forward(inputs, mode)
    except normspec.Refused:
        assert taken_from(layer) == before
        return
    raise AssertionError("must be refused")


def assert_state(mode, before, after, size, *, found):
    """Assert that the state is as it must be, and everything else bit by bit what it was."""
    assert found.keys() == before.keys()
    moved = after if mode in ("train", "observe") else {}
    for name, kept in before.items():
        if name not in moved or name == "count":
            assert found[name] == moved.get(name, kept), name
        else:
            assert_near(found[name], moved[name], size)


def assert_cotangents(found, expected, size):
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert_near(seen(found[name]), value, size)
