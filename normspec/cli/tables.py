"""The table of a run, clause by dtype, and the list of what failed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from rich.table import Table

from normspec.conformance.judge import Check

DTYPES = ("float64", "float32", "float16", "bfloat16")
MOST = 12
"""Failures shown; all are in the results file."""
OF_EACH = 2
"""Failures shown that break the same clauses."""
FEW = 4
"""Reasons shown for what is unsupported, and meanings that failing values are found to have."""

LEGEND = "error / bound, at most; same: in this dtype the clause's points are one; -: no case"
HIDDEN = "hidden: what fails in its cases breaks other clauses"


def summary(title: str, checks: Iterable[Check]) -> Table:
    """Give the table clause by dtype: the largest error / bound where all conforms, else how many checks fail."""
    cells: dict[tuple[str, str], list[Check]] = defaultdict(list)
    asked: dict[tuple[str, str], set[str]] = defaultdict(set)
    for check in checks:
        asked[check.case.partition("/")[0], check.dtype].add(check.verdict)
        for clause in check.clauses:
            cells[clause, check.dtype].append(check)
    clauses = {clause for clause, _ in (*cells, *asked)}
    dtypes = [d for d in DTYPES if any((c, d) in cells for c in clauses)]
    table = Table(title=title, title_justify="left", caption=LEGEND)
    table.add_column("clause", no_wrap=True)
    for dtype in dtypes:
        table.add_column(dtype, justify="right")
    for clause in sorted(clauses):
        sized = not clause.endswith(".gradient.dtype")  # a dtype is right or wrong: there is no error to show
        row = [(cells.get((clause, dtype), []), asked.get((clause, dtype), set())) for dtype in dtypes]
        cells_of_row = [_cell(found, of_case, sized=sized) for found, of_case in row]
        table.add_row(clause, *cells_of_row)
        if any("hidden" in cell for cell in cells_of_row):
            table.caption = f"{LEGEND}; {HIDDEN}"
    return table


def _cell(checks: list[Check], of_case: set[str], *, sized: bool) -> str:
    """Show a clause in a dtype: the checks that cite it, or, where none does, what the cases about it came to."""
    failing = sum(check.verdict == "fails" for check in checks)
    if failing:
        return f"[red]{failing}/{len(checks)} fail[/red]"
    deviating = sum(check.verdict == "deviates" for check in checks)
    if deviating:
        return f"[magenta]{deviating}/{len(checks)} deviate[/magenta]"
    judged = [check for check in checks if check.verdict == "conforms"]
    if not checks:
        elsewhere = "[magenta]deviates[/magenta]" if "deviates" in of_case else "[yellow]hidden[/yellow]"
        return elsewhere if of_case & {"deviates", "fails"} else ("same" if of_case else "-")
    if not judged:
        return "[yellow]unsupported[/yellow]"
    worst = max((check.ratio or 0.0 for check in judged), default=0.0)
    return f"[green]{worst:.2f}[/green]" if worst and sized else "[green]exact[/green]"


def reasons(checks: Iterable[Check]) -> Iterator[str]:
    """Give the commonest reasons for which nothing could be judged."""
    counted = Counter(check.detail for check in checks if check.verdict == "unsupported")
    for reason, count in counted.most_common(FEW):
        yield f"unsupported, {count} checks: {reason}"
    if len(counted) > FEW:
        yield f"... and {sum(counted.values()) - sum(n for _, n in counted.most_common(FEW))} for {len(counted) - FEW} other reasons"


def failures(checks: Iterable[Check]) -> Iterator[str]:
    """Give a line for the first failures that break the same clauses, what fails alike in a case together, and how to see more."""
    alike: dict[tuple[str, str], list[Check]] = defaultdict(list)
    for check in checks:
        if check.verdict == "fails":
            alike[check.case, check.detail].append(check)
    told: Counter[str] = Counter()
    shown = 0
    for (case, detail), together in alike.items():
        clauses = ", ".join(dict.fromkeys(clause for check in together for clause in check.clauses))
        told[clauses] += 1
        if told[clauses] > OF_EACH or shown >= MOST:
            continue
        shown += 1
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in detail)  # theirs, so anything
        others = f" and {len(together) - 1} more" if len(together) > 1 else ""
        yield f"fails {clauses}: {case} {together[0].quantity}{others} {text}"
        scripts = (check.reproduction for check in together if check.reproduction)
        yield from (f"    {line}" for script in scripts for line in script.splitlines())
    if len(alike) > shown:
        yield f"... and {len(alike) - shown} like these or of other clauses, in the results file"
    failing = [check for together in alike.values() for check in together]
    for label, count in Counter(check.equals for check in failing if check.equals).most_common(FEW):
        yield f"{count} of {len(failing)} failing checks equal {label}"
    if alike:
        yield f"see what was asked: normspec show {next(iter(alike))[0]}"
