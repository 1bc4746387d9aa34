"""Batch renormalization: what it is without limits, with limits that leave nothing, and what its gradient takes for constant."""

import numpy as np
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_identical, assert_same, differ, law, numbers

from normspec import Running
from normspec.reference.layers import step

SHAPE = (3, 2, 4)
RUNNING = Running(rate=0.125, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
NONE = {"r_min": 1.0, "r_max": 1.0, "d_max": 0.0}
LIMITED = {"r_min": 0.75, "r_max": 1.25, "d_max": 0.25}
SIZES = {"deviation": ("deviation",), "variance": ("variance",), "both": ("variance", "deviation")}


@st.composite
def layers(draw, *, averaged=tuple(SIZES), own=(None, 0.25), limits=({}, LIMITED, NONE)):
    """Draw semantic parameters, values with no divisor near 0, inputs (a mask now and then) and a cotangent."""
    told = {"channel_axes": (1,), "epsilon": 0.25, "running": RUNNING, "averaged": draw(st.sampled_from(averaged))}
    told |= {"renorm_rate": draw(st.sampled_from(own)), "correction": draw(st.sampled_from((0, 1))), **draw(st.sampled_from(limits))}
    values = {name: draw(numbers((2,))) for name in ("scale", "shift", "running_mean", "renorm_mean")}
    names = [f"{of}_{size}" for of in ("running", "renorm") for size in SIZES[told["averaged"]]]
    values |= {name: 0.5 + abs(draw(numbers((2,)))) for name in names}
    mask = np.array(draw(st.sampled_from(([True] * 4, [True, True, False, True])))).reshape(1, 1, 4)
    return told, values, {"x": draw(numbers(SHAPE)), "mask": np.broadcast_to(mask, SHAPE)}, draw(numbers(SHAPE))


def taken(told, values, inputs, dy, mode="train", layer="batch_renorm"):
    """Give what a step shows, and the state after it."""
    y, state, pullback = step(layer, values, inputs, mode, told)
    return {"y": y, **{f"d{name}": a for name, a in pullback(dy).items()}}, state


def of_batch_norm(told):
    return {**{name: told[name] for name in ("channel_axes", "epsilon", "correction")}, "running": None}


@law(layers(own=(None,), limits=({},), averaged=("deviation", "variance")))
def test_unlimited_training_gives_what_evaluation_did(drawn):
    """Without limits y of train is that of evaluation with the averages from before the step; the cotangent of x is another."""
    told, values, inputs, dy = drawn
    trained, evaluated = (taken(told, values, inputs, dy, mode)[0] for mode in ("train", "evaluate"))
    assert_same(trained["y"], evaluated["y"])
    assert_same(trained["dscale"], evaluated["dscale"])


@law(layers(limits=(NONE,)))
def test_limits_that_leave_nothing_give_batch_norm(drawn):
    """With r_min and r_max 1 and d_max 0, y and all cotangents are those of batch norm, whatever the averages."""
    told, values, inputs, dy = drawn
    assert_all_same(taken(told, values, inputs, dy)[0], taken(of_batch_norm(told), values, inputs, dy, layer="batch_norm")[0])


@law(layers())
def test_r_and_d_are_constants_of_the_gradient(drawn):
    """The cotangents are those of batch norm whose scale is scale r and whose shift is scale d + shift."""
    told, values, inputs, dy = drawn
    r, d = r_and_d(told, values, inputs)
    plain = {"scale": values["scale"] * r, "shift": values["scale"] * d + values["shift"]}
    found, _ = taken(told, values, inputs, dy)
    same, _ = taken(of_batch_norm(told), plain, inputs, dy, layer="batch_norm")
    assert_all_same(found, same | {"dscale": r * same["dscale"] + d * same["dshift"]})


def r_and_d(told, values, inputs):
    """Give r and d by NumPy's own words."""
    of = "running" if told["renorm_rate"] is None else "renorm"
    kept = np.where(inputs["mask"], 1.0, 0.0)
    n = np.sum(kept, axis=(0, 2))
    mean = np.sum(kept * inputs["x"], axis=(0, 2)) / n
    squares = np.sum(kept * (inputs["x"] - mean[:, None]) ** 2, axis=(0, 2))
    own = np.sqrt(squares / (n - told["correction"]) + told["epsilon"])
    size = SIZES[told["averaged"]][-1]
    divisor = values[f"{of}_{size}"] if size == "deviation" else np.sqrt(values[f"{of}_variance"] + told["epsilon"])
    r, d = own / divisor, (mean - values[f"{of}_mean"]) / divisor
    r = np.minimum(np.maximum(r, 0 * r + told.get("r_min", 0.0)), 0 * r + told.get("r_max", 1e9))
    return r, np.maximum(np.minimum(d, 0 * d + told.get("d_max", 1e9)), 0 * d - told.get("d_max", 1e9))


@law(layers())
def test_only_training_moves_the_averages(drawn):
    """Evaluation and freeze keep the state to the last bit, and no pullback moves it; train moves every average."""
    told, values, inputs, dy = drawn
    for mode in ("evaluate", "freeze"):
        _, state = taken(told, values, inputs, dy, mode)
        assert_identical(state, {name: values[name] for name in state})
    _, state, pullback = step("batch_renorm", values, inputs, "train", told)
    before = {name: a.copy() for name, a in state.items()}
    pullback(dy)
    assert_identical(state, before)
    assert state.keys() >= {"running_mean", *(["renorm_mean"] if told["renorm_rate"] else [])}


@law(layers(averaged=("variance",), own=(None,)))
def test_averages_of_the_variance_are_those_of_batch_norm(drawn):
    """With averages of the variance, and one pair of them, the state moves as that of batch norm, and evaluation is the same."""
    told, values, inputs, dy = drawn
    plain = of_batch_norm(told) | {"running": RUNNING}
    assert_all_same(taken(told, values, inputs, dy)[1], taken(plain, values, inputs, dy, layer="batch_norm")[1])
    found, must = (taken(at, values, inputs, dy, "evaluate", layer)[0] for at, layer in ((told, "batch_renorm"), (plain, "batch_norm")))
    assert_all_same(found, must)


@law(layers(limits=(LIMITED,)))
def test_what_is_masked_moves_nothing_else(drawn):
    """Where the mask is false, a value reaches its own y and no other, nor any average."""
    told, values, inputs, dy = drawn
    mask = inputs["mask"] & (np.arange(4) < 3)
    inputs = {**inputs, "mask": mask}
    other = {**inputs, "x": np.where(mask, inputs["x"], inputs["x"] + 2)}
    (one, state), (two, moved) = (taken(told, values, given, dy) for given in (inputs, other))
    assert_identical({**state, "y": one["y"][mask]}, {**moved, "y": two["y"][mask]})
    assert differ(one["y"], two["y"]) or not np.any(values["scale"])
