"""A case and what may be rare in it, by which mutants are told from the right layer whatever the suite's own cases are."""

from dataclasses import replace
from typing import get_args

import numpy as np

from normspec.conformance.mutants.record import MASKED
from normspec.records import Layout, Step


def variants(case):
    """Give a case and what may be rare in it: other layouts, late pullbacks, more steps, no numbers, and values that are all alike."""
    yield case
    yield replace(case, deferred=True, steps=(*case.steps, *case.steps[:1], *case.steps[:1]))
    for layout in get_args(Layout):
        names = ("x", "dy", *case.spec.slots(case.situation.shape))
        yield replace(case, situation=replace(case.situation, layout=tuple((name, layout) for name in names)))
    if case.spec.layer in MASKED:
        yield replace(case, steps=tuple(masked(step) for step in case.steps))
    for change in (no_number, flat, nothing, large, half_a_batch, none_of_a_batch):
        yield replace(case, steps=tuple(changed(step, change) for step in case.steps))


def masked(step):
    """Give a step of as many samples as axis 1 is long, with a mask, and no numbers where it is false."""
    x = step.inputs["x"]
    if not x.size or x.ndim < 2:
        return step
    x = np.resize(x, (x.shape[1], *x.shape[1:]))
    mask = (np.arange(x.size) % 3 > 0).reshape(x.shape)
    dy = None if step.cotangent is None else np.resize(step.cotangent, x.shape)
    return Step(mode=step.mode, inputs={"x": np.where(mask, x, np.nan).astype(x.dtype), "mask": mask}, cotangent=dy)


def changed(step, change):
    shapes = step.inputs["x"].shape
    given = {name: change(a) if name == "x" or a.shape == shapes else a for name, a in step.inputs.items()}
    dy = None if step.cotangent is None else change_dy(step.cotangent, given["x"].shape)
    return Step(mode=step.mode, inputs=given, cotangent=dy)


def change_dy(dy, shape):
    return dy[: shape[0]] if dy.ndim else dy


def no_number(x):
    out = np.array(x)
    if out.dtype.kind != "b" and out.size:
        out.reshape(-1)[-1] = np.nan
    return out


def flat(x):
    return x if x.dtype.kind == "b" else np.full_like(x, 3)


def nothing(x):
    return x if x.dtype.kind == "b" else np.zeros_like(x)


def large(x):
    return x if x.dtype.kind == "b" else (x.astype(np.float64) * 1000 + 1e4).astype(x.dtype)


def half_a_batch(x):
    return x[: max(x.shape[0] // 2, 1)]


def none_of_a_batch(x):
    return x[:0]
