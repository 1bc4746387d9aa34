"""Cases of ghost batch normalization: for every clause, at the points of its paper's code and of Keras 2."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, HALF, MIXED, ONE, SINGLE, WITH_FREEZE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import exact, few_and_far, rare
from normspec.conformance.cases.running_statistics import running_statistics, with_running
from normspec.conformance.cases.traces import traces
from normspec.layers import GhostBatchNorm, Running

SAMPLE = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
EACH = GhostBatchNorm(
    channel_axes=(1,),
    ghost_size=2,
    grouping="contiguous",
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    running=SAMPLE,
    observed="each",
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="refuse",
)
VIRTUAL = replace(
    EACH, channel_axes=(-1,), grouping="interleaved", observed="mean", running=replace(SAMPLE, correction=0), one_value="shift"
)
WHOLE = replace(EACH, observed="whole", running=replace(SAMPLE, start="first"))
"""Ghosts one after the other, as the batch's parts are taken; Keras 2's; and with the whole batch observed."""


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    each = Family(name="each", spec=EACH, shape=(6, 3, 7), square=(6, 6, 6), few=(6, 5, 1), other=((6, 3, 5, 7), (10, 5)), quick=ANY)
    virtual = Family(
        name="virtual", spec=VIRTUAL, shape=(6, 7, 3), square=(6, 6, 6), few=(6, 1, 5), other=((6, 5, 7, 3), (10, 5)), quick=ONE
    )
    for f in (each, virtual):
        yield from family(f)
        yield from _ghosts(f)
    fast = replace(VIRTUAL, variance="one_pass")
    yield from family(replace(virtual, name="fast", spec=fast, other=(), quick=()))
    yield from running_statistics(each, (12, *each.shape[1:]))
    for f in (each, virtual, replace(each, name="whole", spec=WHOLE, quick=())):
        yield of(f, "observed", "usual", modes=WITH_FREEZE, quick=f.quick)
        yield of(f, "running.correction", "of-two", shapes=(f.few,), modes=("train", "train"))
        yield of(f, "update", "observe", modes=("observe", "evaluate", "observe", "train"), dtypes=SINGLE)
        yield of(f, "update", "longer", shapes=(f.shape, (12, *f.shape[1:])), modes=("train", "train", "evaluate"), dtypes=SINGLE)
    yield of(each, "observed", "counted", spec=with_running(EACH, start="debiased", rate=0.0), modes=("train", "train", "evaluate"))
    none = replace(EACH, running=None)
    yield of(each, "running", "none", spec=none, modes=WITH_FREEZE)
    yield from _one(each)
    yield from layouts("each", EACH, each.shape)
    yield from traces("each", EACH, each.shape)
    yield from rare("each", EACH, each.shape, empty=(0, 3, 7), sizes=((66, 3, 31), (4098, 3), (6, 7, 1023)), flat=1)
    yield from few_and_far("each", replace(EACH, ghost_size=6), (6, 3, 1))
    yield from corners("each", EACH, each.shape)
    yield from exact("virtual", VIRTUAL, "update", (4, 2, 3), modes=("train", "train"))


def _ghosts(f: Family) -> Iterator[Difficulty]:
    """Give which samples a ghost is of: of as many ghosts as each has samples, of more, of one alone, and of ghosts of one sample."""
    for about in ("ghost_size", "grouping"):
        yield of(f, about, "usual", modes=("train", "train"), quick=f.quick[:1])
        yield of(f, about, "square", shapes=((4, *f.shape[1:]),), dtypes=SINGLE)
    yield of(f, "ghost_size", "three", spec=replace(f.spec, ghost_size=3), modes=("train", "evaluate"), dtypes=SINGLE + HALF[:1])
    yield of(f, "ghost_size", "one-ghost", spec=replace(f.spec, ghost_size=6), dtypes=SINGLE)
    yield of(f, "ghost_size", "one-sample", spec=replace(f.spec, ghost_size=1), modes=("train", "evaluate"), dtypes=SINGLE)
    other = "interleaved" if f.spec.grouping == "contiguous" else "contiguous"
    yield of(f, "grouping", other, spec=replace(f.spec, grouping=other), modes=("train", "train"))


def _one(f: Family) -> Iterator[Difficulty]:
    """Give what a statistic over one value does: ghosts of one sample, of one place."""
    single = (6, *(n if a in f.spec.channel_axes else 1 for a, n in enumerate(f.shape) if a))
    for name, spec in (("refuse", f.spec), ("shift", replace(f.spec, one_value="shift"))):
        alone = replace(spec, ghost_size=1)
        yield of(f, "one_value", name, spec=alone, shapes=(single,), modes=("evaluate", "train", "train", "evaluate"))
        counted = with_running(alone, start="debiased", rate=0.0)
        yield of(f, "one_value", f"{name}-counted", spec=counted, shapes=(single, f.shape), modes=WITH_FREEZE)
    shifted = replace(f.spec, ghost_size=1, one_value="shift")
    yield of(f, "running.correction", "one", spec=shifted, shapes=(single, f.shape), modes=("train", "train"), dtypes=FLOAT32)
    bare = replace(f.spec, ghost_size=1, running=None)
    yield of(f, "one_value", "refuse-without-running", spec=bare, shapes=(single,), modes=("evaluate", "train"), dtypes=FLOAT32)
    plain = replace(f.spec, scale=False, shift=False)
    for about, noise in (("output", Noise(offset=2.0, spread=2.0**-6)), ("update", Noise())):
        yield of(f, about, "plain-narrow", spec=plain, modes=("train", "freeze", "train"), dtypes=MIXED, noise=noise)
    yield of(f, "keep", "evaluate-freeze", modes=("evaluate", "freeze"), dtypes=FLOAT32)
