"""Reproductions: short scripts with a framework and NumPy only, that fail where the judge says so and pass where it does not."""

import ast
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from normspec.cli.show import show_case
from normspec.conformance import reproduction, shrink
from normspec.conformance.cases import case_of
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.reproduction import claim_of, played, reproduced
from normspec.conformance.run import Asked, run
from normspec.conformance.subject import Answer, Subject
from normspec.errors import NotFound
from normspec.load import load, reproducible
from normspec.load import reproduction as written

FAILS = {
    "torch": {
        "batch-norm.pullback/first-frozen-then-trained-freeze/float64": "0.dx",
        "batch-norm.one-value/first-one-counted/float64": "1.count",
        "weight-norm.tangent.gradient/first-along/float64": "0.tangent.dx",
        "batch-norm.update/first-owned-strided/bfloat16": "1.y",
        "weight-norm.output/first-empty/float32": "0.dscale",
    },
    "torch:functional": {"group-norm.scale/first-false/float64": "0.dx", "layer-norm.output/last-rank-3/float16+float32": "0.dscale"},
    "torch:others": {
        "local-response-norm.channel-axes/first-unequal/float64": "0.dx",
        "batch-norm.pullback/first-frozen-then-trained-freeze/float64": "0.dx",
    },
    "torch:compile": {"batch-norm.pullback/first-frozen-then-trained-evaluate/float64": "0.dx"},
    "keras:tensorflow": {
        "batch-norm.mask/last/float64": "0.y",
        "rms-norm.output/last-channels-square/float64": "0.y",
        "layer-norm.tangent.gradient/last-along/float64": "0.tangent.dx",
    },
    "keras:jax": {
        "rms-norm.output/last-channels-square/float64": "0.dx",
        "rms-norm.axes/last-channels/float64": "0.y",
        "spectral-norm.output/replaced-default-1e-07/float32": "0.dx",
    },
    "keras:torch": {"batch-norm.mask/last/float64": "0.y"},
    "keras:numpy": {"batch-norm.mask/last/float64": "0.y"},
    "keras:openvino": {"batch-norm.mask/last/float64": "0.y", "spectral-norm.update/replaced-default-1e-07/float64": "1.y"},
    "tensorflow": {
        "layer-norm.tangent.gradient/last-along/float64": "0.tangent.dx",
        "lp-norm.gradient.x/floored-zero-small-floor-over-1/float16": "0.y",
        "local-response-norm.channel-axes/last-unequal/bfloat16": "0.y",
    },
    "tf_keras": {
        "batch-norm.epsilon/last-default-1e-3-0.01/float64": "0.running_mean",
        "layer-norm.output/last-rank-3/float16+float32": "0.dx",
        "layer-norm.tangent.gradient/last-along/float64": "0.tangent.dx",
    },
    "flax:nnx": {"weight-norm.scale/first-true/float32": "born.scale", "group-norm.batch-axes/last-unequal/float16": "0.dx"},
    "flax:linen": {"batch-norm.output/fast-rank-2/float64": "0.running_mean", "layer-norm.output/last-rank-3/float16": "0.dx"},
    "paddle": {
        "batch-norm.pullback/last-frozen-then-trained-freeze/float64": "0.dx",
        "weight-norm.initial-scale/first-made/float64": "born.scale",
        "local-response-norm.tangent.gradient/first-along/float64": "0.tangent.dx",
    },
    "paddle:functional": {"group-norm.scale/first-false/float64": "0.dx"},
    "mindspore": {
        "batch-norm.pullback/first-frozen-then-trained-freeze/float32": "0.dx",
        "batch-norm.running.correction/one/float32": "0.running_variance",
        "batch-norm.output/statistics-in-input/float16": "0.running_mean",
        "layer-norm.output/last-rank-3/float64": "0.dscale",
        "layer-norm.output/last-empty/float32": "0.y",
        "lp-norm.epsilon/floored-near/float32": "0.dx",
    },
    "tinygrad": {
        "batch-norm.pullback/first-frozen-then-trained-freeze/float64": "0.dx",
        "batch-norm.one-value/observe/float64": "0.running_mean",
        "batch-norm.tangent.gradient/first-along/float64": "1.tangent.dx",
        "group-norm.output/first-empty/float32": "0.y",
        "lp-norm.gradient.x/floored-zero-order-2.0/float64": "0.dx",
        "rms-norm.output/last-before-scale-promoted-usual/float16+float32": "0.y",
    },
    "openvino": {
        "lp-norm.output/floored-usual/float32": "0.y",
        "mean-variance-norm.output/space-usual/bfloat16": "0.y",
        "batch-norm.keep/first-evaluate-freeze/float16": "0.y",
        "local-response-norm.output/last-usual/float32": "0.y",
    },
}
"""Implementation -> case -> a quantity that deviates as declared: with no rows, it fails."""
CONFORMS = {
    "torch": {
        "batch-norm.output/first-rank-2/float32": "0.running_variance",
        "batch-norm.tangent.y/first-along/float64": "0.tangent.dx",
        "rms-norm.tangent.y/last-along/float64": "0.tangent.y",
    },
    "torch:functional": {
        "layer-norm.output/last-rank-2/float32": "0.dscale",
        "layer-norm.tangent.gradient/last-along-near/float64": "0.tangent.dscale",
    },
    "torch:others": {"batch-norm.output/first-rank-2/float32": "0.running_variance"},
    "torch:compile": {"layer-norm.output/last-rank-2/float32": "0.dscale"},
    "keras:tensorflow": {
        "batch-norm.output/last-rank-2/float32": "0.dx",
        "layer-norm.tangent.y/last-along/float32": "0.tangent.y",
        "spectral-norm.output/replaced-default-1e-07/float32": "0.dx",
    },
    "keras:jax": {
        "batch-norm.output/last-rank-2/float32": "0.dscale",
        "layer-norm.tangent.gradient/last-along/float32": "0.tangent.dscale",
    },
    "keras:torch": {
        "batch-norm.output/last-rank-2/float32": "0.dx",
        "layer-norm.tangent.gradient/last-along/float32": "0.tangent.dscale",
    },
    "keras:numpy": {"layer-norm.output/last-rank-2/float32": "0.y"},
    "keras:openvino": {"layer-norm.output/last-rank-2/float32": "0.y"},
    "tensorflow": {
        "layer-norm.output/last-rank-2/float32": "0.dscale",
        "layer-norm.tangent.y/last-along/float64": "0.tangent.y",
    },
    "tf_keras": {
        "spectral-norm.channel-axes/replaced-default-1e-06-two-iterations/float32": "0.u",
        "layer-norm.tangent.y/last-along/float32": "0.tangent.y",
    },
    "flax:nnx": {"weight-norm.output/last-usual/float32": "0.dx", "layer-norm.tangent.gradient/last-along/float32": "0.tangent.dscale"},
    "flax:linen": {"spectral-norm.epsilon-place/iterated-few/float32": "0.dx", "rms-norm.tangent.y/last-along/float64": "0.tangent.y"},
    "jax": {"layer-norm.scale/last-scale-false-shift-false/float32": "0.dx"},
    "haiku": {
        "batch-norm.running.correction/averaged-few/float32": "0.running_mean",
        "spectral-norm.epsilon-place/iterated-few/float32": "0.dx",
        "layer-norm.tangent.gradient/last-along/float32": "0.tangent.dscale",
    },
    "equinox": {
        "batch-norm.update/ema-thrice/float32": "1.running_mean",
        "spectral-norm.evaluation/floored-steps/float32": "0.dx",
        "layer-norm.tangent.gradient/last-along/float32": "0.tangent.dscale",
    },
    "mlx": {
        "batch-norm.running.correction/last-sample-few/float32": "0.running_variance",
        "rms-norm.tangent.y/last-along/float32": "0.tangent.y",
        "layer-norm.tangent.gradient/last-along/float32": "0.tangent.dscale",
    },
    "paddle": {
        "batch-norm.output/last-rank-2/float32": "0.running_variance",
        "spectral-norm.update/hooked-steps/float32": "0.u",
        "instance-norm.tangent.gradient/first-along/float64": "0.tangent.dscale",
    },
    "paddle:functional": {"layer-norm.output/last-rank-2/float32": "0.dscale"},
    "mindspore": {
        "batch-norm.output/first-rank-2/float32": "0.running_variance",
        "batch-norm.tangent.gradient/first-along/float32": "1.tangent.dscale",
        "layer-norm.output/last-rank-2/float32": "0.dscale",
        "group-norm.output/first-usual/float32": "0.dx",
        "lp-norm.accuracy/floored-mean-4-times-std/float64": "0.dx",
    },
    "tinygrad": {
        "batch-norm.output/first-rank-2/float32": "0.running_variance",
        "rms-norm.tangent.y/last-along/float32": "0.tangent.y",
        "layer-norm.tangent.gradient/last-along/float32": "0.tangent.dscale",
    },
    "transformers:llama": {"rms-norm.output/last-statistics-in-float32/float32": "0.dx"},
    "transformers:gemma": {"rms-norm.output/promoted-usual/float32": "0.dx"},
    "transformers:t5": {"rms-norm.output/last-statistics-in-float32/float32": "0.dx"},
    "onnx:reference": {"batch-norm.update/first-population-thrice/float32": "2.running_variance"},
    "onnx:onnxruntime": {"batch-norm.update/first-population-thrice/float64": "2.y"},
    "openvino": {"group-norm.output/first-usual/float32": "0.y", "mean-variance-norm.output/space-usual/float16": "0.y"},
}
"""Implementation -> case -> a quantity that conforms."""
OWN = {"torch": {"torch"}, "keras": {"os", "keras", "tensorflow", "torch", "jax"}, "jax": {"jax"}, "flax": {"flax", "jax"}}
OWN |= {
    "haiku": {"haiku", "jax"},
    "equinox": {"equinox", "jax"},
    "mlx": {"mlx"},
    "tinygrad": {"tinygrad"},
    "transformers": {"transformers", "torch"},
    "onnx": {"onnx", "onnxruntime", "ml_dtypes"},
    "openvino": {"openvino", "ml_dtypes"},
    "tensorflow": {"tensorflow"},
    "tf_keras": {"tf_keras", "tensorflow"},
    "paddle": {"paddle"},
    "mindspore": {"mindspore", "contextlib"},
}
"""What the scripts of a framework may import, beside NumPy."""


