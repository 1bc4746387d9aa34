"""Figures on a batch in shards, and what devices may exchange of it. Every function gives a table in Markdown."""

import warnings
from collections.abc import Callable, Sequence
from functools import reduce
from math import ceil, log10
from typing import Any

import numpy as np
from sections.tables import table

from normspec.dialects import all_entries
from normspec.explanation.said import arguments_of
from normspec.reference import batch_norm, merged, observed

EPSILON = np.float32(1e-5)
ASKED = ("synchronized", "axis_name", "cross_replica_axis")
"""Arguments that ask for it, of whatever layer has them."""
LENGTHS = ((4, 4), (7, 1), (8, 0))
"""Of the shards of one batch."""
CHANNELS = 500
ROUNDING = 1e-6
"""What is off by less is right, in double precision."""
Shards = Sequence[Any]
Found = tuple[Any, Any]
"""A mean and a variance of the population."""


def of_moments(shards: Shards) -> Found:
    """Give what counts, means and sums of squared deviations merge to."""
    both = reduce(merged, [observed(shard, (0,)) for shard in shards])
    return both.mean[0], both.m2[0] / both.count


def of_sums(shards: Shards) -> Found:
    """Give what the sums of x and of its squares, and counts, come to."""
    n = sum(len(shard) for shard in shards)
    mean, square = (sum(np.sum(shard**power) for shard in shards) / shards[0].dtype.type(n) for power in (1, 2))
    return mean, np.maximum(square - mean**2, 0)


def of_means(shards: Shards) -> Found:
    """Give what the means of x and of its squares come to, each averaged over the shards."""
    mean, square = (np.mean([np.mean(shard**power) for shard in shards]) for power in (1, 2))
    return mean, square - mean**2


def of_deviations(shards: Shards) -> Found:
    """Give what the mean, then the mean of squared deviations from it come to, each averaged over the shards."""
    mean = np.mean([np.mean(shard) for shard in shards])
    return mean, np.mean([np.mean((shard - mean) ** 2) for shard in shards])


def of_inverse(shards: Shards) -> Found:
    """Give what counts, means and 1 / sqrt(variance + epsilon) come to."""
    seen = [(len(shard), np.mean(shard), 1 / np.sqrt(np.var(shard) + EPSILON)) for shard in shards if len(shard)]
    n = sum(count for count, _, _ in seen)
    mean = sum(count * mean for count, mean, _ in seen) / n
    return mean, sum(count * (1 / inverse**2 - EPSILON + (own - mean) ** 2) for count, own, inverse in seen) / n


def of_variances(shards: Shards) -> Found:
    """Give the means and the variances of the shards, each averaged."""
    return np.mean([np.mean(shard) for shard in shards]), np.mean([np.var(shard) for shard in shards])


EXCHANGED: dict[str, tuple[str, Callable[[Shards], Found]]] = {
    "torch.nn.SyncBatchNorm": ("means, inverse deviations and counts", of_inverse),
    "keras.layers.BatchNormalization": ("the sums of x, of its squares, and counts", of_sums),
    "tf_keras.layers.BatchNormalization": ("the sums of x, of its squares, and counts", of_sums),
    "flax.nnx.BatchNorm": ("means of x and of its squares, averaged", of_means),
    "flax.linen.BatchNorm": ("means of x and of its squares, averaged", of_means),
    "haiku.BatchNorm": ("means of x and of its squares, averaged", of_means),
    "equinox.nn.BatchNorm": ("the mean, then the mean of squared deviations from it, averaged", of_deviations),
}
"""What the code of each layer exchanges."""


def synchronizing() -> str:
    """Give which batch norms take statistics over several devices: how that is asked for, what is exchanged, for what it is right."""
    found: dict[tuple[str, str, str], list[str]] = {}
    without: list[str] = []
    for entry in (entry for entry in all_entries() if entry.layer == "batch_norm"):
        if entry.native not in EXCHANGED:
            assert not set(ASKED) & set(arguments_of(entry)), entry.native
            without.append(entry.native)
            continue
        words, come_to = EXCHANGED[entry.native]
        asked = next((f"`{name}`" for name in arguments_of(entry) if name in ASKED), "taking this layer")
        found.setdefault((asked, words, _right_for(come_to)), []).append(entry.native)
    rows = [(_named(natives), *key) for key, natives in found.items()]
    return table(("layer", "asked for by", "devices exchange", "right for shards"), [*rows, (_named(without), "no argument", "-", "-")])


