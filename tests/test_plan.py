"""The suite is the one that was planned, and one that is not judges nothing."""

import json

import pytest
from click.testing import CliRunner

from normspec.cli.app import app
from normspec.conformance import plan
from normspec.conformance.cases import cases
from normspec.conformance.oracle import REMEMBERED
from normspec.layers import SPECS


def test_the_committed_plan_is_the_suites():
    assert plan.PLAN.read_text(encoding="utf-8") == plan.written(), "write it anew: python -m normspec.conformance.plan"


def test_no_layer_is_without_cases_and_checks():
    for layer in SPECS:
        row = plan.planned()[layer]
        assert row["cases"] > 50
        assert row["quick"] > 5
        assert row["checks"] > 3 * row["cases"]


@pytest.mark.parametrize("change", [{"cases": 1}, {"ids": "0"}, {"quick": 0}])
def test_a_suite_that_was_shortened_judges_nothing(change, tmp_path, monkeypatch):
    other = plan.planned()
    other["lp_norm"].update(change)
    (tmp_path / "plan.json").write_text(json.dumps(other), encoding="utf-8")
    monkeypatch.setattr(plan, "PLAN", tmp_path / "plan.json")
    with pytest.raises(plan.Shortened, match=r"the cases must be those of plan\.json, and are not: lp_norm has \d+ of \d+"):
        plan.require_complete()
    ended = CliRunner().invoke(app, ["judge", "reference", "--layer", "lp_norm", "--out", str(tmp_path / "results")])
    assert ended.exit_code != 0
    assert not (tmp_path / "results").exists()


def test_what_is_known_of_a_case_is_remembered_for_the_whole_suite():
    assert sum(row["cases"] for row in plan.planned().values()) < REMEMBERED
    layer = next(iter(SPECS))
    assert {id(case) for case in cases(layer=layer)} <= {id(case) for case in cases()}
