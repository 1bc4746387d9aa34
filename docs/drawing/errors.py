"""How errors of y grow with the mean of x, of every implementation that was measured."""

from math import isfinite
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from drawing.curves import Curve, curves, label, names, words
from drawing.style import Palette, figure, styled, svg

WIDTH, PLOT, LINE = 440, 320, 17
"""Of the picture, its plot and a line of the key, in pixels."""
COLUMNS = 58
LEAST, MOST, NONE = 2e-8, 2e3, 5e2
"""Ends of the axis of errors, and where stands what is no number."""
TOGETHER = {"flat": ("does not grow", 2, 2.2, "D"), "within": ("within the bound", 0, 0.9, "")}
"""What is drawn alike: its words, its colour among the palette's, width and marker."""
ALONE = ((1, "o"), (3, "s"), (4, "^"), (5, "v"), (1, "P"))
"""Colours and markers of what is drawn one by one."""


def errors(layer: str, palette: Palette) -> str:
    """Give the picture of a layer's errors."""
    found = curves(layer)
    named = names(found)
    key = {kind: "\n".join(wrap(f"{TOGETHER[kind][0]}: {'; '.join(named[kind])}", COLUMNS)) for kind in TOGETHER if named[kind]}
    height = PLOT + LINE * sum(told.count("\n") + 1 for told in key.values()) + 68
    with styled(palette):
        fig = figure(WIDTH, height)
        ax = fig.add_axes((48 / WIDTH, 1 - (PLOT + 24) / height, (WIDTH - 60) / WIDTH, PLOT / height))
        _frame(ax, layer, found, palette)
        for curve in found:
            if curve.kind in TOGETHER:
                ax.plot(curve.ratios, curve.errors, **_together(curve.kind, palette))
        alone = [_alone(ax, curve, label(curve, found), palette, k) for k, curve in enumerate(c for c in found if c.kind == "beyond")]
        ax.legend(handles=alone, loc="upper left", frameon=False, title="beyond the bound", alignment="left", borderaxespad=0.1)
        lines = [Line2D([], [], label=told, **_together(kind, palette)) for kind, told in key.items()]
        fig.legend(handles=lines, loc="lower left", frameon=False, borderaxespad=0, labelspacing=0.3, handlelength=1.6)
        return svg(fig, words(layer))


def _frame(ax: Axes, layer: str, found: list[Curve], palette: Palette) -> None:
    """Draw the axes, and the bound as a band: it is not the same in every case, for these have numbers of their own."""
    ratios = found[0].ratios
    ends = [[f(bounds) for bounds in zip(*(curve.bounds for curve in found), strict=True)] for f in (min, max)]
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set_xlim(ratios[0] * 0.8, ratios[-1] * 1.3)
    ax.set_ylim(LEAST, MOST)
    ax.set_xticks(ratios, [f"{ratio}" for ratio in ratios])
    ax.set_yticks([10.0**k for k in range(-7, 3, 2)])
    ax.minorticks_off()
    ax.fill_between(ratios, LEAST, ends[0], color=palette.band, linewidth=0, alpha=0.4)
    ax.fill_between(ratios, *ends, color=palette.band, linewidth=0)
    ax.annotate("bound", (ratios[1], ends[1][1]), (0, 5), textcoords="offset points", color=palette.faint, ha="center")
    none = [ratio for curve in found for ratio, error in zip(curve.ratios, curve.errors, strict=True) if not isfinite(error)]
    if none:
        ax.annotate("no number", (min(none), NONE), (-8, 0), textcoords="offset points", ha="right", va="center")
    ax.set_xlabel("mean of x / deviation of x", labelpad=2)
    ax.set_title(f"{layer}, float32: largest error of y / largest y", loc="left", fontsize=10, color=palette.ink, x=-0.1)


def _together(kind: str, palette: Palette) -> dict[str, Any]:
    _, colour, width, marker = TOGETHER[kind]
    return {"color": palette.curves[colour], "linewidth": width, "marker": marker or None, "markersize": 4}


def _alone(ax: Axes, curve: Curve, told: str, palette: Palette, k: int) -> Line2D:
    """Draw one curve as far as there are numbers, and a cross where there is none."""
    colour, marker = ALONE[k]
    look = {"color": palette.curves[colour], "linewidth": 1.2, "linestyle": ("-", "--")[k % 2], "marker": marker, "markersize": 5}
    pairs = list(zip(curve.ratios, curve.errors, strict=True))
    shown = [(ratio, error) for ratio, error in pairs if isfinite(error)]
    none = [ratio for ratio, error in pairs if not isfinite(error)]
    ax.plot(*zip(*shown, strict=True), **look)
    ax.plot(none, [NONE] * len(none), "x", color=palette.ink, markersize=7)
    return Line2D([], [], label=told, **look)
