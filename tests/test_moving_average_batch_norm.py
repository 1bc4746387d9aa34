"""Moving average batch norm: steps in plain loops over exact scalars; one step's window is a gradient, and a longer one is not."""

import mpmath
import numpy as np
import pytest
from agreement import AGREE, PRECISION, indexed

from normspec import InvalidInput
from normspec.reference import quad, rms_norm, rms_norm_vjp
from normspec.reference.moving_average_batch_norm import moving_average_batch_norm, moving_average_batch_norm_vjp

RNG = np.random.default_rng(9)
SHAPE = (3, 2, 5)
TOLD = {"epsilon": 0.125, "rate": 0.25, "warmup": 5, "renorm_after": 7, "r_min": 0.75, "r_max": 1.25}
AT = {"channel_axes": (1,)}


def drawn(shape, size=1.0):
    return quad.asarray(RNG.normal(size=shape) * size)


def born(window, asarray=quad.asarray):
    nothing = asarray(np.zeros((window, 2)))
    return {"running_square": asarray(np.ones(2)), "squares": nothing, "products": nothing, "count": np.asarray(0)}


def mean(values):
    values = list(values)
    return sum(values) / len(values)


class Loops:
    """The authors' steps for one channel, over exact scalars; `window` is that of their buffers."""

    def __init__(self, window):
        self.window, self.k, self.running, self.squares, self.products = window, 0, mpmath.mpf(1), {}, {}

    def step(self, x, dy, scale, shift):
        """Give y, and what is passed back to x and scale."""
        self.k += 1
        own = self.squares[self.k % self.window] = mean(a * a for a in x)
        early = self.k <= self.window or self.k < TOLD["warmup"]
        divided_by = mpmath.sqrt((own if early else mean(self.squares.values())) + TOLD["epsilon"])
        r = mpmath.mpf(1)
        if self.k > max(TOLD["renorm_after"], TOLD["warmup"]):
            r = min(max(divided_by / mpmath.sqrt(self.running + TOLD["epsilon"]), TOLD["r_min"]), TOLD["r_max"])
        self.running += TOLD["rate"] * (divided_by**2 - TOLD["epsilon"] - self.running)
        z = [a / divided_by for a in x]
        h = [d * scale * r for d in dy]
        product = self.products[self.k % self.window] = mean(a * b for a, b in zip(h, z, strict=True))
        through = product if early else mean(self.products.values())
        dx = [(a - b * through) / divided_by for a, b in zip(h, z, strict=True)]
        return [r * a * scale + shift for a in z], dx, sum(d * r * a for d, a in zip(dy, z, strict=True)), r


def of_channel(a, channel):
    return [value for index, value in sorted(indexed(a).items()) if index[1] == channel]


def assert_same(found, must):
    most = max(map(abs, must))
    assert max(abs(a - b) for a, b in zip(found, must, strict=True)) <= AGREE * most


@pytest.mark.parametrize("window", [1, 3, 6])
def test_steps_are_what_the_loops_give(window):
    """Through the warm-up, the first full window and the limits of r, with x that grows and shrinks."""
    state, loops, seen = born(window), [Loops(window) for _ in range(2)], set()
    with mpmath.workprec(PRECISION):
        for k in range(12):
            x, dy, scale, shift = drawn(SHAPE, 3.0 if k < 9 else 0.1), drawn(SHAPE), drawn(2), drawn(2)
            y, state, saved = moving_average_batch_norm(x, scale, shift, state, mode="train", **AT, **TOLD)
            back, state["products"] = moving_average_batch_norm_vjp(saved, dy, **AT)
            for c, one in enumerate(loops):
                own = indexed(scale)[c,], indexed(shift)[c,]
                must_y, must_dx, must_dscale, r = one.step(of_channel(x, c), of_channel(dy, c), *own)
                assert_same(of_channel(y, c), must_y)
                assert_same(of_channel(back["x"], c), must_dx)
                assert_same([indexed(back["scale"])[c,]], [must_dscale])
                assert_same([indexed(back["shift"])[c,]], [sum(of_channel(dy, c))])
                assert_same([indexed(state["running_square"])[c,]], [one.running])
                seen.add("limited" if r in (TOLD["r_min"], TOLD["r_max"]) else "one" if r == 1 else "free")
    assert int(state["count"]) == 12
    assert seen == {"one", "limited", "free"}


def settled(window, steps=8, renorm_after=100):
    """Give the state after some steps, and how to go on."""
    told = {**TOLD, "renorm_after": renorm_after}
    state = born(window)
    for _ in range(steps):
        x, dy = drawn(SHAPE, 2.0), drawn(SHAPE)
        _, state, saved = moving_average_batch_norm(x, None, None, state, mode="train", **AT, **told)
        state["products"] = moving_average_batch_norm_vjp(saved, dy, **AT)[1]
    return state, told


def slope(state, told, x, dy, direction):
    """Give how <dy, y> grows with x along a direction, by a central difference in 113 bits."""
    step = 2.0**-40
    up, down = (moving_average_batch_norm(x + s * direction, None, None, state, mode="train", **AT, **told)[0] for s in (step, -step))
    return np.sum((up - down) * dy) / (2 * step)


