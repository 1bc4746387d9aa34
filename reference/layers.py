"""Every layer's forward function and gradient by its stem, and one step of any of them."""

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any, NamedTuple

from normspec.records import Array, Arrays, Mode, Pullback
from normspec.reference.adaptive_instance_norm import adaptive_instance_norm, adaptive_instance_norm_vjp
from normspec.reference.batch_layer_norm import batch_layer_norm, batch_layer_norm_vjp
from normspec.reference.batch_norm import batch_norm, batch_norm_vjp
from normspec.reference.batch_renorm import batch_renorm, batch_renorm_vjp
from normspec.reference.conditional_batch_norm import conditional_batch_norm, conditional_batch_norm_vjp
from normspec.reference.conditional_instance_norm import conditional_instance_norm, conditional_instance_norm_vjp
from normspec.reference.dynamic_tanh import dynamic_tanh, dynamic_tanh_vjp
from normspec.reference.feature_norm import feature_norm, feature_norm_vjp
from normspec.reference.filter_response_norm import filter_response_norm, filter_response_norm_vjp
from normspec.reference.full_norm import full_norm, full_norm_vjp
from normspec.reference.ghost_batch_norm import ghost_batch_norm, ghost_batch_norm_vjp
from normspec.reference.global_response_norm import global_response_norm, global_response_norm_vjp
from normspec.reference.group_norm import group_norm, group_norm_vjp
from normspec.reference.instance_norm import instance_norm, instance_norm_vjp
from normspec.reference.layer_norm import layer_norm, layer_norm_vjp
from normspec.reference.local_response_norm import local_response_norm, local_response_norm_vjp
from normspec.reference.lp_norm import lp_norm, lp_norm_vjp
from normspec.reference.mean_variance_norm import mean_variance_norm, mean_variance_norm_vjp
from normspec.reference.rms_norm import rms_norm, rms_norm_vjp
from normspec.reference.scale_norm import scale_norm, scale_norm_vjp
from normspec.reference.spectral_norm import spectral_norm, spectral_norm_vjp
from normspec.reference.weight_norm import weight_norm, weight_norm_vjp
from normspec.reference.weight_standardization import weight_standardization, weight_standardization_vjp


class Functions(NamedTuple):
    """A layer's two functions and the names of what each takes."""

    forward: Callable[..., Any]
    vjp: Callable[..., Arrays]
    of_forward: frozenset[str]
    of_vjp: frozenset[str]


def _functions(forward: Callable[..., Any], vjp: Callable[..., Arrays]) -> Functions:
    return Functions(forward, vjp, *(frozenset(signature(f).parameters) for f in (forward, vjp)))


LAYERS: dict[str, Functions] = {
    "batch_norm": _functions(batch_norm, batch_norm_vjp),
    "batch_renorm": _functions(batch_renorm, batch_renorm_vjp),
    "ghost_batch_norm": _functions(ghost_batch_norm, ghost_batch_norm_vjp),
    "layer_norm": _functions(layer_norm, layer_norm_vjp),
    "instance_norm": _functions(instance_norm, instance_norm_vjp),
    "group_norm": _functions(group_norm, group_norm_vjp),
    "rms_norm": _functions(rms_norm, rms_norm_vjp),
    "lp_norm": _functions(lp_norm, lp_norm_vjp),
    "local_response_norm": _functions(local_response_norm, local_response_norm_vjp),
    "mean_variance_norm": _functions(mean_variance_norm, mean_variance_norm_vjp),
    "feature_norm": _functions(feature_norm, feature_norm_vjp),
    "weight_norm": _functions(weight_norm, weight_norm_vjp),
    "spectral_norm": _functions(spectral_norm, spectral_norm_vjp),
    "weight_standardization": _functions(weight_standardization, weight_standardization_vjp),
    "scale_norm": _functions(scale_norm, scale_norm_vjp),
    "dynamic_tanh": _functions(dynamic_tanh, dynamic_tanh_vjp),
    "global_response_norm": _functions(global_response_norm, global_response_norm_vjp),
    "filter_response_norm": _functions(filter_response_norm, filter_response_norm_vjp),
    "conditional_instance_norm": _functions(conditional_instance_norm, conditional_instance_norm_vjp),
    "conditional_batch_norm": _functions(conditional_batch_norm, conditional_batch_norm_vjp),
    "full_norm": _functions(full_norm, full_norm_vjp),
    "batch_layer_norm": _functions(batch_layer_norm, batch_layer_norm_vjp),
    "adaptive_instance_norm": _functions(adaptive_instance_norm, adaptive_instance_norm_vjp),
}


def step(layer: str, values: Arrays, inputs: Arrays, mode: Mode, keywords: Mapping[str, Any]) -> tuple[Array, Arrays, Pullback]:
    """Take one step of a layer with these semantic parameters: give y, the new state and the pullback."""
    of = LAYERS[layer]
    told = {name: value for name, value in keywords.items() if name in of.of_forward}
    told |= {name: a for name, a in values.items() if name in of.of_forward - {"x"}}
    told |= {name: a for name, a in inputs.items() if name != "x"}
    told |= {"state": values, "mode": mode} if "state" in of.of_forward else {}
    y, *state, saved = of.forward(inputs["x"], **told)
    known = {name: value for name, value in keywords.items() if name in of.of_vjp}
    return y, state[0] if state else {}, lambda dy: of.vjp(saved, dy, **known)
