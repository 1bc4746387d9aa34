"""Cases of an x that is cut into shards along its first axis: equal ones, unequal ones, and one without values."""

from collections.abc import Iterator
from typing import Any

from normspec.conformance.cases.draw import EVERY, SEQUENCE, SINGLE, Difficulty, Noise

CUTS = (("equal", (1, 1, 1, 1, 1)), ("unequal", (3, 2)), ("one-idle", (4, 0, 1)))
"""Names, and lengths of the shards of five samples."""


def shards(name: str, spec: Any, shape: tuple[int, ...]) -> Iterator[Difficulty]:
    """Give a layer's cases of shards, whose means lie far apart."""
    for label, lengths in CUTS:
        own = f"{name}-{label}"
        dtypes = EVERY if label == "equal" else SINGLE
        told: dict[str, Any] = {"spec": spec, "shapes": (shape,), "modes": SEQUENCE, "dtypes": dtypes, "noise": Noise(drift=2.0)}
        yield Difficulty(about="shards", name=own, shards=lengths, **told)
