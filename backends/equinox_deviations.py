"""What Equinox 0.13.8 on a CPU does not keep of its promises. Imports no framework; the reproductions are run by the tests."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from normspec.backends.huge_rows import JAX_GRAD, huge
from normspec.deviation import Deviation
from normspec.records import Arrays, Case

SINGLE = (("float64", "float64"), ("float32", "float32"))
HALF = (("float16", "float16"), ("bfloat16", "bfloat16"))
MIXED = (("float16", "float32"), ("bfloat16", "float32"))
BATCH_NORM = "https://docs.kidger.site/equinox/api/nn/normalisation/#equinox.nn.BatchNorm"
SHOWN = dict.fromkeys(("running_mean", "running_variance", "y", "dx", "dscale"), 1.0)
EMA_MIXED: dict[str, Any] = {
    "clause": "batch-norm.output",
    "cases": "batch-norm.output*/ema-*",
    "dtypes": MIXED,
    "promise": "The dtype to use for the running statistics and the weight and bias",
    "source": BATCH_NORM,
}
ON_DEVICES: dict[str, Any] = {
    "clause": "batch-norm.shards",
    "cases": "batch-norm.shards/ema-*",
    "dtypes": (*SINGLE, *HALF),
    "promise": "The name of the batch axis to compute statistics over, as passed to `axis_name` in `jax.vmap` or `jax.pmap`.",
    "source": BATCH_NORM,
}


def _row(finding: str, **told: Any) -> Deviation:
    shared = {"upstream": "none found", "versions": "0.13.8", "reviewed": date(2026, 11, 22)}
    return Deviation(**{**shared, **told}, reproduction=f"docs/findings/equinox_{finding}.py")


def _debiased(case: Case) -> bool:
    running = getattr(case.spec, "running", None)
    return running is not None and running.start == "debiased"


def _of_the_population(case: Case, _: Arrays) -> Case:
    return replace(case, spec=replace(case.spec, running=replace(case.spec.running, correction=0)))


def _not_trained(case: Case, _: Arrays) -> Case:
    return replace(case, steps=tuple(replace(step, mode="freeze") for step in case.steps))


def _mixed_ema(case: Case) -> bool:
    at, spec = case.situation, case.spec
    return (at.dtype, at.parameter_dtype) in MIXED and getattr(spec, "train_with", "") == "running"


def _ema_on_devices(case: Case) -> bool:
    return bool(case.situation.shards) and getattr(case.spec, "train_with", "") == "running"


def _with_what_was_born(case: Case, _: Arrays) -> Arrays:
    """Give what mode "batch" shows, where what is there before the first step is averaged with what is observed, and has no weight."""
    if not _debiased(case) or "running_mean" not in case.values:
        return {}
    wide, count = {name: a.astype(np.longdouble) for name, a in case.values.items()}, int(case.values.get("count", 0))
    found: dict[str, Any] = {}
    new, epsilon, lie = np.longdouble(case.spec.running.rate), case.spec.epsilon, (1, -1) + (1,) * (len(case.situation.shape) - 2)
    hidden = [wide[name] * (1 - (1 - new) ** count if count else 1) for name in ("running_mean", "running_variance")]
    for k, step in enumerate(case.steps):
        x = step.inputs["x"].astype(np.longdouble)
        over = (0, *range(2, x.ndim))
        if step.mode in ("train", "observe"):
            hidden, count = [(1 - new) * old + new * own for old, own in zip(hidden, (x.mean(over), x.var(over)), strict=True)], count + 1
        mean, variance = (a / (1 - (1 - new) ** count if count else 1) for a in hidden)
        found |= {f"{k}.running_mean": mean, f"{k}.running_variance": variance}
        if step.mode in ("evaluate", "freeze"):
            inverse, dy = 1 / np.sqrt(variance.reshape(lie) + epsilon), step.cotangent
            normal = (x - mean.reshape(lie)) * inverse
            found[f"{k}.y"] = normal * wide["scale"].reshape(lie) + wide["shift"].reshape(lie)
            found |= {f"{k}.dx": dy * wide["scale"].reshape(lie) * inverse, f"{k}.dscale": (dy * normal).sum(over)}
    return found


def _huge(words: str) -> Deviation:
    return _row("norms_huge", **huge("equinox", words), **JAX_GRAD, size="dx is off by 0.2 to 1 of the largest")


def _variance(which: str, dtypes: tuple[tuple[str, str], ...], *quantities: str) -> Deviation:
    return _row(
        "batch_norm_variance",
        id=f"equinox-batch-norm-variance{which}",
        title="Batch norm in mode 'batch' keeps the population's variance in 16 bits, too"
        if which
        else "Batch norm in mode 'batch' keeps the population's variance, not the sample's",
        size="1 for 2, of two values",
        clause="batch-norm.running.correction",
        cases="*",
        dtypes=dtypes,
        modes=("train", "evaluate", "freeze", "observe"),
        quantities=dict.fromkeys(("running_variance", *quantities), 1.0),
        instead=_of_the_population,
        apart=_debiased,
        promise="For inference the exponential running mean and unbiased variance are used for normalization.",
        source=BATCH_NORM,
    )


def _unmoved(which: str, dtypes: tuple[tuple[str, str], ...], *quantities: str) -> Deviation:
    return _row(
        "batch_norm_ema_mixed",
        id=f"equinox-batch-norm-ema-mixed-unmoved{which}",
        title=f"Batch norm in its default mode, which raises there, never moves its running statistics{' in bfloat16' if which else ''}",
        size="what was loaded, for what a step makes of it",
        grave_as="error",
        modes=("train", "evaluate", "freeze"),
        quantities=dict.fromkeys(("running_mean", "running_variance", *quantities), 1.0),
        instead=_not_trained,
        apart=_mixed_ema,
        **{**EMA_MIXED, "dtypes": dtypes},
    )


def _on_devices(suffix: str, dtypes: tuple[tuple[str, str], ...], *quantities: str) -> Deviation:
    """Give the row of what a layer shows that has not moved its statistics, of quantities in the dtypes in which it shows."""
    return _row(
        "batch_norm_ema_devices",
        id=f"equinox-batch-norm-ema-devices-unmoved{suffix}",
        title="Batch norm in its default mode, which raises there, never moves its running statistics on several devices",
        size="what was loaded, for what a step makes of it",
        grave_as="error",
        modes=("train", "evaluate", "freeze"),
        quantities=dict.fromkeys(quantities, 1.0),
        instead=_not_trained,
        apart=_ema_on_devices,
        **{**ON_DEVICES, "dtypes": dtypes},
    )


DEVIATIONS = (
    _variance("", SINGLE, "y", "dx", "dscale"),
    _variance("-half", (*HALF[:1], *MIXED[:1]), "dx"),
    _row(
        "batch_norm_born",
        id="equinox-batch-norm-born",
        title="The variance of batch norm in mode 'batch' is born 1, and divided by the weights of what was observed alone: after "
        "the first step it is 99 more than the batch's, and so is any state that is loaded without its count",
        size="100 for 1, so that y is a tenth of what it must be",
        clause="batch-norm.running.start",
        cases="*",
        dtypes=SINGLE,
        modes=("train", "evaluate", "freeze", "observe"),
        quantities={**SHOWN, "running_variance": 4.0},
        value=_with_what_was_born,
        apart=_debiased,
        promise="Zero-debias approach: mean = hidden_mean / (1 - momentum^counter)",
        source="equinox/nn/_batch_norm.py: BatchNorm.__call__",
        upstream="https://github.com/patrick-kidger/equinox/issues/1010 (closed: of the division by 0 before the first step)",
    ),
    _row(
        "batch_norm_ema_mixed",
        id="equinox-batch-norm-ema-mixed",
        title="Batch norm in its default mode cannot be trained with a 16-bit x and float32 statistics",
        size="TypeError: lax.select requires arguments to have the same dtypes",
        modes=("train",),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="lax.select requires arguments to have the same dtypes",
        **EMA_MIXED,
    ),
    _unmoved("", MIXED[:1], "y", "dx", "dscale"),
    _unmoved("-bfloat16", MIXED[1:], "y", "dx"),
    _row(
        "batch_norm_ema_devices",
        id="equinox-batch-norm-ema-devices",
        title="Batch norm in its default mode cannot be trained on several devices",
        size="ValueError: Old and new values have different structures/shapes/dtypes",
        modes=("train",),
        quantities=dict.fromkeys(("y", "dx", "dscale", "dshift"), 1.0),
        raises="Old and new values have different structures/shapes/dtypes",
        **ON_DEVICES,
    ),
    _on_devices("", (*SINGLE, *HALF), "running_mean", "running_variance", "y", "dx"),
    _on_devices("-scale", (*SINGLE, HALF[0]), "dscale"),
    *(_huge(words) for words in ("layer norm", "group norm", "RMS norm")),
    _row(
        "weight_norm_huge",
        id="equinox-weight-norm-huge",
        title="The gradient of weight norm for a float32 weight near 1e17 has 3 digits, for a product on the way is subnormal",
        size="dx is off by 0.0005 of the largest",
        clause="weight-norm.gradient.x",
        cases="weight-norm.gradient.x/*-huge/*",
        dtypes=SINGLE[1:],
        modes=("train",),
        quantities={"dx": 225.0},
        **JAX_GRAD,
    ),
)