def _named(natives: Sequence[str]) -> str:
    return "<br>".join(f"`{name}`" for name in dict.fromkeys(natives))


def _right_for(come_to: Callable[[Shards], Found]) -> str:
    right = [max(_off(come_to, lengths)) < ROUNDING for lengths in LENGTHS]
    return {(True, True, True): "of any lengths", (True, False, False): "of equal lengths"}[tuple(right)]


def _off(come_to: Callable[[Shards], Found], lengths: Sequence[int]) -> Found:
    """Give by how much mean and variance are wrong, in deviations and as a share, of a batch whose halves lie apart."""
    x = np.random.default_rng(0).normal(size=sum(lengths)) + np.repeat((0.0, 2.0), sum(lengths) // 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of the mean of nothing
        mean, variance = come_to(np.split(x, [lengths[0]]))
    off = abs(mean - x.mean()) / x.std(), abs(variance / x.var() - 1)
    return tuple(float(v) if np.isfinite(v) else np.inf for v in off)


def averaged() -> str:
    """Give by how much the statistics of a batch are wrong that are averaged over shards of some lengths, and those that are merged."""
    ways = (("merged", of_moments), ("means of x and x² averaged", of_means), ("means and variances averaged", of_variances))
    rows = []
    for lengths in LENGTHS:
        off = [_off(come_to, lengths) for _, come_to in ways]
        rows.append((" and ".join(map(str, lengths)), *(_share(value) for each in zip(*off, strict=True) for value in each)))
    return table(("values on each device", *(f"{of}, {way}" for of in ("mean", "variance") for way, _ in ways)), rows)


def _share(off: float) -> str:
    return "no number" if off == np.inf else f"{100 * off:.0f} %" if off > ROUNDING else "right"


def far() -> str:
    """Give by how much y errs in float32, the mean of x being far from 0: of exchanged sums of squares, and of merged moments."""
    rng, rows = np.random.default_rng(0), []
    for away in (0.0, 1e1, 1e2, 1e3, 1e4):
        x = (away + rng.normal(size=30)).astype(np.float32)
        wide = x.astype(np.float64)
        right = (wide - wide.mean()) / np.sqrt(wide.var() + EPSILON)
        errors = []
        for come_to in (of_sums, of_moments):
            mean, variance = come_to((x[:20], x[20:]))
            errors.append(_below(np.max(np.abs((x - mean) / np.sqrt(variance + EPSILON) - right))))
        rows.append((f"{away:g}", *errors))
    return table(("mean of x, in deviations", "y off by less than, sums of squares", "y off by less than, merged"), rows)


def inverse() -> str:
    """Give by how much a variance errs in float32 that has been 1 / sqrt(variance + epsilon) on its way."""
    rows = []
    for variance in (1.0, 1e-4, 1e-6, 1e-8, 1e-10):
        exact = np.float32(variance) * np.linspace(1, 2, 1001, dtype=np.float32)
        back = 1 / (1 / np.sqrt(exact + EPSILON)) ** 2 - EPSILON
        rows.append((f"{variance:g}", _below(np.max(np.abs(back / exact - 1)))))
    return table(("variance", "off by less than, as a share"), rows)


def _below(error: float) -> str:
    """Give the power of ten above an error: the digits of errors differ from machine to machine."""
    return f"1e{ceil(log10(error)):+03d}"


def apart() -> str:
    """Give how far y on devices that take their own statistics is from that of the whole batch, by how many values each has."""
    rng, whole, rows = np.random.default_rng(0), 256, []
    x = rng.normal(size=(whole, CHANNELS))
    y = _normalized(x)
    for devices in (1, 2, 8, 32, 64):
        own = np.concat([_normalized(shard) for shard in np.split(x, devices)])
        rows.append((f"{devices}", f"{whole // devices}", f"{np.sqrt(np.mean((own - y) ** 2)):.2f}"))
    return table(("devices", "values per statistic on each", "y off by, in deviations of y"), rows)


def _normalized(x: Any) -> Any:
    return batch_norm(x, mode="train", channel_axes=(1,), epsilon=float(EPSILON))[0]
