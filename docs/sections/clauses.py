"""What the pages say of clauses: each with its level, its edition and its evidence; and the way from a clause to its verdicts."""

from collections import Counter
from collections.abc import Iterator

from verdicts import kept

from normspec import Clause, clauses
from normspec.clauses import clause_id
from normspec.conformance.cases import cases
from normspec.conformance.mutants.table import kept as outcomes
from normspec.conformance.mutants.table import mutants_of
from normspec.layers import SPECS
from sections.layers import counts
from sections.published import level, published
from sections.tables import table, title


def listed(layer: str) -> str:
    """Give the list of a layer's clauses, each with its anchor: those of the fields, in order, then the laws, then the superseded ones."""
    own = clauses(SPECS[layer])
    gone = [p for p in published().values() if p.superseded_by and p.clause.startswith(own[0].id.partition(".")[0] + ".")]
    return "\n".join((*map(_clause, own), *(_superseded(p.clause, p.sentence, p.superseded_by) for p in gone)))


def _clause(c: Clause) -> str:
    told = f"{level(c.sentence)}, {kind(c)}, since {published()[c.id].since}"
    positions = ", [positions](#positions)" if c.points else ""
    return f'- <a id="{c.id}"></a> **{c.id}** {c.sentence}<br>*{told}{positions}, [evidence](../traceability.md#of-{c.id})*'


def _superseded(clause: str, sentence: str, by: str) -> str:
    page = by.partition(".")[0].replace("-", "_")
    return f'- <a id="{clause}"></a> **{clause}** ~~{sentence}~~<br>*superseded by [{by}]({page}.md#{by})*'


def kind(c: Clause) -> str:
    """Say whether a clause is a field's, which has points, or a law."""
    return "field" if c.points else "law"


def traceability() -> str:
    """Give for every layer the way from each clause to its cases, mutants and verdicts."""
    of_cases = Counter(case.clause for case in cases())
    of_mutants, killed, judged = Counter[str](), Counter[str](), Counter[tuple[str, int]]()
    for layer, found in outcomes().items():
        for name, outcome in found.items():
            clause = clause_id(SPECS[layer], mutants_of(layer)[name].law)
            of_mutants[clause] += 1
            killed[clause] += "/" in outcome
    for line in kept():
        for path, numbers in line["clauses"].items():
            judged.update({(f"{line['layer'].replace('_', '-')}.{path}", k): n for k, n in enumerate(numbers)})
    return "\n".join(_of_layer(layer, of_cases, of_mutants, killed, judged) for layer in SPECS)


def _of_layer(layer: str, of_cases: Counter[str], of_mutants: Counter[str], killed: Counter[str], judged: Counter[tuple[str, int]]) -> str:
    def row(c: Clause) -> tuple[str, ...]:
        links = f'<a id="of-{c.id}"></a>[{c.id}](spec/{layer}.md#{c.id})'
        mutants = "those of accuracy" if c.permits else f"{killed[c.id]} of {of_mutants[c.id]} killed"
        return links, kind(c), str(of_cases[c.id]), mutants, counts([judged[c.id, k] for k in range(3)])

    head = ("clause", "is a", "cases about it", "mutants that break it", "checks of frameworks that cite it")
    return f"## {title(layer)}\n\n{table(head, map(row, clauses(SPECS[layer])))}\n"


def editions() -> str:
    """Give how many layers and clauses each edition brought."""
    by = Counter(p.since for p in published().values())
    layers = {since: {c.partition(".")[0] for c, p in published().items() if p.since == since} for since in by}
    return table(("edition", "new clauses", "of layers"), _rows(by, layers))


def _rows(by: Counter[str], layers: dict[str, set[str]]) -> Iterator[tuple[str, str, str]]:
    for since in sorted(by, reverse=True):
        yield since, str(by[since]), ", ".join(sorted(layer.replace("-", " ") for layer in layers[since]))
