"""A subject that crashes, hangs or floods costs the case in hand only; every finished check is in the results, as valid JSON."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from normspec.conformance import run as conformance_run
from normspec.conformance.cases import case_of, cases
from normspec.conformance.judge import judge
from normspec.conformance.results import read
from normspec.conformance.subject import Answer
from normspec.load import deviations

if sys.platform == "win32":
    pytest.skip("signals and forks are not of Windows", allow_module_level=True)

LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux limits data, has nameless signals, and tells a child of its parent's death"
)
COMMAND = shutil.which("normspec", path=Path(sys.executable).parent)
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONIOENCODING": "utf-8:strict"}
CASES = tuple(f"layer-norm.{name}/float32" for name in ("output/last-rank-2", "output/last-rank-4", "epsilon/last-near"))
FIRST, SECOND, THIRD = CASES
THREE = tuple(word for name in CASES for word in ("--case", name))

ODD = {
    "loops_in_python": "took longer than 1 s and was killed",
    "loops_in_c": "took longer than 1 s and was killed",
    "stops": "took longer than 1 s and was killed",
    "forks_and_loops": "took longer than 1 s and was killed",
    "forks_and_crashes": "crashed with SIGSEGV",
    "dies_of_a_nameless_signal": "crashed with signal 40",
    "exits": "raised SystemExit: 0; the case could not be played",
    "exits_at_once": "ended by itself with exit code 0",
    "interrupts": "raised KeyboardInterrupt: ; the case could not be played",
    "raises_in_build": "raised RuntimeError: planted; the case could not be played",
    "raises_in_load": "raised RuntimeError: planted; the case could not be played",
    "raises_in_forward": "raised RuntimeError: planted",
    "raises_in_pullback": "raised in the pullback: RuntimeError: planted",
    "raises_in_read": "raised RuntimeError: planted; the case could not be played",
    "raises_what_no_terminal_prints": "raised RuntimeError: a\udcffb\x1b[31m\nc [/red]",
    "raises_what_cannot_be_printed": "ended by itself with exit code 1",
    "closes_everything": "ended by itself with exit code 1",
    "babbles": "wrote into the judge's pipe and was killed",
}
"""What misbehaves in the second of three cases, and the start of the detail of its failures."""

HARMLESS = ("noisy", "closes_its_streams", "unsettles", "forks_and_both_go_on")

STRANGE = {
    "nan": "is nan at (0, 0, 0, 0), must be ",
    "infinity": "is -inf at (0, 0, 0, 0), must be ",
    "scalar": "has dtype float32 and shape (), must have float32 and (",
    "objects": "is a ndarray of dtype object, must be an array of ",
    "as_list": "has dtype float64 and shape (",
    "ragged": "raised ValueError: ",
    "text": "no array \udcff",
    "nothing": "is missing",
    "complex_numbers": "is a ndarray of dtype complex128, must be an array of ",
    "misshapen": "has dtype float32 and shape (7, 1), must have float32 and (7,)",
    "empty": "has dtype float32 and shape (0,), must have float32 and (7,)",
}


class Ended(NamedTuple):
    """What a run of the command line leaves."""

    code: int
    out: str
    err: str
    rows: list
    log: bytes

    def failing(self):
        return {row["case"] for row in self.rows if row["verdict"] != "conforms"}

    def details(self):
        return [row["detail"] for row in self.rows if row["verdict"] != "conforms"]


def strict(path):
    """Read results as a stranger would who knows JSON and nothing else, and as we do."""

    def refuse(constant):
        raise ValueError(constant)

    lines = path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    rows = [json.loads(line, parse_constant=refuse) for line in lines]
    assert rows == list(read(path))
    return rows


def command(name, out, *options):
    return [COMMAND, "judge", name, "--out", str(out), *options]


def judged(name, out, *options, path=""):
    environment = {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join((ENVIRONMENT["PYTHONPATH"], str(path)))}
    ended = subprocess.run(command(name, out, *options), capture_output=True, timeout=60, check=False, env=environment)
    return left(name, out, ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def left(name, out, *ended):
    """Give what a run has left behind of one implementation."""
    stem = out / name.replace(":", "-")
    rows = strict(Path(f"{stem}.jsonl")) if Path(f"{stem}.jsonl").exists() else []
    log = Path(f"{stem}.log").read_bytes() if Path(f"{stem}.log").exists() else b""
    return Ended(*ended, rows, log)


def planned(names):
    return conformance_run.planned(tuple(case_of(name) for name in names))


def subjects(name):
    """Give the processes of a subject, those that it has forked among them."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and {"normspec.conformance.child", name} <= set(process.cmdline()):
                found.append(process)
    return found


