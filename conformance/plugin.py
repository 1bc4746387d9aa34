"""The suite under plain pytest: `pytest --pyargs normspec.conformance --judge torch`.

This module is loaded in every pytest run of an environment that has normspec, so it imports nothing of weight.
"""

import json
import os
from contextlib import ExitStack
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that `normspec judge` has."""
    group = parser.getgroup("normspec", "judge normalization layers")
    group.addoption("--judge", action="append", default=[], metavar="NAME", help="implementation to judge; may be given several times")
    group.addoption("--judge-like", default="", metavar="NATIVE", help="the native layer that what is judged is a drop-in for")
    group.addoption("--judge-profile", default="quick", choices=("quick", "full"), help="which cases (default: quick)")
    group.addoption("--judge-layer", default=None, help="one layer alone")
    group.addoption("--judge-dtype", default=None, help="one dtype alone")


def pytest_configure(config: pytest.Config) -> None:
    """Plant a fault for the whole session, where `normspec mutants run` asks for one, and say at its end whether it was reached."""
    native, name, told = (os.environ.get(f"NORMSPEC_{what}", "") for what in ("NATIVE", "PLANT", "PLANTED"))
    if name:
        from normspec.load import planted  # noqa: PLC0415 - only where it is asked for

        ending = ExitStack()
        calls = ending.enter_context(planted(native, name))
        ending.callback(lambda: Path(told).write_text(json.dumps(calls), encoding="utf-8"))
        config.add_cleanup(ending.close)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make one test of every case and implementation."""
    if not {"judged_name", "judged_case"} <= set(metafunc.fixturenames):
        return
    from normspec.conformance.cases import cases  # noqa: PLC0415 - only where the suite itself is collected
    from normspec.conformance.plan import require_complete  # noqa: PLC0415 - likewise

    option = metafunc.config.getoption
    names = option("--judge")
    if names:
        require_complete()
    chosen = cases(layer=option("--judge-layer"), dtype=option("--judge-dtype"), profile=option("--judge-profile")) if names else ()
    metafunc.parametrize("judged_name", names, scope="session")
    metafunc.parametrize("judged_case", chosen, ids=[case.id for case in chosen])
