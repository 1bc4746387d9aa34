"""Cases of instance normalization: for every clause, at the points of the space that frameworks occupy."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, HALF, MIXED, ONE, SEQUENCE, SINGLE, WITH_FREEZE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, masked, of
from normspec.conformance.cases.layouts import layouts, mixed_layouts
from normspec.conformance.cases.rare import exact, few_and_far, population, rare
from normspec.conformance.cases.running_statistics import running_statistics, with_running
from normspec.conformance.cases.traces import traces
from normspec.layers import InstanceNorm, Running

SAMPLE = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
FIRST = InstanceNorm(
    batch_axes=(0,),
    channel_axes=(1,),
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    running=None,
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="refuse",
)
KEPT = replace(FIRST, running=SAMPLE)
LAST = replace(FIRST, channel_axes=(-1,), one_value="shift")
FAST = replace(LAST, variance="one_pass", output_dtype="promoted")
"""PyTorch's two, channels last as Keras has them, and Flax' one pass."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(3, 5, 7), square=(5, 5, 5), few=(5, 7, 3), other=((3, 5, 6, 7), (1, 3, 7)), quick=ANY)
    last = Family(name="last", spec=LAST, shape=(3, 5, 6, 7), square=(5, 5, 5, 5), few=(5, 3, 1, 7), other=((3, 5, 7),), quick=ONE)
    kept = replace(first, name="kept", spec=KEPT, quick=ONE)
    yield from family(first)
    yield from family(kept)
    yield of(kept, "output", "rank-5-of-3", shapes=((3, 5, 6, 7, 9),), modes=SEQUENCE, dtypes=FLOAT32)
    yield from running_statistics(kept, (9, *kept.shape[1:]))
    yield from _one(kept)
    yield from family(last)
    yield from family(replace(last, name="fast", spec=FAST, other=()))
    yield of(first, "running", "none", modes=WITH_FREEZE)
    far = replace(first, name="far", spec=replace(FIRST, batch_axes=(0, 1), channel_axes=(2,)), shape=(3, 5, 6, 7), quick=())
    for about in ("batch_axes", "channel_axes"):
        yield of(far, about, "unequal", dtypes=SINGLE)
    yield from layouts("kept", KEPT, kept.shape)
    fast = replace(KEPT, running=replace(SAMPLE, rate=0.875))
    moves = (("fast", Noise(), HALF[1:]), ("fast-off-zero", Noise(offset=2.0), HALF[1:]), ("fast-spread", Noise(spread=5.0), HALF[:1]))
    for name, noise, dtypes in moves:
        yield of(kept, "update", name, spec=fast, shapes=((3, 67, 7),), modes=("train", "train"), dtypes=dtypes, noise=noise)
    yield of(kept, "shift", "without-scale", spec=replace(KEPT, scale=False), modes=("train", "evaluate"), dtypes=MIXED)
    yield from mixed_layouts("one", FIRST, (1, 3, 7))
    yield of(
        kept,
        "gradient.x",
        "one-dy-permuted",
        shapes=((1, 3, 6, 7),),
        modes=("train", "evaluate"),
        dtypes=SINGLE,
        layout=(("dy", "permuted"),),
    )
    yield from traces("kept", KEPT, kept.shape)
    yield from rare("first", FIRST, first.shape, empty=(0, 5, 7), sizes=((3, 5, 1025), (9, 7, 31), (65537, 1, 3)), flat=1)
    plain, off_zero = replace(KEPT, scale=False, shift=False), Noise(offset=2.0, spread=2.0**-6)
    for about, noise in (("output", off_zero), ("update", Noise())):
        yield of(kept, about, "plain-narrow", spec=plain, modes=("train", "freeze", "train"), dtypes=MIXED, noise=noise)
    yield of(kept, "keep", "empty", shapes=((0, 5, 7),), modes=("evaluate", "freeze"), dtypes=FLOAT32)
    yield from few_and_far("kept", KEPT, (7, 5, 3))
    yield from corners("first", FIRST, first.shape)
    yield from masked(replace(last, name="fast", spec=FAST))
    yield from exact("kept", KEPT, "update", (4, 3, 2), modes=SEQUENCE)
    yield from exact("population", population(KEPT), "update", (4, 3, 8), modes=SEQUENCE)


def _one(f: Family) -> Iterator[Difficulty]:
    """Give what running statistics over one value must show."""
    shifted, single = replace(f.spec, one_value="shift"), (*f.few[:2], 1)
    yield of(f, "running.correction", "one", spec=shifted, shapes=(single, f.few), modes=("train", "train"), dtypes=FLOAT32)
    one = tuple(n if a in (0, 1) else 1 for a, n in enumerate(f.shape))
    counted = with_running(f.spec, start="debiased", rate=0.0)
    yield of(f, "one_value", "counted", spec=counted, shapes=(one, one, f.shape), modes=WITH_FREEZE)
