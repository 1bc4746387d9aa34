"""`normspec lag`: how far running statistics are from their limit after some steps, and what that does in evaluation."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf
from typing import Any, NamedTuple

import rich_click as click

from normspec.cli.text import columns, paragraph
from normspec.errors import InvalidInput, Unsupported
from normspec.layers.running import KEPT, Running
from normspec.stale import divisor_off, left, of_first, steps_until, variance_after
from normspec.translation.reading import reading

VARIANCES = (1.0, 0.01, 0.0001)
"""The variances of batches that are told where none is asked for."""


class Kept(NamedTuple):
    """Running statistics, and the epsilon of the divisor that is made of a running variance; None where it is made of another average."""

    running: Running
    epsilon: float | None
    epsilon_place: str = "inside"


def tell_lag(call: str | None, rate: float | None, start: str | None, steps: int, tolerance: float, variances: Sequence[float]) -> int:
    """Print the lag and give the exit code: 1 where more than the tolerance is left of what statistics were born with."""
    kept = _of_call(call, rate, start) if call is not None else _of_rate(rate, start)
    click.echo("\n".join(_told(kept, steps, tolerance, variances or VARIANCES)))
    return 1 if left(kept.running, steps) > tolerance else 0


def _of_rate(rate: float | None, start: str | None) -> Kept:
    if rate is None:
        raise InvalidInput("a call or --rate must be given, got neither: normspec lag --rate 0.01 --steps 125")
    told: dict[str, Any] = {"rate": rate, "start": start or "initial"}
    return Kept(replace(KEPT, **told), 0.0)


def _of_call(call: str, rate: float | None, start: str | None) -> Kept:
    if rate is not None or start is not None:
        raise InvalidInput(f"either a call or --rate and --start must be given, got both: {call} says itself what its rate is")
    spec = reading(call).spec
    running = getattr(spec, "running", None)
    if running is None:
        raise Unsupported(f"the layer must keep running statistics, and {call} keeps none: its evaluation takes the statistics of each x")
    averages_variance = getattr(spec, "averaged", "variance") == "variance"  # batch renormalization can average deviations instead
    return Kept(running, spec.epsilon if averages_variance else None, getattr(spec, "epsilon_place", "inside"))


def _told(kept: Kept, steps: int, tolerance: float, variances: Sequence[float]) -> Iterator[str]:
    running = kept.running
    of_birth = f"born with mean {running.initial_mean:g} and variance {running.initial_variance:g}"
    yield paragraph(f"running statistics at a rate of {running.rate:g}, start {running.start}, {of_birth}", 0, 2)
    share, first = (_percent(f(running, steps)) for f in (left, of_first))
    yield paragraph(f"after {_steps(steps)} {share} is left of what they were born with, and {first} is what the first batch had", 0, 2)
    until = steps_until(running, tolerance)
    yield f"{_percent(tolerance)} or less is left from {_steps(until)} on" if until < inf else "at rate 0 it stays so"
    if kept.epsilon is None:
        return
    epsilon = f" + {kept.epsilon:g}" if kept.epsilon else ""
    of_divisor = {
        "inside": f"sqrt(variance{epsilon})",
        "outside": f"sqrt(variance){epsilon}",
        "floor": f"max(sqrt(variance), {kept.epsilon:g})",
    }
    yield ""
    yield f"of batches that all have one variance, with the divisor {of_divisor[kept.epsilon_place]}"
    yield columns([("variance", "running variance", "divisor, over the right one"), *_rows(kept, steps, variances)])


def _rows(kept: Kept, steps: int, variances: Sequence[float]) -> Iterator[tuple[str, str, str]]:
    for variance in variances:
        off = divisor_off(kept.running, steps, variance, epsilon=kept.epsilon or 0.0, epsilon_place=kept.epsilon_place)
        yield f"{variance:g}", f"{variance_after(kept.running, steps, variance):.4g}", f"{off:.4g}"


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _steps(n: float) -> str:
    return f"{n:.0f} step{'' if n == 1 else 's'}"
