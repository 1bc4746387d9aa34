"""The reference as people use it: on every array library, differentiated, compiled, and with clear errors."""

import sys
from pathlib import Path

import array_api_strict
import jax
import numpy as np
import pytest
import torch

from normspec import InvalidInput, Refused, Running
from normspec.reference import batch_norm, batch_norm_vjp, layer_norm, layer_norm_vjp

sys.path.append(str(Path(__file__).parent.parent / "benchmarks"))
import accuracy

jax.config.update("jax_enable_x64", True)
RNG = np.random.default_rng(7)
X, DY = RNG.normal(1.5, 2.0, size=(2, 5, 3, 7))
SCALE, SHIFT = RNG.normal(size=(2, 3))
RUNNING = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
MEAN, VARIANCE = RNG.normal(size=3), RNG.uniform(0.5, 2, size=3)
MODES = ["train", "evaluate", "freeze"]


def state(asarray):
    return {"running_mean": asarray(MEAN), "running_variance": asarray(VARIANCE)}


def batch(x, scale, shift, of, mode, **rest):
    return batch_norm(x, scale, shift, of, mode=mode, channel_axes=(1,), epsilon=1e-3, running=RUNNING, **rest)


@pytest.mark.parametrize("train_with", ["batch", "running"])
@pytest.mark.parametrize("place", ["inside", "outside"])
@pytest.mark.parametrize("mode", MODES)
def test_the_closed_form_is_what_jax_differentiates(mode, place, train_with):
    how = {"epsilon_place": place, "train_with": train_with}
    forward = lambda x, scale, shift: batch(x, scale, shift, state(jax.numpy.asarray), mode, **how)[0]
    _, pullback = jax.vjp(forward, X, SCALE, SHIFT)
    saved = batch(X, SCALE, SHIFT, state(np.asarray), mode, **how)[2]
    ours = batch_norm_vjp(saved, DY, channel_axes=(1,), running=RUNNING, train_with=train_with)
    for name, theirs in zip(("x", "scale", "shift"), pullback(jax.numpy.asarray(DY)), strict=True):
        np.testing.assert_allclose(ours[name], theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("axes", [(-1,), (1, 2), (0,)])
def test_the_closed_form_is_what_torch_differentiates(axes):
    x = torch.tensor(X, requires_grad=True)
    y, _ = layer_norm(x, axes=axes, epsilon=1e-3, correction=1)
    (theirs,) = torch.autograd.grad(y, x, torch.tensor(DY))
    ours = layer_norm_vjp(layer_norm(X, axes=axes, epsilon=1e-3, correction=1)[1], DY, axes=axes, correction=1)
    np.testing.assert_allclose(ours["x"], theirs.numpy(), rtol=1e-12, atol=1e-12)


def test_under_jit_in_a_custom_vjp():
    """Forward gives what the gradient needs in the shape that jax.custom_vjp wants."""

    @jax.custom_vjp
    def layer(x, scale, shift):
        return layer_norm(x, scale, shift, axes=(-1,), epsilon=1e-3)[0]

    layer.defvjp(
        lambda x, scale, shift: layer_norm(x, scale, shift, axes=(-1,), epsilon=1e-3),
        lambda saved, dy: tuple(layer_norm_vjp(saved, dy, axes=(-1,)).values()),
    )
    scale, shift = RNG.normal(size=(2, 7))
    loss = lambda f: jax.jit(jax.grad(lambda *a: (f(*a) * DY).sum(), argnums=(0, 1, 2)))
    plain = lambda x, scale, shift: layer_norm(x, scale, shift, axes=(-1,), epsilon=1e-3)[0]
    for ours, theirs in zip(loss(layer)(X, scale, shift), loss(plain)(X, scale, shift), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def test_in_a_torch_autograd_function():
    """Forward gives what the gradient needs in the shape that torch.autograd.Function wants."""

    class Layer(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, scale, shift):
            y, _, saved = batch_norm(x, scale, shift, mode="train", channel_axes=(1,), epsilon=1e-3)
            ctx.saved = saved
            return y

        @staticmethod
        def backward(ctx, dy):
            return tuple(batch_norm_vjp(ctx.saved, dy, channel_axes=(1,)).values())

    x, scale, shift = (torch.tensor(a, requires_grad=True) for a in (X, SCALE, SHIFT))
    ours = torch.autograd.grad(Layer.apply(x, scale, shift), (x, scale, shift), torch.tensor(DY))
    y = torch.nn.functional.batch_norm(x, None, None, scale, shift, training=True, eps=1e-3)
    for a, b in zip(ours, torch.autograd.grad(y, (x, scale, shift), torch.tensor(DY)), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)


def test_jit_takes_the_count_as_an_array():
    """No branch on values: the weight of a debiased average is computed from a traced count."""
    running = Running(rate=0.125, start="debiased", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    step = jax.jit(lambda x, old: batch_norm(x, None, None, old, mode="train", channel_axes=(1,), epsilon=1e-3, running=running)[1])
    old = {**state(jax.numpy.asarray), "count": jax.numpy.asarray(2)}
    new = step(X, old)
    weight = 0.125 / (1 - 0.875**3)
    np.testing.assert_allclose(new["running_mean"], MEAN + weight * (X.mean(axis=(0, 2)) - MEAN), rtol=1e-12)
    assert int(new["count"]) == 3


def test_on_the_strictest_library():
    strict = array_api_strict.asarray
    y, _, _ = batch(strict(X), strict(SCALE), strict(SHIFT), state(strict), "train")
    np.testing.assert_allclose(np.asarray(y), batch(X, SCALE, SHIFT, state(np.asarray), "train")[0], rtol=1e-13)


def test_the_inputs_are_left_as_they_are():
    x, old = X.copy(), {name: value.copy() for name, value in state(np.asarray).items()}
    batch(x, SCALE, SHIFT, old, "train")
    assert (x == X).all()
    assert (old["running_mean"] == MEAN).all()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: batch(X, np.ones(7), None, state(np.asarray), "train"), InvalidInput, r"scale must have shape \(3,\).*got \(7,\)"),
        (lambda: batch(X, SCALE, SHIFT, None, "train"), InvalidInput, "state must hold running_mean, running_variance .* and lacks"),
        (lambda: layer_norm(X, axes=(3,), epsilon=1e-3), InvalidInput, r"axes must be different axes of x, which has rank 3, got \(3,\)"),
        (
            lambda: layer_norm(X[:, :, :1], axes=(-1,), epsilon=1e-3, one_value="refuse"),
            Refused,
            r"x must have more than one value per statistic, got shape \(5, 3, 1\)",
        ),
    ],
)
def test_errors_say_name_must_and_got(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("layout", accuracy.LAYOUTS)
@pytest.mark.parametrize("library", accuracy.libraries())
def test_float32_errs_by_at_most_16_roundoffs(library, layout):
    layer = accuracy.reference(accuracy.libraries()[library])[layout]
    worst = max(accuracy.error(layer, layout, n, ratio) for n in (100, 10_000, 100_000) for ratio in accuracy.RATIOS)
    assert worst <= 16