def until(condition, seconds):
    """Wait until the condition holds, at most so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not so within {seconds} s"
        time.sleep(0.02)


@pytest.mark.parametrize("odd", [pytest.param(odd, marks=LINUX) if "nameless" in odd else odd for odd in ODD])
def test_misbehaviour_costs_its_case_alone(odd, tmp_path):
    ended = judged(f"planted:{odd}", tmp_path, *THREE, "--timeout", "1")
    assert ended.code == 1
    assert len(ended.rows) == planned(CASES)
    assert ended.failing() == {SECOND}
    assert all(detail.startswith(ODD[odd]) for detail in ended.details())
    assert ended.err == ""
    told = [line for line in ended.out.splitlines() if line.startswith("fails ")]
    assert any(SECOND in line and ODD[odd][:20] in line for line in told) or "\udcff" in ODD[odd]
    assert not subjects(f"planted:{odd}")


@pytest.mark.parametrize("odd", HARMLESS)
def test_what_harms_the_subject_itself_alone_costs_nothing(odd, tmp_path):
    ended = judged(f"planted:{odd}", tmp_path, *THREE, "--timeout", "5")
    assert (ended.code, ended.details(), len(ended.rows)) == (0, [], planned(CASES))


def test_noise_is_in_the_log_and_nowhere_else(tmp_path):
    ended = judged("planted:noisy", tmp_path, *THREE)
    for word in ("out of C", "err of C", "out of Python", "err of Python"):
        assert ended.log.count(word.encode()) >= 180_000
        assert word not in ended.out + ended.err
    assert len(ended.log) > 10e6


def test_segfaults_all_over_a_run(tmp_path):
    options = {"layer": "layer_norm", "dtype": "float16"}  # in which every case takes steps, and none asks for derivatives alone
    chosen = cases(**options)
    ended = judged("planted:segfaults", tmp_path, *(word for name, value in options.items() for word in (f"--{name}", value)))
    assert ended.code == 1
    assert ended.failing() == {case.id for case in chosen[2::3]}
    assert len(ended.failing()) >= 10
    assert set(ended.details()) == {"crashed with SIGSEGV"}
    assert len(ended.rows) == conformance_run.planned(chosen)
    again = [case for case in chosen if case.quick and case.clause.endswith(".output") and case.id not in ended.failing()]
    more = (len(chosen) % 3 + len(again)) // 3  # these are played again at the end, where every third crashes, too
    assert ended.log.count(b"Segmentation fault") == len(ended.failing()) + more


@pytest.fixture(scope="module")
def strange_run(tmp_path_factory):
    """Judge them all in one run, each in its turn."""
    out = tmp_path_factory.mktemp("strange")
    first, *others = (f"planted_values:{name}" for name in STRANGE)
    return out, judged(first, out, *others, *THREE)


@pytest.mark.parametrize("strange", STRANGE)
def test_strange_values_fail_and_the_results_stay_json(strange, strange_run):
    out, run = strange_run
    ended = left(f"planted_values:{strange}", out, *run[:3])
    assert (ended.code, ended.err) == (1, "")
    assert len(ended.rows) == planned(CASES)
    assert ended.failing() == {SECOND}
    assert all(detail.startswith(STRANGE[strange]) for detail in ended.details())


def test_the_order_of_bytes_is_no_matter(tmp_path):
    assert judged("planted_values:big_endian", tmp_path, *THREE).code == 0


@LINUX
def test_an_allocation_beyond_the_limit_costs_its_case_alone(tmp_path):
    ended = judged("planted:greedy", tmp_path, *THREE, "--memory", "1")
    assert (ended.code, ended.failing()) == (1, {SECOND})
    assert all("MemoryError: Unable to allocate 2.00 GiB" in detail for detail in ended.details())
    assert judged("planted:greedy", tmp_path, *THREE, "--memory", "4").code == 0


@pytest.fixture
def heard():
    """Let what is started here hear Ctrl-C, though these tests be run in the background, or by a process that does not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(("loop", "holds"), [("c_loop", True), ("python_loop", False)])
