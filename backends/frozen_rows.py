"""What the rows of frameworks have in common whose evaluation is differentiated with later statistics. Imports no framework."""

from dataclasses import replace

from normspec.records import Arrays, Case


def loaded_with_the_last_state(case: Case, seen: Arrays) -> Case:
    """Give the case with the running statistics, in their dtype, that its last step leaves."""
    last = len(case.steps) - 1
    state = {name: (seen[f"{last}.{name}"], case.values[name].dtype) for name in ("running_mean", "running_variance")}
    return replace(case, values={**case.values, **{name: a.astype("float64").astype(dtype) for name, (a, dtype) in state.items()}})
