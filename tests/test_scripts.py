"""How reproductions are made: what counts as the same failure, how long they may take, and that words are found or refused."""

from dataclasses import replace
from importlib import import_module
from math import prod

import numpy as np
import pytest

from normspec.cli.show import came_of
from normspec.conformance import reproduction
from normspec.conformance.cases import case_of, cases
from normspec.conformance.child import answer_to
from normspec.conformance.expectation import expectation
from normspec.conformance.judge import Check
from normspec.conformance.reproduction import alike, claim_of, reproduced
from normspec.conformance.run import Asked, run
from normspec.conformance.runner import Reproduced, played
from normspec.conformance.shrink import numbers
from normspec.conformance.subject import Answer
from normspec.dialects.entry import native
from normspec.errors import Unsupported
from normspec.load import load
from normspec.load import reproduction as written

CASE = case_of("layer-norm.output/last-rank-2/float32")
OFF = "is 3.0 at (0, 1), must be 2.0 within 1e-07; 1 of 6 elements are off"
DIED = Answer({"died": "took longer than 60 s and was killed"}, {})
DRIVEN = {
    "torch": ("torch", ""),
    "torch:functional": ("torch", "functional"),
    "torch:others": ("torch", "others"),
    "torch:compile": ("torch", ""),
    **{f"keras:{backend}": ("keras", "") for backend in ("tensorflow", "jax", "torch", "numpy", "openvino")},
    "tensorflow": ("tensorflow", ""),
    "tf_keras": ("tf_keras", ""),
    "flax:nnx": ("flax", "nnx"),
    "flax:linen": ("flax", "linen"),
    "haiku": ("haiku", ""),
    "equinox": ("equinox", ""),
    "jax": ("jax", ""),
    "mlx": ("mlx", ""),
    "tinygrad": ("tinygrad", ""),
    "mindspore": ("mindspore", ""),
    **{f"transformers:{model}": ("transformers", model) for model in ("llama", "gemma", "t5")},
    "paddle": ("paddle", ""),
    "paddle:functional": ("paddle", "functional"),
    "onnx:reference": ("onnx", ""),
    "onnx:onnxruntime": ("onnx", ""),
    "openvino": ("openvino", ""),
}
"""Implementation -> its dialect, and the variant of the entries that it drives."""
UNREACHED = {"torch.nn.InstanceNorm3d", "paddle.nn.InstanceNorm3D", "tinygrad.Tensor.layernorm"}
"""Entries of a rank, or of axes without parameters, that no case has."""
LARGE = 1000
"""Numbers that no script says one by one."""


def failing(detail, error=None, clauses=("layer-norm.output",)):
    """Give a check of a failure."""
    return Check(case="", layer="", dtype="", quantity="0.y", clauses=clauses, verdict="fails", error=error, detail=detail)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (failing("raised ValueError: about size 12"), True),
        (failing("raised TypeError: about size 3"), False),
        (failing("raised ValueError: another thing"), False),
        (failing("raised in the pullback: ValueError: about size 3"), True),
        (failing("is nan, must be 1.0", np.inf), False),
    ],
)
def test_the_same_error_is_of_the_same_class_and_text(other, same):
    assert alike(failing("raised ValueError: about size 3"), other) is same


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (failing("is 7.0, must be 1.0", 6.0), True),
        (failing("is nan, must be 1.0", np.inf), False),
        (failing("is 7.0, must be 1.0", 6.0, ("layer-norm.epsilon",)), False),
        (failing("has dtype float32 and shape (2,), must have float16 and (2,)"), False),
        (replace(failing("is 7.0, must be 1.0", 6.0), verdict="conforms"), False),
    ],
)
def test_wrong_numbers_are_the_same_for_the_same_clauses_while_they_are_numbers(other, same):
    assert alike(failing(OFF, 1.0), other) is same


def test_a_case_is_made_smaller_while_it_raises_the_same(monkeypatch):
    """Where there are three rows or fewer the subject raises something else."""
    monkeypatch.setattr(reproduction, "played", lambda script, *_: Reproduced(script, fails=True, said=""))
    asked = {2: "TypeError: another thing", 3: "ValueError: about size 3", 4: "ValueError: about size 4"}
    large = case_of("layer-norm.output/last-rank-3/float32")

    def ask(case):
        return Answer({"seen": {f"{k}.raised": asked[min(max(case.situation.shape[-1], 2), 4)] for k in range(len(case.steps))}}, {})

    found = reproduced("torch", large, "0.y", ask)
    assert "normalized_shape=(3,)" in found.script


ENDINGS = {
    "assert 1 == 2": ("", OFF),
    "import unittest\nunittest.TestCase().assertEqual(1, 2)": ("",),
    'assert 1 == 2, "a check of its own"\nprint("not reached")': ("",),
    'print("said")\nraise ValueError("about size 12,\\nand more")': ("", "raised ValueError: about size 3,\nand more"),
    'raise ValueError("in a layer: about size 12,\\nand more")': ("", "raised ValueError: about size 3,\nand more"),
    "import os; os._exit(3)": ("",),
    'print("said")': (),
}
"""Script -> the details of checks of which it shows the failure; nothing: of what conforms, any end but its own."""


