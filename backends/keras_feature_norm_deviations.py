"""What Keras 3.15.1 on a CPU does not keep of its promises in feature normalization. Imports no framework."""

from dataclasses import replace
from typing import Any

from normspec.backends.keras_common_deviations import DOUBLE, HALF, SINGLE, born, float64, row, shows_float32
from normspec.records import Arrays, Case, Mode

MOMENTS = ("mean", "variance")
STREAM = "feature-norm.update/*"
OF_BATCHES: dict[str, Any] = {
    "cases": STREAM,
    "dtypes": (*DOUBLE, HALF[0]),
    "implementations": ("keras:tensorflow",),
    "promise": "an iterable of batches (e.g. a list of arrays or a generator yielding batches)",
    "source": "https://keras.io/api/layers/preprocessing_layers/numerical/normalization/",
    "upstream": "none found",
}


def _nothing_counted(case: Case, _: Arrays) -> Case:
    return replace(case, steps=tuple(replace(step, mode="evaluate") for step in case.steps))


def _the_first_batch_alone(case: Case, _: Arrays) -> Case:
    later: list[Mode] = ["evaluate"] * (len(case.steps) - 1)
    return replace(case, steps=tuple(replace(step, mode=mode) for step, mode in zip(case.steps, ("observe", *later), strict=True)))


DEVIATIONS = (
    row(
        "feature_norm_count",
        id="keras-feature-norm-count",
        title="The weight `count` of Normalization is 0, whatever it has adapted to; in Keras 2 it is the number of values",
        size="0 for 64",
        clause="feature-norm.count",
        cases=STREAM,
        dtypes=(*DOUBLE, *SINGLE, HALF[0]),
        modes=("observe",),
        quantities={"count": 1.0},
        instead=_nothing_counted,
        promise="For backwards compatibility with older saved models.",
        source="keras/src/layers/preprocessing/normalization.py: Normalization.build, count",
        upstream="none found",
    ),
    row(
        "feature_norm_batches",
        id="keras-feature-norm-batches",
        title="Normalization on TensorFlow raises where it adapts to batches in any dtype but float32",
        size="InvalidArgumentError",
        clause="feature-norm.update",
        modes=("observe",),
        quantities=dict.fromkeys(MOMENTS, 1.0),
        raises="was expected to be a float tensor",
        **OF_BATCHES,
    ),
    row(
        "feature_norm_batches",
        id="keras-feature-norm-batches-after",
        title="Normalization on TensorFlow has the moments of the first batch after it refused to adapt to a second",
        size="the moments of one batch, for those of two",
        grave_as="error",
        clause="feature-norm.update",
        modes=("train", "freeze"),
        quantities={"y": 1.0, "dx": 1.0},
        instead=_the_first_batch_alone,
        **OF_BATCHES,
    ),
    float64(
        "feature_norm",
        "jax",
        "the variance adapted to errs by 1.0e-07",
        {"y": 0.16, "dx": 0.17, "mean": 0.075, "variance": 0.32},
        cases=STREAM,
    ),
    float64("feature_norm", "torch", "y errs by 9.3e-08", {"y": 0.15, "dx": 0.15, "mean": 0.075, "variance": 0.14}),
    float64("feature_norm", "numpy", "the variance adapted to errs by 2.8e-07", {"mean": 0.037, "variance": 0.12}, cases=STREAM),
    float64("feature_norm", "openvino", "the variance adapted to errs by 1.7e-07", {"mean": 0.05, "variance": 0.1}, cases=STREAM),
    shows_float32("feature_norm", "y of dtype float32", ("y",), "feature_norm_float64"),
    born("feature_norm", MOMENTS),
)