def test_the_loop_in_c_holds_the_interpreters_lock_and_hears_no_signal(loop, holds):
    script = f"import os, threading, planted; threading.Timer(0.1, os.write, (1, b'another')).start(); planted.{loop}()"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT)
    with process:
        assert process.stderr.readline() == b"the loop begins\n"
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        held = process.poll() is None
        process.kill()
        assert (held, process.stdout.read()) == (holds, b"" if holds else b"another")


def test_a_hang_between_two_cases_is_ended_too(tmp_path):
    """The next case is larger than a pipe holds, so that whoever sends it waits for the subject."""
    large = "layer-norm.output/last-rank-5/float32"
    ended = judged("planted:loops_between_cases", tmp_path, *THREE, "--case", large, "--case", FIRST, "--timeout", "1")
    assert (ended.code, ended.failing() & {FIRST, SECOND}) == (1, set())
    assert set(ended.details()) == {"took longer than 1 s and was killed"}
    large_first = judged("planted:loops_between_cases", tmp_path, *THREE[:4], "--case", large, *THREE[4:], "--timeout", "1")
    assert large_first.failing() == {large}


@pytest.mark.parametrize("how", ["crashes", "raises", "exits"])
def test_what_cannot_be_imported_is_told_with_the_end_of_its_log(how, tmp_path):
    acts = {
        "crashes": ("import ctypes; ctypes.string_at(0)", "crashed with SIGSEGV", "Segmentation fault"),
        "raises": ("raise OSError('no such driver')", "ended by itself with exit code 1", "OSError: no such driver"),
        "exits": ("print('good bye'); raise SystemExit(7)", "ended by itself with exit code 7", "good bye"),
    }
    text, says, why = acts[how]
    (tmp_path / f"{how}.py").write_text(text)
    ended = judged(f"{how}:implementation", tmp_path, *THREE, path=tmp_path)
    assert ended.code == 2
    assert ended.err.startswith(f"normspec: {how}:implementation could not be started: it {says}\n")
    assert why in ended.err
    assert how == "exits" or f"{how}.py" in ended.err
    assert "conformance/subject.py" not in ended.err
    assert ended.rows == []


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, 130),
        pytest.param(signal.SIGTERM, -signal.SIGTERM, marks=LINUX),
        pytest.param(signal.SIGKILL, -signal.SIGKILL, marks=LINUX),
    ],
)
@pytest.mark.parametrize("names", [("loops_in_c",), ("loops_in_c", "loops_in_python")])
def test_the_end_of_the_judge_is_the_end_of_its_subjects(names, number, code, tmp_path):
    def loops(name):
        log = tmp_path / f"planted-{name}.log"
        return log.exists() and b"the loop begins" in log.read_bytes()

    asked = (*(f"planted:{name}" for name in names[1:]), *THREE, "--jobs", str(len(names)))
    process = subprocess.Popen(command(f"planted:{names[0]}", tmp_path, *asked), stderr=subprocess.PIPE, env=ENVIRONMENT)
    with process:
        until(lambda: all(map(loops, names)), 20)
        assert all(subjects(f"planted:{name}") for name in names)
        process.send_signal(number)
        until(lambda: process.poll() is not None, 5)
        until(lambda: not any(subjects(f"planted:{name}") for name in names), 5)
        err = process.stderr.read().decode()
    for name in names:
        rows = strict(tmp_path / f"planted-{name}.jsonl")
        assert [row["case"] for row in rows] == [FIRST] * planned([FIRST])
    assert process.returncode == code
    assert "Traceback" not in err
    assert number != signal.SIGINT or "every finished check is in the results file" in err


