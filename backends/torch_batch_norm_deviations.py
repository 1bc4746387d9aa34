"""What PyTorch's batch norm does not keep of its promises. Imports no framework."""

from dataclasses import replace

import numpy as np

from normspec.backends.frozen_rows import loaded_with_the_last_state
from normspec.backends.torch_common_deviations import DECOMPOSITIONS, HALF, IN_FLOAT32, MIXED, SINGLE, WITH_OTHERS, row, strided
from normspec.records import Arrays, Case


def _one_more_counted(case: Case, _: Arrays) -> Case:
    return replace(case, values={**case.values, "count": case.values["count"] + 1})


def _by_the_weights_memory(case: Case, seen: Arrays) -> Arrays:
    """Give gradients with the first places of the memory in which the weight is every second one, the others being no numbers."""
    weight = np.asarray(case.values["scale"], np.float64)
    read = np.stack([weight, np.full_like(weight, np.nan)], axis=-1).ravel()[: weight.size]
    channels = (1, -1) + (1,) * (len(case.situation.shape) - 2)
    return {f"{k}.dx": np.asarray(seen[f"{k}.dx"], np.float64) * (read / weight).reshape(channels) for k in range(len(case.steps))}


def _strided_and_read_on(case: Case) -> bool:
    layout = dict(case.situation.layout)
    owned = any(layout.get(name) == "strided" for name in case.values)
    channels_last = layout.get("x") == layout.get("dy") == "permuted"
    return owned and (channels_last or all(n == 1 for n in case.situation.shape[2:]))


ROWS = (
    row(
        "batch_norm_frozen_then_trained",
        id="torch-batch-norm-frozen-then-trained",
        title="Evaluate, train, then differentiate the evaluation: its gradient is that of the statistics as training left them, "
        "in every dtype, and no error says so",
        size="10.79 for 13.38",
        clause="batch-norm.pullback",
        cases="batch-norm.pullback/first-frozen-then-trained-*",
        dtypes=SINGLE + HALF + MIXED,
        modes=("evaluate", "freeze"),
        quantities={"dx": 2, "dscale": 1},  # the state may differ by one of its own roundings
        instead=loaded_with_the_last_state,
        promise="if you're using in-place functions and not seeing any errors, you can be sure that the computed gradients are correct",
        source="https://docs.pytorch.org/docs/2.13/autograd.html#in-place-correctness-checks",
        upstream="https://github.com/pytorch/pytorch/issues/13402",
        implementations=WITH_OTHERS,
    ),
    row(
        "batch_norm_refused_batch_counts",
        id="torch-batch-norm-refused-batch-counts",
        title="A batch that is refused still counts, so that with `momentum=None` the running mean is no simple average any more",
        size="running mean [1, 2] for [2, 4]",
        clause="batch-norm.refusal",
        cases="batch-norm.one-value/first-one-counted/*",
        dtypes=SINGLE + HALF + MIXED,
        modes=("train", "evaluate"),
        quantities=dict.fromkeys(("count", "running_mean", "running_variance", "y", "dx", "dscale"), 1.0),
        instead=_one_more_counted,
        promise="Can be set to ``None`` for cumulative moving average (i.e. simple average)",
        source="https://docs.pytorch.org/docs/2.13/generated/torch.nn.BatchNorm1d.html",
        implementations=("torch", "torch:others", "torch:compile"),  # a function counts nothing
    ),
    row(
        "batch_norm_half_statistics",
        id="torch-batch-norm-half-statistics",
        title="Batch norm with 16-bit parameters rounds the batch's mean and 1 / deviation to 16 bits before it uses them",
        size="y errs by 117 roundings of float16, where computing in float32 errs by 1",
        clause="batch-norm.statistics-dtype",
        cases="*",
        dtypes=HALF,
        modes=("train", "evaluate", "freeze"),
        quantities={"y": 0.26, "dx": 0.3, "dscale": 0.2},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper, native_batch_norm_backward",
        upstream="https://github.com/pytorch/pytorch/issues/140112",
    ),
    row(
        "batch_norm_bfloat16_running",
        id="torch-batch-norm-bfloat16-running",
        title="Batch norm in bfloat16 moves the running statistics in bfloat16",
        size="1.7 roundings a step instead of at most 1",
        clause="batch-norm.statistics-dtype",
        cases="*",
        dtypes=(("bfloat16", "bfloat16"),),
        modes=("train", "observe"),
        quantities={"running_mean": 0.11, "running_variance": 0.3},
        within={"statistics_dtype": "input"},
        promise=IN_FLOAT32,
        source=f"{DECOMPOSITIONS}: native_batch_norm_helper",
        upstream="https://github.com/pytorch/pytorch/pull/126525 (float16 alone was mended)",
        implementations=WITH_OTHERS,
    ),
    row(
        "batch_norm_strided_weight",
        id="torch-batch-norm-strided-weight",
        title="Batch norm of an x without axes of space, or with such of length 1, or that lies channels last with its cotangent, reads a "
        "weight that is not contiguous as if it were, for the gradient of x; in evaluation, where mean and variance are not, it reads what "
        "is no memory of theirs",
        size="7 for 0.5, whatever lies between the weights",
        clause="batch-norm.gradient.x",
        cases="batch-norm.gradient.x/first-owned-strided-*/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"dx": 1.0},
        value=_by_the_weights_memory,
        apart=_strided_and_read_on,
        promise="view tensor just changes the way it interprets the same data",
        source="https://docs.pytorch.org/docs/2.13/tensor_view.html",
        upstream="https://github.com/pytorch/pytorch/pull/63392 (of an x that is not contiguous, mended)",
        implementations=WITH_OTHERS,
    ),
    strided(
        "batch_norm",
        "x",
        "Batch norm of 16-bit x with float32 parameters takes the gradient of x in 16 bits, where x or the cotangent is not contiguous",
        dtypes=MIXED,
        modes=("train",),
        quantities={"dx": 0.08},
    ),
    strided(
        "batch_norm",
        "bias",
        "Batch norm of bfloat16 x with float32 parameters takes that of bias in 16 bits, where x or the cotangent is not contiguous",
        dtypes=MIXED[1:],
        modes=("train", "evaluate", "freeze"),
        quantities={"dshift": 0.27},
    ),
    strided(
        "batch_norm",
        "batches",
        "Batch norm of 16-bit x with float32 parameters and no running statistics takes that of x in 16 bits in evaluation, too",
        "batch_norm_mixed_evaluation",
        size="0.0031 of the largest for 0, in the gradient of x",
        dtypes=MIXED,
        modes=("evaluate", "freeze"),
        of={"running": None},
        quantities={"dx": 0.1},
    ),
)
