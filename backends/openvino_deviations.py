"""What OpenVINO 2026.4.1 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from normspec.deviation import Deviation
from normspec.dialects.openvino.common import DOCS
from normspec.records import Arrays, Case

DOUBLE, SINGLE, HALF, BFLOAT16 = ((dtype, dtype) for dtype in ("float64", "float32", "float16", "bfloat16"))
CPU = "https://docs.openvino.ai/2026/openvino-workflow/running-inference/inference-devices-and-modes/cpu-device.html"
IN_ITS_OWN_DTYPE = {"statistics_dtype": "input"}


def row(script: str, **told: Any) -> Deviation:
    """Give a row of this release; none is known upstream unless it is told."""
    shared: dict[str, Any] = {"modes": ("train", "evaluate", "freeze"), "upstream": "none found"}
    return Deviation(reproduction=f"docs/findings/openvino_{script}.py", versions="2026.4.1", reviewed=date(2026, 11, 22), **shared | told)


def _changed(change: Callable[[Any], Any]) -> Callable[[Case, Arrays], Case]:
    return lambda case, _: replace(case, spec=replace(case.spec, **change(case.spec)))


def _added(spec: Any) -> dict[str, Any]:
    return {"epsilon_place": "inside", "epsilon": spec.epsilon**2}


def in_bfloat16(layer: str, words: str, size: str, share: float) -> Deviation:
    """Give the row of a layer that computes in bfloat16 where float32 is asked for."""
    return row(
        "bfloat16",
        id=f"openvino-{layer}-bfloat16",
        title=f"{words} of a bfloat16 model computes in bfloat16 where INFERENCE_PRECISION_HINT asks for float32",
        size=size,
        clause=f"{layer}.statistics-dtype",
        cases=f"{layer}.*/*",
        dtypes=(BFLOAT16,),
        quantities={"y": share},
        within=IN_ITS_OWN_DTYPE,
        promise="To infer the model in f32 precision instead of half-precision (bf16 or f16) on targets with native half-precision "
        "support, set the ov::hint::inference_precision to ov::element::f32.",
        source=CPU,
    )


def of_max(dtypes: tuple[tuple[str, str], ...], name: str, change: Callable[[Any], Any]) -> Deviation:
    """Give the row of what takes eps for a floor, and adds it."""
    return row(
        "lp_norm_max",
        id=f"openvino-lp-norm-max{name}",
        title="normalize_l2 with eps_mode 'max' adds eps to the sum of squares, as 'add' does" + (" (in bfloat16)" if name else ""),
        size="0.71 for 1",
        clause="lp-norm.epsilon-place",
        cases="lp-norm.*/*",
        dtypes=dtypes,
        of={"epsilon_place": "floor"},
        quantities={"y": 1.0},
        instead=_changed(change),
        promise="output = x / sqrt(eps_mode(sum(x**2), eps)); eps_mode can be max or add",
        source=f"{DOCS}normalize-l2-1.html",
    )


lost_epsilon = partial(
    row,
    dtypes=(HALF,),
    quantities={"y": 1.0},
    instead=_changed(lambda spec: {"epsilon": float(np.float16(spec.epsilon))}),
    promise="eps is the number to be added to the variance to avoid division by zero when normalizing the value",
    source=f"{DOCS}mvn-6.html",
)

DEVIATIONS = (
    of_max((DOUBLE, SINGLE, HALF), "", _added),
    of_max((BFLOAT16,), "-bfloat16", lambda spec: {**_added(spec), **IN_ITS_OWN_DTYPE}),
    lost_epsilon(
        "mean_variance_norm_epsilon",
        id="openvino-mean-variance-norm-epsilon",
        title="mvn of a float16 model rounds eps to float16 where it is taken apart into others: below 3e-8 there is none",
        size="no number for 0, of zeros",
        clause="mean-variance-norm.epsilon",
        cases="mean-variance-norm.*/*",
    ),
    lost_epsilon(
        "lp_norm_epsilon",
        id="openvino-lp-norm-epsilon",
        title="normalize_l2 of a float16 model rounds eps to float16 where it is taken apart into others: below 3e-8 there is none",
        size="no number for 0, of zeros",
        clause="lp-norm.epsilon",
        cases="lp-norm.*/*",
        of={"epsilon_place": "inside"},
        promise="eps is the number applied by eps_mode function to the sum of squares to avoid division by zero",
        source=f"{DOCS}normalize-l2-1.html",
    ),
    row(
        "batch_norm_float16",
        id="openvino-batch-norm-float16",
        title="batch_norm_inference of a float16 model rounds scale / deviation to float16, and what is made of it, before it runs",
        size="y is off by 210 places of float16",
        clause="batch-norm.statistics-dtype",
        cases="batch-norm.*/*",
        dtypes=(HALF,),
        quantities={"y": 0.2},
        within=IN_ITS_OWN_DTYPE,
        promise="the plugin internally converts all the f16 values to f32, and all calculations are performed using the native precision "
        "of f32",
        source=CPU,
    ),
    in_bfloat16("batch-norm", "batch_norm_inference", "y is off by 1.2 %", 0.3),
    in_bfloat16("mean-variance-norm", "mvn", "0 for what is not 0", 0.3),
    in_bfloat16("lp-norm", "normalize_l2", "y is off by 0.54 %", 0.3),
    row(
        "group_norm_bfloat16",
        id="openvino-group-norm-bfloat16",
        title="group_normalization of a bfloat16 model cannot be compiled",
        size="RuntimeError: Unsupported operation of type: GroupNormalization",
        clause="group-norm.output",
        cases="group-norm.*/*",
        dtypes=(BFLOAT16,),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="Unsupported operation of type: GroupNormalization",
        promise="CPU plugin supports the following data types as inference precision of internal primitives: f32, bf16, f16",
        source=CPU,
    ),
    row(
        "local_response_norm_axes",
        id="openvino-local-response-norm-axes",
        title="lrn of an x of four axes or more along another than the second cannot be compiled",
        size="RuntimeError: Supports only across channels or across spatial reduction",
        clause="local-response-norm.channel-axes",
        cases="local-response-norm.*/*",
        dtypes=(DOUBLE, SINGLE, HALF, BFLOAT16),
        quantities={"y": 1.0, "dx": 1.0},
        raises="Supports only across channels or across spatial reduction",
        promise="axes - 1D tensor of type T_IND which specifies indices of dimensions in data which define normalization slices",
        source=f"{DOCS}lrn-1.html",
    ),
)
