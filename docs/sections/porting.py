"""What the pages say of porting: layer by layer the call to write, the arrays, the arguments side by side, and what is lost."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from normspec import Unsupported, clauses, translate
from normspec.clauses import clause_id
from normspec.cli.translate import amount
from normspec.conformance.translations.effects import SIZES, labels, of_translation, state
from normspec.dialects import entries
from normspec.dialects.entry import Entry
from normspec.explanation.pages import PAGES
from normspec.explanation.positions import AS_GIVEN, Position, of_entries
from normspec.explanation.relation import shown
from normspec.layers import SPECS
from normspec.layers.axes import axes_fields
from normspec.translation.bare import placeholders
from normspec.translation.situated import usual_rank
from normspec.translation.translate import Translation
from sections.tables import escaped, table, title

PORTED = {"torch": "PyTorch", "keras": "Keras", "flax:nnx": "Flax", "onnx": "ONNX"}
"""The dialects between which there are checklists, and what people call them."""
FOR_GOOD = {"batch_renorm"}
"""Layers that have a page of their own beside the usual ones: a checklist is about what is asked for by default."""


def checklist(source: str, target: str) -> str:
    """Give the checklist of one dialect's layers in the words of another."""
    return "\n".join(_checklist(source, target)).rstrip()


def _checklist(source: str, target: str) -> Iterator[str]:
    lacking = []
    for layer in (layer for layer in SPECS if layer not in FOR_GOOD):
        entry = _usual(source, layer)
        if entry is None:
            continue
        try:
            t = translated(entry, target)
        except Unsupported:
            lacking.append(f"`{entry.native}`")
            continue
        yield from _layer(t)
    if lacking:
        yield f"## Without a counterpart\n\n{PORTED[target]} has nothing for {', '.join(lacking)}.\n"


@cache
def _usual(dialect: str, layer: str) -> Entry | None:
    """Give the entry of a layer that stands for a dialect: the first that takes an x of rank 4, and is a class where there is one."""
    name, _, variant = dialect.partition(":")
    own = [e for e in entries(name) if e.layer == layer and e.variant in ("", variant)]
    of_rank = [e for e in own if usual_rank((e,)) in e.ranks and 4 in e.ranks] or own  # noqa: PLR2004 - images, the usual case
    return of_rank[0] if of_rank else None


@cache
def translated(entry: Entry, target: str) -> Translation:
    """Give a layer by its defaults in the words of a dialect."""
    return translate(called(entry), to=target)


def called(entry: Entry) -> str:
    """Give the call of a layer with nothing but what it must be told."""
    told = placeholders(entry)
    alone = all(str(value) == name for name, value in told.items())  # variables of these very names stand for themselves
    return f"{entry.native}({', '.join(told if alone else (f'{name}={value!r}' for name, value in told.items()))})"


def _layer(t: Translation) -> Iterator[str]:
    layer = t.source.layer
    yield f"## {title(layer)}\n"
    yield f"`{called(t.source)}` is, on an x of rank {len(t.situation.shape)},\n\n```text\n{t.call}\n```\n"
    if t.axes is not None:
        yield f"with the axes of x in the order `{t.axes}`, as `numpy.transpose` takes it.\n"
    arrays = ", ".join(f"`{old}` is `{new}`" if new else f"`{old}` has no place" for old, new in t.renames().items())
    yield f"- Arrays: {arrays or 'none'}." + "".join(f" `{new}` stays as it is born." for new in t.born())
    yield from (f"- {line}: {what}." for line, what in _effects(t))
    yield from _lost(t)
    yield f"- Meaning: [{layer.replace('_', ' ')}](../spec/{layer}.md), and its [traps](../spec/{layer}.md#traps).\n"
    yield _side_by_side(t.source, t.target) + "\n"


