"""JAX: what the documentation of `jax.nn.standardize` promises.

Source: https://docs.jax.dev/en/latest/_autosummary/jax.nn.standardize.html, the docstring of the release 0.10, read on 2026-11-20:
mean and variance are `x.mean(axis)` and `x.var(axis)`, so of x's dtype, as those of NumPy are; `algorithm` "fast" is
`mean(x^2) - mean(x)^2`, "stable" `mean((x - mean(x))^2)`; `where` is a "mask specifying which elements to use".
Where it is silent, jax/_src/nn/functions.py: no array and no step there has another dtype than x, y included.
"""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.errors import Unsupported
from normspec.layers import LayerNorm
from normspec.layers.standardize import Variance
from normspec.records import Situation

ALGORITHMS: dict[str, Variance] = {"stable": "two_pass", "fast": "one_pass"}


def read_layer_norm(a: Mapping[str, Any], situation: Situation) -> LayerNorm:
    """Give what standardize means: there is no scale and no shift; `axis=None` is every axis."""
    if a["algorithm"] not in ALGORITHMS:
        raise Unsupported(f"algorithm must be one of {', '.join(ALGORITHMS)}, got {a['algorithm']!r}")
    every = tuple(range(len(situation.shape)))
    axes = every if a["axis"] is None else (a["axis"],) if isinstance(a["axis"], int) else tuple(a["axis"])
    return LayerNorm(
        axes=axes,
        parameter_axes=axes,
        epsilon=a["epsilon"],
        epsilon_place="inside",
        correction=0,
        variance=ALGORITHMS[a["algorithm"]],
        scale=False,
        shift=False,
        statistics_dtype="input",
        output_dtype="input",
        one_value="shift",
    )


def write_layer_norm(s: LayerNorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of standardize."""
    algorithm = next(name for name, variance in ALGORITHMS.items() if variance == s.variance)
    return {"axis": s.axes[0] if len(s.axes) == 1 else s.axes, "epsilon": s.epsilon, "algorithm": algorithm}


ENTRIES = (
    Entry(
        native="jax.nn.standardize",
        layer="layer_norm",
        variant="",
        versions=">=0.10",
        source="https://docs.jax.dev/en/latest/_autosummary/jax.nn.standardize.html",
        ranks=range(1, 65),
        positional=("x", "axis", "mean", "variance", "epsilon", "where"),
        defaults={"axis": -1, "epsilon": 1e-5, "algorithm": "fast"},
        fixed={"mean": None, "variance": None},
        free=("x", "where"),
        names={},
        modes=dict.fromkeys(("train", "evaluate", "freeze"), "jax.nn.standardize(x, ...)"),
        read=read_layer_norm,
        write=write_layer_norm,
    ),
)
