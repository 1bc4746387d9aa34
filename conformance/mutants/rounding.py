"""Faults of dtypes: what is rounded too early, kept too narrow, or given in another dtype."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, another
from normspec.conformance.mutants.record import SCALED, mutant
from normspec.conformance.wire import named
from normspec.records import Array, Arrays, Mode, Situation

HALF = ("float16", "bfloat16")


def _of(**changes: Any) -> dict[str, Any]:
    """Give `make` and `where` of a fault that is another value of some fields that the spec has."""

    def meaning(spec: Any, _: tuple[int, ...]) -> Any:
        return replace(spec, **changes) if changes.keys() <= {f.name for f in fields(spec)} else None

    return another(meaning)


def _mixed(spec: Any, at: Situation) -> bool:
    return at.dtype in HALF and at.parameter_dtype == "float32" and bool(spec.slots(at.shape))


def _y_in_float64(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)
    return (y if y is None else y.astype(np.float64)), pullback


def _gradients(dtype: str, *of: str) -> Any:
    """Give what makes a layer whose cotangents, or those `of`, are of another dtype: x's own where none is named."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        y, pullback = layer.right.forward(inputs, mode)

        def pull(dy: Array) -> Arrays:
            assert pullback is not None, "only called where there is one"
            wrong = named(dtype or inputs["x"].dtype.name)
            return {name: g.astype(wrong) if not of or name in of else g for name, g in pullback(dy).items()}

        return y, None if pullback is None else pull

    return altered(forward)


MUTANTS = (
    mutant("y-of-float64", "y is of float64 whatever is promised", "output_dtype", make=altered(_y_in_float64)),
    mutant(
        "y-promoted",
        "y has the dtype of the parameters",
        "output_dtype",
        "huggingface/transformers#30236",
        dtypes=HALF,
        **_of(output_dtype="promoted"),
    ),
    mutant("y-of-x", "y has x's dtype where it must be promoted", "output_dtype", dtypes=HALF, **_of(output_dtype="input")),
    mutant(
        "y-in-float64",
        "y is of float64",
        "output",
        make=altered(_y_in_float64),
        dtypes=("float32",),
        layers=(
            *("mean_variance_norm", "lp_norm", "local_response_norm", "feature_norm", "weight_norm", "spectral_norm"),
            "adaptive_instance_norm",
        ),
    ),
    mutant("cotangents-in-float64", "cotangents are of float64", "gradient.dtype", make=_gradients("float64"), dtypes=("float32",)),
    mutant(
        "dscale-in-x-dtype",
        "the gradients of parameters have x's dtype",
        "gradient.dtype",
        "pytorch/pytorch#192161",
        make=_gradients("", "scale", "shift"),
        where=_mixed,
        layers=SCALED,
        dtypes=HALF,
    ),
    mutant(
        "cast-before-scale",
        "x over the divisor is rounded before it is multiplied by scale",
        "rounding",
        "huggingface/transformers#29402",
        dtypes=HALF,
        **_of(rounding="before_scale"),
    ),
    mutant(
        "cast-after-scale",
        "x over the divisor is not rounded before it is multiplied by scale",
        "rounding",
        "google/gemma_pytorch#67",
        dtypes=HALF,
        **_of(rounding="last"),
    ),
    mutant(
        "all-in-half",
        "everything is computed in x's 16 bits",
        "statistics_dtype",
        "keras-team/keras-hub#1532",
        dtypes=HALF,
        **_of(statistics_dtype="input"),
    ),
    mutant(
        "all-in-float32",
        "everything is computed in float32, that of float64 too",
        "statistics_dtype",
        dtypes=("float64",),
        **_of(statistics_dtype="float32"),
    ),
)
"""Faults of dtypes."""