@pytest.fixture
def subject(request, tmp_path):
    name, like = request.param if isinstance(request.param, tuple) else (request.param, "")
    with (tmp_path / "log").open("wb") as log, closing(Subject(name, log, like=like)) as found:
        yield found


def imported(script):
    """Give the packages that a script imports."""
    nodes = [node for node in ast.walk(ast.parse(script)) if isinstance(node, ast.Import | ast.ImportFrom)]
    return {alias.name.partition(".")[0] for node in nodes for alias in node.names}


@pytest.mark.parametrize("subject", FAILS, indirect=True)
def test_a_failure_shows_in_a_short_script_with_the_framework_and_numpy_alone(subject, monkeypatch):
    monkeypatch.setattr(reproduction, "SECONDS", 3.0)
    for name, quantity in FAILS[subject.name].items():
        case = case_of(name)
        verdicts = {check.quantity: check.verdict for check in judge(case, subject.play(case))}
        assert verdicts[quantity] == "fails"
        found = reproduced(subject.name, case, quantity, subject.play)
        assert found.fails, (name, found)
        assert len(found.script.splitlines()) <= 15
        assert imported(found.script) <= {"numpy", *OWN[subject.name.partition(":")[0]]}


@pytest.mark.parametrize("subject", CONFORMS, indirect=True)
def test_a_script_of_what_conforms_passes_and_with_another_expectation_fails(subject):
    for name, quantity in CONFORMS[subject.name].items():
        case = case_of(name)
        found = reproduced(subject.name, case, quantity, subject.play)
        assert not found.fails, found
        assert f"{quantity}[" in found.said
        assert "and must be" in found.said
        answer = subject.play(case)
        claim = claim_of(case, quantity, answer)
        wrong = replace(claim, must=float(np.nextafter(claim.must + 4 * claim.bound, np.inf)))
        assert played(written(subject.name, case, wrong)).fails


