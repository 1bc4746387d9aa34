"""Global and filter response normalization, scale norm and dynamic tanh: what they are of other layers, and what bounds them."""

import numpy as np
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_at_most, assert_identical, assert_same, law, numbers
from laws_points import shown

SHAPE = (2, 3, 4)
FACTORS = st.sampled_from((0.5, 2.0, 8.0))


@law(numbers(SHAPE), numbers((3,)), numbers((3,)), numbers(()))
def test_dynamic_tanh_is_bounded_by_scale(x, scale, shift, alpha):
    """Dynamic tanh gives a y from shift no farther than scale; for an alpha of 0 it is shift; x and alpha of other signs give the same."""
    values = {"alpha": alpha, "scale": scale, "shift": shift}
    y = shown("dynamic_tanh", x, None, values, parameter_axes=(1,))["y"]
    assert_at_most(np.abs(y - shift[:, None]), np.broadcast_to(np.abs(scale)[:, None], SHAPE))
    assert_identical({"y": shown("dynamic_tanh", -x, None, {**values, "alpha": -alpha}, parameter_axes=(1,))["y"]}, {"y": y})
    none = shown("dynamic_tanh", x, None, {**values, "alpha": alpha * 0}, parameter_axes=(1,))["y"]
    assert_same(none, np.broadcast_to(shift[:, None], SHAPE))


@law(numbers(SHAPE), numbers(SHAPE), numbers((3,)))
def test_the_cotangent_of_alpha_is_along_x(x, dy, scale):
    """Alpha times its cotangent is the sum of x times the cotangent of x, for y depends on their product alone."""
    values = {"alpha": x[0, 0, 0] * 0 + 0.5, "scale": scale}
    found = shown("dynamic_tanh", x, dy, values, parameter_axes=(1,))
    assert_same(values["alpha"] * found["dalpha"], np.sum(x * found["dx"]))


@law(numbers(SHAPE), numbers(SHAPE))
def test_global_response_norm_is_born_the_identity(x, dy):
    """With a scale and a shift of 0, as they are born, y is x and the cotangent of x is dy."""
    none = np.sum(x * 0, axis=(0, 2))
    found = shown("global_response_norm", x, dy, {"scale": none, "shift": none}, axes=(2,), channel_axes=(1,), epsilon=0.25)
    assert_all_same({name: found[name] for name in ("y", "dx")}, {"y": x, "dx": dy})


@law(numbers(SHAPE, nowhere_zero=True), numbers((3,)), FACTORS)
def test_global_response_norm_follows_the_scale_of_x(x, scale, a):
    """Without a shift, y of a x and of a epsilon is a times y; without epsilon the responses of all channels have the mean 1."""
    told = {"axes": (2,), "channel_axes": (1,)}
    of = [shown("global_response_norm", f * x, None, {"scale": scale}, epsilon=f * 0.25, **told)["y"] for f in (1.0, a)]
    assert_same(of[1], a * of[0])
    ones = scale * 0 + 1
    response = shown("global_response_norm", x, None, {"scale": ones}, epsilon=0.0, **told)["y"] / x - 1
    assert_same(np.mean(response, axis=1), x[:, 0, :] / x[:, 0, :])


@law(numbers(SHAPE), numbers(SHAPE), numbers((3,)), numbers((3,)), st.sampled_from((0.25, 2.0**-10)))
def test_filter_response_norm_without_a_threshold_is_rms_norm(x, dy, scale, shift, epsilon):
    """Filter response norm without a threshold is RMS norm over the places, scaled and shifted along the channels."""
    values = {"scale": scale, "shift": shift}
    found = shown("filter_response_norm", x, dy, values, axes=(2,), parameter_axes=(1,), epsilon=epsilon)
    rms = shown("rms_norm", x, dy * scale[:, None], axes=(2,), epsilon=epsilon)
    assert_same(found["y"], rms["y"] * scale[:, None] + shift[:, None])
    assert_same(found["dx"], rms["dx"])
    assert_same(found["dscale"], np.sum(dy * rms["y"], axis=(0, 2)))


@law(numbers(SHAPE), numbers(SHAPE), numbers((3,)), numbers((3,)), numbers((3,)))
def test_a_threshold_is_the_least(x, dy, scale, shift, threshold):
    """With a threshold, y is that or more; a cotangent goes to the threshold where y is that, and to scale and shift where it is more."""
    values = {"scale": scale, "shift": shift, "threshold": threshold}
    told = {"axes": (2,), "parameter_axes": (1,), "epsilon": 0.25}
    found = shown("filter_response_norm", x, dy, values, **told)
    plain = shown("filter_response_norm", x, dy, {"scale": scale, "shift": shift}, **told)
    assert_same(found["y"], np.maximum(plain["y"], threshold[:, None]))
    assert_same(found["dthreshold"] + found["dshift"], np.sum(dy, axis=(0, 2)))
    above = np.where(plain["y"] > threshold[:, None], dy, dy * 0)
    if not (plain["y"] == threshold[:, None]).any():  # there it is a convention
        assert_same(found["dshift"], np.sum(above, axis=(0, 2)))


@law(numbers(SHAPE), numbers(()), numbers(()), numbers(SHAPE))
def test_scale_norm_is_l2_norm_times_its_one_scale(x, scale, other, dy):
    """Scale norm is Lp norm of order 2 times a scale of no axes, so that two scales differ in that factor alone."""
    told = {"axes": (2,), "epsilon": 0.25, "epsilon_place": "floor"}
    found = shown("scale_norm", x, dy, {"scale": scale}, **told)
    length = shown("lp_norm", x, scale * dy, **told)
    assert_all_same({name: found[name] for name in ("y", "dx")}, {"y": scale * length["y"], "dx": length["dx"]})
    assert_same(other * found["y"], scale * shown("scale_norm", x, None, {"scale": other}, **told)["y"])
