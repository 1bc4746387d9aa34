"""Figures on batches of few values, in the extreme of one. Every function gives a table in Markdown."""

from typing import Any

import numpy as np
from sections.tables import table

from normspec import Running
from normspec.reference import batch_norm, batch_norm_vjp

RATE = 0.1
EPSILON = 1e-5
BATCHES = 20_000
"""Over so many an average is taken: each is a channel."""
TOLD: dict[str, Any] = {"channel_axes": (1,), "epsilon": EPSILON}


def few() -> str:
    """Give how much of x, and of a cotangent of y, is left where a statistic is over few values; and how far the statistics err."""
    rng, rows = np.random.default_rng(0), []
    for n in (1, 2, 3, 4, 8, 32, 256):
        batches = BATCHES if n < 32 else BATCHES // 10  # noqa: PLR2004 - averages of larger ones vary less
        x, dy = rng.normal(size=(2, n, batches))
        *_, saved = batch_norm(x, mode="train", **TOLD)
        outlier = np.zeros((n, 1))
        outlier[0] = 1e6
        largest, _, _ = batch_norm(outlier, mode="train", **TOLD)
        dx = batch_norm_vjp(saved, dy, channel_axes=(1,))["x"]
        through = np.sum((dx * np.sqrt(x.var(axis=0) + EPSILON)) ** 2) / np.sum(dy**2)
        rows.append((f"{n}", f"{np.abs(largest).max():.2f}", f"{100 * through:.0f} %", f"{np.sqrt(np.mean(x.mean(axis=0) ** 2)):.2f}"))
    return table(("values per statistic", "y at most", "of dy, dx has", "mean off by, in deviations"), rows)


def shrunk() -> str:
    """Give what running statistics become that observe one value at a time, and what evaluation then makes of x."""
    running = Running(rate=RATE, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    state = {"running_mean": np.zeros(1), "running_variance": np.ones(1)}
    rows, rng = [], np.random.default_rng(0)
    for step in range(1, 201):
        _, state, _ = batch_norm(rng.normal(size=(1, 1)), None, None, state, mode="train", running=running, one_value="shift", **TOLD)
        if step in (1, 10, 50, 100, 200):
            two, _, _ = batch_norm(np.array([[0.0], [1.0]]), None, None, state, mode="evaluate", running=running, **TOLD)
            rows.append((f"{step}", f"{state['running_variance'][0]:.3g}", f"{two[1, 0] - two[0, 0]:.3g}"))
    return table(("batches of one value", "running variance", "one deviation of x, in evaluation"), rows)
