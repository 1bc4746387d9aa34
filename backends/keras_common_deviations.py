"""What the rows of Keras 3.15.1 have in common: the promises, and the findings that several layers share. Imports no framework."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from normspec.deviation import Deviation
from normspec.records import Array, Arrays, Case, Step

DOUBLE = (("float64", "float64"),)
SINGLE = (("float32", "float32"),)
HALF = (("float16", "float16"), ("bfloat16", "bfloat16"))
EVERY = (*DOUBLE, *SINGLE, *HALF)
EVERY_MODE = ("train", "evaluate", "freeze", "observe")
IN_FLOAT32 = {"statistics_dtype": "float32"}
ONE_PASS = {"variance": "one_pass"}
IN_ONE_PASS = {**IN_FLOAT32, **ONE_PASS}
PARAMETERS = ("scale", "shift")
SAME: dict[str, Any] = {
    "promise": "numerics are identical across backends",
    "source": "https://keras.io/keras_3/#q-do-keras-3-models-behave-the-same-when-run-with-different-backends",
}
POLICY = 'any dtype name, such as "float32" or "float64", which causes both the compute and variable dtypes will be that dtype'
MENDED_ELSEWHERE = "https://github.com/keras-team/keras/pull/18795 (TensorFlow and JAX alone were mended)"


def row(reproduction: str, **rest: Any) -> Deviation:
    """Give a row of this release, in every mode unless it is told otherwise."""
    told = {"modes": EVERY_MODE, **rest}
    return Deviation(reproduction=f"docs/findings/keras_{reproduction}.py", versions="3.15.1", reviewed=date(2026, 11, 20), **told)


def words(layer: str) -> str:
    """Give the name of a layer in a sentence."""
    return layer.replace("_", " ").replace("rms", "RMS").replace("lp", "Lp")


def clause(layer: str, path: str) -> str:
    """Give the id of a layer's clause."""
    return f"{layer}.{path}".replace("_", "-")


def along(y: float, dx: float, dscale: float) -> dict[str, float]:
    """Give the shares of derivatives along a direction of x."""
    return {"tangent.y": y, "tangent.dx": dx, "tangent.dscale": dscale}


def float64(layer: str, backend: str, size: str, quantities: Mapping[str, float], reproduction: str = "", **rest: Any) -> Deviation:
    """Give the row of a layer that computes in float32 on a backend, whatever its dtype policy says."""
    return row(
        reproduction or f"{layer}_float64",
        **{
            "id": f"keras-{layer}-float64-{backend}".replace("_", "-"),
            "title": f"A float64 {words(layer)} on {backend} computes in float32, and rounds to float64",
            "size": size,
            "clause": clause(layer, "statistics-dtype"),
            "cases": "*",
            "dtypes": DOUBLE,
            "quantities": quantities,
            "implementations": (f"keras:{backend}",),
            "promise": POLICY,
            "source": "https://www.tensorflow.org/api_docs/python/tf/keras/DTypePolicy",
            "upstream": "https://github.com/keras-team/keras/issues/23704",
            **({} if "instead" in rest else {"within": IN_FLOAT32}),
            **rest,
        },
    )


def shows_float32(layer: str, size: str, shown: tuple[str, ...], reproduction: str = "") -> Deviation:
    """Give the row of a layer whose float64 y is an array of float32: what a float32 layer makes of a float32 x."""
    return float64(
        layer,
        "numpy",
        size,
        dict.fromkeys(shown, 1.0),
        reproduction,
        id=f"keras-{layer}-shows-float32".replace("_", "-"),
        grave_as="dtype",
        title=f"A float64 {words(layer)} on NumPy and on OpenVINO gives a float32 y",
        implementations=("keras:numpy", "keras:openvino"),
        clause=clause(layer, "output"),
        instead=in_float32,
    )


