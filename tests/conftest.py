"""Options of our own tests, and which of them need a framework that is not always there."""

import re
import warnings
from contextlib import suppress
from importlib.util import find_spec

import pytest

OWN_ENVIRONMENT = ("paddle", "tinygrad", "mindspore")
"""Frameworks in an environment of their own (`pip install '.[dev,paddle]'`): without them, tests that start them are skipped."""
STARTS = {"test_frameworks", "test_reproductions", "test_identify", "test_proof", "test_scripts", "test_docs"}
"""Modules of tests that start frameworks by their names, or scripts that these begin."""


with suppress(ImportError), warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import paddle  # noqa: F401 - after TensorFlow, its import ends the process by a segmentation fault


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="judge every framework on every case, not on some (tests/test_frameworks.py)")
    parser.addoption("--seeds", type=int, default=2, help="how many other seeds the reference is judged with (default: 2)")


def pytest_collection_modifyitems(items):
    lacking = {name for name in OWN_ENVIRONMENT if find_spec(name) is None}
    for item in items:
        if item.path.stem in STARTS and hasattr(item, "callspec"):
            for name in sorted(lacking & started(item.callspec.params.values())):
                item.add_marker(pytest.mark.skip(reason=f"{name} is not installed"))


def started(values):
    """Give the heads of all names among the parameters of a test: `paddle` for `paddle.nn.LayerNorm` and `docs/findings/paddle_x.py`."""
    found = set()
    for value in values:
        if isinstance(value, str):
            found.add(re.split("[.:_]", value.rpartition("/")[2])[0])
        elif isinstance(value, tuple | list):
            found |= started(value)
    return found