def test_a_failure_that_is_the_judges_alone_is_not_reproduced(monkeypatch):
    """The subject is a reference with another epsilon; the script is of PyTorch, which is right."""
    monkeypatch.setattr(reproduction, "SECONDS", 0.5)
    by = load("reference:numpy")
    wrong = replace(by, build=lambda spec, at: by.build(replace(spec, epsilon=1.0), at))
    found = reproduced("torch", case_of("layer-norm.output/last-rank-2/float32"), "0.y", lambda case: Answer(*answer_to(case, wrong)))
    assert not found.fails
    assert found.said.startswith("0.y[")


def test_the_first_failure_of_each_clause_has_its_script_in_the_results(tmp_path, monkeypatch):
    monkeypatch.setattr(reproduction, "SECONDS", 0.5)
    monkeypatch.chdir(Path(__file__).parent)  # from where drop-ins are imported
    chosen = tuple(case_of(f"layer-norm.output/last-rank-{rank}/float32") for rank in (2, 3))
    asked = Asked(name="drop_ins:Sample", like="torch.nn.LayerNorm", cases=chosen, out=tmp_path, reproductions=2)
    checks = [check for _, found in run(asked) for check in found]
    failing = [check for check in checks if check.verdict == "fails"]
    scripts = [check for check in failing if check.reproduction]
    assert len({check.clauses for check in scripts}) == len(scripts) == min(2, len({check.clauses for check in failing}))
    for check in scripts:
        assert "drop_ins.Sample(" in check.reproduction
        assert imported(check.reproduction) <= {"drop_ins", "torch", "numpy"}


