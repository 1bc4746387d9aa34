"""Cases of adaptive instance normalization: for every clause, channels first as in ports of it, and channels last as its authors had it."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, FLOAT32, ONE, SINGLE, Difficulty, Noise
from normspec.conformance.cases.family import Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.rare import TINY, rare
from normspec.layers import AdaptiveInstanceNorm

FIRST = AdaptiveInstanceNorm(
    batch_axes=(0,),
    channel_axes=(1,),
    epsilon=2.0**-10,
    epsilon_place="inside",
    correction=0,
    style_epsilon=2.0**-10,
    style_correction=0,
    statistics_dtype="widened",
    one_value="shift",
)
LAST = replace(FIRST, channel_axes=(-1,), style_epsilon=0.0, style_correction=1, one_value="refuse")


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    first = Family(name="first", spec=FIRST, shape=(3, 5, 7), square=(5, 5, 5), few=(5, 7, 3), other=((3, 5, 6, 7), (1, 3, 7)), quick=ANY)
    last = Family(name="last", spec=LAST, shape=(3, 5, 6, 7), square=(5, 5, 5, 5), few=(5, 3, 1, 7), other=((3, 5, 7),), quick=ONE)
    for f in (first, last):
        yield from family(f)
        yield from _of_style(f)
    for name, spec in (
        ("channels-before-samples", replace(FIRST, batch_axes=(1,), channel_axes=(0,))),
        ("two-batch-axes", replace(FIRST, batch_axes=(0, 1), channel_axes=(2,))),
        ("no-batch-axes", replace(FIRST, batch_axes=())),
    ):
        for about in ("batch_axes", "channel_axes"):
            yield of(first, about, name, spec=spec, shapes=((3, 5, 6, 7),), dtypes=SINGLE)
    for name, length in (("longer", 11), ("shorter", 3), ("of-one-value", 1)):
        style = (("style", (3, 5, length)),)
        yield of(first, "output", f"style-{name}", given=style, quick=first.quick)
        yield of(first, "gradient.style", f"style-{name}", given=style)
        about = "style_correction" if length > 1 else "gradient.style"
        yield of(last, about, f"style-{name}", shapes=((3, 7, 5),), given=(("style", (3, length, 5)),))
    yield of(last, "gradient.style", "of-other-lengths", given=(("style", (3, 9, 2, 7)),))
    yield of(first, "one_value", "style-of-more", shapes=((3, 5, 1),), given=(("style", (3, 5, 7)),))
    yield from layouts("first", FIRST, first.shape)
    yield from rare("first", FIRST, first.shape, empty=(0, 5, 7), sizes=((3, 5, 1025), (65537, 1, 3)), flat=1, tiny=False)
    yield of(first, "gradient.x", "tiny", noise=replace(TINY, given=1.0), modes=("train",), dtypes=FLOAT32)
    yield from corners("first", FIRST, first.shape)


def _of_style(f: Family) -> Iterator[Difficulty]:
    """Give the difficulties of the style's statistics, and those of numbers far from 0 and of one number in both."""
    yield of(f, "style_epsilon", "near", noise=f.near, quick=f.quick)
    for name, epsilon in (("zero", 0.0), ("large", 2.0**-6)):
        yield of(f, "style_epsilon", name, spec=replace(f.spec, style_epsilon=epsilon), noise=f.near, dtypes=SINGLE)
    for correction in (0, 1):
        yield of(f, "style_correction", f"few-{correction}", spec=replace(f.spec, style_correction=correction), shapes=(f.few,))
    for power, dtypes in ((1, f.dtypes), (3, SINGLE)):
        yield of(f, "accuracy", f"mean-1e{power}-times-std", noise=Noise(offset=10.0**power), dtypes=dtypes)
    yield of(f, "gradient.x", "constant", noise=Noise(flat=0))
    bare = replace(f.spec, style_epsilon=0.0)
    yield of(f, "gradient.style", "without-deviation", spec=bare, noise=Noise(flat=0, at=0.0))
