"""Identification: probes are played, the nearest point is searched for, and every field is held against its other values."""

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np

from normspec.conformance.identification.closeness import as_born, born_right, fits, loss, worst
from normspec.conformance.identification.options import changed, options, placed, start, turned, value_at
from normspec.conformance.identification.probes import looks as looked
from normspec.conformance.identification.probes import of_one_value
from normspec.conformance.identification.records import Ask, Evidence, Identified, Look
from normspec.conformance.identification.search import NUMBERS, WITHIN_BOUNDS, beside, fields_of, narrowest, searched, telling
from normspec.conformance.identification.solve import interval

WIDE = 2.0
"""From how many times the least on the largest value that the numbers allow says nothing."""
FAR = 1e3
"""Bounds beyond which nothing more needs to be known of a rival."""
ORDERED = ("variance", "statistics_dtype")
"""Fields whose values allow more and more: the narrowest that is kept is the measured one."""


@np.errstate(all="ignore")  # what is far from what was shown may be beyond all numbers
def identify(asked: Any, shape: tuple[int, ...], ask: Ask, dtype: str = "float64") -> Identified:
    """Give the point that an implementation occupies, its numbers solved for in a dtype.

    `asked` is the spec that it is told to build, on an x of this shape, and nothing else is taken from it but which layer it is and,
    where the caller owns the arrays, which these are.
    """
    played = list(looked(asked, shape, dtype, ask))
    looks = [look for look in played if look.exact or not _raised(look)]  # a dtype that it cannot compute in says nothing of fields
    arrays = {name: np.shape(a) for look in looks for name, a in look.case.values.items()}
    begun = start(asked.layer, shape, arrays)
    found = searched(looks, begun, shape)
    for other in (turned, lambda spec: _nearest(looks, spec, shape)):  # other places from which to start
        if not fits(looks, found):
            tried = searched(looks, other(begun), shape)
            found = min(found, tried, key=lambda spec: (sum(worst(look, spec)[0] > 1 for look in looks), loss(looks, spec)))
    if hasattr(found, "one_value"):
        alone = of_one_value(found, asked, shape, dtype, ask)
        looks += [] if alone is None else [alone]
        found = narrowest(looks[-1:], found, "one_value", shape) if alone is not None else found
    looks, found, dtypes = _born_right(looks, found, shape)
    where = {f"{look.name}: {quantity}": off for look in looks for off, quantity in (worst(look, found),) if off > 1}
    evidence, undecided = [], {}
    for path in fields_of(found):
        rows = list(_rivals(looks, found, path, shape))
        alike_ = tuple(dict.fromkeys(row.beside for row in rows if row.away <= 1))
        open_ = [
            row for row in rows if row.least is not None and row.most is not None and row.most > WIDE * row.least and path != "fraction"
        ]
        if open_ and not where and value_at(found, path):
            undecided[path] = tuple(s for v in (open_[0].least, open_[0].most) if (s := changed(found, path, v)) is not None)
        elif alike_ and not where:
            undecided[path] = alike_
        elif rows:
            evidence.append(min(rows, key=lambda row: row.away))
    return Identified(
        spec=None if where else found,
        nearest=found,
        away=max(where.values(), default=max(worst(look, found)[0] for look in looks)),
        where=where,
        undecided=undecided,
        evidence=tuple(evidence),
        probes=len(looks),
        dtypes=dtypes,
        lacking={look.name: why for look in (*looks, *played) for why in (_lacking(look),) if why},
    )


def _nearest(looks: list[Look], spec: Any, shape: tuple[int, ...]) -> Any:
    """Give the spec that is nearest to the first look, of all places where statistics and parameters may lie."""
    return min(placed(spec, shape), key=lambda s: loss(looks[:1], s))


def _born_right(looks: list[Look], found: Any, shape: tuple[int, ...]) -> tuple[list[Look], Any, dict[str, str]]:
    """Give looks and point as they are but for the dtypes of what is born, where these are all that is wrong; and those dtypes."""
    pairs = [born_right(look, found) for look in looks]
    told = {name: what for _, other in pairs for name, what in other.items()}
    if not told:
        return looks, found, {}
    right = [look for look, _ in pairs]
    found_there = searched(right, found, shape)
    return (right, found_there, told) if fits(right, found_there) else (looks, found, {})


def _rivals(looks: Sequence[Look], spec: Any, path: str, shape: tuple[int, ...]) -> Iterator[Evidence]:
    """Give for each other value of a field in which probe and quantity it is farthest from what was shown."""
    own, value = telling(looks, path), value_at(spec, path)
    if path in NUMBERS and value is not None:
        least, most = interval(own, spec, path)
        yield Evidence(path=path, value=value, least=least, most=most, away=np.inf)
        return
    if path == "fraction":
        n = prod(shape[a] for a in spec.at_rank(len(shape)).axes)
        k = max(int(value * n), 1)
        yield Evidence(path=path, value=value, least=k / n if k > 1 else 0.0, most=(k + 1) / n if k < n else 1.0, away=np.inf)
        return
    for rival in beside(looks, spec, path, shape):
        other = value_at(rival, path)
        if path in ORDERED and _is_wider(spec, path, value, other, shape):
            continue
        off, quantity, probe = _apart(_where(own, looks, path), rival)
        yield Evidence(path=path, value=value, rival=other, beside=rival, probe=probe, quantity=quantity, away=off)


def _apart(looks: Sequence[Look], rival: Any) -> tuple[float, str, str]:
    """Give by how many bounds a rival is away, in which quantity and probe: of the first where it is far, or else where it is farthest."""
    found = (0.0, "", "")
    for look in looks:
        found = max(found, (*as_born(look, rival), look.name))
        if found[0] > FAR:
            break
    return found


def _is_wider(spec: Any, path: str, value: Any, other: Any, shape: tuple[int, ...]) -> bool:
    order = options(spec, path, shape)
    return order.index(other) > order.index(value)


def _where(own: Sequence[Look], looks: Sequence[Look], path: str) -> Sequence[Look]:
    """Give the looks in which the rivals of a field are tried: its own, and all where those cannot tell."""
    return looks if path in WITHIN_BOUNDS else own


def _lacking(look: Look) -> str:
    texts = look.answer.texts
    if "seen" in texts:
        return "" if look.exact else _raised(look)
    return "; ".join(f"{how}: {why}" for how, why in texts.items())


def _raised(look: Look) -> str:
    texts = look.answer.texts.get("seen", {})
    return f"raised: {texts['0.raised']}" if "0.raised" in texts else ""
