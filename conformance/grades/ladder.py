"""The ladder: the same step with a mean of x that is 1, 4, 16 ... times its deviation, as far as the dtype carries it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from normspec.conformance.cases import cases
from normspec.conformance.cases.code import name_of
from normspec.conformance.cases.draw import Difficulty, Noise
from normspec.conformance.cases.draw import cases as drawn
from normspec.conformance.fuzzing.draws import Projection
from normspec.conformance.grades.levels import allowed, is_judged
from normspec.dtypes import FLOATS
from normspec.errors import NormspecError
from normspec.layers.geometry import per_statistic
from normspec.normal import normal
from normspec.records import Case, Situation

SHAPES = {
    "batch_norm": ((37, 3, 5), (37, 5, 3)),
    "layer_norm": ((3, 131),),
    "instance_norm": ((3, 5, 131), (3, 131, 5)),
    "group_norm": ((3, 6, 67), (3, 67, 6)),
    "mean_variance_norm": ((3, 5, 131),),
    "weight_standardization": ((5, 131), (131, 5)),
}
"""Shapes of x for each layer that takes the mean away: statistics are over more than a hundred values, wherever the channels are."""
MANY = 100
STEP = 2
"""Powers of two from rung to rung."""
DIGITS = 3
"""Binary digits that x has left beside its mean on the last rung."""


class Rung(NamedTuple):
    """A case of the ladder, and log2 of mean / deviation there."""

    power: int
    case: Case


def points(layer: str, dtype: str, project: Projection | None) -> dict[str, tuple[Any, tuple[int, ...]]]:
    """Give a spec and a shape of x for each point of `variance` that a subject can say, of those about whose accuracy there are cases."""
    specs = dict.fromkeys(case.spec for case in cases(layer=layer) if case.clause.endswith((".accuracy", ".variance")))
    found: dict[str, tuple[Any, tuple[int, ...]]] = {}
    for spec in specs:
        for shape in SHAPES[layer]:
            at = Situation(shape=shape, dtype=dtype, parameter_dtype=dtype)
            if spec.variance not in found and _sayable(spec, at, project):
                found[spec.variance] = spec, shape
    return found


def _sayable(spec: Any, at: Situation, project: Projection | None) -> bool:
    """Tell whether a subject can say a spec in a situation, whose statistics are over many values there."""
    try:
        if per_statistic(spec, at.shape) < MANY:
            return False
        said = spec if project is None else project(spec, at)
        return said is not None and bool(normal(said, at) == normal(spec, at))
    except NormspecError:
        return False


def rungs(spec: Any, shape: tuple[int, ...], dtype: str) -> Iterator[Rung]:
    """Give the ladder of a spec in a dtype, to where errors are no longer to be judged."""
    for power in range(0, FLOATS[dtype].bits - DIGITS, STEP):
        noise = Noise(offset=2.0**power)
        d = Difficulty(about="accuracy", name="", spec=spec, shapes=(shape,), modes=("train",), dtypes=((dtype, dtype),), noise=noise)
        (case,) = drawn(Difficulty(**{**vars(d), "name": name_of(d)}))
        if not is_judged(allowed(case)["standard"]):
            return
        yield Rung(power, case)
