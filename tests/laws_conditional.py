"""Scale and shift given for every sample: what they are where all samples have the same, and what reaches the rows of a table."""

import numpy as np
import pytest
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, law, numbers
from laws_points import epsilons

from normspec import Running
from normspec.reference.layers import step

SHAPE = (4, 2, 3)
RUNNING = Running(rate=0.125, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
CONDITIONAL = pytest.mark.parametrize("layer", ["instance_norm", "batch_norm"])


@st.composite
def steps(draw, layer):
    """Draw a mode, keywords, state, x and a cotangent."""
    told = draw(epsilons(layer)) | {"channel_axes": (1,), "correction": draw(st.sampled_from((0, 1)))}
    state, mode = {}, draw(st.sampled_from(("train", "evaluate")))
    if layer == "batch_norm":
        told["running"] = RUNNING
        state = {"running_mean": draw(numbers((2,))), "running_variance": 0.5 + abs(draw(numbers((2,))))}
    return mode, told, state, draw(numbers(SHAPE)), draw(numbers(SHAPE))


def shown(layer, mode, told, state, x, dy, given):
    """Give y, the cotangents and the state after a step."""
    y, after, pullback = step(layer, {**state, **given}, {"x": x}, mode, told)
    return {"y": y, **{f"d{name}": a for name, a in pullback(dy).items()}, **after}


@CONDITIONAL
@law(st.data())
def test_one_condition_for_all_samples_is_the_unconditional_layer(layer, data):
    """Where every sample has the same scale and shift: the cotangents of a parameter are sums over samples of those of the inputs."""
    drawn, given = data.draw(steps(layer)), {name: data.draw(numbers((2,))) for name in ("scale", "shift")}
    plain = shown(layer, *drawn, given)
    found = shown(f"conditional_{layer}", *drawn, {name: np.broadcast_to(a, (4, 2)) for name, a in given.items()})
    summed = {name: found[name].sum(axis=0) for name in ("dscale", "dshift")}
    assert_all_same({**found, **summed}, plain)


@CONDITIONAL
@law(st.data())
def test_a_row_of_a_table_has_the_cotangents_of_the_samples_with_its_label(layer, data):
    """The layer of each label's samples alone, told the others' statistics where it has them in common, gives that row's cotangents."""
    drawn = data.draw(steps(layer))
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=4, max_size=4)))
    tables = {name: data.draw(numbers((3, 2))) for name in ("scale", "shift")}
    mode, told, state, x, dy = drawn
    picked = {name: table[labels] for name, table in tables.items()}
    found = shown(f"conditional_{layer}", *drawn, picked)
    for label in set(labels):
        others = np.where((labels == label)[:, None, None], dy, 0)
        alone = shown(layer, mode, told, state, x, others, {name: table[label] for name, table in tables.items()})
        for name in ("dscale", "dshift"):
            assert_same(found[name][labels == label].sum(axis=0), alone[name])
        assert_same(found["y"][labels == label], alone["y"][labels == label])
