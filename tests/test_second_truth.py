"""The second truth of the layers whose definitions have the common form, against the reference and against differences of itself."""

from dataclasses import fields, replace

import mpmath
import numpy as np
import pytest
from agreement import PRECISION, REFERENCE, indexed, taken_from
from apart import SPECS_APART, WITHOUT_NUMBERS, apart
from definitions import batch_renorm, full_norm, spectral_norm
from definitions.indices import Refusal
from drawn_specs import cases, exists
from hypothesis import given
from hypothesis import strategies as st
from second import DEFINITIONS, IN_COMMON_FORM, assert_agrees, assert_near, examples, largest, told

import normspec
from normspec.clauses import neighbours
from normspec.layers import SPECS

AGREE_WITH_DIFFERENCES = mpmath.mpf(10) ** -18
STEP = mpmath.mpf(2) ** -80
JUMP = mpmath.mpf(2) ** 60
"""A difference over twice the step that is a jump's."""
PARAMETERS = ("scale", "shift", "alpha", "threshold", "offset", "style")
MASKED = [layer for layer in IN_COMMON_FORM if "mask" in SPECS[layer].laws]


@pytest.mark.parametrize("layer", DEFINITIONS)
def test_the_reference_agrees_with_the_definition(layer):
    """Every law of numbers and every field of these layers but the dtypes: output, gradients, update, count, keep, refusal."""

    @examples(150)
    @given(cases(SPECS[layer]))
    def agrees(case):
        with mpmath.workprec(PRECISION):
            assert_agrees(*case)

    agrees()


def variants(spec, epsilon):
    """Give the specs of this epsilon that differ in what they make of 0."""
    if not hasattr(spec, "epsilon"):
        return [spec]
    epsilon = epsilon or (2.0**-20 if spec.layer in ("full_norm", "batch_layer_norm") else 0.0)  # they have no epsilon of 0
    known = {f.name for f in fields(spec)}
    inside = {name: value for name, value in (("epsilon_place", "inside"), ("floor", False)) if name in known}
    spec = replace(spec, epsilon=epsilon, **inside)
    at_zero = (name for name in ("epsilon_place", "at_zero", "zero_variance", "floor") if name in known)
    return [spec, *(other for name in at_zero for other in neighbours(spec, name))]


@pytest.mark.parametrize("layer", DEFINITIONS)
@pytest.mark.parametrize("epsilon", [0.0, 2.0**-10])
@pytest.mark.parametrize("number", [0.0, 0.75])
def test_the_reference_agrees_where_all_values_are_one(number, epsilon, layer):
    """Where x is 0 or constant, whatever is 0 by that: squares, deviations, divisors."""
    spec, shape, values, steps = apart(layer, "epsilon")
    steps = [(mode, np.full(shape, number), *rest) for mode, _, *rest in steps]
    for variant in variants(spec, epsilon):
        with mpmath.workprec(PRECISION):
            assert_agrees(variant, shape, values, steps)


def born(spec):
    """Give what the clauses say of arrays before anything is loaded, as far as it is a number."""
    running = getattr(spec, "running", None)
    born = {} if running is None else {"mean": running.initial_mean, "variance": running.initial_variance}
    born |= {"deviation": mpmath.sqrt(running.initial_variance)} if running is not None else {}
    state = {f"{of}_{name}": value for of in ("running", "renorm") for name, value in born.items()}
    scale = {} if getattr(spec, "initial_scale", "one") == "norm" else {"scale": 1}
    return {"shift": 0, "mean": 0, "variance": 1, "count": 0, **scale, **state}


@pytest.mark.parametrize("layer", DEFINITIONS)
def test_what_is_born(layer):
    """The law born of these layers, count, initial-scale, running.initial-mean and running.initial-variance."""

    @examples(50)
    @given(cases(SPECS[layer], most=1, size=6))
    def is_born(case):
        spec, shape, *_ = case
        situation = normspec.Situation(shape=shape, dtype="float64", parameter_dtype="float64")
        found = taken_from(REFERENCE.build(spec, situation))
        if hasattr(DEFINITIONS[layer], "initial_values"):
            must = DEFINITIONS[layer].initial_values(spec, dict.fromkeys(np.ndindex(shape)))
            assert found == {name: {i: mpmath.mpf(value, prec=53) for i, value in array.items()} for name, array in must.items()}
            return
        for name in born(spec).keys() & spec.slots(shape).keys():
            numbers = found[name].values() if name != "count" else [found[name]]
            assert set(numbers) == {born(spec)[name]}, name

    is_born()