def _effects(t: Translation) -> Iterator[tuple[str, str]]:
    """Give what becomes of evaluation, training and running statistics."""
    lines = {n: of_translation(t, n) for n in SIZES}
    kept = tuple({**state(t.spec, t.situation), **state(t.meant, t.there[1])})
    for line, label in labels(*kept).items():
        told = {n: amount(lines[n][line].off) if lines[n][line].status == "off" else "the same" for n in SIZES}
        few, many = (told[n] for n in SIZES)
        yield label.capitalize(), few if few == many else f"{few} with {SIZES[0]} values per statistic, {many} with {SIZES[1]}"


def lost(t: Translation) -> tuple[tuple[str, Any, Any], ...]:
    """Give path, asked and found of what is lost: not axes, where moving those of x meets them, nor what the target promises more of."""
    of = {clause.id: clause for clause in clauses(SPECS[t.source.layer])}
    met = axes_fields(t.spec) if t.axes is not None else ()
    more = {
        path for path, _, found in t.differences if of[clause_id(t.spec, path)].permits and found == of[clause_id(t.spec, path)].points[0]
    }
    return tuple(row for row in t.differences if row[0] not in {*met, *more})


def _lost(t: Translation) -> Iterator[str]:
    for path, asked, found in lost(t):
        clause = clause_id(t.spec, path)
        why = next((f" ([why](../{page.removeprefix('docs/')}))" for page, about, _ in PAGES if path in about), "")
        yield f"- Lost: [{clause}](../spec/{t.source.layer}.md#{clause}), asked {shown(asked)}, found {shown(found)}{why}."
    if not lost(t):
        yield "- Lost: nothing."


def _side_by_side(source: Entry, target: Entry) -> str:
    """Give the arguments of both, field by field; fields that neither decides and in which they agree are left out."""
    rows = []
    for clause in (clause for clause in clauses(SPECS[source.layer]) if clause.points):
        path = clause.id.partition(".")[2].replace("-", "_")
        ((here,), (there,)) = (tuple(of_entries([e], path)) for e in (source, target))
        if "." in path and None in (here.value, there.value):  # one of them keeps nothing
            continue
        if here.arguments or there.arguments or shown(here.value) != shown(there.value):
            alike = shown(here.value) == shown(there.value) or AS_GIVEN in (here.value, there.value)
            mark = "" if alike else "differs"
            rows.append((f"[{path}](../spec/{source.layer}.md#{clause.id})", *map(_says, (here, there)), mark))
    return table(("field", f"`{source.native}`", f"`{target.native}`", "by default"), escaped(rows))


def _says(p: Position) -> str:
    """Give the arguments that decide a field, each with how it does, where that is not as it stands."""
    how = (relation.partition(" = ")[2] for relation in p.relations)
    told = (f"`{a}`" + ("" if h == a.partition("=")[0] else f": {h}") for a, h in zip(p.arguments, how, strict=True))
    return "<br>".join(told) or f"always `{shown(p.value)}`"


def ways(layer: str) -> str:
    """Give the call for a layer in each dialect's words, from each other's, with its place in the checklist."""
    lines = [line for source in PORTED for target in PORTED if source != target for line in _way(source, target, layer)]
    return "\n".join(lines) or "There is nothing to port between these: at most one of PyTorch, Keras, Flax and ONNX has it."


def _way(source: str, target: str, layer: str) -> Iterator[str]:
    entry = _usual(source, layer)
    if entry is None:
        return
    try:
        t = translated(entry, target)
    except Unsupported:
        return
    page = f"../porting/{page_of(source)}-to-{page_of(target)}.md#{layer.replace('_', '-')}"
    without = ", ".join(f"[{path}](#{clause_id(t.spec, path)})" for path, _, _ in lost(t))
    moved = f" with the axes of x in the order `{t.axes}`" if t.axes is not None else ""
    to = f"[{PORTED[source]} to {PORTED[target]}]({page})"
    yield f"- {to}: `{called(entry)}` is `{t.call}`{moved}; " + (f"lost: {without}." if without else "nothing is lost.")


def page_of(dialect: str) -> str:
    """Give the name that a dialect has in the names of pages."""
    return dialect.partition(":")[0]
