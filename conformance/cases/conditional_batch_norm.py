"""Cases of conditional batch normalization: for every clause, channels first, channels last, and in one pass."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, HALF, MIXED, ONE, SINGLE, WITH_FREEZE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, of
from normspec.conformance.cases.layouts import layouts, mixed_layouts
from normspec.conformance.cases.rare import exact, few_and_far, rare
from normspec.conformance.cases.running_statistics import running_statistics, with_running
from normspec.conformance.cases.traces import traces
from normspec.layers import ConditionalBatchNorm, Running

SAMPLE = Running(rate=0.125, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
FIRST = ConditionalBatchNorm(
    batch_axes=(0,),
    channel_axes=(1,),
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    running=SAMPLE,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="refuse",
)
LAST = replace(FIRST, channel_axes=(-1,), running=None, one_value="shift")
FAST = replace(LAST, variance="one_pass", output_dtype="promoted")


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(3, 5, 7), square=(5, 5, 5), few=(3, 5, 1), other=((3, 5, 6, 7), (9, 5)), quick=ANY)
    last = Family(name="last", spec=LAST, shape=(3, 5, 6, 7), square=(5, 5, 5, 5), few=(3, 1, 1, 5), other=((3, 5, 7),), quick=ONE)
    yield from family(first)
    yield from running_statistics(first, (9, 5, 7))
    yield from _one(first)
    yield from family(last)
    yield from family(replace(last, name="fast", spec=FAST, other=()))
    yield of(first, "running", "none", spec=replace(FIRST, running=None), modes=WITH_FREEZE)
    for name, spec in (
        ("channels-before-samples", replace(FIRST, batch_axes=(1,), channel_axes=(0,))),
        ("two-batch-axes", replace(FIRST, batch_axes=(0, 2))),
        ("no-batch-axes", replace(FIRST, batch_axes=())),
        ("no-channel-axes", replace(FIRST, channel_axes=())),
    ):
        for about in ("batch_axes", "channel_axes"):
            yield of(first, about, name, spec=spec, shapes=((3, 5, 6, 7),), modes=("train", "evaluate"), dtypes=SINGLE)
    yield of(first, "gradient.scale", "square-samples-and-channels", shapes=((5, 5, 7),), modes=("train", "freeze"))
    yield of(first, "gradient.shift", "another-batch", shapes=((3, 5, 7), (9, 5, 7)), modes=("train", "train"), dtypes=FLOAT32 + MIXED)
    yield of(first, "gradient.shift", "one-sample", shapes=((1, 5, 7),), modes=("train", "evaluate"), dtypes=SINGLE)
    yield of(first, "inputs", "mixed", modes=("train", "evaluate"), dtypes=MIXED, noise=Noise(offset=2.0, spread=2.0**-6))
    fast = with_running(FIRST, rate=0.875)
    yield of(first, "update", "fast", spec=fast, shapes=((3, 5, 67),), modes=("train", "train"), dtypes=HALF)
    yield from layouts("first", FIRST, first.shape)
    yield from mixed_layouts("first", FIRST, first.shape)
    yield from traces("first", FIRST, first.shape)
    yield from rare("first", FIRST, first.shape, empty=(0, 5, 7), sizes=((3, 5, 1025), (65537, 3)), flat=1)
    yield from few_and_far("first", FIRST, (5, 3, 1))
    yield from corners("first", FIRST, first.shape)
    yield from exact("first", FIRST, "update", (4, 3), modes=("train", "evaluate", "train"))


def _one(f: Family) -> Iterator[Difficulty]:
    """Give what running statistics over one value must show."""
    shifted, single = replace(f.spec, one_value="shift"), (1, f.shape[1], 1)
    yield of(f, "running.correction", "one", spec=shifted, shapes=(single, f.few), modes=("train", "train"), dtypes=FLOAT32)
    for rule in ("shift", "refuse"):
        counted = with_running(replace(f.spec, one_value=rule), start="debiased", rate=0.0)
        yield of(f, "one_value", f"counted-{rule}", spec=counted, shapes=(single, single, f.shape), modes=WITH_FREEZE)
