"""Spectral norm: the estimate of the largest singular value, how it grows, and what the layer is once it has converged."""

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st
from laws_numbers import assert_all_same, assert_at_most, assert_identical, assert_same, differ, law, numbers

from normspec.reference import spectral_norm, spectral_norm_vjp
from normspec.reference.quad import asarray

ROWS, COLUMNS = 4, 6
FIRST = st.sampled_from(("u", "v"))
DOUBLE = 1e-12
"""NumPy's singular values are of 53 bits."""
CONVERGED = 60
"""Iterations after which the share of the next singular vector, at most half the first, has fallen by 4^-60, below 113 bits."""


@st.composite
def weights(draw):
    """Draw a weight whose second singular value is at most half the first: its singular vectors those of a drawn one."""
    drawn = np.asarray(draw(numbers((ROWS, COLUMNS))).astype(np.float64)) + 3 * np.eye(ROWS, COLUMNS)
    left, _, right = np.linalg.svd(drawn, full_matrices=False)
    values = np.array([4.0, *(draw(st.floats(0.125, 2)) for _ in range(ROWS - 1))])
    return asarray((left * values) @ right)


@st.composite
def vectors(draw):
    """Draw u and v, of length 1, that are at no right angle to anything by accident."""
    drawn = {"u": draw(numbers((ROWS,), nowhere_zero=True)), "v": draw(numbers((COLUMNS,), nowhere_zero=True))}
    return {name: a / np.sqrt(np.sum(a * a)) for name, a in drawn.items()}


def normalized(w, state, **told):
    """Give y and the state after a step without epsilon."""
    return spectral_norm(w, state, **{"mode": "train", "channel_axes": (0,), "epsilon": 0.0, "epsilon_place": "inside", **told})[:2]


def converged(w, state, **told):
    """Give the state after enough iterations, from vectors that are at no right angle to the first singular ones."""
    left, _, right = np.linalg.svd(double(w))
    assume(abs(left[:, 0] @ double(state["u"])) > 1e-3)
    assume(abs(right[0] @ double(state["v"])) > 1e-3)
    return normalized(w, state, mode="observe", iterations=CONVERGED, **told)[1]


def double(a):
    return np.asarray(a.astype(np.float64))


def singular_values(w):
    return np.linalg.svd(double(w), compute_uv=False)


def sigma(w, y):
    """Give what w was divided by."""
    place = np.unravel_index(np.argmax(np.abs(w)), w.shape)
    return w[place] / y[place]


@law(weights(), vectors(), FIRST)
def test_converged_the_largest_singular_value_is_one(w, state, first):
    """Once u and v have converged, y is w over its largest singular value: its own are w's, in the same ratios, the largest 1."""
    y, _ = normalized(w, converged(w, state, first=first), first=first)
    assert_same(singular_values(y), singular_values(w) / singular_values(w)[0], tolerance=DOUBLE)
    assert_same(singular_values(y)[0], 1.0, tolerance=DOUBLE)


@law(weights(), vectors(), FIRST)
def test_converged_it_is_its_own_square(w, state, first):
    """Once u and v have converged, a normalized weight normalized again is the same, and so are u and v."""
    after = converged(w, state, first=first)
    y, once = normalized(w, after, first=first)
    again, twice = normalized(y, once, first=first)
    assert_same(again, y, tolerance=1e-26)
    assert_all_same(twice, after)


@law(numbers((ROWS, COLUMNS)), vectors(), FIRST)
def test_the_estimate_rises_to_the_largest_singular_value(w, state, first):
    """From one iteration to the next the estimate never falls, and it is never above the largest singular value."""
    assume(differ(w, 0 * w))
    estimates = []
    for _ in range(8):
        y, state = normalized(w, state, first=first)
        estimates.append(sigma(w, y))
    assert_at_most(np.array(estimates[:-1]), np.array(estimates[1:]))
    assert float(estimates[-1]) <= singular_values(w)[0] * (1 + DOUBLE)


