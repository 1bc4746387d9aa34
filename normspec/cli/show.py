"""`normspec show`: a case in words, in numbers, and as a script of the framework's own, which has been run."""

from contextlib import ExitStack, closing
from pathlib import Path
from pprint import pformat
from tempfile import TemporaryDirectory

import numpy as np
from rich.console import Console
from rich.table import Table

from normspec.conformance.cases import case_of
from normspec.conformance.expectation import Expected, expectation
from normspec.conformance.judge import Check, judge
from normspec.conformance.reproduction import reproduced, require_answer
from normspec.conformance.runner import Reproduced
from normspec.conformance.subject import NotStarted, Subject
from normspec.errors import NormspecError, NotFound
from normspec.layers import all_clauses
from normspec.load import reproducible, require_name
from normspec.records import Case

FEW = 3
"""Numbers shown of each array."""


def show_case(name: str, implementation: str, like: str, quantity: str) -> None:
    """Print script, expectation and reproduction."""
    case = case_of(name)
    require_name(implementation)
    console = Console(soft_wrap=True, highlight=False, emoji=False)
    clause = all_clauses()[case.clause]
    console.print(f"[bold]{case.id}[/bold]")
    console.print(f"{clause.id}: {clause.sentence}", markup=False)
    console.print(pformat(case.spec, width=120), markup=False)
    console.print(pformat(case.situation, width=120), markup=False)
    for k, step in enumerate(case.steps):
        asked = "" if step.direction is None else ", differentiated along a direction"
        console.print(f"step {k}: {step.mode}, x of shape {step.inputs['x'].shape}{asked}")
    console.print(_table(case))
    if quantity and quantity not in {expected.quantity for expected in expectation(case)}:
        raise NotFound(f"quantity must be one of {', '.join(e.quantity for e in expectation(case))}, got {quantity!r}")
    try:
        text = _script(case, implementation, like, quantity)
    except (NormspecError, NotStarted) as reason:
        text = f"# no reproduction with {implementation}: {reason}\n"
    console.print(text, markup=False)


def _script(case: Case, implementation: str, like: str, quantity: str) -> str:
    """Give a script of the quantity asked for, or of the first that fails, or else of the first y; and what came of running it.

    What is a declared deviation fails here.
    """
    if not reproducible(implementation, like):
        raise NotFound("it is no framework that scripts are written for: say which layer it is --like")
    with TemporaryDirectory() as folder, ExitStack() as ending:
        log = ending.enter_context((Path(folder) / "log").open("wb"))
        subject = ending.enter_context(closing(Subject(implementation, log, like=like)))
        answer = subject.play(case)
        require_answer(answer)
        checks = tuple(judge(case, answer))
        check = _chosen(checks, quantity)
        if check.verdict == "unsupported":
            raise NotFound(f"{check.quantity} is unsupported: {check.detail}")
        found = reproduced(implementation, case, check.quantity, subject.play, like)
    return f"# {check.quantity}, with {implementation}, run in a process of its own: {came_of(check, found)}\n{found.script}"


def came_of(check: Check, found: Reproduced) -> str:
    """Say what came of running a script, beside what the judge says."""
    if check.verdict == "fails" and found.fails:
        return "it fails, as it does when it is judged"
    if check.verdict == "fails":
        return f"{check.quantity} fails when it is judged ({check.detail}), but not in this script, which says: {found.said}"
    if found.fails:
        return f"it conforms when it is judged, but this script fails, which says: {found.said}"
    return "it passes, as it does when it is judged"


def _chosen(checks: tuple[Check, ...], quantity: str) -> Check:
    failing = [check for check in checks if check.verdict == "fails"]
    judged = [check for check in checks if check.verdict != "unsupported" and check.quantity.endswith(".y")]
    asked = [check for check in checks if check.quantity == quantity]
    return (asked or failing or judged or list(checks))[0]


def _table(case: Case) -> Table:
    table = Table("quantity", "dtype", "shape", "the first values must be", "within, at most", title="expectation", title_justify="left")
    for expected in expectation(case):
        table.add_row(*_row(expected))
    return table


def _row(expected: Expected) -> tuple[str, ...]:
    if expected.refused:
        return expected.quantity, "", "", "refused", ""
    if expected.same_as:
        return expected.quantity, expected.dtype, str(np.shape(expected.value)), f"those of {expected.same_as}, bit by bit", "0"
    values = np.asarray(expected.value).reshape(-1)[:FEW].astype(np.float64)
    bound = float(np.max(expected.bound, initial=0))
    more = " ..." if np.size(expected.value) > FEW else ""
    shown = ", ".join(f"{value:.9g}" for value in values) + more
    return expected.quantity, expected.dtype, str(np.shape(expected.value)), shown, f"{bound:.3g}"