@pytest.mark.parametrize("script", ENDINGS)
def test_a_script_fails_by_its_own_assertion_or_by_the_error_that_was_seen(script):
    details = (
        "",
        OFF,
        "raised ValueError: about size 3,\nand more",
        "raised ValueError: other",
        "raised TypeError: about size 3,\nand more",
    )
    assert tuple(detail for detail in details if played(script, detail).fails) == ENDINGS[script]


def test_what_a_script_says_is_its_last_line_or_its_error():
    assert played('print("a"); print("b")\nassert False').said == "b"
    assert played('print("a")\nraise ValueError("c\\nd")').said == "ValueError: c"


def test_a_script_has_the_time_that_is_left(monkeypatch):
    assert "took longer" in played("import time; time.sleep(9)", OFF, seconds=0.5).said
    given = []

    def late(script, _detail, _python, seconds):
        given.append(seconds)
        return Reproduced(script, fails=False, said="")

    monkeypatch.setattr(reproduction, "played", late)
    monkeypatch.setattr(reproduction, "DEADLINE", 0.0)
    monkeypatch.setattr(reproduction, "SECONDS", 0.5)
    by = load("reference:numpy")
    wrong = replace(by, build=lambda spec, at: by.build(replace(spec, epsilon=1.0), at))
    reproduced("torch", CASE, "0.y", lambda case: Answer(*answer_to(case, wrong)))
    assert given == [reproduction.LEAST]


def test_what_a_subject_dies_of_is_asked_for_no_further():
    asked = []

    def ask(case):
        asked.append(case)
        return DIED

    with pytest.raises(Unsupported, match="it took longer than 60 s and was killed"):
        reproduced("torch", CASE, "0.y", ask)
    assert len(asked) == 1


def test_a_run_says_why_there_is_no_script_of_what_a_subject_died_of(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function = "def norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):\n    os._exit(7)\n"
    (tmp_path / "dying.py").write_text(f"import os\n\n\n{function}")
    asked = Asked(name="dying:norm", like="torch.nn.functional.layer_norm", cases=(CASE,), out=tmp_path, reproductions=9)
    checks = [check for _, found in run(asked) for check in found if check.verdict == "fails"]
    assert checks
    for check in checks:
        assert check.reproduction.startswith("# no reproduction: a script is of what a subject shows or raises, and it ended by itself")


@pytest.mark.parametrize(
    ("verdict", "fails", "said"),
    [
        ("fails", True, "it fails, as it does when it is judged"),
        ("fails", False, f"0.y fails when it is judged ({OFF}), but not in this script, which says: 0.y is 2"),
        ("conforms", True, "it conforms when it is judged, but this script fails, which says: 0.y is 2"),
        ("conforms", False, "it passes, as it does when it is judged"),
    ],
)
def test_show_says_what_the_judge_says_and_what_the_script_says(verdict, fails, said):
    assert came_of(replace(failing(OFF), verdict=verdict), Reproduced("the script", fails, "0.y is 2")) == said


def smallest(entry, entries):
    """Give the smallest case that a dialect says with an entry, or None."""
    for case in sorted(cases(layer=entry.layer), key=lambda case: (len(case.steps), prod(case.situation.shape))):
        try:
            if len(case.situation.shape) in entry.ranks and native(entries, entry.variant, case.spec, case.situation)[0] is entry:
                return case
        except Unsupported:
            continue
    return None


@pytest.mark.parametrize("name", DRIVEN)
def test_of_every_quantity_there_is_a_script_or_a_reason_why_not(name):
    dialect, variant = DRIVEN[name]
    entries = import_module(f"normspec.dialects.{dialect}").ENTRIES
    own = {entry.native: smallest(entry, entries) for entry in entries if entry.variant == variant}
    assert {of for of, case in own.items() if case is None} <= UNREACHED
    for case in filter(None, own.values()):
        scripts = [said(name, case, expected.quantity) for expected in expectation(case)]
        assert any(scripts) or numbers(case) > LARGE, case.id


@pytest.mark.parametrize("layout", ["strided", "offset", "permuted", "expanded", "reversed", "readonly"])
def test_of_every_layout_there_is_a_script_or_a_reason_why_not(layout):
    laid = [case for case in cases(layer="batch_norm") if layout in dict(case.situation.layout).values()]
    assert laid
    for case in laid[:2]:
        for expected in expectation(case):
            said("torch", case, expected.quantity)


def said(name, case, quantity):
    """Give the script of a quantity, or nothing where there is a reason why not."""
    try:
        return written(name, case, claim_of(case, quantity, Answer({}, {})))
    except Unsupported:
        return ""
