"""A subject that changes what its process computes with is told of, and changes no verdict."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from normspec.cli.app import app
from normspec.conformance import hygiene

RUN = CliRunner()
FAULTS = {
    "unsettling": ("NumPy's error state from {",),
    "flushing": (
        "whether subnormal numbers are flushed to zero from False to True",
        "PyTorch's default dtype from torch.float32 to torch.float64",
        "PyTorch's number of threads from",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_subject_changes_is_told_once_and_set_back(fault, tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)  # where the subject looks for modules
    asked = ["--layer", "layer_norm", "--dtype", "float32", "--profile", "quick", "--out", str(tmp_path)]
    ended = RUN.invoke(app, ["judge", f"planted_faults:{fault}", *asked])
    assert ended.exit_code == 0, ended.output
    told = [line for line in ended.output.splitlines() if line.startswith("changed ")]
    assert [any(what in line for line in told) for what in FAULTS[fault]] == [True] * len(FAULTS[fault])
    assert len(told) == len(FAULTS[fault])
    assert all(", set back; first in layer-norm." in line for line in told)


def test_bits_that_are_others_each_time_are_told_and_change_no_verdict(tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)
    asked = ["--layer", "layer_norm", "--dtype", "float32", "--profile", "quick", "--out", str(tmp_path)]
    ended = RUN.invoke(app, ["judge", "planted_faults:drifting", *asked])
    assert ended.exit_code == 0, ended.output
    told = [line for line in ended.output.splitlines() if "other bits" in line]
    assert len(told) == 1
    assert told[0].startswith("shows other bits each time in y; first in layer-norm.output/")


def test_an_end_when_a_case_is_played_again_is_told_and_changes_no_verdict(tmp_path, monkeypatch):
    monkeypatch.chdir(Path(__file__).parent)
    asked = ["--case", "layer-norm.output/last-rank-3/float32", "--out", str(tmp_path)]
    ended = RUN.invoke(app, ["judge", "planted_faults:ending", *asked])
    assert ended.exit_code == 0, ended.output
    assert "ended by itself with exit code 3 when a case was played again; first in layer-norm.output/last-rank-3/float32" in ended.output


def test_nothing_is_told_of_one_that_changes_nothing(tmp_path):
    ended = RUN.invoke(app, ["judge", "reference", "--layer", "layer_norm", "--profile", "quick", "--out", str(tmp_path)])
    assert ended.exit_code == 0
    assert "changed " not in ended.output
    assert "other bits" not in ended.output


def test_a_change_is_seen_where_it_is_and_gone_afterwards():
    before = hygiene.state()
    with np.errstate(divide="raise"):
        (line,) = hygiene.changes(before)
        assert line.startswith("NumPy's error state from {'divide': ")
        assert hygiene.changes(before) == []
