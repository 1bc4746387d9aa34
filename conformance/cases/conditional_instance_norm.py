"""Cases of conditional instance normalization: for every clause, channels first, channels last, and in one pass."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, MIXED, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, of
from normspec.conformance.cases.layouts import layouts, mixed_layouts
from normspec.conformance.cases.rare import exact, rare
from normspec.layers import ConditionalInstanceNorm

FIRST = ConditionalInstanceNorm(
    batch_axes=(0,),
    channel_axes=(1,),
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    statistics_dtype="widened",
    output_dtype="input",
    one_value="shift",
)
LAST = replace(FIRST, channel_axes=(-1,), one_value="refuse")
FAST = replace(LAST, variance="one_pass", output_dtype="promoted", one_value="shift")


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(3, 5, 7), square=(5, 5, 5), few=(5, 7, 3), other=((3, 5, 6, 7), (1, 3, 7)), quick=ANY)
    last = Family(name="last", spec=LAST, shape=(3, 5, 6, 7), square=(5, 5, 5, 5), few=(5, 3, 1, 7), other=((3, 5, 7),), quick=ONE)
    yield from family(first)
    yield from family(last)
    yield from family(replace(last, name="fast", spec=FAST, other=()))
    for name, spec in (
        ("channels-before-samples", replace(FIRST, batch_axes=(1,), channel_axes=(0,))),
        ("two-batch-axes", replace(FIRST, batch_axes=(0, 1), channel_axes=(2,))),
        ("no-batch-axes", replace(FIRST, batch_axes=())),
    ):
        for about in ("batch_axes", "channel_axes"):
            yield of(first, about, name, spec=spec, shapes=((3, 5, 6, 7),), dtypes=SINGLE)
    yield of(first, "gradient.scale", "square-samples-and-channels", shapes=((5, 5, 7),))
    yield of(first, "gradient.shift", "another-batch", shapes=((3, 5, 7), (9, 5, 7)), modes=("train", "train"), dtypes=FLOAT32 + MIXED)
    yield of(first, "gradient.shift", "one-sample", shapes=((1, 5, 7),), dtypes=SINGLE)
    yield of(first, "inputs", "mixed", dtypes=MIXED, noise=Noise(offset=2.0, spread=2.0**-6))
    yield from layouts("first", FIRST, first.shape)
    yield from mixed_layouts("first", FIRST, first.shape)
    yield from rare("first", FIRST, first.shape, empty=(0, 5, 7), sizes=((3, 5, 1025), (65537, 1, 3)), flat=1)
    yield from corners("first", FIRST, first.shape)
    yield from exact("first", FIRST, "gradient.shift", (3, 5, 4))
