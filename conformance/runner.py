"""A script run in a process of its own: whether it fails, and as a check does or otherwise."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

TIMEOUT = 90.0
"""Seconds that a script may take where nothing else is said: to import a framework takes most of them."""
RAISED = re.compile(r"raised (?:in the pullback: )?(\w+: .*?)(?:; the case could not be played)?", re.DOTALL)
"""What a check says of an error."""
ENDED = "the script ended: "
"""What stands before the line that says how a script ended."""
RUNNER = f"""
import json, sys, traceback
try:
    exec(compile(sys.argv[1], "<script>", "exec"), {{"__name__": "__main__"}})
except BaseException as error:
    last = traceback.extract_tb(error.__traceback__)[-1]
    ending = (f"{{type(error).__name__}}: {{error}}", last.filename, last.lineno)
    print("\\n{ENDED}" + json.dumps(ending), file=sys.stderr)
    sys.exit(1)
"""
"""Runs a script, and says of an error where it was raised: the script's own assertion is its last line, and a framework's is not."""


@dataclass(frozen=True)
class Reproduced:
    """A script, whether it fails, and the last line that it wrote, or what it raised."""

    script: str
    fails: bool
    said: str


def played(script: str, detail: str = "", python: str = "", seconds: float = TIMEOUT) -> Reproduced:
    """Run a script from this folder, and tell whether it fails.

    With the detail of a failing check that is so where it fails as the check does: by the same error if that tells of one, and by the
    script's own assertion otherwise. Without one, whatever keeps the script from its end is a failure.
    """
    environment = {name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
    command = [python or sys.executable, "-c", RUNNER, script]
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=seconds, env=environment, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired:
        return Reproduced(script, fails=not detail, said=f"took longer than {seconds:.0f} s")
    told = (run.stdout.splitlines() or [""])[-1]
    if not run.returncode:
        return Reproduced(script, fails=False, said=told)
    ended = next((line.removeprefix(ENDED) for line in run.stderr.splitlines() if line.startswith(ENDED)), "")
    if not ended:
        return Reproduced(script, fails=not detail, said=f"ended with exit code {run.returncode}")
    raised, file, line = json.loads(ended)
    if raised.startswith("AssertionError") and (file, line) == ("<script>", len(script.splitlines())):
        return Reproduced(script, fails=not error_of(detail), said=told)
    return Reproduced(script, fails=not detail or _is_known(raised, error_of(detail)), said=raised.partition("\n")[0])


def error_of(detail: str) -> str:
    """Give the class and the text of the error that the detail of a check tells of, without digits; nothing where it tells of none."""
    found = RAISED.fullmatch(detail)
    return "" if found is None else _without_digits(found[1])


def _is_known(raised: str, known: str) -> bool:
    """Tell whether an error is of the class and has the text that is known: a layer may say more around the text of what it calls."""
    (kind, _, text), (known_kind, _, known_text) = _without_digits(raised).partition(": "), known.partition(": ")
    return kind == known_kind and known_text in text


def _without_digits(text: str) -> str:
    return re.sub(r"\d", "", text)
