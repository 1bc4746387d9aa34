"""How strong a test suite of a framework's layers is: its command is run once for each fault, planted in the framework."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from normspec.conformance.mutants import MUTANTS
from normspec.conformance.mutants.generated import generated
from normspec.conformance.mutants.record import Mutant
from normspec.conformance.mutants.score import layers_of
from normspec.errors import NormspecError, NotFound
from normspec.load import planted
from normspec.translation.find import named

Fate = Literal["killed", "survives", "not reached"]
UNPLANTED = ("mask", "tangent.y", "tangent.gradient")
"""Laws of which no fault is planted."""
NO_TESTS = 5
"""pytest's exit code where it has collected none."""


class Unfit(NormspecError):  # noqa: N818 - reads as what it says
    """The command cannot tell a fault: it fails without one, or runs nothing."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What became of a mutant: `not reached` where no call was of a layer that can have the fault."""

    mutant: Mutant
    fate: Fate
    seconds: float


def mutants_of(native: str) -> tuple[Mutant, ...]:
    """Give the mutants, written and generated, of the layer that a native function is; it takes no mask and is differentiated once."""
    layer = named(native)[0].layer
    written = (mutant for mutant in MUTANTS if layer in layers_of(mutant))
    return tuple(mutant for mutant in (*written, *generated(layer)) if mutant.law not in UNPLANTED)


def chosen_of(native: str, ids: tuple[str, ...]) -> tuple[Mutant, ...]:
    """Give these mutants of a native function, or all of them.

    Raises
    ------
    NotFound
        Where one of them is none of its own.
    """
    known = {mutant.id: mutant for mutant in mutants_of(native)}
    if missing := [name for name in ids if name not in known]:
        raise NotFound(f"mutant must be one of {native}, got {', '.join(missing)}: normspec mutants list has them")
    return tuple(known[name] for name in ids) or tuple(known.values())


def scored(test: Callable[[], object], native: str, ids: tuple[str, ...]) -> dict[str, Fate]:
    """Give the fate of each mutant in a test: see `normspec.mutants.score`."""
    with planted(native, "reference:numpy") as calls:
        try:
            test()
        except Exception as error:
            raise Unfit(f"test must pass with right layers, and raises {type(error).__name__}: {error}") from error
    if not calls["planted"]:
        raise Unfit(f"test must call {native}, and does not")
    return {mutant.id: _fate(test, native, mutant) for mutant in chosen_of(native, ids)}


def _fate(test: Callable[[], object], native: str, mutant: Mutant) -> Fate:
    with planted(native, f"mutants:{mutant.id}") as calls:
        try:
            test()
        except Exception:  # noqa: BLE001 - whatever a test raises, it has noticed
            return "killed"
    return "survives" if calls["planted"] else "not reached"


def run(command: tuple[str, ...], native: str, chosen: tuple[Mutant, ...]) -> Iterator[Ran]:
    """Run a pytest command for each mutant; it is killed where the command fails, or takes ten times as long as without.

    Raises
    ------
    Unfit
        Where the command fails with the right layer in the fault's place, or never calls the function.
    """
    began = time.perf_counter()
    code, calls = _once(command, native, "reference:numpy", None)
    if code:
        why = "collects no test" if code == NO_TESTS else f"ends with exit code {code}"
        raise Unfit(f"the command must pass with right layers, and {why}: {' '.join(command)}")
    if not calls.get("planted"):
        raise Unfit(f"the command must be pytest's and call {native}, and does not: {' '.join(command)}")
    limit = 10 * (time.perf_counter() - began) + 10
    for mutant in chosen:
        began = time.perf_counter()
        code, calls = _once(command, native, f"mutants:{mutant.id}", limit)
        reached = code is None or calls.get("planted")
        fate: Fate = "not reached" if not reached else "survives" if code == 0 else "killed"
        yield Ran(mutant=mutant, fate=fate, seconds=time.perf_counter() - began)


def _once(command: tuple[str, ...], native: str, name: str, limit: float | None) -> tuple[int | None, dict[str, int]]:
    """Give the exit code, None where the time ran out, and how often the function was called."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "calls.json")
        environment = {**os.environ, "NORMSPEC_NATIVE": native, "NORMSPEC_PLANT": name, "NORMSPEC_PLANTED": str(told)}
        whole = (sys.executable, "-m", *command) if command[0] == "pytest" else command
        try:
            done = subprocess.run(whole, env=environment, capture_output=True, timeout=limit, check=False)  # noqa: S603 - the user's own
        except subprocess.TimeoutExpired:
            return None, {}
        calls = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {"planted": int(done.returncode < 0)}
        return done.returncode, calls
