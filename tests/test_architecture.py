"""The house: who imports whom, what `import normspec` loads, what is public, what is packaged."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import normspec
from normspec.layers import SPECS

ROOT = Path(__file__).parent.parent
ROOMS = {"normspec": "normspec", "reference": "normspec.reference", "backends": "normspec.backends", "conformance": "normspec.conformance"}
FRAMEWORKS = {"torch", "jax", "tensorflow", "keras", "flax", "haiku", "equinox", "mlx", "onnx", "onnxruntime", "openvino", "transformers"}
FRAMEWORKS |= {"paddle", "tinygrad", "mindspore"}


def imports(path):
    """Give the full name of every module that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "normspec"])
def test_a_room_imports_normspec_and_itself_and_never_another_room(room):
    others = [package for name, package in ROOMS.items() if name not in ("normspec", room)]
    for path in (ROOT / room).rglob("*.py"):
        wrong = {name for name in imports(path) for other in others if name == other or name.startswith(f"{other}.")}
        assert not wrong, path


def test_normspec_itself_needs_the_standard_library_alone():
    for path in (ROOT / "normspec").rglob("*.py"):
        if "cli" in path.parts:
            continue
        foreign = {name for name in imports(path) if name.partition(".")[0] not in {*sys.stdlib_module_names, "normspec"}}
        other_rooms = {name for name in imports(path) for other in list(ROOMS.values())[1:] if name.startswith(other)}
        assert not foreign | other_rooms, path


def test_what_lies_beside_an_adapter_imports_no_framework():
    for path in (path for kind in ("deviations", "reproduction") for path in (ROOT / "backends").glob(f"*_{kind}.py")):
        assert not {name.partition(".")[0] for name in imports(path)} & FRAMEWORKS, path


def test_identification_reads_no_dialect():
    """What is measured is not to come from what a framework says of itself: it imports no dialect, and nothing that does."""
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    reading = {named(path) for path in files if any(name.startswith("normspec.dialects") for name in imports(path))}
    assert {"normspec.load", "normspec.translation.reading"} <= reading
    own = list((ROOT / "conformance" / "identification").glob("*.py"))
    assert own
    for path in own:
        wrong = {name for name in imports(path) if name.startswith("normspec.dialects") or name in reading}
        assert not wrong, path


def named(path):
    """Give the full name of a file's module."""
    room, *parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join((ROOMS[room], *parts)).removesuffix(".__init__")


def test_import_normspec_loads_nothing_but_the_standard_library():
    code = "import sys; before = set(sys.modules); import normspec; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "normspec.layers.batch_norm" in loaded
    assert {name.partition(".")[0] for name in loaded} <= {*sys.stdlib_module_names, "normspec"}


def test_public_names():
    found = {name for name in vars(normspec) if not name.startswith("_") and getattr(vars(normspec)[name], "__module__", None)}
    assert found == set(normspec.__all__)
    assert len(normspec.__all__) <= 20
    assert normspec.__all__ == sorted(normspec.__all__, key=lambda name: (name.islower(), name))


def test_every_package_is_listed_and_lies_where_it_is_said_to():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    found = set()
    for room, package in ROOMS.items():
        folders = [path.parent.relative_to(ROOT / room).parts for path in (ROOT / room).rglob("__init__.py")]
        found |= {".".join((package, *parts)) for parts in folders}
    assert set(setuptools["packages"]) == found
    assert setuptools["package-dir"] == {package: room for room, package in ROOMS.items()}


@pytest.mark.parametrize("stem", SPECS)
def test_one_stem_in_every_room(stem):
    rooms = ("normspec/layers", "reference", "conformance/cases", "tests/definitions")
    assert all((ROOT / room / f"{stem}.py").exists() for room in rooms)
    assert (ROOT / "docs" / "spec" / f"{stem}.md").exists()


def test_help_is_quick():
    def seconds():
        """Processor time, for others may run beside: half a second of it is what a person does not notice."""
        before = os.times()
        command = [sys.executable, "-c", "import normspec.cli; normspec.cli.main()", "--help"]
        assert "judge" in subprocess.run(command, capture_output=True, text=True, check=True).stdout
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(seconds() for _ in range(3)) < 0.5


def test_the_reference_uses_the_names_that_it_says_and_no_others():
    used = {node.attr for path in (ROOT / "reference").glob("*.py") for node in ast.walk(ast.parse(path.read_text())) if of_namespace(node)}
    names = (ROOT / "reference" / "names.py").read_text().split("no others:\n\n")[1].split("\n\n")[0].split()
    assert used == set(names)


def of_namespace(node):
    """Tell whether a node is an attribute of `xp`, the namespace of the arrays given (`asarray` is a library's own, in its adapter)."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "xp" and node.attr != "asarray"
