"""What tf_keras 2.21.0 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from normspec.backends.tensorflow_moments import told
from normspec.deviation import Deviation
from normspec.dialects.entry import complement
from normspec.records import Arrays, Case, Mode


def _with_a_rate_of_float32(case: Case, _: Arrays) -> Case:
    rate = float(np.float32(1.0 - complement(case.spec.running.rate)))
    return replace(case, spec=replace(case.spec, running=replace(case.spec.running, rate=rate)))


def _stays(case: Case, _: Arrays) -> Case:
    """Give the case with evaluation in the place of training: no state moves."""
    still: dict[Mode, Mode] = {"train": "freeze", "observe": "freeze"}
    return replace(case, steps=tuple(replace(step, mode=still.get(step.mode, step.mode)) for step in case.steps))


def _idle(case: Case) -> bool:
    """Tell whether some replica has no samples."""
    return 0 in case.situation.shards


def _mean_of_replicas(case: Case, seen: Arrays) -> Arrays:
    """Give the means of what all replicas keep, where those without samples keep what was loaded."""
    moves = sum(n > 0 for n in case.situation.shards) / len(case.situation.shards)
    kept = {q: case.values[name].astype(np.float64) for q in seen if (name := q.partition(".")[2]) in OBSERVED}
    return {q: moves * seen[q] + (1 - moves) * loaded for q, loaded in kept.items()}


SYNCHRONIZES = (
    "synchronized: If True, synchronizes the global batch statistics (mean and variance) for the layer across all devices at each "
    "training step in a distributed training strategy."
)
OBSERVED = ("running_mean", "running_variance")
KEPT = ("running_mean", "running_variance", "running_deviation", "renorm_mean", "renorm_deviation")
OF_FLOAT64: dict[str, Any] = {
    "clause": "batch-renorm.statistics-dtype",
    "cases": "*",
    "dtypes": (("float64", "float64"),),
    "promise": 'any dtype name, such as "float32" or "float64", which causes both the compute and variable dtypes will be that dtype',
    "source": "https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/mixed_precision/Policy",
    "reproduction": "docs/findings/tf_keras_batch_renorm_float64.py",
    "upstream": "none found",
    "versions": "2.21.0",
    "reviewed": date(2026, 11, 22),
}

DEVIATIONS = (
    *(
        Deviation(
            id=f"tf-keras-{layer}-norm-moments-twice",
            size="0.039 for 0.025",
            clause=f"{layer}-norm.tangent.gradient",
            modes=("train",),
            reproduction="docs/findings/tf_keras_moments_twice.py",
            versions="2.21.0",
            reviewed=date(2026, 11, 21),
            **told(layer, *dtypes),
        )
        for layer, dtypes in (
            ("batch", ("float64", "float32")),
            ("ghost-batch", ("float64", "float32")),
            ("layer", ("float64",)),  # the other is fused
        )
    ),
    Deviation(
        id="tf-keras-batch-norm-float64-momentum",
        title="Where batch norm is not fused, 1 - momentum is rounded to float32, in float64, too",
        size="the moving mean errs by 2.2e-08 of a step at the default momentum",
        clause="batch-norm.running.rate",
        cases="*",
        dtypes=(("float64", "float64"),),
        modes=("train", "evaluate", "freeze", "observe"),
        quantities=dict.fromkeys(("y", "dx", "dscale", "running_mean", "running_variance"), 1.0),
        instead=_with_a_rate_of_float32,
        promise="moving_mean = moving_mean * momentum + mean(batch) * (1 - momentum)",
        source="https://keras.io/2/api/layers/normalization_layers/batch_normalization/",
        reproduction="docs/findings/tf_keras_batch_norm_float64_momentum.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
        id="tf-keras-batch-norm-mask-no-number",
        title="What is no number under a mask makes mean and variance, and so y and the moving ones, no number",
        size="the moving mean of a channel is NaN, whose valid values are 1 and 2",
        clause="batch-norm.mask",
        cases="batch-norm.mask/*-no-number-masked/*",
        dtypes=(("float32", "float32"),),
        modes=("train",),
        quantities=dict.fromkeys(("y", "dx", "dscale", "running_mean", "running_variance"), 1.0),
        no_number=True,
        promise="mask: Binary tensor of shape broadcastable to `inputs` tensor, indicating the positions for which the mean and variance "
        "should be computed.",
        source="https://keras.io/2/api/layers/normalization_layers/batch_normalization/",
        reproduction="docs/findings/tf_keras_batch_norm_mask_no_number.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
        id="tf-keras-batch-norm-idle-replica",
        title="A replica without samples leaves its moving statistics as they were, and those shown are the mean of all replicas'",
        size="a moving mean of 1.5 for 3 where one of two replicas has no samples",
        clause="batch-norm.shards",
        cases="batch-norm.shards/*-one-idle/*",
        dtypes=(("float64", "float64"), ("float32", "float32")),
        modes=("train",),
        quantities=dict.fromkeys(OBSERVED, 1.0),
        value=_mean_of_replicas,
        apart=_idle,
        promise=SYNCHRONIZES,
        source="https://keras.io/2/api/layers/normalization_layers/batch_normalization/",
        reproduction="docs/findings/tf_keras_batch_norm_idle_replica.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 23),
    ),
    Deviation(
        id="tf-keras-batch-norm-synchronized-config",
        title="The config of a synchronized batch norm does not say so: a layer made of it, or a model cloned, is not synchronized",
        size="synchronized=False for True",
        grave_as="another result",
        clause="batch-norm.shards",
        cases="*",
        dtypes=(("float32", "float32"),),
        modes=("train",),
        quantities={},
        promise="The same layer can be reinstantiated later (without its trained weights) from this configuration.",
        source="https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/Layer",
        reproduction="docs/findings/tf_keras_batch_norm_synchronized_config.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 23),
    ),
    Deviation(
        id="tf-keras-layer-norm-mixed",
        title="Layer norm under mixed precision, where it is fused, rounds to 16 bits before it multiplies and shifts, and adds up its "
        "gradients in them",
        size="the float32 gradient of beta is -1.20 for -1.08 at 4096 rows",
        clause="layer-norm.statistics-dtype",
        cases="*",
        dtypes=(("float16", "float32"), ("bfloat16", "float32")),
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 0.22, "dx": 0.11, "dscale": 0.09, "dshift": 0.5},
        within={"statistics_dtype": "input"},
        promise="If mixed precision is used, cast inputs to float32 so that this is at least as numerically stable as the fused version.",
        source="tf_keras/src/layers/normalization/layer_normalization.py: LayerNormalization.call",
        reproduction="docs/findings/tf_keras_layer_norm_mixed.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 20),
    ),
    Deviation(
        id="tf-keras-batch-renorm-float64",
        title="Batch renormalization raises in training in float64: it compares a deviation with a float32 root of epsilon",
        size="InvalidArgumentError",
        modes=("train", "observe"),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift", *KEPT), 1.0),
        raises="was expected to be a double tensor but is a float tensor",
        **OF_FLOAT64,
    ),
    Deviation(
        id="tf-keras-batch-renorm-float64-after",
        title="Batch renormalization that refused to train in float64 has moved no average",
        size="the averages of no batch, for those of one",
        grave_as="error",
        modes=("train", "observe", "evaluate", "freeze"),
        quantities=dict.fromkeys(("y", "dx", "dscale"), 1.0),
        instead=_stays,
        **OF_FLOAT64,
    ),
    Deviation(
        id="tf-keras-batch-renorm-mask-no-number",
        title="Batch renorm: what is no number under a mask makes mean and variance, and so y and the averages, no number",
        size="the moving mean of a channel is NaN, whose valid values are 1 and 2",
        clause="batch-renorm.mask",
        cases="batch-renorm.mask/*-hidden/*",
        dtypes=(("float32", "float32"),),
        modes=("train", "evaluate"),
        quantities=dict.fromkeys(("y", "dx", "dscale", *KEPT), 1.0),
        no_number=True,
        promise="mask: Binary tensor of shape broadcastable to `inputs` tensor, indicating the positions for which the mean and variance "
        "should be computed.",
        source="https://keras.io/2/api/layers/normalization_layers/batch_normalization/",
        reproduction="docs/findings/tf_keras_batch_norm_mask_no_number.py",
        upstream="none found",
        versions="2.21.0",
        reviewed=date(2026, 11, 22),
    ),
)
