"""Cases of spectral normalization: for every clause, at the points of the space that frameworks occupy. x is the weight."""

from collections.abc import Iterator
from dataclasses import replace

from normspec.conformance.cases.corners import corners
from normspec.conformance.cases.draw import ANY, EVERY, FLOAT32, HALF, MIXED, ONE, SINGLE, Difficulty, Modes, Noise
from normspec.conformance.cases.family import EACH, Family, family, of
from normspec.conformance.cases.layouts import layouts
from normspec.conformance.cases.traces import traces
from normspec.layers import SpectralNorm

FLOORED = SpectralNorm(
    channel_axes=(0,),
    iterations=1,
    first="u",
    epsilon=2.0**-10,
    epsilon_place="floor",
    evaluation="kept",
    replaces=False,
    warm_up=15,
    statistics_dtype="input",
)
"""As PyTorch has it."""
ITERATED = replace(FLOORED, channel_axes=(-1,), first="v", epsilon_place="inside", evaluation="iterated", warm_up=0)
"""As Flax has it."""
REPLACED = replace(FLOORED, channel_axes=(-1,), first="v", evaluation="none", replaces=True, warm_up=0)
"""As Keras has it."""
HOOKED = replace(FLOORED, first="v", warm_up=0)
"""As Paddle's hook has it."""
CALLED = replace(HOOKED, epsilon_place="outside", evaluation="iterated")
"""As Paddle's layer has it."""
DEFAULTS = (1e-7, 1e-6)
"""The floors of Keras, 3 and 2, which cannot be told another."""
SMALL, TINY = Noise(spread=2.0**-7), Noise(spread=2.0**-12)
"""The image of a vector of norm 1 has a norm of about the root of epsilon, or of about epsilon."""
STEPS: Modes = ("train", "evaluate", "freeze", "train", "observe", "evaluate")


def difficulties() -> Iterator[Difficulty]:
    """Give every difficulty, in the order of the clauses that they are about."""
    floored = Family(
        name="floored",
        spec=FLOORED,
        shape=(5, 3, 7),
        square=(5, 5, 5),
        few=(3, 5),
        other=((3, 7), (3, 5, 6, 7)),
        dtypes=SINGLE,
        quick=ANY,
        near=TINY,
    )
    iterated = replace(floored, name="iterated", spec=ITERATED, quick=ONE, near=SMALL)
    for f in (floored, iterated, replace(floored, name="replaced", spec=REPLACED, quick=ONE)):
        yield from family(f)
        yield from _few(f)
        for about in ("iterations", "first", "evaluation", "replaces", "update", "keep"):
            yield of(f, about, "steps", modes=STEPS)
        for iterations in (2, 3):
            yield of(f, "iterations", str(iterations), spec=replace(f.spec, iterations=iterations), modes=("train", "train"), dtypes=SINGLE)
        for about in ("epsilon", "epsilon_place"):
            yield of(f, about, "twice", noise=f.near, modes=("train", "train"), dtypes=SINGLE)
        yield of(f, "pullback", "trained-again", modes=("train", "train"), deferred=True)
    yield from _rare(floored)
    yield from _points(floored)
    yield from _defaults(replace(floored, name="replaced", spec=REPLACED))
    for name, spec in (("hooked", HOOKED), ("called", CALLED)):
        yield from _shortly(replace(floored, name=name, spec=spec))
    warm = Noise(product=True)
    yield of(floored, "warm_up", "made", modes=("evaluate", "freeze"), noise=warm, made=True, shapes=(floored.few,), dtypes=EVERY)
    yield from layouts("floored", FLOORED, floored.shape, SINGLE)
    for name, spec in (("floored", FLOORED), ("iterated", ITERATED), ("default", replace(REPLACED, epsilon=DEFAULTS[0]))):
        yield from traces(name, spec, floored.shape)


