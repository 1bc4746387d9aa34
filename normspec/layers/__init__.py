"""Specs: what each layer means. One file per layer; the name of the file is the layer's stem in every room."""

from dataclasses import asdict
from typing import Any

from normspec.clauses import Clause, clauses
from normspec.errors import NotFound
from normspec.layers.adaptive_instance_norm import AdaptiveInstanceNorm
from normspec.layers.batch_layer_norm import BatchLayerNorm
from normspec.layers.batch_norm import BatchNorm
from normspec.layers.batch_renorm import BatchRenorm
from normspec.layers.conditional_batch_norm import ConditionalBatchNorm
from normspec.layers.conditional_instance_norm import ConditionalInstanceNorm
from normspec.layers.dynamic_tanh import DynamicTanh
from normspec.layers.feature_norm import FeatureNorm
from normspec.layers.filter_response_norm import FilterResponseNorm
from normspec.layers.full_norm import FullNorm
from normspec.layers.ghost_batch_norm import GhostBatchNorm
from normspec.layers.global_response_norm import GlobalResponseNorm
from normspec.layers.group_norm import GroupNorm
from normspec.layers.instance_norm import InstanceNorm
from normspec.layers.layer_norm import LayerNorm
from normspec.layers.local_response_norm import LocalResponseNorm
from normspec.layers.lp_norm import LpNorm
from normspec.layers.mean_variance_norm import MeanVarianceNorm
from normspec.layers.rms_norm import RMSNorm
from normspec.layers.running import Running
from normspec.layers.scale_norm import ScaleNorm
from normspec.layers.spectral_norm import SpectralNorm
from normspec.layers.weight_norm import WeightNorm
from normspec.layers.weight_standardization import WeightStandardization

__all__ = [
    "SPECS",
    "AdaptiveInstanceNorm",
    "BatchLayerNorm",
    "BatchNorm",
    "BatchRenorm",
    "ConditionalBatchNorm",
    "ConditionalInstanceNorm",
    "DynamicTanh",
    "FeatureNorm",
    "FilterResponseNorm",
    "FullNorm",
    "GhostBatchNorm",
    "GlobalResponseNorm",
    "GroupNorm",
    "InstanceNorm",
    "LayerNorm",
    "LocalResponseNorm",
    "LpNorm",
    "MeanVarianceNorm",
    "RMSNorm",
    "Running",
    "ScaleNorm",
    "SpectralNorm",
    "WeightNorm",
    "WeightStandardization",
    "all_clauses",
    "from_plain",
    "spec_of",
    "to_plain",
]

LAYERS = (
    BatchNorm,
    BatchRenorm,
    GhostBatchNorm,
    LayerNorm,
    InstanceNorm,
    GroupNorm,
    RMSNorm,
    LpNorm,
    LocalResponseNorm,
    MeanVarianceNorm,
    FeatureNorm,
    WeightNorm,
    SpectralNorm,
    WeightStandardization,
    ScaleNorm,
    DynamicTanh,
    GlobalResponseNorm,
    FilterResponseNorm,
    ConditionalInstanceNorm,
    ConditionalBatchNorm,
    FullNorm,
    BatchLayerNorm,
    AdaptiveInstanceNorm,
)
SPECS: dict[str, type] = {spec.layer: spec for spec in LAYERS}
"""Every layer by its stem."""


def spec_of(layer: str) -> type:
    """Give the spec class of a layer's stem.

    Raises
    ------
    NotFound
        Where there is no such layer.
    """
    if layer not in SPECS:
        raise NotFound(f"layer must be one of {', '.join(SPECS)}, got {layer!r}")
    return SPECS[layer]


def all_clauses() -> dict[str, Clause]:
    """Give every clause of every layer by its id."""
    return {clause.id: clause for spec in SPECS.values() for clause in clauses(spec)}


def to_plain(spec: Any) -> dict[str, Any]:
    """Give a spec as plain data: the layer's stem and its fields."""
    return {"layer": spec.layer, **asdict(spec)}


def from_plain(data: dict[str, Any]) -> Any:
    """Give the spec that `to_plain` wrote; lists stand for tuples, as JSON has no others."""
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items() if name != "layer"}
    if isinstance(fields.get("running"), dict):
        fields["running"] = Running(**fields["running"])
    return spec_of(data["layer"])(**fields)
