"""`normspec judge --fuzz`: says what it draws, shows how far it is, and each failure as soon as it is shrunk."""

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from normspec.cli.judge import Wanted, asked_of, names_of
from normspec.cli.tables import failures
from normspec.conformance.fuzzing.draws import Space
from normspec.conformance.fuzzing.run import Chance, fuzz
from normspec.conformance.fuzzing.search import NothingDrawn, Search
from normspec.conformance.run import Asked
from normspec.conformance.subject import NotStarted
from normspec.dtypes import FLOATS
from normspec.errors import NotFound
from normspec.layers import SPECS, spec_of
from normspec.translation.find import named


def fuzz_all(wanted: Wanted) -> int:
    """Fuzz each implementation in turn and give the exit code: 2 where one cannot start or has nothing of it, 1 where something fails."""
    console, codes, chance = Console(emoji=False), [0], _chance(wanted)
    for name in names_of(wanted):
        try:
            codes.append(_one(console, asked_of(wanted, name, kind="fuzz"), chance))
        except (NotStarted, NothingDrawn) as error:
            click.echo(f"normspec: {error}", err=True)
            codes.append(2)
    return max(codes)


def _chance(wanted: Wanted) -> Chance:
    if wanted.ids:
        raise NotFound("case names a case that is there: give --case without --fuzz")
    for dtype in wanted.dtypes:
        if dtype not in FLOATS:
            raise NotFound(f"dtype must be one of {', '.join(FLOATS)}, got {dtype!r}")
    like = tuple(dict.fromkeys(entry.layer for entry in named(wanted.like))) if wanted.like else ()
    asked = tuple(spec_of(layer).layer for layer in dict.fromkeys(wanted.layers))  # type: ignore[attr-defined]  # every spec names it
    layers, dtypes = asked or like or tuple(SPECS), tuple(dict.fromkeys(wanted.dtypes)) or tuple(FLOATS)
    return Chance(n=wanted.fuzz, seed=wanted.seed, numbers=wanted.numbers, layers=layers, dtypes=dtypes)


def _one(console: Console, asked: Asked, chance: Chance) -> int:
    what = f"{chance.n} cases drawn by chance from seed {chance.seed}; {', '.join(chance.layers)} in {', '.join(chance.dtypes)}"
    console.print(f"[bold]{escape(asked.name)}[/bold]: {what}", soft_wrap=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    done = Search(lambda _: (), Space((), ()))
    found = 0
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(f"starting {asked.name}", total=chance.n)

        def advanced(search: Search) -> None:
            nonlocal done
            done = search
            progress.update(task, completed=min(search.cases, chance.n))

        def started(version: str) -> None:
            progress.update(task, description=f"{asked.name} {version}")

        for case, checks in fuzz(asked, chance, started, advanced):
            found += 1
            for line in failures(checks):
                console.print(line, markup=False, highlight=False, soft_wrap=True)
            console.print(f"again: normspec judge {asked.name} --case '{case.id}'", markup=False, highlight=False, soft_wrap=True)
    verdicts = ", ".join(f"{n} checks {verdict}" for verdict, n in sorted(done.verdicts.items()))
    console.print(f"{done.cases} cases, {found} kinds of failure; {verdicts}", soft_wrap=True)
    console.print(f"what fails: {asked.out / asked.stem}.jsonl, log beside it", markup=False, soft_wrap=True)
    return 1 if found else 0
