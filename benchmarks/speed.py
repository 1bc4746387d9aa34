"""How fast the reference is beside native layers and a plain copy, in one run: ours, native and copy in turn, medians, as ratios.

Training forward, and forward with gradient, in float32: NumPy (which has no native layers), PyTorch (its own kernels beside the reference
under torch.compile) and JAX (Flax' layers beside the reference, both under jax.jit). `passes` are those over memory that each side
needs at least where everything elementwise is fused: a read or a write of an array of x's size is one. The aim is a time of at most 1.1
times that ratio. Run `python benchmarks/speed.py`, or with `--quick` for small sizes alone.
"""

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from normspec import reference as r

SIZES = (2**16, 2**20, 2**24, 2**26)
"""Bytes of x."""
CHANNELS, WIDTH, GROUPS, EPSILON = 64, 1024, 32, 1e-5
SECONDS, TURNS = 0.3, 7
"""Time that each side gets in a turn at most, and turns at least."""
Call = Callable[[], Any]


@dataclass(frozen=True)
class Layer:
    """One layer: its shape of x, its functions here, and the passes over memory of ours and of a two-pass native one."""

    name: str
    rows: bool
    forward: Callable[..., Any]
    vjp: Callable[..., Any]
    keywords: dict[str, Any]
    of_vjp: dict[str, Any]
    passes: dict[str, tuple[int, int]]

    def shape(self, size: int) -> tuple[int, ...]:
        """Give a shape of this many bytes."""
        return (size // 4 // WIDTH, WIDTH) if self.rows else (max(size // 4 // CHANNELS // 256, 1), CHANNELS, 256)

    @property
    def parameters(self) -> int:
        """The number of entries of scale and of shift."""
        return WIDTH if self.rows else CHANNELS


CENTRED = {"forward": (5, 4), "with gradient": (9, 8)}
"""Ours: mean, rest of the mean, variance, then y; a native one: mean and variance, then y. The gradient: two sums, then dx."""
SCALED = {"forward": (3, 3), "with gradient": (7, 7)}
LAYERS = (
    Layer("batch_norm", False, r.batch_norm, r.batch_norm_vjp, {"channel_axes": (1,), "mode": "train"}, {"channel_axes": (1,)}, CENTRED),
    Layer("layer_norm", True, r.layer_norm, r.layer_norm_vjp, {"axes": (-1,)}, {"axes": (-1,)}, CENTRED),
    Layer(
        "group_norm",
        False,
        r.group_norm,
        r.group_norm_vjp,
        {"groups": GROUPS, "channel_axes": (1,)},
        {"groups": GROUPS, "channel_axes": (1,)},
        CENTRED,
    ),
    Layer("rms_norm", True, r.rms_norm, r.rms_norm_vjp, {"axes": (-1,)}, {"axes": (-1,)}, SCALED),
)


def ours(layer: Layer, x: Any, scale: Any, shift: Any) -> tuple[Any, Any]:
    """Give y and what the gradient needs."""
    parameters = (scale,) if layer.name == "rms_norm" else (scale, shift)
    found = layer.forward(x, *parameters, epsilon=EPSILON, **layer.keywords)
    return found[0], found[-1]


def ours_with_gradient(layer: Layer, x: Any, scale: Any, shift: Any, dy: Any) -> tuple[Any, Any]:
    """Give y and every cotangent."""
    y, saved = ours(layer, x, scale, shift)
    return y, layer.vjp(saved, dy, **layer.of_vjp)


def drawn(layer: Layer, size: int) -> tuple[Any, ...]:
    """Draw x, scale, shift and dy."""
    rng = np.random.default_rng(size)
    shape, n = layer.shape(size), layer.parameters
    return tuple(rng.normal(size=s).astype(np.float32) for s in (shape, n, n, shape))


def on_numpy(layer: Layer, arrays: tuple[Any, ...]) -> Iterator[tuple[str, Call, Call | None, Call]]:
    """Give direction, ours, native and copy on NumPy."""
    x, scale, shift, dy = arrays
    yield "forward", lambda: ours(layer, x, scale, shift)[0], None, x.copy
    yield "with gradient", lambda: ours_with_gradient(layer, x, scale, shift, dy), None, x.copy


def on_torch(layer: Layer, arrays: tuple[Any, ...]) -> Iterator[tuple[str, Call, Call | None, Call]]:
    """Give direction, ours compiled, native and copy on PyTorch."""
    import torch  # noqa: PLC0415 - measured where it is installed
    from torch.nn import functional as f  # noqa: PLC0415 - likewise

    x, scale, shift, dy = (torch.from_numpy(a) for a in arrays)
    native = {
        "batch_norm": lambda x, w, b: f.batch_norm(x, None, None, w, b, training=True, eps=EPSILON),
        "layer_norm": lambda x, w, b: f.layer_norm(x, (WIDTH,), w, b, EPSILON),
        "group_norm": lambda x, w, b: f.group_norm(x, GROUPS, w, b, EPSILON),
        "rms_norm": lambda x, w, _: f.rms_norm(x, (WIDTH,), w, EPSILON),
    }[layer.name]
    one = torch.compile(lambda *a: ours(layer, *a)[0])
    both = torch.compile(lambda *a: ours_with_gradient(layer, *a))
    leaves = [a.clone().requires_grad_() for a in (x, scale, shift)]
    wanted = leaves[:2] if layer.name == "rms_norm" else leaves

    def with_gradient() -> Any:
        y = native(*leaves)
        return y, torch.autograd.grad(y, wanted, dy)

    yield "forward", lambda: one(x, scale, shift), lambda: native(x, scale, shift), x.clone
    yield "with gradient", lambda: both(x, scale, shift, dy), with_gradient, x.clone


def on_jax(layer: Layer, arrays: tuple[Any, ...]) -> Iterator[tuple[str, Call, Call | None, Call]]:
    """Give direction, ours, Flax' layer and copy on JAX, all compiled."""
    import jax  # noqa: PLC0415 - measured where it is installed
    from flax import linen  # noqa: PLC0415 - likewise

    x, scale, shift, dy = (jax.numpy.asarray(a) for a in arrays)
    module = {
        "batch_norm": linen.BatchNorm(use_running_average=False, axis=1, epsilon=EPSILON),
        "layer_norm": linen.LayerNorm(epsilon=EPSILON),
        "group_norm": linen.GroupNorm(num_groups=GROUPS, epsilon=EPSILON, reduction_axes=(1, 2)),
        "rms_norm": linen.RMSNorm(epsilon=EPSILON),
    }[layer.name]
    last = layer.name == "group_norm"  # Flax has the channels last: x is laid out so for it, and not moved while it is timed
    seen, seen_dy = (jax.numpy.moveaxis(a, 1, -1).copy() if last else a for a in (x, dy))

    def native(x: Any, scale: Any, shift: Any) -> Any:
        parameters = {"scale": scale} if layer.name == "rms_norm" else {"scale": scale, "bias": shift}
        return module.apply({"params": parameters, "batch_stats": {"mean": shift, "var": scale}}, x, mutable=["batch_stats"])[0]

    def native_with_gradient(x: Any, scale: Any, shift: Any, dy: Any) -> Any:
        y, back = jax.vjp(native, x, scale, shift)
        return y, back(dy)

    one, both = jax.jit(lambda *a: ours(layer, *a)[0]), jax.jit(lambda *a: ours_with_gradient(layer, *a))
    theirs, theirs_both, copy = jax.jit(native), jax.jit(native_with_gradient), jax.jit(lambda a: a.copy())
    ready = jax.block_until_ready
    yield "forward", lambda: ready(one(x, scale, shift)), lambda: ready(theirs(seen, scale, shift)), lambda: ready(copy(x))
    yield (
        "with gradient",
        lambda: ready(both(x, scale, shift, dy)),
        lambda: ready(theirs_both(seen, scale, shift, seen_dy)),
        lambda: ready(copy(x)),
    )


LIBRARIES = {"numpy": on_numpy, "torch.compile": on_torch, "jax.jit": on_jax}


def medians(calls: list[Call]) -> list[float]:
    """Give the median seconds of each call, taken in turn."""
    for call in calls:
        call()  # compiles, and touches the memory
    times: list[list[float]] = [[] for _ in calls]
    began = time.perf_counter()
    while len(times[0]) < TURNS or time.perf_counter() - began < SECONDS:
        for call, own in zip(calls, times, strict=True):
            start = time.perf_counter()
            call()
            own.append(time.perf_counter() - start)
    return [statistics.median(own) for own in times]


def main(arguments: list[str]) -> None:
    """Print the table, a row as soon as it is measured."""
    console = Console(width=120)
    table = Table("layer", "library", "x", "direction", "ours / copy", "native / copy", "ours / native", "passes", "aim")
    for size in SIZES[:2] if "--quick" in arguments else SIZES:
        for layer in LAYERS:
            for library, on in LIBRARIES.items():
                for direction, mine, native, copy in on(layer, drawn(layer, size)):
                    console.print(f"[dim]{layer.name} {library} {size >> 10} kB {direction}", end="\r")
                    times = medians([mine, copy, *([native] if native else [])])
                    table.add_row(layer.name, library, f"{size >> 10} kB", direction, *shown(layer, direction, times))
    console.print(table)


def shown(layer: Layer, direction: str, times: list[float]) -> tuple[str, ...]:
    """Give the ratios of a row: ours and native in copies, ours in natives, the passes of both, and whether the aim is met."""
    mine, copy, *native = times
    here, there = layer.passes[direction]
    if not native:
        return f"{mine / copy:.1f}", "", "", "", ""
    limit = 1.1 * here / there
    met = "met" if mine / native[0] <= limit else "missed"
    return f"{mine / copy:.1f}", f"{native[0] / copy:.1f}", f"{mine / native[0]:.2f}", f"{here} / {there}", f"{limit:.2f} {met}"


if __name__ == "__main__":
    main(sys.argv[1:])
