"""Equivalences of layers that divide x by a norm of it and take no mean."""

import numpy as np
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, law, numbers
from laws_points import at, epsilons, from_front, learned, shown, steps

from normspec.layers.axes import others
from normspec.reference.quad import asarray


@law(steps("rms_norm"))
def test_rms_norm_is_lp_norm_times_a_root(drawn):
    """RMS norm of n values is the root of n times L2 norm, with n times the epsilon where it is inside the root."""
    point, x, dy = drawn
    axes, epsilon = point.told["axes"], point.told["epsilon"] * (point.told["epsilon_place"] == "inside")
    times = np.sqrt(asarray(np.float64(point.n)))
    of_length = shown("lp_norm", x, dy, axes=axes, epsilon=point.n * epsilon)
    found = shown("rms_norm", x, dy, axes=axes, epsilon=epsilon)
    assert_all_same({name: times * a for name, a in of_length.items()}, found)
    if epsilon == 0:
        lengths = np.sqrt(np.sum(x * x, axis=axes, keepdims=True))
        assert_same(found["y"] * lengths, times * x)


@law(numbers((3, 6)), st.sampled_from((0.2, 0.5, 0.9)), epsilons("rms_norm"))
def test_rms_norm_of_a_part_divides_all_by_the_norm_of_the_part(x, fraction, told):
    """RMS norm by a fraction of the values is, on these, RMS norm of them alone; every other value has the same divisor."""
    part = int(6 * fraction)
    y, of_part = (shown("rms_norm", a, axes=(1,), **more, **told)["y"] for a, more in ((x, {"fraction": fraction}), (x[:, :part], {})))
    assert_same(y[:, :part], of_part)
    assert_same(y * x[:, :1], x * of_part[:, :1])


@law(steps("weight_norm"), st.data())
def test_weight_norm_is_lp_norm_times_scale(drawn, data):
    """Weight norm is scale times L2 norm over every axis but the channels', whatever epsilon's place."""
    point, x, dy = drawn
    values = data.draw(learned(point))
    channels = from_front(point.told["channel_axes"], x.ndim)
    scale = values["scale"].reshape([x.shape[a] if a in channels else 1 for a in range(x.ndim)])
    told = {"axes": others(tuple(channels), x.ndim), "epsilon": point.told["epsilon"], "epsilon_place": point.told["epsilon_place"]}
    length = shown("lp_norm", x, scale * dy, **told)
    found = at(point, x, dy, values)
    assert_all_same({"y": found["y"], "dx": found["dx"]}, {"y": scale * length["y"], "dx": length["dx"]})
    assert_same(found["dscale"], np.sum(dy * length["y"], axis=told["axes"]))


@law(numbers((3, 4, 2)), numbers((3, 4, 2)), st.sampled_from((2.0**-10, 0.25, 3.0)), st.sampled_from((0.125, 2.0)), st.integers(3, 6))
def test_local_response_over_all_channels_is_rms_norm(x, dy, epsilon, coefficient, reach):
    """Local response norm with exponent 1/2 and a window that reaches every channel is RMS norm over the channels, up to a factor."""
    of_sum = coefficient * x.shape[1]  # of the coefficient times the sum of squares, this share is the mean
    told = {"before": reach, "after": reach, "coefficient": coefficient, "exponent": 0.5, "bias": of_sum * epsilon}
    found = shown("local_response_norm", x, dy, channel_axes=(1,), **told)
    rms = shown("rms_norm", x, dy, axes=(1,), epsilon=epsilon)
    assert_all_same({name: a * np.sqrt(asarray(np.float64(of_sum))) for name, a in found.items()}, rms)
