"""How far float32 normalization is from exact, in units of roundoff: the reference on four libraries beside PyTorch's own layers.

The error is |normal - exact| / (|exact| + 1), at worst, over 2^-24. Both layouts: statistics over the leading axis (N, C), as batch
norm has them, and over the trailing one (C, N), as layer norm has; there group norm, too, each row a group of its own in one sample,
and RMS norm. Run `python benchmarks/accuracy.py`.
"""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from normspec.reference import batch_norm, group_norm, layer_norm, rms_norm

UNIT = 2.0**-24
CHANNELS = 3
LENGTHS = (100, 1_000, 10_000, 70_000, 100_000)
RATIOS = (0.0, 1e1, 1e3, 1e5)
EPSILON = 2.0**-20
NATIVE = "torch's own"
RMS = "(C, N), RMS"
LAYOUTS = ("(N, C)", "(C, N)", "(C, N), groups", RMS)
Convert = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def draw(n: int, ratio: float) -> Any:
    """Draw n rows whose mean is `ratio` times their standard deviation, in float32."""
    rng = np.random.default_rng([n, int(ratio)])
    return (ratio * np.linspace(0.7, 1.3, CHANNELS) + rng.normal(size=(n, CHANNELS))).astype(np.float32)


def exact(x: Any) -> Any:
    """Normalize in extended precision, on the bits of x."""
    wide = x.astype(np.longdouble)
    centred = wide - wide.mean(axis=0)
    return over_root(centred)


def over_root(wide: Any) -> Any:
    """Divide by the root of the mean square."""
    return wide / np.sqrt((wide**2).mean(axis=0) + EPSILON)


def libraries() -> dict[str, Convert]:
    """Give how to make and read the arrays of every library that is here."""
    found: dict[str, Convert] = {"numpy": (np.asarray, np.asarray)}
    try:
        import torch  # noqa: PLC0415 - measured where it is installed

        found["torch"] = (torch.from_numpy, lambda t: t.numpy())
    except ModuleNotFoundError:
        pass
    try:
        import jax  # noqa: PLC0415 - likewise

        found["jax"] = (jax.numpy.asarray, np.asarray)
    except ModuleNotFoundError:
        pass
    try:
        import tensorflow as tf  # noqa: PLC0415 - likewise

        found["tensorflow"] = (tf.constant, lambda t: t.numpy())
    except ModuleNotFoundError:
        pass
    return found


def reference(library: Convert) -> dict[str, Callable[[Any], Any]]:
    """Give the reference's layers as functions of an (N, C) array of NumPy's."""
    make, read = library
    own = {"channel_axes": (0,), "batch_axes": (), "groups": CHANNELS}
    return {
        "(N, C)": lambda x: read(batch_norm(make(x), mode="train", channel_axes=(1,), epsilon=EPSILON)[0]),
        "(C, N)": lambda x: read(layer_norm(make(turned(x)), axes=(-1,), epsilon=EPSILON)[0]).T,
        "(C, N), groups": lambda x: read(group_norm(make(turned(x)), epsilon=EPSILON, **own)[0]).T,
        RMS: lambda x: read(rms_norm(make(turned(x)), axes=(-1,), epsilon=EPSILON)[0]).T,
    }


def turned(x: Any) -> Any:
    """Give an (N, C) array as (C, N), laid out anew."""
    return np.ascontiguousarray(x.T)


def native() -> dict[str, Callable[[Any], Any]]:
    """Give PyTorch's own layers in the same layouts."""
    import torch  # noqa: PLC0415 - measured where it is installed

    f = torch.nn.functional
    return {
        "(N, C)": lambda x: f.batch_norm(torch.from_numpy(x), None, None, training=True, eps=EPSILON).numpy(),
        "(C, N)": lambda x: f.layer_norm(torch.from_numpy(turned(x)), x.shape[:1], eps=EPSILON).numpy().T,
        "(C, N), groups": lambda x: f.group_norm(torch.from_numpy(turned(x))[None], CHANNELS, eps=EPSILON)[0].numpy().T,
        RMS: lambda x: f.rms_norm(torch.from_numpy(turned(x)), x.shape[:1], eps=EPSILON).numpy().T,
    }


def error(layer: Callable[[Any], Any], layout: str, n: int, ratio: float) -> float:
    """Give the worst error in units of roundoff."""
    x = draw(n, ratio)
    truth = over_root(x.astype(np.longdouble)) if layout == RMS else exact(x)
    return float(np.max(np.abs(layer(x) - truth) / (np.abs(truth) + 1)) / UNIT)


def main() -> None:
    """Print the table, and exit with 1 where the reference passes 16 units."""
    title = "float32 error in units of roundoff (2^-24), at worst over n <= 1e5: the reference on each library"
    table = Table(title=title, title_justify="left")
    columns = {name: reference(library) for name, library in libraries().items()}
    if "torch" in columns:
        columns[NATIVE] = native()
    for name in ("layout", "mean / std", *columns):
        table.add_column(name, justify="right")
    worst = 0.0
    for layout in LAYOUTS:
        for ratio in RATIOS:
            row = {name: max(error(layers[layout], layout, n, ratio) for n in LENGTHS) for name, layers in columns.items()}
            worst = max(worst, *(value for name, value in row.items() if name != NATIVE))
            table.add_row(layout, f"{ratio:g}", *(f"{value:.1f}" for value in row.values()))
    Console().print(table)
    sys.exit(int(worst > 16))  # noqa: PLR2004 - the promise of docs/bounds.md


if __name__ == "__main__":
    main()
