"""Typical points of every layer: a mode, semantic parameters as keywords, and the shapes of the arrays that go with them."""

from dataclasses import fields, replace
from typing import Any, NamedTuple

import numpy as np

import normspec
from normspec import Running
from normspec.layers.fields import PARAMETERS, arrays_of
from normspec.reference.layers import LAYERS, step

SHAPE = (4, 6, 5)
"""Of x: samples, channels, places."""
FLOAT64 = normspec.Situation(shape=SHAPE, dtype="float64", parameter_dtype="float64")


class Point(NamedTuple):
    layer: str
    mode: str
    keywords: dict[str, Any]
    shapes: dict[str, tuple[int, ...]]
    masked: bool = False


LAST_CHANNELS = {"scale": (5,), "shift": (5,)}
CHANNELS = {"scale": (6,), "shift": (6,)}
STATE = {"running_mean": (6,), "running_variance": (6,), "count": ()}
RENORM = {"running_mean": (6,), "running_deviation": (6,), "count": ()}
RENORM_OWN = {**RENORM, "running_variance": (6,), "renorm_mean": (6,), "renorm_deviation": (6,)}
SQUARES = {"running_mean": (6,), "running_square": (6,)}
LAYERED = {"batch_mean": (6, 5), "batch_variance": (6, 5), "feature_mean": (4, 6), "feature_variance": (4, 6), "count": ()}
VECTORS = {"u": (6,), "v": (20,)}
FIRST = Running(rate=0.125, start="first", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
DEBIASED = replace(FIRST, start="debiased", correction=1)
AVERAGE = replace(DEBIASED, rate=0.0)
ALONG = {"channel_axes": (1,), "epsilon": 0.5}
OWN = {"running": AVERAGE, "averaged": "both", "renorm_rate": 0.25, "floor": True}
LAST = {"axes": (-1,), "epsilon": 0.5}
WINDOW = {"channel_axes": (1,), "before": 1, "after": 2, "coefficient": 0.125, "exponent": 0.75, "bias": 1.0}

POINTS = {
    "batch_norm-debiased": Point("batch_norm", "train", {**ALONG, "running": DEBIASED, "one_value": "refuse"}, CHANNELS | STATE),
    "batch_norm-masked": Point("batch_norm", "train", {**ALONG, "running": FIRST, "train_with": "running"}, CHANNELS | STATE, masked=True),
    "batch_norm-observe": Point("batch_norm", "observe", {**ALONG, "running": AVERAGE}, STATE, masked=True),
    "batch_norm-freeze": Point("batch_norm", "freeze", {**ALONG, "running": FIRST, "epsilon_place": "outside"}, CHANNELS | STATE),
    "batch_renorm": Point(
        "batch_renorm", "train", {**ALONG, "running": FIRST, "r_max": 1.25, "d_max": 0.25}, CHANNELS | RENORM, masked=True
    ),
    "batch_renorm-own": Point("batch_renorm", "train", {**ALONG, **OWN, "r_min": 0.5}, CHANNELS | RENORM_OWN),
    "batch_renorm-freeze": Point("batch_renorm", "freeze", {**ALONG, "running": FIRST, "averaged": "variance"}, CHANNELS | STATE),
    "ghost_batch_norm": Point("ghost_batch_norm", "train", {**ALONG, "ghost_size": 2, "running": DEBIASED}, CHANNELS | STATE),
    "ghost_batch_norm-interleaved": Point(
        "ghost_batch_norm",
        "observe",
        {**ALONG, "ghost_size": 2, "grouping": "interleaved", "running": FIRST, "observed": "mean"},
        CHANNELS | STATE,
    ),
    "ghost_batch_norm-freeze": Point("ghost_batch_norm", "freeze", {**ALONG, "ghost_size": 2, "running": FIRST}, CHANNELS | STATE),
    "layer_norm-masked": Point("layer_norm", "train", {**LAST, "correction": 1}, {"scale": (5,), "shift": (5,)}, masked=True),
    "layer_norm-parameters-elsewhere": Point("layer_norm", "train", {**LAST, "axes": (0, 2), "parameter_axes": (1,)}, CHANNELS),
    "instance_norm-debiased": Point("instance_norm", "train", {**ALONG, "running": DEBIASED}, CHANNELS | STATE),
    "instance_norm-masked": Point("instance_norm", "train", ALONG, CHANNELS, masked=True),
    "group_norm-interleaved": Point(
        "group_norm", "train", {**ALONG, "groups": 2, "grouping": "interleaved", "correction": 1}, CHANNELS, masked=True
    ),
    "group_norm-per-group": Point("group_norm", "train", {**ALONG, "groups": 3, "scale_per": "group"}, {"scale": (3,), "shift": (3,)}),
    "rms_norm": Point("rms_norm", "train", {**LAST, "axes": (1, 2), "parameter_axes": (1,)}, CHANNELS),
    "rms_norm-part": Point("rms_norm", "train", {**LAST, "fraction": 0.5, "rounding": "before_scale"}, {"scale": (5,)}),
    "lp_norm": Point("lp_norm", "train", {**LAST, "epsilon_place": "floor"}, {}),
    "lp_norm-order": Point("lp_norm", "train", {**LAST, "order": 1.5, "at_zero": "no_number"}, {}),
    "local_response_norm": Point("local_response_norm", "train", WINDOW, {}),
    "local_response_norm-valid": Point("local_response_norm", "train", {**WINDOW, "edges": "valid", "before": 9}, {}),
    "mean_variance_norm": Point("mean_variance_norm", "train", {**LAST, "axes": (0, 2)}, {}),
    "mean_variance_norm-mean": Point("mean_variance_norm", "train", {**LAST, "divide": False}, {}),
    "feature_norm-observe": Point("feature_norm", "observe", {**ALONG, "correction": 1}, {"mean": (6,), "variance": (6,), "count": ()}),
    "feature_norm-given": Point("feature_norm", "evaluate", {**ALONG, "observes": False}, {"mean": (6,), "variance": (6,)}),
    "weight_norm": Point("weight_norm", "train", {"channel_axes": (1,), "epsilon": 0.0}, {"scale": (6,)}),
    "spectral_norm-train": Point("spectral_norm", "train", {**ALONG, "iterations": 2}, VECTORS),
    "spectral_norm-iterated": Point("spectral_norm", "evaluate", {**ALONG, "evaluation": "iterated", "epsilon_place": "inside"}, VECTORS),
    "scale_norm": Point("scale_norm", "train", {**LAST, "epsilon_place": "floor"}, {"scale": ()}),
    "dynamic_tanh": Point("dynamic_tanh", "train", {"parameter_axes": (1,)}, {"alpha": (), **CHANNELS}),
    "global_response_norm": Point("global_response_norm", "train", {**ALONG, "axes": (2,)}, CHANNELS),
    "filter_response_norm": Point(
        "filter_response_norm",
        "train",
        {"axes": (2,), "parameter_axes": (1,), "epsilon": 0.5},
        {**CHANNELS, "threshold": (6,), "offset": ()},
    ),
    "conditional_instance_norm": Point("conditional_instance_norm", "train", ALONG, {"scale": (4, 6), "shift": (4, 6)}),
    "conditional_instance_norm-channels-before-samples": Point(
        "conditional_instance_norm",
        "train",
        {"channel_axes": (0,), "batch_axes": (2,), "epsilon": 0.5, "epsilon_place": "outside", "correction": 1},
        {"scale": (4, 5), "shift": (4, 5)},
    ),
    "conditional_batch_norm": Point(
        "conditional_batch_norm", "train", {**ALONG, "running": DEBIASED}, {"scale": (4, 6), "shift": (4, 6), **STATE}
    ),
    "conditional_batch_norm-freeze": Point(
        "conditional_batch_norm",
        "freeze",
        {**ALONG, "running": FIRST, "batch_axes": (2,), "epsilon_place": "outside"},
        {"scale": (6, 5), "shift": (6, 5), **STATE},
    ),
    "full_norm": Point("full_norm", "train", {**ALONG, "rate": 0.25}, CHANNELS | SQUARES),
    "full_norm-freeze": Point("full_norm", "freeze", {**ALONG, "rate": 0.25}, CHANNELS | SQUARES),
    "batch_layer_norm": Point("batch_layer_norm", "train", {"epsilon": 0.5, "delta": 0.25}, LAST_CHANNELS | LAYERED),
    "batch_layer_norm-freeze": Point(
        "batch_layer_norm", "freeze", {"epsilon": 0.5, "delta": 0.25, "batch_delta": "plus"}, LAST_CHANNELS | LAYERED
    ),
    "adaptive_instance_norm": Point(
        "adaptive_instance_norm", "train", {**ALONG, "style_epsilon": 0.25, "style_correction": 1}, {"style": (4, 6, 3)}
    ),
    "adaptive_instance_norm-channels-before-samples": Point(
        "adaptive_instance_norm",
        "train",
        {"channel_axes": (0,), "batch_axes": (2,), "epsilon": 0.5, "epsilon_place": "outside", "correction": 1, "style_epsilon": 0.0},
        {"style": (4, 7, 5)},
    ),
    "weight_standardization": Point("weight_standardization", "train", {**ALONG, "correction": 1}, {"scale": (6,)}),
}
CORRECTED = ("batch_renorm", "batch_renorm-own", "full_norm")
"""Points whose gradient is not that of their y, a part of which it takes for constant, or whose weight it takes for 1."""


def of_spec(spec: Any, shape: tuple[int, ...], mode: str, *, masked: bool = False) -> Point:
    """Give the point of a spec, for an x of this shape."""
    of = LAYERS[spec.layer].of_forward - set(PARAMETERS)
    keywords = {f.name: getattr(spec, f.name) for f in fields(spec) if f.name in of}
    return Point(spec.layer, mode, keywords, {name: slot.shape for name, slot in arrays_of(spec, shape).items()}, masked)


def drawn(point, shape=SHAPE, seed=0):
    """Give inputs, values and a cotangent in float64, no number of them 0, every variance positive and every statistic of two values."""
    rng = np.random.default_rng(seed)
    inputs = {"x": rng.normal(0.5, 1.5, size=shape)}
    if point.masked:
        inputs["mask"] = (np.arange(shape[0])[:, None, None] + 2 * np.arange(shape[1])[:, None] + 3 * np.arange(shape[2])) % 5 > 0
    values = {name: rng.uniform(0.5, 1.5, size=lengths) for name, lengths in point.shapes.items()}
    if "count" in values:
        values["count"] = np.asarray(3)
    return inputs, values, rng.normal(size=shape)


def into(library, *given):
    """Give arrays, and dictionaries of arrays, in a library's own."""
    make = normspec.load(f"reference:{library}").asarray
    return [{name: make(a, FLOAT64) for name, a in of.items()} if isinstance(of, dict) else make(of, FLOAT64) for of in given]


def shown(point, inputs, values, dy):
    """Give everything that a step shows: y, the cotangents and the state."""
    y, state, pullback = step(point.layer, values, inputs, point.mode, point.keywords)
    after = {f"new_{name}": a for name, a in state.items()}
    return after if y is None else {"y": y, **{f"d{name}": a for name, a in pullback(dy).items()}, **after}


def differentiable(point, inputs, values):
    """Give the point and the values of which y is a function that the closed form differentiates: u and v as they stand after the step."""
    if point.layer != "spectral_norm" or (point.keywords.get("evaluation") == "none" and point.mode != "train"):
        return point, values
    axis = point.keywords["channel_axes"][0]
    lengths = {"u": inputs["x"].shape[axis], "v": inputs["x"].size // inputs["x"].shape[axis]}
    values = {name: values.get(name, np.ones(length)) for name, length in lengths.items()}
    if point.mode == "train" or point.keywords.get("evaluation") == "iterated":
        _, values, _ = step(point.layer, values, inputs, "observe", point.keywords)
    return point._replace(mode="evaluate", keywords={**point.keywords, "evaluation": "kept"}), values
