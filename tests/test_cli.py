"""The command line as people use it: options, baselines, what is shown."""

import json
import re
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import pytest

from normspec.cli import explain
from normspec.cli.app import app
from normspec.cli.judge import _of_another_version
from normspec.cli.list import list_some
from normspec.conformance.results import read
from normspec.dialects import all_entries, dialect_of
from normspec.errors import NotFound
from normspec.load import BACKENDS, load

COMMAND = [str(Path(sys.executable).with_name("normspec"))]
CASE = "layer-norm.output/last-rank-2/float32"
FEW = ("--layer", "layer_norm", "--dtype", "float16", "--profile", "quick")


def normspec(*arguments, cwd):
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


def test_judging_torch_says_what_it_does_and_writes_every_check(tmp_path):
    said = normspec("judge", "torch", *FEW, cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    first, last = said.stdout.splitlines()[0], said.stdout.splitlines()[-2]
    planned = int(first.split(" cases, ")[1].split(" checks")[0])
    rows = list(read(tmp_path / "results" / "torch.jsonl"))
    assert len(rows) == planned
    assert f"of {planned} planned" in last
    assert {"torch", "numpy", "python"} <= set(rows[0]["versions"])
    assert "layer-norm.output" in said.stdout


def test_strict_makes_declared_deviations_fail(tmp_path):
    assert normspec("judge", "torch", *FEW, "--strict", cwd=tmp_path).returncode == 1


def test_side_by_side_gives_the_same_verdicts(tmp_path):
    found = []
    for jobs in ("1", "3"):
        assert normspec("judge", "reference", *FEW, "--jobs", jobs, "--out", jobs, cwd=tmp_path).returncode == 0
        found.append([(r["case"], r["quantity"], r["verdict"], r["error"]) for r in read(tmp_path / jobs / "reference.jsonl")])
    assert found[0] == found[1]


def test_several_side_by_side_are_told_in_the_order_in_which_they_are_asked_for(tmp_path):
    names = ("torch", "nosuch:implementation", "reference:numpy", "torch:functional")
    said = [normspec("judge", *names, *FEW, "--jobs", jobs, "--out", jobs, cwd=tmp_path) for jobs in ("1", "3")]
    assert [ended.returncode for ended in said] == [2, 2]
    assert "nosuch" in said[1].stderr
    told = [[line for line in ended.stdout.splitlines() if line.endswith(" planned") or " on cpu" in line] for ended in said]
    assert told[0] == told[1]
    titles = [line.split()[0] for line in told[0] if " on cpu" in line]
    assert titles == ["torch", "reference:numpy", "torch:functional"]
    for name in ("torch", "reference-numpy", "torch-functional"):
        rows = [[(r["case"], r["verdict"], r["error"]) for r in read(tmp_path / jobs / f"{name}.jsonl")] for jobs in ("1", "3")]
        assert rows[0] == rows[1] != []


def test_a_baseline_excuses_what_failed_there_and_nothing_else(tmp_path):
    (tmp_path / "kernels.py").write_text(
        "import normspec\nfrom dataclasses import replace\n"
        "good = normspec.load('reference:numpy')\n"
        "def bad():\n"
        "    return replace(good, build=lambda s, at: good.build(replace(s, epsilon=1.0), at))\n"
    )
    assert normspec("judge", "kernels:bad", *FEW, cwd=tmp_path).returncode == 1
    old = tmp_path / "results" / "kernels-bad.jsonl"
    old.rename(tmp_path / "old.jsonl")
    excused = normspec("judge", "kernels:bad", *FEW, "--baseline", "old.jsonl", cwd=tmp_path)
    assert excused.returncode == 0
    assert "0 checks are worse than in old.jsonl" in excused.stdout
    rows = [json.loads(line) for line in (tmp_path / "old.jsonl").read_text().splitlines()]
    worse = next(row for row in rows if row["verdict"] == "fails")
    worse["verdict"] = "conforms"
    (tmp_path / "old.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert normspec("judge", "kernels:bad", *FEW, "--baseline", "old.jsonl", cwd=tmp_path).returncode == 1


def test_one_that_cannot_start_does_not_keep_the_others(tmp_path):
    said = normspec("judge", "nowhere:kernel", "reference", *FEW, cwd=tmp_path)
    assert said.returncode == 2
    assert "got 'nowhere:kernel'" in said.stderr
    assert (tmp_path / "results" / "reference.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("judge", "torhc"),
            (
                "reference, torch, keras, tensorflow, tf_keras, flax, haiku, equinox, jax, mlx, onnx, openvino, transformers, paddle, "
                "tinygrad, mindspore, "
                "or module:object, got 'torhc'"
            ),
        ),
        (
            ("judge", "torch", "--case", "layer-norm.output/last-rank-2/float32", "--dtype", "float32"),
            "case names its layer and dtype itself",
        ),
        (("judge", "torch", "--baseline", "none.jsonl"), "baseline must be a results file of an earlier run, got 'none.jsonl'"),
        (("judge", "torch", "--device", "nosuch", *FEW), "device must be one on which torch can have arrays, got 'nosuch': "),
        (("judge", "keras:jax", "--device", "gpu", *FEW), "device must be cpu for keras:jax, which chooses its device itself, got 'gpu': "),
        (
            ("judge", "torch", "--like", "torch.nn.LayerNorm"),
            "implementation must be module:object where --like torch.nn.LayerNorm says what it stands for, got 'torch'",
        ),
        (("judge", "nowhere[/b]:kernel:x", *FEW), "or module:object of an importable module, got 'nowhere[/b]:kernel:x'"),
        (("show", "layer-norm.output/last-rank-2/float32", "--on", "torhc"), "or module:object, got 'torhc'"),
        (("show", "layer-norm.output/last-rank-2/float23"), "the nearest are layer-norm.output/last-rank-2/float"),
    ],
)
def test_a_request_that_cannot_be_met_is_one_line_and_exit_2(arguments, message, tmp_path):
    said = normspec(*arguments, cwd=tmp_path)
    assert said.returncode == 2
    assert message in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_framework_that_is_not_installed_is_told_with_the_module_that_lacks(monkeypatch):
    monkeypatch.delitem(sys.modules, "normspec.backends.mlx", raising=False)
    monkeypatch.setitem(sys.modules, "mlx.core", None)
    with pytest.raises(NotFound, match=r"^mlx needs the module mlx(\.core)?, which is not installed here: README.md says what to install"):
        load("mlx")


