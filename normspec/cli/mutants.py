"""`normspec mutants`: known-wrong layers, and how many of them a test suite notices."""

from collections import Counter, defaultdict

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from normspec.conformance.mutants import MUTANTS
from normspec.conformance.mutants.generated import generated
from normspec.conformance.mutants.run import Ran, chosen_of, run
from normspec.conformance.mutants.score import layers_of
from normspec.layers import SPECS, spec_of


def list_mutants(layer: str | None) -> None:
    """List the mutants of a layer, or of all."""
    chosen = tuple(SPECS) if layer is None else (spec_of(layer).layer,)  # type: ignore[attr-defined]  # every spec names it
    console = Console(emoji=False)
    table = Table("mutant", "clause", "what is wrong", "seen in")
    written = [m for m in MUTANTS if set(chosen) & set(layers_of(m))]
    made = [m for name in chosen for m in generated(name)]
    for mutant in (*written, *(made if layer else ())):
        table.add_row(mutant.id, mutant.law, mutant.words, mutant.source.removeprefix("https://github.com/"))
    console.print(table)
    more = "" if layer else "; --layer lists those, too"
    console.print(f"{len(written)} written from reports and beside them, {len(made)} generated from the clauses{more}", soft_wrap=True)


def run_mutants(command: tuple[str, ...], native: str, chosen: tuple[str, ...]) -> int:
    """Score a pytest command, and give 1 where a mutant survives."""
    mutants = chosen_of(native, chosen)
    console = Console(emoji=False)
    console.print(f"{len(mutants)} mutants of {native}; each runs: {' '.join(command)}", soft_wrap=True, markup=False)
    found: list[Ran] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("with right layers", total=len(mutants))
            for ran in run(command, native, mutants):
                found.append(ran)
                progress.update(task, advance=1, description=ran.mutant.id)
    except KeyboardInterrupt:
        console.print(f"interrupted after {len(found)} of {len(mutants)}; so far:")
    console.print(_table(found))
    for ran in found:
        if ran.fate == "survives":
            console.print(
                f"survives: {ran.mutant.id} ({ran.mutant.law}): {ran.mutant.words}", soft_wrap=True, markup=False, highlight=False
            )
    fates = Counter(ran.fate for ran in found)
    counted = fates["killed"] + fates["survives"]
    share = f", {100 * fates['killed'] / counted:.0f} %" if counted else ""
    console.print(
        f"{fates['killed']} of {counted} killed{share}; {fates['not reached']} not reached: no call was of a layer with the fault"
    )
    return 1 if fates["survives"] else 0


def _table(found: list[Ran]) -> Table:
    of_law: dict[str, Counter[str]] = defaultdict(Counter)
    for ran in found:
        of_law[ran.mutant.law][ran.fate] += 1
    table = Table("clause", "killed", "survive", "not reached")
    for law, fates in sorted(of_law.items()):
        table.add_row(law, *(str(fates[fate] or "") for fate in ("killed", "survives", "not reached")))
    return table
