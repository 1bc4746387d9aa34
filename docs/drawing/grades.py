"""Grades as marked cells: implementations by layers."""

from textwrap import wrap

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from drawing.levels import ALL, DTYPE, levels, words
from drawing.style import Palette, figure, styled, svg
from normspec.conformance.grades.ladder import SHAPES

WIDTH, LEFT, ROW, CELL = 440, 116, 19, 53
HEAD, FOOT = 44, 46
"""Heights of what stands above and below the cells, in pixels."""
GAP = 2
LOOKS = {
    "robust": ("#0072b2", "#ffffff", ""),
    "standard": ("#8fd0f2", "#1f2328", ""),
    "fast": ("#f0c040", "#1f2328", "////"),
    "none": ("#d55e00", "#ffffff", "xxxx"),
}
"""Of each level the colours of a cell and its letter, and the hatching."""
POINTS = ("two_pass", "one_pass")


def grades(palette: Palette) -> str:
    """Give the picture of all grades."""
    found = levels()
    height = HEAD + ROW * len(found) + FOOT
    with styled(palette):
        fig = figure(WIDTH, height)
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set_axis_off()
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(height, 0)
        for column, layer in enumerate(SHAPES):
            told = wrap(layer.replace("_", " ").replace("standardization", "standard-ization"), 9)
            for up, line in enumerate(reversed(told)):
                ax.text(LEFT + CELL * (column + 0.5), HEAD - 8 - 11 * up, line, ha="center", va="baseline", size=7.8)
        for row, (name, of) in enumerate(found.items()):
            y = HEAD + ROW * row
            ax.text(LEFT - 6, y + ROW / 2, name, ha="right", va="center_baseline", size=9)
            for column, layer in enumerate(SHAPES):
                _cell(ax, LEFT + CELL * column, y, of.get(layer, {}), palette)
        _key(ax, HEAD + ROW * len(found), palette)
        return svg(fig, words())


def _cell(ax: Axes, x: float, y: float, of: dict[str, str], palette: Palette) -> None:
    """Draw what a layer has, side by side where it is graded at both points; a dash where there is nothing."""
    points = [point for point in POINTS if point in of]
    width = CELL / max(len(points), 1)
    for k, point in enumerate(points):
        _box(ax, x + k * width, y, width, of[point])
    if not points:
        ax.text(x + CELL / 2, y + ROW / 2, "-", ha="center", va="center_baseline", color=palette.faint)


def _box(ax: Axes, x: float, y: float, width: float, level: str) -> None:
    face, letter, hatch = LOOKS[level]
    ax.add_patch(
        Rectangle((x, y), width - GAP, ROW - GAP, facecolor=face, edgecolor=f"{letter}55" if hatch else "none", hatch=hatch, linewidth=0)
    )
    ax.text(x + (width - GAP) / 2, y + (ROW - GAP) / 2, level[0].upper(), ha="center", va="center_baseline", color=letter, weight="bold")


def _key(ax: Axes, y: float, palette: Palette) -> None:
    x = 12.0
    for level in ALL:
        _box(ax, x, y + 8, CELL / 2, level)
        ax.text(x + CELL / 2 + 3, y + 8 + (ROW - GAP) / 2, level, va="center_baseline", size=9)
        x += 96
    ax.text(12, y + 36, f"in {DTYPE}; side by side: two passes, one pass", va="center_baseline", size=9, color=palette.faint)
