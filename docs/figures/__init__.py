"""The figures on the pages of docs/conventions: each is computed when the pages are generated, and so whenever they are tested.

Every function gives a table in Markdown.
"""

import numpy as np
from sections.tables import table

from figures.kept_weights import folded, kept, misread
from figures.layouts import lain, mixed_up
from figures.mutants import scores, scores_of_layers
from figures.precision import narrow, narrow_epsilons, roundings
from figures.results import result_fields, verdicts
from figures.shards import apart, averaged, far, inverse, synchronizing
from figures.sharing import groups, identities, masks, padded
from figures.small_batches import few, shrunk
from figures.weights import born, estimates, floors, owned, turns, weights
from normspec import Running
from normspec.dialects import DIALECTS, dialect_of, entries
from normspec.dialects.entry import Entry
from normspec.explanation.positions import of_entries
from normspec.reference import batch_norm

__all__ = [
    "apart",
    "averaged",
    "born",
    "copied",
    "epsilons",
    "estimates",
    "estimators",
    "far",
    "few",
    "floors",
    "folded",
    "groups",
    "identities",
    "inverse",
    "kept",
    "lain",
    "masks",
    "misread",
    "mixed_up",
    "modes",
    "narrow",
    "narrow_epsilons",
    "owned",
    "padded",
    "places",
    "positions",
    "result_fields",
    "roundings",
    "scores",
    "scores_of_layers",
    "shrunk",
    "synchronizing",
    "thawed",
    "turns",
    "verdicts",
    "weights",
]

SEED = 0
SEQUENCES = 20_000
"""Batches over which an average is taken."""


def positions(layer: str, path: str) -> str:
    """Give where each framework's layers stand on a field: the argument that decides it, its default, and how."""
    found = of_entries([e for dialect in DIALECTS for e in entries(dialect) if e.layer == layer], path)
    rows = (
        (
            "<br>".join(f"`{name}`" for name in p.layers),
            "<br>".join(f"`{a}`" if "=" in a else a if " " in a else f"`{a}`, which must be given" for a in p.arguments) or "no argument",
            "<br>".join(f"`{r}`" for r in p.relations) or ("keeps none" if p.value is None else f"`{path} = {p.value!r}`"),
        )
        for p in found
    )
    return table(("layer", "argument, with its default", "what it means"), rows)


def _share(rate: float, steps: int) -> float:
    """Give how much of a running mean is data after some steps on batches of mean 1, played by the reference."""
    running = Running(rate=rate, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    state = {"running_mean": np.zeros(1), "running_variance": np.ones(1)}
    for _ in range(steps):
        _, state, _ = batch_norm(np.ones((2, 1)), None, None, state, mode="observe", channel_axes=(1,), epsilon=1e-5, running=running)
    return float(state["running_mean"][0])


def copied() -> str:
    """Give how much of a running mean is data after some steps, where a momentum of 0.1 or 0.9 is copied or translated."""
    steps = (1, 10, 50, 100, 500)
    rates = (
        (0.1, "0.1 in PyTorch; 0.9 in Keras, Flax"),
        (0.9, "0.1 copied into Keras, Flax"),
        (0.01, "0.99 in Keras, Flax; 0.01 in PyTorch"),
    )
    rows = ((name, *(f"{100 * _share(rate, k):.4g} %" for k in steps)) for rate, name in rates)
    return table(("momentum", *(f"{k} step{'s' * (k > 1)}" for k in steps)), rows)


def epsilons() -> str:
    """Give what two epsilons make of the same x, by its variance."""
    rows = []
    for variance in (1.0, 1e-2, 1e-4, 1e-6, 0.0):
        x = np.sqrt(variance) * np.array([[-1.0], [1.0]])
        y = {e: float(batch_norm(x, mode="train", channel_axes=(1,), epsilon=e)[0][1, 0]) for e in (1e-3, 1e-5, 1e-6)}
        off = [f"{100 * (1 - y[1e-3] / y[e]):.3g} %" if y[e] else "0 %" for e in (1e-5, 1e-6)]
        rows.append((f"{variance:g}", *(f"{v:.6f}" for v in y.values()), *off))
    head = ("variance of x", *(f"y, epsilon {e:g}" for e in (1e-3, 1e-5, 1e-6)), "1e-3 against 1e-5", "1e-3 against 1e-6")
    return table(head, rows)


def places() -> str:
    """Give what an epsilon outside the root makes of x, against one inside."""
    rows = []
    for variance in (1.0, 1e-2, 1e-4, 1e-6):
        x = np.sqrt(variance) * np.array([[-1.0], [1.0]])
        told = {"mode": "train", "channel_axes": (1,), "epsilon": 1e-5}
        inside, outside = (float(batch_norm(x, epsilon_place=place, **told)[0][1, 0]) for place in ("inside", "outside"))
        rows.append((f"{variance:g}", f"{inside:.6f}", f"{outside:.6f}"))
    return table(("variance of x", "sqrt(variance + 1e-5)", "sqrt(variance) + 1e-5"), rows)


def estimators() -> str:
    """Give the mean of each estimator over many batches of variance 1, and what evaluation makes of the difference."""
    rng, rows = np.random.default_rng(SEED), []
    for n in (2, 4, 8, 32, 256, 8192):
        count = max(SEQUENCES // n, 50)
        x = rng.normal(size=(count, n))
        population, sample = (float(np.mean(np.var(x, axis=1, ddof=ddof))) for ddof in (0, 1))
        rows.append(
            (
                f"{n}",
                f"{population:.4f}",
                f"{sample:.4f}",
                f"{sample / population:.6g}",
                f"{100 * (1 - (population / sample) ** 0.5):.3g} %",
            )
        )
    head = ("values per channel", "population's", "sample's", "sample / population", "y in evaluation smaller by")
    return table(head, rows)


def modes() -> str:
    """Give how each framework's batch norm is asked for each mode."""
    found: dict[tuple[str, ...], list[Entry]] = {}
    for dialect in DIALECTS:
        for entry in entries(dialect):
            if entry.layer == "batch_norm" and entry.attributes:
                found.setdefault(tuple(entry.modes.get(m, "") for m in ("train", "evaluate", "freeze")), []).append(entry)
    rows = ((", ".join(dict.fromkeys(map(dialect_of, alike))), *(f"`{m}`" for m in told)) for told, alike in found.items())
    return table(("framework", "train", "evaluate", "freeze: as evaluate, inside training"), rows)


def thawed() -> str:
    """Give how far the statistics of a layer that was meant to be frozen have moved after some batches in training."""
    rows = []
    for steps in (1, 10, 100, 1000):
        moved = [f"{100 * _share(rate, steps):.3g} %" for rate in (0.1, 0.01)]
        rows.append((f"{steps}", *moved))
    return table(("batches", "rate 0.1 (PyTorch)", "rate 0.01 (Keras, Flax)"), rows)
