"""What a layer's page says of frameworks: where each stands on every field, what was judged, and where promises are not kept."""

from collections.abc import Sequence

from verdicts import kept

from normspec import clauses
from normspec.cli.text import layers
from normspec.dialects import DIALECTS, all_entries, entries
from normspec.dtypes import FLOATS
from normspec.explanation.positions import Position, of_entries
from normspec.explanation.relation import shown
from normspec.layers import SPECS
from normspec.load import BACKENDS, findings
from sections.findings import HEAD, summaries
from sections.tables import escaped, table, title

NONE = "No framework that is driven here has this layer."


def positions(layer: str) -> str:
    """Give where every native layer stands on every field."""
    own = [entry for entry in all_entries() if entry.layer == layer]
    if not own:
        return NONE
    rows = [(clause, p) for clause in clauses(SPECS[layer]) if clause.points for p in of_entries(own, _path(clause.id))]
    head = ("field", "by default", "decided by", "where")
    cells = ((f"[{_path(c.id)}](#{c.id})", f"`{shown(p.value)}`", _decided(p), layers(dict.fromkeys(p.layers))) for c, p in rows)
    sources = {entry.native: entry.source for entry in own}
    documented = ", ".join(f"[{native}]({source})" for native, source in sources.items())
    return f"{table(head, escaped(cells))}\n\nDocumented: {documented}."


def _path(clause: str) -> str:
    return clause.partition(".")[2].replace("-", "_")


def _decided(p: Position) -> str:
    return "<br>".join(f"`{argument}`: {how}" for argument, how in zip(p.arguments, p.relations, strict=True)) or "-"


def verdicts(layer: str) -> str:
    """Give what was judged of every implementation, dtype by dtype."""
    own = [line for line in kept() if line["layer"] == layer]
    rows = ((f"{at['implementation']} {at['version']}", at["date"], *(counts(at["dtypes"].get(dtype)) for dtype in FLOATS)) for at in own)
    judged = {at["implementation"].partition(":")[0] for at in kept()}
    absent = [name for name in BACKENDS if name not in judged and any(e.layer == layer for e in entries(name))]
    without = f"\n\nNot in this table, for their packages do not install beside the others: {', '.join(absent)}." if absent else ""
    return table(("implementation", "judged", *FLOATS), rows) + without


def counts(found: Sequence[int] | None) -> str:
    """Give how many checks conform, deviate and fail, in words; those that are none are left out."""
    return ", ".join(f"{n} {word}" for n, word in zip(found or (), ("conform", "deviate", "fail"), strict=False) if n) or "-"


def traps(layer: str) -> str:
    """Give every declared deviation from this layer's clauses, the gravest first."""
    own = [row for name in BACKENDS for row in findings(name) if row.clause.startswith(f"{layer.replace('_', '-')}.")]
    return table(HEAD, summaries(own, up="../")) if own else "No framework is known to break its promise in this layer."


def table_of_layers() -> str:
    """Give every layer with its formula, how many clauses it has, and which frameworks have it."""
    return table(("layer", "is", "clauses", "frameworks that have it"), escaped(_row(layer) for layer in SPECS))


def _row(layer: str) -> tuple[str, ...]:
    formula = (SPECS[layer].__doc__ or "").partition("\n")[0]
    having = ", ".join(f"[{name}](../frameworks/{name}.md)" for name in DIALECTS if any(e.layer == layer for e in entries(name)))
    return f"[{title(layer)}]({layer}.md)", formula, str(len(clauses(SPECS[layer]))), having or "-"
