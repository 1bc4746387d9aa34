"""Figures on norms without a mean, and on weights that are normalized. Every function gives a table in Markdown."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sections.tables import table

from normspec.dialects import DIALECTS, all_entries, entries
from normspec.layers.fields import Slot
from normspec.records import Mode
from normspec.reference import lp_norm, spectral_norm, weight_norm
from normspec.translation.bare import bare, typical

LAYERS = ("weight_norm", "spectral_norm", "weight_standardization")
FLOOR = 1e-12
WEIGHT = (4, 3)
"""The shape of a weight, outputs first."""
MODES: tuple[Mode, ...] = ("train", "observe", "evaluate", "freeze")
TOLD: dict[str, Any] = {"channel_axes": (0,), "epsilon": FLOOR}


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


def owned() -> str:
    """Give what the layers that normalize a weight train, and what they keep besides, as each framework has it or as it is typical."""
    rows = []
    for layer in LAYERS:
        specs = [bare(e) for e in all_entries() if e.layer == layer]
        found = [of.spec.slots(of.situation.shape) for of in specs] or [typical(layer).slots(WEIGHT)]
        trained, state = (dict.fromkeys(_of_role(slots, role) for slots in found) for role in ("parameter", "state"))
        rows.append(
            (layer.replace("_", " "), " or ".join(f"x, {names}" if names else "x" for names in trained), " or ".join(state) or "none")
        )
    return table(("layer", "trained", "state"), rows)


def _of_role(slots: Mapping[str, Slot], role: str) -> str:
    return ", ".join(name for name, slot in slots.items() if slot.role == role)


def turns() -> str:
    """Give what happens to the vectors of spectral norm in each mode, and of which of them y is then, played by the reference."""
    rows = []
    for evaluation in ("kept", "iterated", "none"):
        told: dict[str, list[Mode]] = {}
        for mode in MODES:
            told.setdefault(_turn(mode, evaluation), []).append(mode)
        rows += [(f"`{evaluation}`", ", ".join(modes), *what.split("; ")) for what, modes in told.items()]
    return table(("evaluation", "mode", "u and v", "sigma is of"), rows)


def _turn(mode: Mode, evaluation: str) -> str:
    rng = np.random.default_rng(0)
    x, born = rng.normal(size=WEIGHT), {"u": rng.normal(size=WEIGHT[0]), "v": rng.normal(size=WEIGHT[1])}
    before = {name: vector / np.linalg.norm(vector) for name, vector in born.items()}
    own = before if evaluation == "kept" else {"v": before["v"]}
    y, after, _ = spectral_norm(x, own, mode=mode, evaluation=evaluation, **TOLD)
    moved = "move" if np.any(after["v"] != own["v"]) else "stay"
    if y is None:
        return f"{moved}; nothing: there is no y"
    if np.array_equal(y, x):
        return f"{moved}; nothing: y is x"
    _, iterated, _ = spectral_norm(x, before, mode="train", **TOLD)
    of = {"the vectors as they were": before, "the vectors after an iteration": iterated}
    (which,) = (name for name, vectors in of.items() if np.allclose(x / y, vectors["u"] @ x @ vectors["v"]))
    return f"{moved}; {which}"


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
