"""The mutants: each is a layer that is wrong, named by a clause that there is; and the suite's score on them."""

from dataclasses import replace
from functools import cache
from typing import get_args

import numpy as np
import pytest
from survivors import SURVIVORS

import normspec
from normspec.clauses import clause_id
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.mutants import MUTANTS, dividing, plain
from normspec.conformance.mutants.implementation import implementation, implementation_of
from normspec.conformance.mutants.record import DIVIDING, MASKED, STANDARDIZING
from normspec.conformance.mutants.score import layers_of, score
from normspec.conformance.play import play
from normspec.conformance.subject import Answer
from normspec.layers import SPECS, all_clauses
from normspec.records import Layout, Step

RIGHT = replace(normspec.load("reference:numpy"), asarray=lambda a, _: np.array(a))
PLAIN = {layer: kind.with_parts() for kind, layers in ((plain, STANDARDIZING), (dividing, DIVIDING)) for layer in layers}
BY_ID = {mutant.id: mutant for mutant in MUTANTS}
HERE = {"two-stages-by-the-last-axis", "rows-beyond-16-bits"}
"""Faults that only arrays of many rows show, which are made below."""


def test_there_are_at_least_ninety_and_their_ids_are_unique():
    assert len(MUTANTS) >= 90
    assert len(BY_ID) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_a_mutant_is_told_by_a_clause_that_there_is_and_by_an_address_or_none(mutant):
    assert mutant.source == "" or mutant.source.startswith("https://")
    assert mutant.words
    assert layers_of(mutant)
    known = all_clauses()
    assert all(clause_id(SPECS[layer], mutant.law) in known for layer in layers_of(mutant))


@pytest.mark.parametrize("layer", PLAIN)
def test_the_plain_layer_of_right_parts_conforms_in_every_dtype(layer):
    by = replace(RIGHT, build=PLAIN[layer])
    verdicts = []
    with np.errstate(all="ignore"):
        for case in cases(layer=layer):
            verdicts += [check.verdict for check in judge(case, Answer(*answer_to(case, by)))]
    assert set(verdicts) <= {"conforms", "unsupported"}
    assert verdicts.count("conforms") > 500


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


def shown(case, by):
    try:
        with np.errstate(all="ignore"):
            return {name: value if isinstance(value, str) else np.asarray(value) for name, value in play(case, by).items()}
    except Exception as error:  # noqa: BLE001 - what a layer raises is shown, too
        return {"raised": f"{type(error).__name__}: {error}"}


def same(a, b):
    if isinstance(a, str) or isinstance(b, str):
        return type(a) is type(b)
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def differ(one, other):
    return one.keys() != other.keys() or not all(same(one[name], other[name]) for name in one)


def differs(mutant, case):
    """Tell whether a mutant shows other bits than the right layer, and than the plain one where there is one."""
    got = shown(case, implementation_of(mutant))
    rights = [RIGHT, *([replace(RIGHT, build=PLAIN[case.spec.layer])] if case.spec.layer in PLAIN else [])]
    others = [shown(case, replace(by, asarray=lambda a, _: np.array(a))) for by in rights]
    return all(differ(got, other) for other in others if not unable(other))


def unable(seen):
    return seen.get("raised", "").startswith("Unsupported") or any(str(v).startswith("takes no mask") for v in seen.values())


@cache
def pool(layer, dtypes):
    return sorted((case for case in cases(layer=layer) if case.situation.dtype in dtypes), key=lambda case: not case.quick)


def calls(mutant):
    for layer in layers_of(mutant):
        for case in pool(layer, mutant.dtypes):
            if mutant.lives_in(case.spec, case.situation):
                yield case


@pytest.mark.parametrize("mutant", [m for m in MUTANTS if m.id not in HERE], ids=lambda mutant: mutant.id)
def test_a_mutant_differs_from_the_right_layer_in_some_call(mutant):
    with np.errstate(all="ignore"):
        assert any(differs(mutant, case) for case in calls(mutant)) or any(
            differs(mutant, other) for case in list(calls(mutant))[:40] for other in variants(case)
        )


@pytest.mark.parametrize(
    ("mutant", "shape", "axes"), [("two-stages-by-the-last-axis", (70_001, 2, 3), (1, 2)), ("rows-beyond-16-bits", (65_537, 3), (1,))]
)
def test_a_mutant_of_many_rows_differs_from_the_right_layer(mutant, shape, axes):
    spec = normspec.LayerNorm(**{**vars(cases(layer="layer_norm")[0].spec), "axes": axes, "parameter_axes": axes, "epsilon": 2.0**-10})
    situation = normspec.Situation(shape=shape, dtype="float32", parameter_dtype="float32")
    x, dy = (np.random.default_rng(k).normal(size=shape).astype(np.float32) for k in (0, 1))
    found = []
    for by in (implementation(mutant), replace(RIGHT, build=PLAIN["layer_norm"])):
        y, pullback = by.build(spec, situation).forward({"x": x}, "train")
        found.append((y, pullback(dy).get("scale")))
    assert any(not np.allclose(one, other, rtol=1e-3) for one, other in zip(*found, strict=True))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_the_suite_kills_what_it_has_killed(mutant):
    fates = {layer: score(mutant, layer).fate for layer in layers_of(mutant)}
    assert {layer: fate for layer, fate in fates.items() if fate != "killed"} == SURVIVORS.get(mutant.id, {})


def test_every_survivor_is_a_mutant():
    assert SURVIVORS.keys() <= BY_ID.keys()


@pytest.mark.parametrize("layer", SPECS)
def test_y_of_another_dtype_fails_on_the_clause_of_the_dtype_alone(layer):
    mutant = next(m for m in (BY_ID["y-in-float64"], BY_ID["y-of-float64"]) if layer in layers_of(m))
    quick = cases(layer=layer, dtype="float32", profile="quick")
    checks = [c for case in quick for c in judge(case, Answer(*answer_to(case, implementation_of(mutant))))]
    failing = {clause for c in checks if c.quantity.endswith(".y") for clause in c.clauses if c.verdict == "fails"}
    assert failing == {clause_id(SPECS[layer], mutant.law)}


def test_a_mutant_is_an_implementation_like_any_other():
    assert normspec.load("mutants:updated-twice").name == "mutants:updated-twice"
    with pytest.raises(normspec.NotFound, match="mutant must be"):
        normspec.load("mutants:of-no-such-name")
