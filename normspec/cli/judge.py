"""`normspec judge`: says what it will run, shows how far it is, ends with a table."""

from collections import Counter
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from normspec.cli.tables import failures, summary
from normspec.conformance.cases import case_of, cases
from normspec.conformance.judge import Check
from normspec.conformance.run import Asked, file_stem, planned, run
from normspec.load import BACKENDS
from normspec.records import Case

SECONDS_A_CHECK = 0.0005
"""For the first estimate; the progress bar has a better one soon."""


def judge_all(
    names: list[str], options: dict[str, str | None], ids: list[str], device: str, timeout: float, memory: float, python: str, out: Path
) -> int:
    """Judge each implementation in turn and give the exit code."""
    console = Console()
    chosen = tuple(case_of(name) for name in ids) if ids else cases(**options)  # type: ignore[arg-type]  # profile has a default
    chosen = tuple(replace(c, situation=replace(c.situation, device=device)) for c in chosen)
    names = names or ["reference", *(name for name in BACKENDS if find_spec(name) is not None)]
    failed = False
    for name in names:
        asked = Asked(name=name, cases=chosen, out=out, device=device, timeout=timeout, memory=int(memory * 2**30), python=python)
        checks = _one(console, asked)
        failed |= any(check.verdict == "fails" for check in checks)
    return int(failed)


def _one(console: Console, asked: Asked) -> list[Check]:
    count = planned(asked.cases)
    about = max(1, round(count * SECONDS_A_CHECK))
    console.print(f"[bold]{asked.name}[/bold]: {len(asked.cases)} cases, {count} checks, about {about} s; {_length(asked.cases)}")
    checks: list[Check] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"starting {asked.name}", total=len(asked.cases))
        told: list[str] = []

        def started(version: str) -> None:
            told.append(version)
            progress.update(task, description=f"{asked.name} {version}")

        for _, found in run(asked, started):
            checks += found
            progress.advance(task)
    console.print(summary(f"{asked.name} {told[0]} on {asked.device}", checks))
    verdicts = Counter(check.verdict for check in checks)
    console.print(", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items())) + f" of {count} planned")
    for line in failures(checks):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    console.print(f"results: {asked.out / file_stem(asked.name)}.jsonl, log beside them", soft_wrap=True)
    return checks


def _length(chosen: tuple[Case, ...]) -> str:
    layers = sorted({case.spec.layer for case in chosen})
    dtypes = sorted({case.situation.dtype for case in chosen}, reverse=True)
    return f"{', '.join(layers)} in {', '.join(dtypes)}"
