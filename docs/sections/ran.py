"""Commands of ours, run as a reader runs them."""

import os
import shlex
import subprocess
import sys
from pathlib import Path


def ran(command: str, *, columns: int, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run `normspec` with these arguments, in a terminal of so many columns and no colours."""
    environment = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(  # noqa: S603 - commands that stand on our own pages
        [sys.executable, "-c", "import normspec.cli; normspec.cli.main()", *shlex.split(command)],
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding="utf-8",
        env=environment,
    )
