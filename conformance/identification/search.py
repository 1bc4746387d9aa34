"""The search: field by field, each with the looks in which it shows, until no change brings a point closer to what was shown."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from normspec.conformance.identification.closeness import away, fits, loss, misses
from normspec.conformance.identification.options import TOGETHER, changed, options, points, value_at
from normspec.conformance.identification.probes import paths
from normspec.conformance.identification.records import Look
from normspec.conformance.identification.solve import GROUPS, group_of, solved, written
from normspec.errors import NormspecError
from normspec.normal import normal

ROUNDS = 6
"""Times that every field is tried, at most."""
CLEARLY = 1e-6
"""By how much the logarithm of an error must be less to be an improvement."""
NUMBERS = tuple(path for group in GROUPS for path in group)
RESOLVED = {
    "epsilon_place": "epsilon",
    "style_correction": "style_epsilon",
    "running.start": "running.rate",
    "observed": "running.rate",
    "axes": "order",
    "channel_axes": "coefficient",
    "before": "coefficient",
    "after": "coefficient",
    "edges": "coefficient",
}
"""The number that is solved for again with each value of a field."""
WITHIN_BOUNDS = ("statistics_dtype", "variance", "output_dtype", "running.state_dtype", "rounding", "warm_up", "one_value", "at_zero")
"""Fields whose values differ in bounds, dtypes or refusals more than in numbers: they are decided within bounds."""
BESIDE = {"statistics_dtype": ("rounding",)}
"""The field of which a value may seem one of another's: a rounding before scale, statistics in 16 bits."""


def searched(looks: Sequence[Look], spec: Any, shape: tuple[int, ...]) -> Any:
    """Give the point nearest to what was shown, from this one."""
    own = [path for path in _inmost_first(spec) if path not in WITHIN_BOUNDS]
    anew = True
    for _ in range(ROUNDS):
        before = spec
        for path in own:
            spec = _tried(looks, spec, path, shape, anew=anew)
        if _same(spec, before, looks):
            break
        anew = False
    for group in (*GROUPS, *GROUPS):  # a number that is nearly right hides that another could be written more simply
        if group_of(spec, group[0]) == group:
            spec = written(telling(looks, *group), spec, group)
    for path in (*WITHIN_BOUNDS, *WITHIN_BOUNDS):
        if path in fields_of(spec):
            spec = narrowest(telling(looks, path), spec, path, shape)
    spec = spec if fits(looks, spec) else next(_within(looks, spec, shape), spec)
    return simplest(looks, spec, shape)


def _inmost_first(spec: Any) -> list[str]:
    """Give the paths of the fields, a record's own after those within it: what is never moved seems not to be there at another rate."""
    found = paths(spec)
    return sorted(found, key=lambda path: (found.index(path.partition(".")[0]), "." not in path))


def fields_of(spec: Any) -> tuple[str, ...]:
    """Give the paths of the fields that a spec has: those of a record only where it is there."""
    return tuple(path for path in paths(spec) if "." not in path or value_at(spec, path) is not None)


def simplest(looks: Sequence[Look], spec: Any, shape: tuple[int, ...]) -> Any:
    """Give the spec with the first value of every field that means the same in all looks."""
    for path in (path for path in fields_of(spec) if path not in NUMBERS):
        alike_ = (s for value in options(spec, path, shape) if (s := changed(spec, path, value)) is not None)
        spec = next((s for s in alike_ if s == spec or all(alike(s, spec, look) for look in looks)), spec)
    return spec


def _within(looks: Sequence[Look], spec: Any, shape: tuple[int, ...]) -> Iterator[Any]:
    """Give the points beside this one that are within bounds, where it is not: there, more is explained, though less of it at once."""
    for path in paths(spec):
        yield from (s for s in _candidates(spec, path, shape) if fits(looks, s))


def telling(looks: Sequence[Look], *of: str) -> list[Look]:
    """Give the looks in which one of these fields shows: all that are exact, where none is named for it."""
    found = [look for look in looks if look.tells & set(of)]
    return found or [look for look in looks if look.exact]


