"""Local response norm: what its numbers do to y, and what a value can reach."""

import numpy as np
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_same, law, numbers
from laws_points import shown

from normspec.reference.quad import asarray

X = numbers((2, 5, 2))


@st.composite
def windows(draw):
    """Draw what local response norm is told but the bias."""
    told = {"before": draw(st.integers(0, 6)), "after": draw(st.integers(0, 6)), "edges": draw(st.sampled_from(("zeros", "valid")))}
    return told | {"coefficient": draw(st.sampled_from((0.125, 1.0))), "exponent": draw(st.sampled_from((0.5, 0.75, 2.0)))}


def response(x, dy, told, **other):
    return shown("local_response_norm", x, dy, channel_axes=(1,), **{"bias": 1.5, **told, **other})


def power(number, exponent):
    return asarray(np.float64(number)) ** asarray(np.float64(exponent))


@law(X, X, windows())
def test_without_a_coefficient_x_is_divided_by_a_power_of_the_bias(x, dy, told):
    """With coefficient 0, y is bias^-exponent times x, and dx as many times dy."""
    by = power(1.5, -told["exponent"])
    assert_all_same(response(x, dy, told, coefficient=0.0), {"y": x * by, "dx": dy * by})


@law(X, X, windows(), st.sampled_from((-3.0, 0.5)))
def test_scaling_with_the_coefficient(x, dy, told, a):
    """At a x, y is a times y of x at a^2 times the coefficient; the gradient is that there: the layer is not scale invariant."""
    found, scaled = response(x, dy, told, coefficient=told["coefficient"] * a * a), response(a * x, dy, told)
    assert_all_same(scaled, {"y": a * found["y"], "dx": found["dx"]})


@law(X, X, windows(), st.sampled_from((4.0, 0.25)))
def test_bias_and_coefficient_scale_together(x, dy, told, t):
    """With bias and coefficient t times as large, y is t^-exponent times as large."""
    more = response(x, dy, told, bias=1.5 * t, coefficient=told["coefficient"] * t)
    by = power(t, -told["exponent"])
    assert_all_same(more, {name: by * a for name, a in response(x, dy, told).items()})


@law(X, X, windows())
def test_the_window_from_the_other_end_is_its_mirror_image(x, dy, told):
    """With the channels in reverse order, `before` is `after`: so the two windows of even length that are in use are mirror images."""
    mirrored = response(x[:, ::-1], dy[:, ::-1], told | {"before": told["after"], "after": told["before"]})
    assert_all_same({name: a[:, ::-1] for name, a in mirrored.items()}, response(x, dy, told))


@law(X, X, windows(), st.integers(0, 4))
def test_no_channel_reaches_beyond_the_window(x, dy, told, channel):
    """A channel reaches the outputs whose windows have it, from c - after to c + before, and no others."""
    hot = np.arange(5) == channel
    reached = (np.arange(5) >= channel - told["after"]) & (np.arange(5) <= channel + told["before"])
    changed, found = response(x + hot.reshape(1, 5, 1), dy, told), response(x, dy, told)
    assert_same(changed["y"][:, ~reached], found["y"][:, ~reached])
    alone = response(x, dy * hot.reshape(1, 5, 1), told)["dx"]  # the other way: what reaches this output
    reaching = (np.arange(5) >= channel - told["before"]) & (np.arange(5) <= channel + told["after"])
    assert_same(alone[:, ~reaching], 0 * alone[:, ~reaching])


@law(X, X, windows())
def test_the_closed_form_of_local_response(x, dy, told):
    """The cotangent of x is dy over the power of the divisor, less 2 x exponent coefficient times the sum of dy y / divisor around it."""
    c = np.arange(5)
    seen = ((c >= c[:, None] - told["before"]) & (c <= c[:, None] + told["after"])).astype(float)
    if told["edges"] == "valid":
        seen = seen * (asarray(np.full((5, 1), told["before"] + told["after"] + 1.0)) / np.sum(seen, axis=1, keepdims=True))
    over = lambda matrix, a: np.sum(matrix[None, :, :, None] * a[:, None], axis=2)
    divisor = 1.5 + told["coefficient"] * over(asarray(seen), x * x)
    by = divisor ** asarray(np.full(x.shape, -told["exponent"]))
    around = over(asarray(seen).T, dy * x * by / divisor)
    must = {"y": x * by, "dx": dy * by - 2 * told["exponent"] * told["coefficient"] * x * around}
    assert_all_same(response(x, dy, told), must)


@law(X, X, windows(), st.permutations(range(2)), st.permutations(range(2)))
def test_samples_and_places_permute(x, dy, told, samples, places):
    """Samples, and places within them, may change places: the window is along the channels alone."""
    move = lambda a: a[samples][:, :, places]
    assert_all_same(response(move(x), move(dy), told), {name: move(a) for name, a in response(x, dy, told).items()})
