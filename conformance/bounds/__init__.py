"""How far an honest implementation may be from the truth: functions of the case alone, derived in docs/bounds.md.

They were fixed before any native layer was measured, and no result ever changes them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from normspec.conformance.bounds import (
    adaptive_instance_norm,
    batch_layer_norm,
    batch_renorm,
    divide,
    dynamic_tanh,
    feature_norm,
    filter_response_norm,
    full_norm,
    global_response_norm,
    local_response_norm,
    normalize,
    spectral_norm,
)
from normspec.conformance.bounds.apart import is_exact, unspecified
from normspec.conformance.play import Seen
from normspec.records import Case

Bounds = Mapping[str, Any]

BOUNDS: dict[str, Callable[[Case, Seen], Bounds]] = {
    **dict.fromkeys(("batch_norm", "ghost_batch_norm", "layer_norm", "instance_norm", "group_norm"), normalize.bounds),
    **dict.fromkeys(
        ("mean_variance_norm", "weight_standardization", "conditional_instance_norm", "conditional_batch_norm"), normalize.bounds
    ),
    **dict.fromkeys(("rms_norm", "lp_norm", "weight_norm", "scale_norm"), divide.bounds),
    "batch_renorm": batch_renorm.bounds,
    "local_response_norm": local_response_norm.bounds,
    "dynamic_tanh": dynamic_tanh.bounds,
    "global_response_norm": global_response_norm.bounds,
    "filter_response_norm": filter_response_norm.bounds,
    "full_norm": full_norm.bounds,
    "batch_layer_norm": batch_layer_norm.bounds,
    "adaptive_instance_norm": adaptive_instance_norm.bounds,
    "feature_norm": feature_norm.bounds,
    "spectral_norm": spectral_norm.bounds,
}
"""What bounds each layer: most are of a kind with others."""


def bounds(case: Case, seen: Seen) -> Bounds:
    """Give the bound of every quantity of a case as a float64 array; a quantity that is not there has bound 0.

    `seen` is the oracle's: the running statistics that a step starts from, and the values whose last rounding is allowed for. Where
    nothing is specified the bound is infinite.
    """
    with np.errstate(invalid="ignore", divide="ignore"):  # what is no number shows in the values
        found = BOUNDS[case.spec.layer](case, seen)
    open_ = {quantity: unspecified(case, quantity, seen) for quantity in found}
    limited = {
        quantity: bound if open_[quantity] is None else np.where(open_[quantity], np.inf, bound) for quantity, bound in found.items()
    }
    return {quantity: np.zeros_like(bound) if is_exact(case, quantity) else bound for quantity, bound in limited.items()}
