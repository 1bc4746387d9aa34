"""The table of a run, clause by dtype, and the list of what failed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from rich.table import Table

from normspec.conformance.judge import Check

DTYPES = ("float64", "float32", "float16", "bfloat16")
MOST = 12
"""Failures shown; all are in the results file."""


def summary(title: str, checks: Iterable[Check]) -> Table:
    """Give the table clause by dtype: the largest error / bound where all conforms, else how many checks fail."""
    cells: dict[tuple[str, str], list[Check]] = defaultdict(list)
    clauses: dict[str, None] = {}
    for check in checks:
        for clause in check.clauses:
            clauses[clause] = None
            cells[clause, check.dtype].append(check)
    dtypes = [d for d in DTYPES if any((c, d) in cells for c in clauses)]
    table = Table(title=title, title_justify="left", caption="error / bound, at most; - : the clause says nothing in this dtype")
    table.add_column("clause", no_wrap=True)
    for dtype in dtypes:
        table.add_column(dtype, justify="right")
    for clause in sorted(clauses):
        table.add_row(clause, *(_cell(cells.get((clause, dtype), [])) for dtype in dtypes))
    return table


def _cell(checks: list[Check]) -> str:
    failing = sum(check.verdict == "fails" for check in checks)
    if failing:
        return f"[red]{failing} of {len(checks)} fail[/red]"
    judged = [check for check in checks if check.verdict in ("conforms", "deviates")]
    if not checks:
        return "-"
    if not judged:
        return "[yellow]unsupported[/yellow]"
    worst = max((check.ratio or 0.0 for check in judged), default=0.0)
    return f"[green]{worst:.2f}[/green]" if worst else "[green]exact[/green]"


def failures(checks: Iterable[Check]) -> Iterator[str]:
    """Give one line for each failure, the first few of each clause, and how to see more."""
    failing = [check for check in checks if check.verdict == "fails"]
    for check in failing[:MOST]:
        yield f"fails {', '.join(check.clauses)}: {check.case} {check.quantity} {check.detail}"
    if len(failing) > MOST:
        yield f"... and {len(failing) - MOST} more"
    if failing:
        yield f"normspec show {failing[0].case}"
