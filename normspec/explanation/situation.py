"""What the situation decides: fields that a layer by its defaults has otherwise for an x of another shape, rank or dtype."""

from collections.abc import Iterator
from functools import cache

from normspec.clauses import differences
from normspec.dialects.entry import Entry
from normspec.explanation.relation import in_cases
from normspec.explanation.tried import Influence, field_at, tried
from normspec.normal import normal
from normspec.translation.bare import bare

RANKS = (2, 3, 4, 5)


@cache
def of_situation(entry: Entry) -> tuple[Influence, ...]:
    """Give the fields that the shape, the rank or the dtype of x decides, where a layer takes another way at some."""
    of_shape = list(_of_shape(entry))
    paths = [found.path for found in of_shape]
    return (*of_shape, *(found for found in (*_of_rank(entry), *_of_dtype(entry)) if found.path not in paths))


def _of_shape(entry: Entry) -> Iterator[Influence]:
    base = bare(entry)
    for of in tried(entry, {}, shape=tuple(2 * n for n in base.situation.shape)):
        for path, _, found in differences(base.spec, of.spec):
            yield Influence(arguments=(), shown="shape of x", path=path, value=found, relation=f"{path}: as the shape of x says")


def _of_rank(entry: Entry) -> Iterator[Influence]:
    base = bare(entry).spec
    seen = {n: of.spec for n in RANKS if n in entry.ranks for of in tried(entry, {}, rank=n)}
    paths = {path: None for spec in seen.values() for path, _, _ in differences(base, spec) if not path.endswith("axes")}
    for path in paths:
        cases = in_cases("at rank", [(str(n), field_at(spec, path)) for n, spec in seen.items()])
        yield Influence(arguments=(), shown="rank of x", path=path, value=field_at(base, path), relation=f"{path} = {cases}")


def _of_dtype(entry: Entry) -> Iterator[Influence]:
    base = bare(entry)
    for of in tried(entry, {}, rank=len(base.situation.shape), dtype="float64"):
        if of.spec == base.spec:
            return
        for path, narrow, wide in differences(normal(base.spec, of.situation), normal(of.spec, of.situation)):
            cases = in_cases("in", [(base.situation.dtype, narrow), (of.situation.dtype, wide)])
            yield Influence(arguments=(), shown="dtype of x", path=path, value=narrow, relation=f"{path} = {cases}")
