"""From which state each step of a script starts: that of the step before, or, where it resumes, that of an earlier one."""

from normspec.records import Case

LOADED = -1
"""The state that the case's values are, before any step."""


def before(case: Case, k: int) -> int:
    """Give the step after which the state was that from which step k starts, or `LOADED`."""
    resumes = case.steps[k].resumes
    return k - 1 if resumes is None else resumes


def lineage(case: Case, k: int) -> tuple[int, ...]:
    """Give the steps that led to the state from which step k starts, and k itself, in their order."""
    found = [k]
    while (earlier := before(case, found[-1])) != LOADED:
        found.append(earlier)
    return tuple(reversed(found))