def test_with_a_window_of_one_it_is_the_gradient():
    """Without r it is then a root mean square norm over batch and places, and its gradient."""
    state, told = settled(1)
    x, dy, scale, direction = drawn(SHAPE), drawn(SHAPE), drawn(2), drawn(SHAPE)
    y, _, saved = moving_average_batch_norm(x, scale, None, state, mode="train", **AT, **told)
    back, _ = moving_average_batch_norm_vjp(saved, dy, **AT)
    axes = {"axes": (0, 2), "parameter_axes": (1,)}
    must, kept = rms_norm(x, scale, None, epsilon=0.125, **axes)
    assert np.max(np.abs(y - must)) < 1e-30
    assert np.max(np.abs(back["x"] - rms_norm_vjp(kept, dy, **axes)["x"])) < 1e-30
    _, _, saved = moving_average_batch_norm(x, None, None, state, mode="train", **AT, **told)
    found = np.sum(moving_average_batch_norm_vjp(saved, dy, **AT)[0]["x"] * direction)
    assert abs(found - slope(state, told, x, dy, direction)) < 1e-20


def test_with_a_longer_window_it_is_not_the_gradient():
    """The forward's own gradient takes the share of the step in the window, 1 in 3, of this step's product; not a mean of products."""
    state, told = settled(3)
    x, dy, direction = drawn(SHAPE), drawn(SHAPE), drawn(SHAPE)
    _, _, saved = moving_average_batch_norm(x, None, None, state, mode="train", **AT, **told)
    back, _ = moving_average_batch_norm_vjp(saved, dy, **AT)
    z, inverse = saved.normal, saved.inverse
    gradient = inverse * (dy - z * np.mean(dy * z, axis=(0, 2), keepdims=True) / 3)
    true = slope(state, told, x, dy, direction)
    assert abs(np.sum(gradient * direction) - true) < 1e-20
    assert abs(np.sum(back["x"] * direction) - true) > 1e-2


@pytest.mark.parametrize("mode", ["evaluate", "freeze"])
def test_evaluation_divides_by_what_is_kept_and_keeps_it(mode):
    state, told = settled(3)
    x, dy, scale, shift = drawn(SHAPE), drawn(SHAPE), drawn(2), drawn(2)
    y, after, saved = moving_average_batch_norm(x, scale, shift, state, mode=mode, **AT, **told)
    divided_by = np.sqrt(state["running_square"] + 0.125)
    column = lambda a: a[:, None]
    assert np.max(np.abs(y - (x / column(divided_by) * column(scale) + column(shift)))) < 1e-30
    assert all(after[name] is state[name] for name in state)
    back, products = moving_average_batch_norm_vjp(saved, dy, **AT)
    assert products is state["products"]
    assert np.max(np.abs(back["x"] - dy * column(scale / divided_by))) < 1e-30


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_dtypes_are_kept(dtype):
    state = born(2, lambda a: a.astype("float32"))
    for _ in range(6):
        x = (RNG.normal(size=SHAPE) * 300).astype(dtype)
        y, state, saved = moving_average_batch_norm(x, np.ones(2, dtype), None, state, mode="train", **AT, **TOLD)
        back, state["products"] = moving_average_batch_norm_vjp(saved, y, **AT)
    assert y.dtype == back["x"].dtype == back["scale"].dtype == dtype
    assert {state[name].dtype.name for name in ("running_square", "squares", "products")} == {"float32"}
    assert np.isfinite(y).all()  # a square of 300 is beyond float16


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"mode": "observe"}, "got 'observe': half of what is averaged"),
        ({"mode": "test"}, "mode must be"),
        ({"state": {}}, "state must hold running_square, squares, products, count, and lacks running_square"),
        ({"state": born(3) | {"squares": np.zeros((2, 2))}}, r"squares of \(2, 2\) and products of \(3, 2\)"),
        ({"state": born(3) | {"running_square": np.ones(3)}}, r"running_square must have shape \(2,\)"),
        ({"state": born(0)}, "a window of 1 or more steps"),
    ],
)
def test_what_cannot_be(told, message):
    given = {"state": born(3), "mode": "train", **AT, **TOLD, **told}
    with pytest.raises(InvalidInput, match=message):
        moving_average_batch_norm(np.ones(SHAPE), None, None, **given)


def test_it_runs_on_every_library():
    """One function for NumPy, PyTorch, JAX under jit, TensorFlow, Dask, and what has the listed names alone."""
    import dask.array  # noqa: PLC0415 - slow to import
    import jax  # noqa: PLC0415 - likewise
    import tensorflow as tf  # noqa: PLC0415 - likewise
    import torch  # noqa: PLC0415 - likewise
    from only import Only  # noqa: PLC0415 - beside it

    arrays = [RNG.normal(size=SHAPE).astype("float32") for _ in range(2)]

    def of(x, dy, running, squares, products, count):
        state = {"running_square": running, "squares": squares, "products": products, "count": count}
        shown = []
        for _ in range(9):
            y, state, saved = moving_average_batch_norm(x, None, None, state, mode="train", **AT, **TOLD)
            back, state["products"] = moving_average_batch_norm_vjp(saved, dy, **AT)
            shown += [y, back["x"]]
            x = x * 0.75
        return shown

    kept = list(born(2, lambda a: a.astype("float32")).values())
    expected = of(*arrays, *kept)
    for asarray, back, run in (
        (torch.as_tensor, np.asarray, of),
        (jax.numpy.asarray, np.asarray, jax.jit(of)),
        (tf.constant, np.asarray, of),
        (dask.array.asarray, np.asarray, of),
        (Only, lambda a: a.hidden, of),
    ):
        for a, must in zip(run(*map(asarray, [*arrays, *kept])), expected, strict=True):
            np.testing.assert_allclose(back(a), must, rtol=1e-4, atol=1e-5)
