"""The table of systems that tutorials use leads to pages, tests and commands that there are."""

import ast
import importlib.util
import re
import shlex
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from normspec.cli.app import app

ROOT = Path(__file__).resolve().parent.parent
ROWS = tuple(f"R{number:02}" for number in (*range(1, 21), 24, 26, 34))


@pytest.fixture(scope="module")
def systems():
    """Give the rows of the table, whose module stands beside the pages."""
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        spec = importlib.util.spec_from_file_location("sections.systems", ROOT / "docs/sections/systems.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(ROOT / "docs"))
    return module.SYSTEMS


def test_every_row_is_there_once(systems):
    assert tuple(system.row for system in systems) == ROWS


def test_every_test_that_a_row_names_exists(systems):
    for system in systems:
        assert system.tests
        for test in system.tests:
            module, _, name = test.partition("::")
            tree = ast.parse((ROOT / "tests" / module).read_text(encoding="utf-8"))
            names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
            assert name in names or (not name and any(n.startswith("test_") for n in names)), test


def test_every_command_that_a_row_names_runs(systems, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for command in sorted({system.command for system in systems}):
        program, *arguments = shlex.split(command)
        if program == "pytest":
            assert all((ROOT / argument).is_file() for argument in arguments), command
            continue
        assert program == "normspec"
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 0, f"{command}: {done.output}"
        assert re.search(r"\w", done.output), command


def test_what_remains_open_says_why(systems):
    assert {system.row for system in systems if system.remains} == {"R16", "R17"}
    assert all(system.remains.endswith(".") for system in systems if system.remains)