@law(numbers((ROWS, COLUMNS)), vectors(), st.sampled_from(("inside", "outside", "floor")))
def test_with_epsilon_the_estimate_is_smaller(w, state, place):
    """With an epsilon, in any place, u and v are as much shorter than 1 as it says, and the estimate is no larger than without."""
    assume(differ(w, 0 * w))
    (y, after), (without, _) = normalized(w, state, epsilon=2.0, epsilon_place=place), normalized(w, state)
    image = np.sum(w * state["v"], axis=1)
    length = np.sqrt(np.sum(image * image))
    by = {"inside": np.sqrt(length**2 + 2.0), "outside": length + 2.0, "floor": np.maximum(length, asarray(np.float64(2.0)))}
    assert_same(after["u"] * by[place], image)
    for vector in after.values():
        assert_at_most(np.sum(vector * vector), 1.0)
    assert_at_most(sigma(w, y), sigma(w, without))


@law(weights(), vectors(), FIRST, st.sampled_from((-3.0, -1.0, 2.0)))
def test_scaling_a_weight(w, state, first, a):
    """Of a w, y is y of w with the sign of a where u and v move; where they are kept it is y of w, whatever a's sign."""
    assert_same(normalized(a * w, state, first=first)[0], np.sign(a) * normalized(w, state, first=first)[0])
    kept = converged(w, state, first=first)
    assert_same(normalized(a * w, kept, mode="evaluate")[0], normalized(w, kept, mode="evaluate")[0])


@law(numbers((ROWS,), nowhere_zero=True), numbers((COLUMNS,), nowhere_zero=True), vectors(), FIRST)
def test_a_weight_of_rank_one_takes_one_iteration(left, right, state, first):
    """The one singular value of a weight of rank 1 is found by the first iteration, from any vectors but those at a right angle."""
    assume(abs(np.sum(left * state["u"])) > 1e-2 and abs(np.sum(right * state["v"])) > 1e-2)
    w = left[:, None] * right
    y, _ = normalized(w, state, first=first)
    assert_same(y * np.sqrt(np.sum(w * w)), w)


@law(weights(), vectors(), FIRST, st.integers(1, 4))
def test_iterations_of_one_step_are_as_many_steps(w, state, first, many):
    """As many steps of one iteration leave u and v where one step of as many iterations does, and give its y last."""
    at_once, step_by_step = normalized(w, state, first=first, iterations=many), (None, state)
    for _ in range(many):
        step_by_step = normalized(w, step_by_step[1], first=first)
    assert_identical({"y": at_once[0], **at_once[1]}, {"y": step_by_step[0], **step_by_step[1]})


@law(weights(), vectors(), FIRST)
def test_evaluation_gives_what_training_gave(w, state, first):
    """Evaluation with the vectors kept gives the y of the step that left them; iterated, the y of the next step; both keep them."""
    y, after = normalized(w, state, first=first)
    again, kept = normalized(w, after, first=first, mode="evaluate")
    assert_identical({"y": again, **kept}, {"y": y, **after})
    ahead, kept = normalized(w, after, first=first, mode="evaluate", evaluation="iterated")
    assert_identical({"y": ahead, **kept}, {"y": normalized(w, after, first=first)[0], **after})


@law(weights(), vectors(), numbers((ROWS, COLUMNS)))
def test_the_gradient_is_that_of_the_largest_singular_value(w, state, dy):
    """Once u and v have converged, that they are constants changes nothing: dw is the gradient of w over its largest singular value.

    It is dy less its part along y times u v^T, over sigma; and without epsilon at a right angle to w.
    """
    after = converged(w, state)
    dw = spectral_norm_vjp(spectral_norm(w, after, mode="evaluate", channel_axes=(0,), epsilon=0.0, epsilon_place="inside")[2], dy)["x"]
    assert_same(np.sum(dw * w), 0.0)
    left, values, right = np.linalg.svd(double(w))
    outer = np.outer(left[:, 0], right[0])
    must = (double(dy) - np.sum(double(dy * w)) / values[0] * outer) / values[0]
    assert_same(double(dw), must, tolerance=1e-10)
    loss = lambda a: np.sum(double(dy) * a) / np.linalg.svd(a, compute_uv=False)[0]
    place, step = (1, 2), 1e-5 * (np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS) == COLUMNS + 2)
    assert_same((loss(double(w) + step) - loss(double(w) - step)) / 2e-5, double(dw)[place], tolerance=1e-6)