# ---- the comparison tells neighbouring meanings apart


def paths():
    """Give layer and path of every field whose neighbours give other numbers."""
    for layer, spec in SPECS_APART.items():
        for f in fields(spec):
            inner = fields(f.metadata["record"]) if f.metadata["record"] is not None else ()
            named = {f.name: f.name, **{g.name: f"{f.name}.{g.name}" for g in inner}}
            yield from ((layer, path) for name, path in named.items() if name not in WITHOUT_NUMBERS)


@pytest.mark.parametrize(("layer", "path"), list(paths()))
def test_neighbours_disagree(layer, path):
    """What the comparison asserts fails where the definition is that of a neighbouring meaning, whatever the field."""
    spec, shape, values, steps = apart(layer, path)
    rank = len(shape)
    others = [other for other in neighbours(spec, path) if exists(other, shape) and other.at_rank(rank) != spec.at_rank(rank)]
    assert others
    with mpmath.workprec(PRECISION):
        assert_agrees(spec, shape, values, steps)
        for other in others:
            with pytest.raises((AssertionError, KeyError)):
                assert_agrees(spec, shape, values, steps, meant=other)


# ---- the definitions' cotangents against differences of their own y


def differences(loss, arrays):
    """Give the central differences of a loss by every element of every array."""
    found = {}
    for name, array in arrays.items():
        found[name] = {}
        for index, value in array.items():
            ends = [loss(arrays | {name: array | {index: value + sign * STEP}}) for sign in (1, -1)]
            found[name][index] = (ends[0] - ends[1]) / (2 * STEP)
    return found


def differentiable(spec, mode, x, values, mask):
    """Give a spec, a mode, values and more with the same y in which what the clauses take for constants is constant.

    It is none where the cotangent of x is not the slope of y, but dy.
    """
    if spec.layer == "batch_renorm" and mode == "train":
        return spec, mode, values, {"corrected_by": batch_renorm.corrections(spec, x, values, **told(mask))}
    if spec.layer == "full_norm" and mode == "train":  # the batch has the whole weight, beside what the state is more than it
        return spec, mode, values, {"beside": full_norm.beside_observed(spec, x, values)}
    if spec.layer != "spectral_norm":
        return spec, mode, values, {}
    if spec.replaces or (mode != "train" and spec.evaluation == "none"):
        return None
    u, v = spectral_norm.vectors(spec, mode, x, values)
    return replace(spec, evaluation="kept"), "freeze", {"u": u, "v": v}, {}


def assert_slopes(spec, values, mode, x, dy, mask):
    definition = IN_COMMON_FORM[spec.layer]
    before = {name: int(value) if name == "count" else indexed(value) for name, value in values.items()}
    try:
        y, _ = definition.forward(spec, mode, x, before, **told(mask))
    except (Refusal, ZeroDivisionError):
        return
    if y is None or any(map(mpmath.isnan, y.values())):
        return
    expected = definition.vjp(spec, mode, x, before, **told(mask), dy=dy)
    assert expected.keys() == {"x", *(name for name in before if name in PARAMETERS)}
    constant = differentiable(spec, mode, x, before, mask)
    if constant is None:
        assert expected == {"x": dy}
        return

    def loss(arrays):
        spec, mode, values, constants = constant
        y, _ = definition.forward(spec, mode, arrays["x"], values | arrays, **told(mask), **constants)
        return sum(dy[i] * y[i] for i in y)

    found = differences(loss, {name: {"x": x, **before}[name] for name in expected})
    for name, value in expected.items():
        jumps = {i for i, slope in found[name].items() if abs(slope) > JUMP}  # x over its own norm has none at 0: a clause gives 0 there
        assert not jumps or (spec.epsilon == 0 and all(x[i] == 0 for i in jumps))
        smooth = ({i: a for i, a in array.items() if i not in jumps} for array in (found[name], value))
        assert_near(*smooth, largest(x, dy), AGREE_WITH_DIFFERENCES)


@pytest.mark.parametrize("layer", IN_COMMON_FORM)
def test_the_cotangents_of_the_definition_are_its_slopes(layer):
    """gradient.x, gradient.scale, gradient.shift, and what they take for constants; with a mask and without."""

    @examples(200)
    @given(st.one_of(*(cases(SPECS[layer], masked=masked, most=1, size=12) for masked in {False, layer in MASKED})))
    def slopes(case):
        spec, _, values, ((mode, x, dy, mask),) = case
        with mpmath.workprec(PRECISION):
            assert_slopes(spec, values, mode, indexed(x), indexed(dy), mask)

    slopes()
