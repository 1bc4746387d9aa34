"""Figures on what shares a statistic: which channels, and which values. Every function gives a table in Markdown."""

from typing import Any

import numpy as np
from sections.tables import table

from normspec.backends.made import MASKS
from normspec.dialects import DIALECTS, entries
from normspec.layers import SPECS
from normspec.reference import batch_norm, group_norm, instance_norm, layer_norm

SHAPE = (3, 6, 4, 5)
"""That of x: samples, channels, height and width."""
EPSILON = 1e-5
VALUES = 120
"""Those of a batch that is padded."""
SAME = 1e-12
"""What differs by less is rounding."""
CALLED = {"flax": "`mask`, broadcastable to x", "jax": "`where`, broadcastable to x"}
"""How the calls of a framework take a mask, where all take it alike."""
HANDED = {"_without_last": "`mask`, of the axes of x but the last, which is the channels'", "_as_it_is": "`mask`, broadcastable to x"}
"""How the layers in MASKS are handed one."""


def groups() -> str:
    """Give the group of each of six channels, in either grouping."""
    channels = range(6)
    rows = []
    for count in (2, 3):
        for grouping, group in (("contiguous", lambda c, g: c * g // 6), ("interleaved", lambda c, g: c % g)):
            rows.append((f"{count}", grouping, *(f"{group(c, count)}" for c in channels)))
    return table(("groups", "grouping", *(f"channel {c}" for c in channels)), rows)


def identities() -> str:
    """Give which layers are one, by the largest difference of their y for the same noise, in double precision."""
    rng = np.random.default_rng(0)
    x, scale, shift = rng.normal(size=SHAPE), rng.uniform(0.5, 1.5, SHAPE[1]), rng.normal(size=SHAPE[1])
    affine, bare = (scale, shift), ()
    one, alike = x[:1], "scale and shift alike"
    rows = (
        ("one group", "layer norm over (C, H, W)", "no scale and shift", _apart(_group(x, bare, 1), _layer(x, bare))),
        ("one group", "layer norm over (C, H, W)", "scale and shift per channel", _apart(_group(x, affine, 1), _layer(x, affine))),
        ("as many groups as channels", "instance norm", alike, _apart(_group(x, affine, 6), _instance(x, affine))),
        ("batch norm, training, one sample", "instance norm", alike, _apart(_batch(one, affine), _instance(one, affine))),
        ("batch norm, training, three samples", "instance norm", alike, _apart(_batch(x, affine), _instance(x, affine))),
        ("two groups, contiguous", "two groups, interleaved", alike, _apart(*_both_groupings(x, affine))),
    )
    return table(("this", "and that", "with", "largest difference of y"), rows)


def _apart(a: Any, b: Any) -> str:
    found = float(np.abs(a - b).max())
    return "none" if found < SAME else f"{found:.2f}"


def _group(x: Any, owned: tuple[Any, ...], count: int, grouping: str = "contiguous") -> Any:
    return group_norm(x, *owned, groups=count, grouping=grouping, channel_axes=(1,), epsilon=EPSILON)[0]


def _both_groupings(x: Any, owned: tuple[Any, ...]) -> tuple[Any, Any]:
    return _group(x, owned, 2), _group(x, owned, 2, "interleaved")


def _layer(x: Any, owned: tuple[Any, ...]) -> Any:
    return layer_norm(x, *owned, axes=(1, 2, 3), parameter_axes=(1,), epsilon=EPSILON)[0]


def _instance(x: Any, owned: tuple[Any, ...]) -> Any:
    return instance_norm(x, *owned, mode="train", channel_axes=(1,), epsilon=EPSILON)[0]


def _batch(x: Any, owned: tuple[Any, ...]) -> Any:
    return batch_norm(x, *owned, mode="train", channel_axes=(1,), epsilon=EPSILON)[0]


def masks() -> str:
    """Give the layers that take a mask, of those that have the clause, and how they take it."""
    found: dict[str, list[str]] = {}
    without: list[str] = []
    for dialect in DIALECTS:
        for entry in entries(dialect):
            if "mask" not in SPECS[entry.layer].laws:
                continue
            taken = HANDED[MASKS[entry.native].__name__] if entry.native in MASKS else CALLED.get(dialect)
            (found.setdefault(taken, []) if taken else without).append(f"`{entry.native}`")
    rows = [("<br>".join(dict.fromkeys(natives)), taken) for taken, natives in found.items()]
    return table(("layer", "how it takes a mask"), [*rows, ("<br>".join(dict.fromkeys(without)), "not at all")])


def padded() -> str:
    """Give what zeros that pad a batch make of its statistics, and of a value that is one deviation above the mean of the others."""
    rows = []
    for share in (0.0, 0.1, 0.25, 0.5, 0.75):
        valid = round(VALUES * (1 - share))
        x = np.concat([np.tile([0.0, 2.0], valid // 2), np.zeros(VALUES - valid)])[:, None]
        mask = (np.arange(VALUES) < valid)[:, None]
        seen = [f"{x.mean():.3f}", f"{x.var():.3f}"]
        y = [batch_norm(x, mode="train", channel_axes=(1,), epsilon=EPSILON, mask=m)[0][1, 0] for m in (None, mask)]
        rows.append((f"{100 * share:.0f} %", *seen, *(f"{value:.3f}" for value in y)))
    return table(("padding", "mean without a mask", "variance without a mask", "y of 2 without a mask", "y of 2 with it"), rows)
