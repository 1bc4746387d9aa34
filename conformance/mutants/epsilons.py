"""Faults of epsilon and of the divisor: its place, its value, its unit, its estimator."""

from dataclasses import fields, replace
from math import sqrt
from typing import Any

from normspec.conformance.mutants.altered import another
from normspec.conformance.mutants.record import mutant

FLOORED = ("mean_variance_norm", "lp_norm", "feature_norm", "weight_norm", "spectral_norm", "scale_norm")
"""Layers whose epsilon may be a floor."""
USUAL = 1e-5
"""What some frameworks have where others have 1e-3."""
FUSED = 1.001e-5
"""The least that a fused kernel takes."""


def of(change: Any) -> dict[str, Any]:
    """Give `make` and `where` of a fault that is another value of some fields: `change` gives them from a spec that has them, or None."""

    def meaning(spec: Any, shape: tuple[int, ...]) -> Any:
        try:
            changed = change(spec, shape)
        except AttributeError:  # a field that this layer lacks
            return None
        known = {f.name for f in fields(spec)}
        return replace(spec, **changed) if changed and changed.keys() <= known else None

    return another(meaning)


def _inside_alone(change: Any) -> dict[str, Any]:
    return of(lambda s, _: {"epsilon": change(s.epsilon)} if getattr(s, "epsilon_place", "inside") == "inside" else None)


def _left_out(spec: Any, _: Any) -> dict[str, Any] | None:
    """Give an epsilon that shows nowhere: none, or one below every variance, where a layer has no epsilon of 0."""
    nowhere = 2.0**-60 if spec.layer in ("full_norm", "batch_layer_norm") else 0.0
    return {"epsilon": nowhere} if getattr(spec, "epsilon_place", "inside") == "inside" else None


MUTANTS = (
    mutant(
        "epsilon-outside",
        "epsilon is added to the root",
        "epsilon_place",
        "tracel-ai/burn#2185",
        **of(lambda s, _: {"epsilon_place": "outside"} if s.epsilon_place == "inside" and s.epsilon else None),
    ),
    mutant(
        "epsilon-inside",
        "epsilon is added within the root where it must be outside",
        "epsilon_place",
        "ggml-org/llama.cpp#20350",
        **of(lambda s, _: {"epsilon_place": "inside"} if s.epsilon_place == "outside" else None),
    ),
    mutant(
        "floor-of-the-square",
        "the floor is one of the square",
        "epsilon",
        "tensorflow/tensorflow#56796",
        layers=FLOORED,
        **of(lambda s, _: {"epsilon": sqrt(s.epsilon)} if s.epsilon_place == "floor" else None),
    ),
    mutant(
        "floor-added",
        "what must be a floor is added",
        "epsilon_place",
        "ggml-org/llama.cpp#20350",
        layers=FLOORED,
        **of(lambda s, _: {"epsilon_place": "outside"} if s.epsilon_place == "floor" else None),
    ),
    mutant(
        "epsilon-default",
        "the constructor's 1e-5 shadows what is given",
        "epsilon",
        "NVIDIA-NeMo/Megatron-Bridge#5712",
        **_inside_alone(lambda _: 1e-5),
    ),
    mutant(
        "epsilon-hard-coded",
        "epsilon is 1e-6 where 1e-5 is given",
        "epsilon",
        "ggml-org/llama.cpp#2373",
        **_inside_alone(lambda e: 1e-6 if e == USUAL else e),
    ),
    mutant(
        "epsilon-of-another-framework",
        "epsilon is 1e-3 for 1e-5",
        "epsilon",
        "gzuidhof/nn-transfer#3",
        **_inside_alone(lambda e: 1e-3 if e <= USUAL else e),
    ),
    mutant(
        "epsilon-raised", "epsilon is raised to 1.001e-5", "epsilon", "tensorflow/tensorflow#8090", **_inside_alone(lambda e: max(e, FUSED))
    ),
    mutant(
        "epsilon-squared",
        "epsilon is taken for that of the norm, and squared",
        "epsilon",
        "tensorflow/tensorflow#56796",
        **_inside_alone(lambda e: e * e),
    ),
    mutant("epsilon-left-out", "epsilon is not added", "epsilon", **of(_left_out)),
)
"""Faults of the divisor."""
