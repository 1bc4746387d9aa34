"""`normspec judge`: says what it will run, shows how far it is, ends with a table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from itertools import chain, product
from pathlib import Path

import rich_click as click
from rich.console import Console
from rich.markup import escape

from normspec.cli.side_by_side import Judged, side_by_side
from normspec.cli.tables import failures, reasons, summary
from normspec.conformance.cases import case_of, cases
from normspec.conformance.judge import Check
from normspec.conformance.plan import require_complete
from normspec.conformance.results import read
from normspec.conformance.run import Asked, planned
from normspec.errors import NotFound
from normspec.load import BACKENDS, deviations, is_ours, require_device, require_installed, require_name
from normspec.records import Case
from normspec.translation.find import named

REPRODUCTIONS = 6
"""Clauses whose first failure is reproduced by a script, which takes some seconds each."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the command line asks for."""

    implementations: tuple[str, ...]
    layers: tuple[str, ...]
    dtypes: tuple[str, ...]
    profile: str
    ids: tuple[str, ...]
    device: str
    timeout: float
    memory: float
    jobs: int
    python: str
    like: str
    fuzz: int
    seed: int
    numbers: int
    baseline: Path | None
    strict: bool
    out: Path


def judge_all(wanted: Wanted) -> int:
    """Judge each implementation and give the exit code: 2 where one could not be started, else 1 where one fails."""
    console, names = Console(emoji=False), names_of(wanted)
    before = _verdicts(wanted.baseline)
    require_complete()
    chosen = _chosen(wanted)  # before anything is opened: what cannot be asked leaves earlier results as they are
    sides = min(wanted.jobs, len(names))
    each = replace(wanted, jobs=wanted.jobs // sides)
    codes = [0]
    for judged in side_by_side(console, [asked_of(each, name, chosen) for name in names], sides):
        if judged.refused:
            click.echo(f"normspec: {judged.refused}", err=True)
            codes.append(2)
            continue
        _report(console, judged)
        bad = [c for c in judged.checks if _is_bad(c, wanted) and before.get((c.case, c.quantity)) != c.verdict]
        if wanted.baseline:
            console.print(f"{len(bad)} checks are worse than in {wanted.baseline}", markup=False, soft_wrap=True)
        codes.append(1 if bad else 0)
    return max(codes)


def names_of(wanted: Wanted) -> tuple[str, ...]:
    """Give the names of the implementations, each once; without any, those of all that are installed."""
    if wanted.like and not wanted.implementations:
        raise NotFound(f"implementation must be module:object where --like {wanted.like} says what it stands for, got none")
    names = wanted.implementations or ("reference", *(name for name in BACKENDS if find_spec(name) is not None))
    for name in names:
        require_name(name)
        if wanted.like and (":" not in name or is_ours(name)):
            raise NotFound(f"implementation must be module:object where --like {wanted.like} says what it stands for, got {name!r}")
        require_device(name, wanted.device)
        if not wanted.python:  # another interpreter has packages of its own
            require_installed(name)
    return tuple(dict.fromkeys(names))


def _is_bad(check: Check, wanted: Wanted) -> bool:
    return check.verdict == "fails" or (wanted.strict and check.verdict == "deviates")


def _chosen(wanted: Wanted) -> tuple[Case, ...]:
    layers = {entry.layer for entry in named(wanted.like)} if wanted.like else set()
    if wanted.ids and (wanted.layers or wanted.dtypes):
        raise NotFound("case names its layer and dtype itself: give --case alone, or --layer and --dtype without it")
    pairs = product(dict.fromkeys(wanted.layers) or (None,), dict.fromkeys(wanted.dtypes) or (None,))
    each = (cases(layer=layer, dtype=dtype, profile=wanted.profile) for layer, dtype in pairs)
    found = tuple(map(case_of, wanted.ids)) or tuple(chain.from_iterable(each))
    found = tuple(case for case in found if not layers or case.spec.layer in layers)
    return tuple(replace(c, situation=replace(c.situation, device=wanted.device)) for c in found)


def asked_of(wanted: Wanted, name: str, chosen: tuple[Case, ...] = (), kind: str = "") -> Asked:
    """Give what is asked of one implementation."""
    return Asked(
        name=name,
        cases=chosen,
        out=wanted.out,
        device=wanted.device,
        timeout=wanted.timeout,
        memory=int(wanted.memory * 2**30),
        jobs=wanted.jobs,
        python=wanted.python,
        like=wanted.like,
        kind=kind,
        reproductions=REPRODUCTIONS,
    )


def _verdicts(baseline: Path | None) -> dict[tuple[str, str], str]:
    if baseline is None:
        return {}
    if not baseline.is_file():
        raise NotFound(f"baseline must be a results file of an earlier run, got {str(baseline)!r}")
    return {(row["case"], row["quantity"]): row["verdict"] for row in read(baseline)}


def _report(console: Console, judged: Judged) -> None:
    asked, checks = judged.asked, judged.checks
    console.print(summary(f"{escape(asked.name)} {judged.version} on {asked.device}", checks))
    of_another = () if asked.like else _of_another_version(asked.name, judged.version)
    strayed = (f"{line}; first in {case}" for line, case in judged.noticed.items())
    _tell(console, (*of_another, *reasons(checks), *strayed, *failures(checks)))
    verdicts = Counter(check.verdict for check in checks)
    console.print(", ".join(f"{n} {verdict}" for verdict, n in sorted(verdicts.items())) + f" of {planned(asked.cases)} planned")
    console.print(f"results: {asked.out / asked.stem}.jsonl, log beside them", markup=False, soft_wrap=True)


def _of_another_version(name: str, version: str) -> Iterator[str]:
    """Say that the declared deviations are of another version, and so excuse nothing here."""
    rows = deviations(name)
    if rows and not any(row.is_of(version) for row in rows):
        yield f"deviations are declared of {name} {rows[0].versions}; this is {version}, whose own have yet to be looked at"


def _tell(console: Console, lines: Iterable[str]) -> None:
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
