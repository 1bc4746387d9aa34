"""`normspec show`: a case in words, in numbers, and as a script of the framework's own."""

from pprint import pformat

import numpy as np
from rich.console import Console
from rich.table import Table

from normspec.conformance.cases import case_of
from normspec.conformance.expectation import Expected, expectation
from normspec.errors import NormspecError
from normspec.layers import all_clauses
from normspec.load import reproduction
from normspec.records import Case

FEW = 3
"""Numbers shown of each array."""


def show_case(name: str, implementation: str) -> None:
    """Print script, expectation and reproduction."""
    case = case_of(name)
    console = Console(soft_wrap=True, highlight=False)
    clause = all_clauses()[case.clause]
    console.print(f"[bold]{case.id}[/bold]")
    console.print(f"{clause.id}: {clause.sentence}", markup=False)
    console.print(pformat(case.spec, width=120), markup=False)
    console.print(pformat(case.situation, width=120), markup=False)
    for k, step in enumerate(case.steps):
        console.print(f"step {k}: {step.mode}, x of shape {step.inputs['x'].shape}")
    console.print(_table(case))
    try:
        text = reproduction(implementation, case)
    except NormspecError as reason:
        text = f"# no reproduction with {implementation}: {reason}\n"
    console.print(text, markup=False)


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