def test_what_is_no_frameworks_has_no_script():
    assert not reproducible("reference")
    assert not reproducible("mykernels:implementation")
    assert reproducible("mykernels:Norm", like="torch.nn.LayerNorm")
    case = case_of("layer-norm.output/last-rank-2/float32")
    claim = claim_of(case, "0.y", Answer({}, {}))
    with pytest.raises(NotFound, match="can be written for torch, keras"):
        written("reference", case, claim)


def test_a_case_is_made_small_as_long_as_it_fails():
    case = case_of("layer-norm.output/last-rank-3/float32")
    wide_and_shifted = lambda other, _: other.situation.shape[-1] > 3 and bool(np.any(other.values["shift"]))
    small, quantity = shrink.shrunk(case, "1.y", wide_and_shifted, 5.0)
    assert quantity == "0.y"
    assert [len(small.steps), *small.situation.shape] == [1, 1, 1, 4]
    assert small.values["scale"].shape == (4,)
    assert np.all(small.values["scale"] == 1)
    assert np.any(small.values["shift"])


def test_a_case_made_small_names_the_shapes_that_are_left():
    case = case_of("batch-norm.output/first-rank-3/float32")
    assert case.situation.later
    later = case.steps[1].inputs["x"].shape
    small, _ = shrink.shrunk(case, "1.y", lambda other, _: any(step.inputs["x"].shape[0] == later[0] for step in other.steps), 5.0)
    assert small.situation.later == ()
    assert {step.inputs["x"].shape for step in small.steps} == {small.situation.shape}


def test_large_arrays_are_drawn_from_a_seed_as_the_script_says():
    case = case_of("layer-norm.output/last-rank-3/float16")
    for drawn, words in shrink.redrawn(case):
        assert "0.x" in words
        for name, text in words.items():
            step, _, own = name.partition(".")
            arrays = drawn.values if not own else {**drawn.steps[int(step)].inputs, "dy": drawn.steps[int(step)].cotangent}
            a = arrays[own or step]
            made = eval(text, {"np": np})  # noqa: S307 - our own words
            assert np.array_equal(made.astype(a.dtype), a)
            assert np.array_equal(made.astype(np.float64), a.astype(np.float64))  # no rounding, which libraries may do in two steps


def test_show_says_what_came_of_running_it(capsys):
    show_case("batch-norm.pullback/first-frozen-then-trained-freeze/float64", "torch", "", "0.dscale")
    said = capsys.readouterr().out
    assert "# 0.dscale, with torch, run in a process of its own: it fails, as it does when it is judged" in said
    show_case("layer-norm.output/last-rank-2/float32", "torch", "", "")
    assert "it passes, as it does when it is judged" in capsys.readouterr().out
