"""A case that is in no profile, and what one of its alternatives shows."""

import numpy as np

from normspec.conformance.cases import draw
from normspec.conformance.neighbours.alternatives import alternatives


def drawn(spec, *shapes, **rest):
    """Draw a case that is in no profile."""
    return next(draw.cases(draw.Difficulty(about="output", name="mine", spec=spec, shapes=shapes, **rest)))


def shown(case, label):
    """Give what the alternative of this label shows in a case."""
    (found,) = (a for a in alternatives(case) if a.label == label)
    return found.shown()


def wide(array):
    """Give an array in float64."""
    return np.asarray(array).astype(np.float64)
