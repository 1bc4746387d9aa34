"""What Flax' group norm does not keep of its promises, besides what all its layers have in common. Imports no framework."""

from dataclasses import replace

from normspec.backends.flax_common_deviations import HALF, NNX, SINGLE, row
from normspec.layers import BatchNorm
from normspec.layers.axes import others
from normspec.layers.running import KEPT
from normspec.records import Arrays, Case

REDUCTION_AXES = "List of axes used for computing normalization statistics."


def _statistics_gone_astray(case: Case, _: Arrays) -> Case:
    """Give what evaluates with the statistics that nnx takes: of every group its own, and repeated along axis 1 in place of the last."""
    (step,) = case.steps
    x, groups = step.inputs["x"], case.spec.groups
    size, kept = x.shape[-1] // groups, (*case.spec.at_rank(x.ndim).batch_axes, x.ndim - 1)
    shape, wide = tuple(x.shape[a] for a in kept), x.astype("float64").reshape(*x.shape[:-1], groups, size)
    over = (*others(kept, x.ndim), x.ndim)
    taken = {"running_mean": wide.mean(axis=over), "running_variance": wide.var(axis=over)}
    state = {name: a.repeat(size, axis=1).reshape(shape).astype(x.dtype) for name, a in taken.items()}
    parameters = {name: a + 0 * state["running_mean"] for name, a in case.values.items()}
    spec = BatchNorm(
        channel_axes=kept,
        epsilon=case.spec.epsilon,
        epsilon_place="inside",
        correction=0,
        variance="two_pass",
        train_with="batch",
        running=KEPT,
        scale=case.spec.scale,
        shift=case.spec.shift,
        statistics_dtype="widened",
        output_dtype="input",
        one_value="shift",
    )
    return replace(case, spec=spec, values={**parameters, **state}, steps=(replace(step, mode="evaluate"),))


ROWS = (
    row(
        "group_norm_batch_axes",
        id="flax-group-norm-nnx-batch-axes",
        title="Group norm of nnx normalizes groups with the statistics of others where `reduction_axes` leave more than the leading axis",
        size="the mean squares of groups, which must be 1, are from 0.70 to 1.96 in the reproduction",
        clause="group-norm.batch-axes",
        cases="group-norm.batch-axes/last-kept-0-1/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"y": 1.0},
        implementations=("flax:nnx",),
        instead=_statistics_gone_astray,
        promise=REDUCTION_AXES,
        source=f"{NNX}GroupNorm",
    ),
    row(
        "group_norm_batch_axes",
        id="flax-group-norm-nnx-no-batch",
        title="Group norm of nnx raises an error where `reduction_axes` are all axes",
        size="axis 1 is out of bounds for array of dimension 1",
        clause="group-norm.batch-axes",
        cases="group-norm.batch-axes/last-kept-none/*",
        dtypes=SINGLE,
        modes=("train",),
        quantities={"y": 1.0},
        implementations=("flax:nnx",),
        raises="axis 1 is out of bounds for array of dimension 1",
        promise=REDUCTION_AXES,
        source=f"{NNX}GroupNorm",
    ),
    row(
        "group_norm_mask",
        id="flax-group-norm-mask",
        title="Group norm refuses a mask of length 1 along the channels, which it takes to be split into groups like x",
        size="a mask of shape (1, 5, 1) raises TypeError for an x of shape (2, 5, 4)",
        clause="group-norm.mask",
        cases="group-norm.mask/*",
        dtypes=(*SINGLE, *HALF),
        modes=("train",),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="TypeError: cannot reshape array of shape",
        promise="Binary array of shape broadcastable to ``inputs`` tensor, indicating the positions for which the mean and variance "
        "should be computed.",
        source=f"{NNX}GroupNorm",
    ),
)
