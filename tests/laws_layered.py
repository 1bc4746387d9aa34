"""Batch layer normalization: the sum that it is, of batch and of layer normalization, each with its weight."""

import numpy as np
from hypothesis import strategies as st
from laws_full import taken
from laws_numbers import assert_all_same, law, numbers

SHAPE = (3, 2, 4)
KEPT = {"batch_mean": (2, 4), "batch_variance": (2, 4), "feature_mean": (3, 2), "feature_variance": (3, 2), "count": ()}


@law(numbers(SHAPE), numbers(SHAPE), numbers((4,)), st.sampled_from((("minus", -1), ("plus", 1))))
def test_batch_layer_norm_is_a_sum_of_batch_norm_and_layer_norm(x, dy, scale, batch_delta):
    """In train y without shift and the cotangents of x and scale are those of both norms, with the weights 1 - 1/m and 1/m over sqrt(d)."""
    name, sign = batch_delta
    told = {"epsilon": 0.25, "delta": 0.125, "batch_delta": name}
    state = {kept: np.zeros(shape) for kept, shape in KEPT.items()} | {"count": np.asarray(0)}
    found, _ = taken(told, {"scale": scale, **state}, x, dy, layer="batch_layer_norm")
    share = (1 + 0 * x[0, 0, 0]) / 3
    sides = (
        (1 - share + sign * 0.125, "batch_norm", {"channel_axes": (1, 2)}, np.broadcast_to(scale, SHAPE[1:])),
        (share - 0.125, "layer_norm", {"axes": (2,)}, scale),
    )
    parts = []
    for weight, layer, where, own in sides:
        shown, _ = taken({**where, "epsilon": 0.25}, {"scale": own}, x, dy, layer=layer)
        dscale = np.sum(shown["dscale"], axis=0) if layer == "batch_norm" else shown["dscale"]
        parts.append({name: weight * a / 2 for name, a in {**shown, "dscale": dscale}.items()})
    assert_all_same(found, {name: parts[0][name] + parts[1][name] for name in ("y", "dx", "dscale")})
