"""x as a block of cells, in which those are marked that meet in one statistic: one drawing for any layer."""

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from drawing.sets import AT, Sharing, words
from drawing.style import Palette, figure, styled, svg

WIDTH, HEIGHT = 390, 262
FOOT = 11
"""Where the key stands."""
COLUMNS = 44
DEPTH = (0.5, 0.36)
"""Where the next sample lies, beside the one before."""
Corner = tuple[float, float]
Face = tuple[tuple[int, int, int], list[Corner]]
"""An element of x, and the corners of a face of it."""


def cube(of: Sharing, palette: Palette) -> str:
    """Give the picture of what one y is made of."""
    with styled(palette):
        fig = figure(WIDTH, HEIGHT)
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(0, HEIGHT)
        for faces, plain in zip(_sides(of.meeting.shape), palette.faces, strict=True):
            _draw(ax, of, faces, palette, plain)
        sample, channel, place = AT
        ax.plot(*_at(sample, channel + 0.5, place + 0.5), "o", **_dot(palette))
        _labels(ax, of, palette)
        return svg(fig, f"{of.spec.layer}: {words(of)}")


def _at(sample: float, channel: float, place: float) -> Corner:
    """Give where a corner lies on the picture."""
    cell, left, top = 30, 85, 172
    return left + cell * (channel + DEPTH[0] * sample), top - cell * (place - DEPTH[1] * sample)


def _sides(shape: tuple[int, int, int]) -> Iterator[list[Face]]:
    """Give the faces that are seen: of the first sample, of the first place, of the last channel."""
    n, c, p = (range(length) for length in shape)
    yield [((0, j, k), [_at(0, j + a, k + b) for a, b in _square()]) for j in c for k in p]
    yield [((i, j, 0), [_at(i + b, j + a, 0) for a, b in _square()]) for i in n for j in c]
    yield [((i, shape[1] - 1, k), [_at(i + a, shape[1], k + b) for a, b in _square()]) for i in n for k in p]


def _square() -> tuple[tuple[int, int], ...]:
    return (0, 0), (1, 0), (1, 1), (0, 1)


def _draw(ax: Axes, of: Sharing, faces: list[Face], palette: Palette, plain: str) -> None:
    meeting = [corners for element, corners in faces if of.meeting[element]]
    others = [corners for element, corners in faces if not of.meeting[element]]
    ax.add_collection(PolyCollection(others, facecolors=plain, edgecolors=palette.line, linewidths=0.6))
    ax.add_collection(_hatched(meeting, palette))


def _dot(palette: Palette) -> dict[str, Any]:
    return {"color": palette.mark, "markeredgecolor": palette.ink, "markersize": 8}


def _hatched(corners: list[list[Corner]], palette: Palette) -> PolyCollection:
    return PolyCollection(
        corners, facecolors=palette.group, edgecolors=palette.hatch, linewidths=1.3, hatch="////", joinstyle="round", zorder=2
    )


def _labels(ax: Axes, of: Sharing, palette: Palette) -> None:
    n, c, p = of.meeting.shape
    samples, channels, places = (f"{name}s" for name in of.names)
    ax.text(*_shifted(_at(0, c / 2, p), 0, -6), channels, ha="center", va="top")
    ax.text(*_shifted(_at(0, 0, p / 2), -7, 0), places, ha="right", va="center")
    ax.text(*_shifted(_at(n / 2, c, p), 8, -3), samples, ha="left", va="top")
    ax.plot(16, FOOT, "o", **_dot(palette))
    ax.text(29, FOOT, "one y", va="center")
    ax.add_collection(_hatched([[(76 + 18 * a, FOOT - 7 + 14 * b) for a, b in _square()]], palette))
    made = f"the x it is made of{', observed before' if of.observed else ''}: {int(of.meeting.sum())} of {n * c * p}"
    ax.text(101, FOOT, made, va="center")
    for line, told in enumerate(wrap(of.point, COLUMNS)):
        ax.text(WIDTH / 2, HEIGHT - 5 - 13 * line, told, ha="center", va="top", color=palette.faint, family="monospace", size=8)


def _shifted(at: Corner, x: float, y: float) -> Corner:
    return at[0] + x, at[1] + y