@pytest.mark.parametrize("change", [lambda checks: checks[1:], lambda checks: [*checks, checks[0]]])
def test_checks_that_are_not_as_many_as_planned_make_a_run_worth_nothing(change, tmp_path, monkeypatch):
    asked = conformance_run.Asked(name="reference", cases=(case_of(FIRST),), out=tmp_path)
    assert len([check for _, found in conformance_run.run(asked) for check in found]) == planned([FIRST])
    judge = conformance_run.judge
    monkeypatch.setattr(conformance_run, "judge", lambda *given: change(list(judge(*given))))
    with pytest.raises(conformance_run.Incomplete, match=f"must be the {planned([FIRST])} planned, got"):
        list(conformance_run.run(asked))


WRONG = {
    "implementation": ("nothing", *THREE),
    "unknown:thing": ("unknown:thing", *THREE),
    "planted:nothing": ("planted:nothing", *THREE),
    "variant": ("reference:basic", *THREE),
    "case": ("reference", "--case", "layer-norm.output/last-rank-2/float33"),
    "dtype": ("reference", "--dtype", "float33"),
    "profile": ("reference", "--profile", "fast"),
    "layer": ("reference", "--layer", "layer"),
    "python": ("reference", "--python", "no-such-python", *THREE),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_cannot_be_run_as_asked_is_told_in_one_line(wrong, tmp_path):
    name, *options = WRONG[wrong]
    ended = judged(name, tmp_path, *options)
    got = options[1] if name == "reference" else name.removeprefix("reference:")
    assert ended.code == 2
    assert ended.err.startswith("normspec: ")
    assert ended.err.count("\n") == 1
    assert " must be " in ended.err
    assert repr(got) in ended.err or (wrong == "planted:nothing" and "got None" in ended.err)
    assert ended.rows == []


@pytest.mark.parametrize("option", [("--timeout", "-1"), ("--memory", "nan"), ("--out", __file__)])
def test_an_option_that_cannot_be_is_told_without_a_traceback(option, tmp_path):
    ended = judged("reference", tmp_path, *THREE, *option)
    assert ended.code == 2
    assert option[0] in ended.err or option[1] in ended.err
    assert "Traceback" not in ended.err


def test_results_are_named_after_the_whole_name(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "part.py").write_text("from planted import GOOD as one, loops_in_c as other")
    for name in ("package.part:one", "package.part:other"):
        judged(name, tmp_path, "--case", FIRST, path=tmp_path)
    assert {p.name for p in tmp_path.glob("*.jsonl")} == {"package.part-one.jsonl", "package.part-other.jsonl"}


def test_a_run_that_does_not_start_leaves_no_results_of_an_earlier_one(tmp_path):
    module = tmp_path / "flaky.py"
    module.write_text("from planted import GOOD as it")
    assert judged("flaky:it", tmp_path, "--case", FIRST, path=tmp_path).code == 0
    module.write_text("raise OSError")
    ended = judged("flaky:it", tmp_path, "--case", FIRST, path=tmp_path)
    assert (ended.code, ended.rows) == (2, [])


def test_conforming_is_0(tmp_path):
    ended = judged("planted:GOOD", tmp_path, *THREE)
    assert (ended.code, ended.err, ended.failing()) == (0, "", set())
    assert f"{len(ended.rows)} conforms of {planned(CASES)} planned" in ended.out


@pytest.mark.parametrize("end", ["crashed with SIGABRT", "took longer than 60 s and was killed"])
def test_an_end_of_the_process_deviates_where_a_row_says_that_it_dies_and_fails_elsewhere(end):
    known, case = deviations("keras:openvino"), case_of("layer-norm.output/last-empty/float32")
    assert {check.verdict for check in judge(case, Answer({"died": end}, {}), known)} == {"deviates"}
    assert {check.verdict for check in judge(case_of(FIRST), Answer({"died": end}, {}), known)} == {"fails"}


def test_an_error_is_not_the_end_that_a_row_tells_of():
    known, case = deviations("keras:openvino"), case_of("layer-norm.output/last-empty/float32")
    assert {check.verdict for check in judge(case, Answer({"raised": "ValueError: no samples"}, {}), known)} == {"fails"}
