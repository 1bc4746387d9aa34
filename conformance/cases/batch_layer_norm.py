"""Cases of batch layer normalization: for every clause, with the statistics that its authors take in evaluation, and with all others."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, HALF, MIXED, ONE, SEQUENCE, SINGLE, WITH_FREEZE, Difficulty, Noise
from normspec.conformance.cases.family import EACH, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import rare
from normspec.conformance.cases.traces import traces
from normspec.layers import BatchLayerNorm

AUTHORS = BatchLayerNorm(
    epsilon=2.0**-10,
    delta=2.0**-13,
    batch_delta="minus",
    population_batch_mean=True,
    population_batch_variance=True,
    population_feature_mean=False,
    population_feature_variance=False,
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
)
OTHERS = replace(
    AUTHORS,
    delta=2.0**-5,
    batch_delta="plus",
    population_batch_mean=False,
    population_batch_variance=False,
    population_feature_mean=True,
    population_feature_variance=True,
    output_dtype="promoted",
)
POPULATION = ("population_batch_mean", "population_batch_variance", "population_feature_mean", "population_feature_variance")


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    authors = Family(name="authors", spec=AUTHORS, shape=(5, 3, 7), square=(5, 5, 5), few=(3, 5), other=((11, 3), (3, 5, 6, 7)), quick=ANY)
    others = replace(authors, name="others", spec=OTHERS, quick=ONE)
    for f in (authors, others):
        yield from family(f)
        yield from _weights(f)
        yield from _statistics(f)
        yield from _more(f)
    for about in ("output", "gradient.x"):
        yield of(authors, about, "one-sample", shapes=((1, 7),), modes=EACH, dtypes=SINGLE)
        yield of(authors, about, "one-feature", shapes=((7, 1),), modes=EACH, dtypes=SINGLE)
        yield of(authors, about, "bare", spec=replace(AUTHORS, scale=False, shift=False), modes=EACH, dtypes=SINGLE + HALF + MIXED)
    yield of(authors, "output", "long", shapes=((71, 3, 73),), dtypes=FLOAT32)
    yield from layouts("authors", AUTHORS, authors.shape)
    yield from traces("authors", AUTHORS, authors.shape)
    yield from rare("authors", AUTHORS, authors.shape, empty=(0, 3, 7), sizes=((1025, 3), (3, 4099)))
    yield from corners("authors", AUTHORS, authors.shape)


def _weights(f: Family) -> Iterator[Difficulty]:
    """Give delta, its sign, and the size of the batch."""
    for about in ("delta", "batch_delta"):
        for delta in (2.0**-13, 2.0**-5):
            own = replace(f.spec, delta=delta)
            yield of(f, about, f"{delta}", spec=own, modes=SEQUENCE, dtypes=f.dtypes if delta == f.spec.delta else SINGLE)
        yield of(f, about, "few-samples", shapes=((3, 7),), modes=SEQUENCE, dtypes=SINGLE)
    yield of(f, "delta", "none", spec=replace(f.spec, delta=0.0, batch_delta="minus"), dtypes=SINGLE)


def _statistics(f: Family) -> Iterator[Difficulty]:
    """Give where evaluation takes each statistic from, and how the averages move."""
    for about in POPULATION:
        yield of(f, about, "usual", modes=WITH_FREEZE, quick=f.quick[:1])
        other = replace(f.spec, **{about: not getattr(f.spec, about)})  # a mean and a variance from different places
        for law in (about, "gradient.x"):
            yield of(f, law, f"without-{about}" if law != about else "other", spec=other, modes=EACH, dtypes=SINGLE)
    yield of(f, "update", "observe", modes=("observe", "evaluate", "observe", "train"))
    yield of(f, "update", "few", shapes=(f.few,), modes=("train", "train"))
    for about in ("update", "count"):
        yield of(f, about, "epoch", modes=("train", "observe", "evaluate"), count=0, dtypes=SINGLE)
    yield of(f, "count", "after-1000", modes=("train", "observe"), count=1000, dtypes=FLOAT32)
    yield of(f, "count", "usual", modes=("train", "observe"))
    yield of(f, "keep", "evaluate-freeze", modes=("evaluate", "freeze"))


def _more(f: Family) -> Iterator[Difficulty]:
    """Give gradients, and how far the mean may be from 0."""
    for about in ("gradient.scale", "gradient.shift"):
        yield of(f, about, "square", shapes=((5, 5, 5),), modes=EACH, dtypes=SINGLE)
    for flat in (0, 1, 2):
        yield of(f, "gradient.x", f"constant-{flat}", noise=Noise(flat=flat), modes=EACH, dtypes=SINGLE)
    for power, dtypes in ((1, f.dtypes), (2, SINGLE), (3, SINGLE)):
        yield of(f, "accuracy", f"mean-1e{power}-times-std", noise=Noise(offset=10.0**power), modes=("train", "evaluate"), dtypes=dtypes)
