"""Figures on norms without a mean, and on weights that are normalized. Every function gives a table in Markdown."""  # noqa: INP001 - a script's module

import numpy as np
from tables import table

from normspec.dialects import DIALECTS, entries
from normspec.reference import lp_norm, spectral_norm, weight_norm

LAYERS = ("weight_norm", "spectral_norm", "weight_standardization")
FLOOR = 1e-12


def floors() -> str:
    """Give the norm of y by that of x, for an epsilon of 1e-12 in each of its places, and for one under the sum of squares."""
    told = (("floor", FLOOR), ("floor", FLOOR**0.5), ("inside", FLOOR), ("outside", FLOOR))
    rows = []
    for norm in (1.0, 1e-3, 1e-6, 1e-9, 1e-12):
        x = np.array([norm])
        found = (float(lp_norm(x, axes=(0,), epsilon=e, epsilon_place=place)[0][0]) for place, e in told)
        rows.append((f"{norm:g}", *(f"{y:.4g}" for y in found)))
    head = ("norm of x", "max(norm, 1e-12)", "sqrt(max(norm², 1e-12))", "sqrt(norm² + 1e-12)", "norm + 1e-12")
    return table(head, rows)


def weights() -> str:
    """Give the layers that normalize a weight, with the names of what is trained and kept, and how they are told to train and evaluate."""
    rows = []
    for layer in LAYERS:
        for dialect in DIALECTS:
            for entry in (e for e in entries(dialect) if e.layer == layer):
                owned = ", ".join(f"`{theirs}` ({ours})" for ours, theirs in entry.names.items())
                train, evaluate = (f"`{entry.modes[mode]}`" for mode in ("train", "evaluate"))
                rows.append((f"`{entry.native}`", owned, train, "the same" if train == evaluate else evaluate))
    return table(("layer", "its own arrays", "train", "evaluate"), rows)


def born() -> str:
    """Give the norm of a channel of a new weight, and of what weight normalization makes of it before anything is learned."""
    rng, n, channels = np.random.default_rng(0), 256, 512
    drawn = {
        "uniform up to 1/√n (PyTorch)": rng.uniform(-1, 1, (channels, n)) / np.sqrt(n),
        "normal of variance 1/n (Flax)": rng.normal(size=(channels, n)) / np.sqrt(n),
        "normal of variance 2/n (He)": rng.normal(size=(channels, n)) * np.sqrt(2 / n),
    }
    rows = []
    for name, x in drawn.items():
        norms = np.linalg.norm(x, axis=1)
        ys = (weight_norm(x, scale, channel_axes=(0,))[0] for scale in (norms, np.ones(channels)))
        rows.append((name, f"{norms.mean():.3f}", *(f"{np.linalg.norm(y, axis=1).mean():.3f}" for y in ys)))
    return table(("weight, n inputs for each channel", "its norm", "y, scale born as the norm", "y, scale born as 1"), rows)


def estimates() -> str:
    """Give the estimate of the largest singular value of noise after some iterations from a random start, as a share of it."""
    rng, rows = np.random.default_rng(0), []
    counts = (1, 2, 5, 15, 50, 200)
    for shape in ((16, 16), (64, 32), (256, 1152)):
        x = rng.normal(size=shape)
        largest, v = float(np.linalg.norm(x, 2)), rng.normal(size=shape[1])
        state = {"v": v / np.linalg.norm(v)}
        found = []
        for count in counts:
            y, _, _ = spectral_norm(x, state, mode="evaluate", channel_axes=(0,), epsilon=FLOOR, iterations=count, evaluation="iterated")
            found.append(f"{100 * float(x[0, 0] / y[0, 0]) / largest:.2f} %")
        rows.append((f"{shape[0]} by {shape[1]}", *found))
    return table(("noise", *(f"{k} iteration{'s' * (k > 1)}" for k in counts)), rows)
