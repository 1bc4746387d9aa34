"""Small exact cases of any layer, drawn by hypothesis: every field of the spec among its own points and a few numbers more."""

from itertools import product

import numpy as np
from definitions import batch_norm, batch_renorm, group_norm, instance_norm, layer_norm
from hypothesis import reject
from hypothesis import strategies as st

from normspec.conformance.fuzzing.specs import exists, specs
from normspec.layers.fields import arrays_of

FIXED = {"statistics_dtype": "input", "output_dtype": "input", "state_dtype": "parameter", "variance": "two_pass"}
"""In exact scalars there are no dtypes, and no variance is more accurate than another."""

SIZES = (1, 2, 3, 4, 6)
SHAPES = [shape for rank in (2, 3, 4) for shape in product(SIZES, repeat=rank) if np.prod(shape) <= 24]
NUMBERS = st.integers(-32, 32).map(lambda k: k / 8)
SHARING = {
    "batch_norm": lambda spec, x: batch_norm.channels_of(spec, x).values(),
    "batch_renorm": lambda spec, x: batch_renorm.channels_of(spec, x).values(),
    "layer_norm": layer_norm.samples_of,
    "instance_norm": instance_norm.instances_of,
    "group_norm": group_norm.sharing,
}
"""Which indices share statistics, in layers that take a mask."""


@st.composite
def arrays(draw, shape):
    """Draw an array, now and then of few different numbers (so that a variance is 0), of zeros, or with a mean of a few deviations."""
    size = int(np.prod(shape))
    numbers = draw(st.sampled_from((NUMBERS, NUMBERS, NUMBERS, st.sampled_from((0.5, 0.0)), st.just(0.0), st.just(0.75))))
    offset = draw(st.sampled_from((0.0, 0.0, 4.0, -10.0)))
    return np.array(draw(st.lists(numbers, min_size=size, max_size=size))).reshape(shape) + offset


def records(record):
    """Give a strategy for specs, or for records within one."""
    return specs(record, fixed=tuple(FIXED.items()))


@st.composite
def values_of(draw, spec, shape):
    """Draw the parameters and the state that a layer starts from, and what it is given with x."""
    values = {}
    for name, slot in arrays_of(spec, shape).items():
        values[name] = np.asarray(draw(st.sampled_from((0, 1, 2, 7, 1000)))) if slot.role == "count" else draw(arrays(slot.shape))
        if name.endswith(("variance", "deviation")):
            values[name] = np.abs(values[name])
    return values


@st.composite
def masks(draw, spec, shape):
    """Draw a mask, true at two values of every statistic at least (or at its only one)."""
    size = int(np.prod(shape))
    mask = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size))).reshape(shape)
    for indices in SHARING[spec.layer](spec, dict.fromkeys(np.ndindex(shape))):
        for index in indices[:2]:
            mask[index] = True
    return mask


def modes_of(spec):
    """Give the modes that the clauses of a layer speak of: one that has no state observes nothing."""
    observes = "update" in spec.laws and getattr(spec, "observes", True)
    return ("train", "evaluate", "freeze", "observe") if observes else ("train", "evaluate", "freeze")


@st.composite
def cases(draw, record, *, masked=False, most=3, size=24):
    """Draw a spec, a shape, values to load, and steps: mode, x, the cotangent of y, and a mask or None."""
    spec = draw(records(record))
    found = [shape for shape in SHAPES if np.prod(shape) <= size and exists(spec, shape)]
    shape = draw(st.sampled_from(found)) if found else reject()
    modes = draw(st.lists(st.sampled_from(modes_of(spec)), min_size=1, max_size=most))
    steps = [(mode, draw(arrays(shape)), draw(arrays(shape)), draw(masks(spec, shape)) if masked else None) for mode in modes]
    return spec, shape, draw(values_of(spec, shape)), steps