def in_float32(case: Case, _: Arrays) -> Case:
    """Give a case of float64 in float32."""
    return replace(
        case,
        situation=replace(case.situation, dtype="float32", parameter_dtype="float32"),
        values={name: _narrow(a) for name, a in case.values.items()},
        steps=tuple(_narrowed(step) for step in case.steps),
    )


def _narrowed(step: Step) -> Step:
    cotangent = None if step.cotangent is None else _narrow(step.cotangent)
    return replace(step, inputs={name: _narrow(a) for name, a in step.inputs.items()}, cotangent=cotangent)


def _narrow(a: Array) -> Array:
    return a.astype("float32") if a.dtype == "float64" else a


def one_pass(
    layer: str,
    backend: str,
    size: str,
    quantities: Mapping[str, float],
    reproduction: str = "",
    cases: str = "*",
    dtypes: tuple[tuple[str, str], ...] = SINGLE,
) -> Deviation:
    """Give the row of a layer that takes its variance in one pass on a backend."""
    return row(
        reproduction or f"{layer}_one_pass",
        id=f"keras-{layer}-one-pass-{backend}".replace("_", "-"),
        title=f"{words(layer).capitalize()} on {backend} takes the variance as E[x²] - E[x]², which is wrong far from 0, and "
        "negative farther",
        size=size,
        clause=clause(layer, "variance"),
        cases=cases,
        dtypes=dtypes,
        quantities=quantities,
        implementations=(f"keras:{backend}",),
        within=ONE_PASS,
        **SAME,
        upstream=MENDED_ELSEWHERE,
    )


def no_number(layer: str, backend: str, quantities: Mapping[str, float]) -> Deviation:
    """Give the row of the rung where a variance may come out near -epsilon: there finite values pass the bounds, which are linear."""
    return row(
        f"{layer}_one_pass",
        id=f"keras-{layer}-no-number-{backend}".replace("_", "-"),
        title=f"{words(layer).capitalize()} on {backend} gives no number where the variance so taken is negative",
        size="NaN at mean / deviation 1e4",
        clause=clause(layer, "accuracy"),
        cases=f"{clause(layer, 'accuracy')}/*mean-1e4-times-std*",
        dtypes=(*SINGLE, *DOUBLE),
        quantities=quantities,
        implementations=(f"keras:{backend}",),
        within=IN_ONE_PASS,
        no_number=True,
        **SAME,
        upstream=MENDED_ELSEWHERE,
    )


def constant(layer: str, backend: str, quantities: Mapping[str, float]) -> Deviation:
    """Give the row of a constant far from 0, whose variance taken in one pass is negative by rounding."""
    return row(
        "group_norm_constant",
        id=f"keras-{layer}-constant-{backend}".replace("_", "-"),
        title=f"{words(layer).capitalize()} on {backend} gives no number for a constant far from 0",
        size="NaN for 0, at 300.1 everywhere",
        clause=clause(layer, "accuracy"),
        cases=f"{clause(layer, 'gradient.x')}/*-constant-far/*",
        dtypes=SINGLE,
        quantities=quantities,
        implementations=(f"keras:{backend}",),
        within=IN_ONE_PASS,
        no_number=True,
        **SAME,
        upstream=MENDED_ELSEWHERE,
    )


def born(layer: str, names: tuple[str, ...]) -> Deviation:
    """Give the row of a layer whose float64 variables are born float32 on NumPy."""
    return row(
        "batch_norm_float64_born",
        id=f"keras-{layer}-float64-born".replace("_", "-"),
        title=f"On NumPy the variables of a float64 {words(layer)} are born float32, and float64 when one assigns",
        size="float32 for float64",
        clause=clause(layer, "born"),
        cases="*",
        dtypes=DOUBLE,
        modes=("born",),
        quantities=dict.fromkeys(names, 1.0),
        implementations=("keras:numpy",),
        shows="float32",
        promise=POLICY,
        source="https://keras.io/api/mixed_precision/policy/",
        upstream="none found",
    )
