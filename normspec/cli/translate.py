"""`normspec translate`: the nearest call, the names of the arrays, what is lost, and what that does to numbers."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import rich_click as click

from normspec.clauses import clause_id
from normspec.cli.text import columns, paragraph
from normspec.conformance.translations.effects import LINES, MOVED, SIZES, Line, Off, labels, of_one_value, of_translation, state
from normspec.conformance.translations.stated import CHANNELS, has_sizes
from normspec.errors import NormspecError, Unsupported
from normspec.explanation.relation import shown
from normspec.layers import all_clauses, to_plain
from normspec.layers.axes import axes_fields
from normspec.translation.convert import added
from normspec.translation.reading import reading
from normspec.translation.translate import Translation, translate, wraps

Lines = dict[int, dict[str, Line]]
"""What becomes of each line, by the number of values per statistic."""

ASKED = {"evaluation": ("evaluation",), "training": LINES}
"""The lines that must not be off for each purpose."""

STATUS = "same: by the target's defaults. bridged: by the call above. off by: the largest difference, as a share of the largest value"
NOISE = "normal noise of standard deviations 1, 0.1 and 0.01"
OF_SIZES = f"n is the number of values per statistic, x {NOISE}"
OF_CHANNELS = f"x is {NOISE}, of {CHANNELS} channels"
WEIGHT = (
    "x is the weight, with its axes in the order of the source. Where the target's layer has them in another, the axis to name is another: "
    "in torch.nn.Linear outputs are first, in flax.linen.Dense and keras.layers.Dense last."
)


def translate_call(call: str, to: str, rank: int | None, purpose: str, *, as_json: bool) -> int:
    """Print the translation and give the exit code: 1 where what it is for is not met."""
    reading(call, rank=rank)  # what cannot be read at all is another matter than what cannot be said there
    try:
        t = translate(call, to=to, rank=rank)
    except Unsupported as reason:
        click.echo(f"normspec: {reason}", err=True)
        return 1
    lines = {n: of_translation(t, n) for n in SIZES}
    elsewhere = tuple(_elsewhere(call, to, t, rank))
    click.echo(json.dumps(_plain(t, lines), indent=2) if as_json else "\n".join(_told(t, lines, _of_rank(t, rank), elsewhere)))
    return 1 if any(found[line].status == "off" for found in lines.values() for line in ASKED[purpose]) else 0


def _of_rank(t: Translation, rank: int | None) -> str:
    """Say of which rank x is, and whether that is a guess."""
    assumed = " (assumed; --rank says otherwise)" if rank is None and len(t.source.ranks) > 1 else ""
    return f"for {'a weight ' if wraps(t.target) else ''}x of rank {len(t.situation.shape)}{assumed}"


def _elsewhere(call: str, to: str, t: Translation, rank: int | None) -> Iterator[str]:
    """Say in which other dtype, and at which other ranks that both take where none is asked for, the call is another, or what is lost."""
    own = len(t.situation.shape)
    ranks = sorted({2, 3, 4, 5} - {own}) if rank is None else []
    situations: list[tuple[str, int, str]] = [("in float64", own, "float64"), *((f"at rank {n}", n, "float32") for n in ranks)]
    lost = _unmet(t)
    for where, n, dtype in situations:
        try:
            there = translate(call, to=to, rank=n, dtype=dtype)
        except NormspecError:  # one of them takes no such x
            continue
        at = _unmet(there)
        parts = [
            there.call if there.call != t.call else "",
            f"lost {_clauses(t, at - lost)} as well" if at - lost else "",
            f"{_clauses(t, lost - at)} not lost" if lost - at else "",
        ]
        if any(parts):
            yield f"{where}: {'; '.join(part for part in parts if part)}"


def _unmet(t: Translation) -> set[str]:
    """Give what is lost, axes that are met by moving x left out."""
    return {path for path, _, _ in t.differences if t.axes is None or path not in axes_fields(t.spec)}


def _clauses(t: Translation, paths: set[str]) -> str:
    return ", ".join(clause_id(t.spec, path).partition(".")[2] for path in sorted(paths))


def _told(t: Translation, lines: Lines, of_rank: str, elsewhere: Iterable[str]) -> Iterator[str]:
    yield t.call
    yield of_rank
    yield from (paragraph(line, 2, 2) for line in elsewhere)
    yield from (paragraph(_not_carried(name, value), 0, 2) for name, value in t.left().items())
    yield ""
    if t.axes is not None:
        yield paragraph(f"x with its axes in the order {t.axes}, as numpy.transpose takes it", 0, 2)
        yield "(y comes back in that order, too)\n"
    elif wraps(t.target) and len(t.situation.shape) > 1:
        yield paragraph(WEIGHT) + "\n"
    if t.renames() or t.born():
        yield "arrays"
        yield from _arrays(t)
        yield ""
    yield "lost" + ("" if t.differences else ": nothing")
    for path, asked, found in t.differences:
        yield from _loss(t, path, asked, found)
    if _stands_still(*(getattr(spec, "running", None) for spec in (t.spec, t.meant))):
        yield paragraph("The rate in the call must be chosen: with 0 the running statistics stay as they are born.", 2)
    rows = list(_rows(t, lines))
    if any(path == "one_value" for path, _, _ in t.differences):
        rows.append(("n = 1, in training", f"asked: {of_one_value(t.spec, t.situation)}; found: {of_one_value(t.meant, t.situation)}"))
    yield "\n" + columns(rows, 0)
    yield "\n" + paragraph(_legend(t))


def _arrays(t: Translation) -> Iterator[str]:
    if t.renames():
        more = added(t.source, t.target)
        yield columns(
            (_sum(old, more.get(new or "", 0.0)), f"-> {new}" if new else "has no place there") for old, new in t.renames().items()
        )
    yield from (f"  {new} stays as it is born" for new in t.born())


def _sum(name: str, more: float) -> str:
    return f"{name} {'+' if more > 0 else '-'} {abs(more):g}" if more else name


def _stands_still(asked: Any, found: Any) -> bool:
    """Tell whether an average of all observations alike was said as one with a rate of 0."""
    return asked is not None and found is not None and asked.counts and not found.counts and not found.rate


def _not_carried(name: str, value: Any) -> str:
    return f"not carried: {name}={value!r}" + (" (told for float32)" if "dtype" in name or name == "autocast" else "")


def _loss(t: Translation, path: str, asked: Any, found: Any) -> Iterator[str]:
    clause = all_clauses()[clause_id(t.spec, path)]
    yield f"  {clause.id}: asked {shown(asked)}, found {shown(found)}"
    yield paragraph(clause.sentence, 6)
    if clause.permits:
        more = found == clause.points[0]
        said = "Nothing is lost: the target promises more." if more else "No other truth: only how far a result may be from it."
        yield paragraph(f"({said})", 6)
    if t.axes is not None and path in axes_fields(t.spec):
        yield paragraph("(Met by moving the axes of x.)", 6)


def _rows(t: Translation, lines: Lines) -> Iterator[tuple[str, str]]:
    """Give a row for each line, or one for each n where they differ."""
    for line, label in labels(*_kept(t)).items():
        told = {n: amount(lines[n][line].off) if lines[n][line].status == "off" else lines[n][line].status for n in SIZES}
        yield from by_size(label, told)


def _kept(t: Translation) -> tuple[str, ...]:
    """Give what either layer keeps from step to step."""
    return tuple({**state(t.spec, t.situation), **state(t.meant, t.there[1])})


def _legend(t: Translation) -> str:
    """Say what the words of the rows mean, and on which x they were found."""
    kept = _kept(t)
    moved = f"; of {labels(*kept)[LINES[-1]]}, of how far they move in three steps" if set(MOVED) & set(kept) else ""
    sizes = f"{OF_SIZES}; without n, it is so for {' and for '.join(map(str, SIZES))}"
    return f"{STATUS}{moved}. {sizes if has_sizes(t.spec, len(t.situation.shape)) else OF_CHANNELS}."


def by_size(line: str, told: dict[int, str]) -> Iterator[tuple[str, str]]:
    """Give a row where all sizes have the same to tell, else one for each."""
    if len(set(told.values())) == 1:
        yield line, told[SIZES[0]]
        return
    for k, (n, what) in enumerate(told.items()):
        yield "" if k else line, f"{what}, n = {n}"


def amount(off: Off) -> str:
    """Give a difference in words."""
    if off.none:
        return "same"
    if off.error == float("inf"):
        return f"off: {off.quantity}"
    return f"off by {float(f'{100 * off.error:.2g}'):g} % ({off.quantity})"


def _plain(t: Translation, lines: Lines) -> dict[str, Any]:
    """Give all of it as plain data; errors that are infinite are null."""
    return {
        "source": t.source.native,
        "target": t.target.native,
        "call": t.call,
        "rank": len(t.situation.shape),
        "not_carried": {name: repr(value) for name, value in t.left().items()},
        "axes": t.axes,
        "arrays": t.renames(),
        "added": added(t.source, t.target),
        "born": t.born(),
        "asked": to_plain(t.spec),
        "meant": to_plain(t.meant),
        "lost": [{"clause": clause_id(t.spec, path), "asked": shown(asked), "found": shown(found)} for path, asked, found in t.differences],
        "effects": {str(n): {line: _of(found) for line, found in of.items()} for n, of in lines.items()},
    }


def _of(line: Line) -> dict[str, Any]:
    finite = line.off.error != float("inf")
    return {"status": line.status, "error": line.off.error if finite else None, "quantity": line.off.quantity}