def test_a_framework_that_is_not_installed_is_refused_before_anything_is_planned(tmp_path):
    absent = next((name for name in BACKENDS if find_spec(name) is None), None)
    if absent is None:
        pytest.skip("every framework is installed here")
    said = normspec("judge", absent, cwd=tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert said.stderr.startswith(f"normspec: {absent} needs the module {absent}, which is not installed here: ")
    assert not (tmp_path / "results").exists()


def shown_script(tmp_path, *arguments):
    """Give the script that `show` prints, run again by itself."""
    said = normspec("show", *arguments, cwd=tmp_path)
    assert said.returncode == 0
    script = said.stdout[said.stdout.index("import torch") :]
    assert "normspec" not in script
    (tmp_path / "reproduction.py").write_text(script)
    return subprocess.run([sys.executable, "reproduction.py"], cwd=tmp_path, capture_output=True, text=True, check=False)


def test_the_reproduction_of_a_refusal_runs_with_torch_and_numpy_alone(tmp_path):
    played = shown_script(tmp_path, "batch-norm.one-value/first-one-counted/bfloat16", "--quantity", "1.raised")
    assert played.returncode == 0
    assert "refused: Expected more than 1 value per channel" in played.stdout


def test_the_reproduction_of_a_deferred_case_shows_the_finding(tmp_path):
    played = shown_script(tmp_path, "batch-norm.pullback/first-frozen-then-trained-freeze/float64", "--quantity", "0.dscale")
    assert played.stderr.splitlines()[-1] == "AssertionError"


def test_an_interrupt_is_no_verdict(monkeypatch, capsys):
    monkeypatch.setattr(explain, "explain_word", interrupted)
    with pytest.raises(SystemExit) as ended:
        app(["explain", "momentum"])
    assert ended.value.code == 130
    assert capsys.readouterr().err == "\nnormspec: interrupted\n"


def interrupted(_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("command", [(), ("judge",), ("show",), ("translate",), ("diff",), ("list",), ("explain",), ("lag",)])
def test_help_has_an_example(command, tmp_path):
    said = normspec(*command, "--help", cwd=tmp_path)
    assert said.returncode == 0
    assert not command or "normspec " + command[0] in said.stdout


def test_deviations_of_another_version_excuse_nothing_and_are_said_to():
    (said,) = _of_another_version("torch", "2.14.0+cu130")
    assert said.startswith("deviations are declared of torch 2.13.0; this is 2.14.0+cu130")
    assert list(_of_another_version("torch", "2.13.0+cpu")) == []
    assert list(_of_another_version("reference", "0.1.0")) == []


def test_the_list_has_every_layer_and_what_is_installed(tmp_path):
    said = normspec("list", cwd=tmp_path).stdout
    assert f" torch {version('torch')} torch, torch:functional, torch:others, torch:compile keras " in " ".join(said.split())
    assert max(map(len, said.splitlines())) <= 80
    assert re.search(r"^ +batch renorm ghost layer inst group rms lp lrn mvn feature wn sn$", said, re.MULTILINE)
    assert "no framework here has weight_standardization, scale_norm," in " ".join(said.split())
    assert re.search(r"^jax +- +- +- +1 +- .*-$", said, re.MULTILINE)
    assert re.search(r"^caffe +- +not driven$", said, re.MULTILINE)


def test_the_list_of_a_framework_or_of_a_layer_has_every_native_one_and_says_what_lacks(capsys):
    for entry in all_entries():
        for what in (entry.layer, dialect_of(entry).partition(":")[0]):
            list_some(what)
            said = capsys.readouterr().out
            assert f"{entry.layer}: docs/spec/{entry.layer}.md" in said.splitlines()
            assert entry.native in said
            assert max(map(len, said.splitlines())) <= 80
    list_some("jax")
    assert "it lacks batch_norm, batch_renorm, ghost_batch_norm, instance_norm" in capsys.readouterr().out
    list_some("weight_standardization")
    assert capsys.readouterr().out.startswith("without it: torch, keras")
    with pytest.raises(NotFound, match=r"must be a layer \(batch_norm, .* or a framework \(torch, .*\), got 'pytorch'"):
        list_some("pytorch")


def test_an_explanation_is_printed_and_an_unknown_word_is_exit_2(tmp_path):
    said = normspec("explain", "momentum", cwd=tmp_path)
    assert "      momentum=0.99  running.rate = 1 - momentum, by default 0.01" in said.stdout.splitlines()
    unknown = normspec("explain", "momentun", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "the nearest are momentum" in unknown.stderr


def test_layers_and_dtypes_given_several_times_are_all_judged(tmp_path):
    pairs = ("--layer", "layer_norm", "--layer", "rms_norm", "--dtype", "float16", "--dtype", "float64", "--dtype", "float16")
    done = normspec("judge", "reference", *pairs, "--profile", "quick", "--out", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 0
    rows = [json.loads(line) for line in (tmp_path / "reference.jsonl").read_text().splitlines()]
    assert {(row["layer"], row["dtype"]) for row in rows} == set(product(("layer_norm", "rms_norm"), ("float16", "float64")))
    assert len({(row["case"], row["quantity"]) for row in rows}) == len(rows)


def test_what_cannot_be_asked_leaves_earlier_results_as_they_are(tmp_path):
    earlier = tmp_path / "torch.jsonl"
    earlier.write_text("{}\n")
    done = normspec("judge", "torch", "--dtype", "float128", "--out", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 2
    assert earlier.read_text() == "{}\n"