def _rare(f: Family) -> Iterator[Difficulty]:
    """Give weights that are rare: empty, long, with a row of one value; a divisor's corners; a state that is wider than the weight."""
    yield of(f, "keep", "empty", shapes=((5, 0, 7),), modes=("evaluate", "freeze", "train"), dtypes=FLOAT32)
    yield of(f, "gradient.x", "constant-row", noise=Noise(flat=0))
    yield of(f, "gradient.x", "tall-7", shapes=((7, 3),), modes=("train", "train"))
    yield of(f, "gradient.x", "tall-4099", shapes=((4099, 3),), dtypes=FLOAT32)
    yield from corners(f.name, f.spec, f.few, near=2.0**-2, product=True)
    wide, product = replace(f.spec, statistics_dtype="widened"), Noise(product=True)
    yield of(f, "update", "mixed", spec=wide, shapes=(f.few,), noise=product, dtypes=MIXED)


def _few(f: Family) -> Iterator[Difficulty]:
    """Give 16 bits a small weight, all but a product of vectors: of other ones, two images in a row have few digits there."""
    product = Noise(product=True)
    modes: Modes = EACH if f.spec.evaluation != "iterated" else ("train",)  # each iteration costs bfloat16 digits
    for about in ("output", "gradient.x", "accuracy"):
        yield of(f, about, "few", shapes=(f.few,), noise=product, modes=modes, dtypes=HALF, quick=f.quick[2:])
    yield of(f, "pullback", "few", shapes=(f.few,), noise=product, modes=modes, dtypes=HALF, deferred=True)
    shown = {"floored": ("channel_axes", "iterations", "first", "evaluation", "replaces"), "iterated": ("epsilon", "epsilon_place")}
    for about in shown.get(f.name, ()):
        yield of(f, about, "few", shapes=(f.few,), noise=product, modes=modes, dtypes=EVERY)
    wide, large = replace(f.spec, statistics_dtype="widened"), Noise(product=True, spread=700.0)
    yield of(f, "statistics_dtype", "few", spec=wide, shapes=(f.few,), noise=large, dtypes=EVERY)


def _points(f: Family) -> Iterator[Difficulty]:
    """Points of the space that fewer frameworks occupy: each clause once more from the other side."""
    yield of(f, "first", "v", spec=replace(f.spec, first="v"), modes=("train", "train"))
    for first in ("u", "v"):
        for evaluation in ("kept", "iterated", "none"):
            for replaces in (False, True):
                at = replace(f.spec, first=first, evaluation=evaluation, replaces=replaces)
                name = f"{first}-{evaluation}-{'replaced' if replaces else 'kept'}"
                yield of(f, "evaluation", name, spec=at, modes=("train", "evaluate"), dtypes=SINGLE)


def _defaults(f: Family) -> Iterator[Difficulty]:
    """Give the clauses once more at the floors that Keras has."""
    for epsilon in DEFAULTS:
        at, name = replace(f.spec, epsilon=epsilon), f"default-{epsilon}"
        for about, noise in (("epsilon", Noise(spread=epsilon / 16)), ("iterations", Noise())):
            yield of(f, about, name, spec=at, modes=("train", "train"), noise=noise, dtypes=SINGLE)
        yield of(f, "channel_axes", f"{name}-two-iterations", spec=replace(at, iterations=2), dtypes=SINGLE)
        yield of(f, "update", name, spec=at, modes=STEPS, dtypes=SINGLE)
        product = Noise(product=True)  # in bfloat16 two images have few digits even of one
        yield of(f, "output", name, spec=at, modes=EACH, noise=product, shapes=(f.few,), dtypes=(*SINGLE, HALF[0]))


def _shortly(f: Family) -> Iterator[Difficulty]:
    """Give the clauses in a few steps, of a layer that lies between others."""
    for about in ("first", "evaluation", "update", "keep", "gradient.x"):
        yield of(f, about, "steps", modes=STEPS)
    yield of(f, "channel_axes", "unequal", spec=replace(f.spec, channel_axes=(1,)), shapes=((3, 5, 6, 7),), modes=("train", "evaluate"))
    yield of(f, "iterations", "2", spec=replace(f.spec, iterations=2), modes=("train", "train"))
    for about in ("epsilon", "epsilon_place"):
        yield of(f, about, "twice", noise=f.near, modes=("train", "train"))
    yield of(f, "pullback", "last-first", modes=EACH, deferred=True)
    yield from traces(f.name, f.spec, f.shape)