def _tried(looks: Sequence[Look], spec: Any, path: str, shape: tuple[int, ...], *, anew: bool) -> Any:
    """Give the spec with the best value of one field, and of those that show nothing alone."""
    if value_at(spec, path) is None and "." in path:
        return spec
    if path in NUMBERS:
        group = group_of(spec, path) or (path,)
        if path != group[0]:
            return spec
        own = telling(looks, *group)
        begun = [
            s for value in points(spec, path) if None in (value, value_at(spec, path)) and (s := changed(spec, path, value)) is not None
        ]
        here = [] if value_at(spec, path) is None else [spec]
        return _better(own, spec, [s if value_at(s, path) is None else solved(own, s, group, anew=anew) for s in (*here, *begun)])
    number = RESOLVED.get(path, "")
    group = group_of(spec, number)
    own = telling(looks, path)
    candidates = [s for s in _candidates(spec, path, shape) if s != spec]
    anew = anew and len(group) == 1
    return _better(own, spec, [solved(own, s, group, anew=anew) for s in candidates] if group else candidates)


def _candidates(spec: Any, path: str, shape: tuple[int, ...]) -> Iterator[Any]:
    if value_at(spec, path) is None and "." in path:
        return
    for other in (s for value in options(spec, path, shape) if (s := changed(spec, path, value)) is not None):
        yield other
        for name in TOGETHER.get(path, ()):
            if value_at(spec, name) is not None:
                pairs = (changed(other, name, value) for value in options(other, name, shape) if value != value_at(spec, name))
                yield from (s for s in pairs if s is not None)


def _better(looks: Sequence[Look], spec: Any, candidates: list[Any]) -> Any:
    losses = [loss(looks, s) for s in candidates]
    least = min(losses, default=0.0)
    return candidates[losses.index(least)] if losses and least < loss(looks, spec) - CLEARLY else spec


def narrowest(looks: Sequence[Look], spec: Any, path: str, shape: tuple[int, ...]) -> Any:
    """Give the spec with the first value of a field, its narrowest promise, that is within bounds, or else with the nearest.

    With each value are tried those of the field that shows where this one is right alone.
    """
    alone = [s for value in options(spec, path, shape) if (s := changed(spec, path, value)) is not None]
    both = [(s, other) for s in alone for other in BESIDE.get(path, ()) if value_at(s, other) is not None]
    pairs = (changed(s, other, value) for s, other in both for value in options(s, other, shape))
    return min([s for s in pairs if s is not None] or alone or [spec], key=lambda s: (misses(looks, s), max(away(looks, s), 1.0)))


def beside(looks: Sequence[Look], spec: Any, path: str, shape: tuple[int, ...]) -> Iterator[Any]:
    """Give the points that have another value of a field, alone or with what belongs to it, and are another layer in some look."""
    own = telling(looks, path)
    group = group_of(spec, RESOLVED.get(path, ""))
    partners = [name for name, of in TOGETHER.items() if path in of]
    alone = [s for value in options(spec, path, shape) if (s := changed(spec, path, value)) is not None]
    pairs = [s for name in (path, *partners) if value_at(spec, name) is not None for s in _candidates(spec, name, shape)]
    near = (s for s in pairs if loss(own, s) < loss(own, spec) / 2)  # of several fields at once, only what is hard to tell apart
    for other in dict.fromkeys((*alone, *near)):
        if value_at(other, path) == value_at(spec, path) or all(alike(spec, other, look) for look in looks):
            continue
        yield other
        if group and len(group) > 1:
            yield solved(own, other, group, anew=False)


def _same(spec: Any, other: Any, looks: Sequence[Look]) -> bool:
    return spec == other or all(alike(spec, other, look) for look in looks)


def alike(spec: Any, other: Any, look: Look) -> bool:
    """Tell whether two specs are one layer in the situation of a look."""
    situation = replace(look.case.situation, weight=None)
    try:
        return bool(normal(spec, situation) == normal(other, situation))
    except NormspecError:  # one of them is no layer there
        return False
