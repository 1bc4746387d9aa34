"""What all pictures have in common: two palettes, text that stays text, and the same bytes at every run."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO

import matplotlib as mpl
from matplotlib.figure import Figure

COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
PIXELS = 96
"""Of CSS, in an inch."""


@dataclass(frozen=True)
class Palette:
    """Colours of one theme; those that tell things apart are Okabe and Ito's, and nothing is told by colour alone."""

    ink: str
    faint: str
    line: str
    faces: tuple[str, str, str]
    group: str
    hatch: str
    mark: str
    band: str
    curves: tuple[str, ...]


LIGHT = Palette(
    ink="#1f2328",
    faint="#59636e",
    line="#8c959f",
    faces=("#f6f8fa", "#eaeef2", "#dde3e9"),
    group="#8fd0f2",
    hatch="#0072b2",
    mark="#d55e00",
    band="#d0d7de",
    curves=("#0072b2", "#d55e00", "#009e73", "#a8568a", "#8a6d00", "#59636e"),
)
DARK = Palette(
    ink="#e6edf3",
    faint="#9da7b3",
    line="#6e7681",
    faces=("#1c2128", "#2a313a", "#22272e"),
    group="#005a8c",
    hatch="#7cc4ee",
    mark="#f0a040",
    band="#30363d",
    curves=("#56b4e9", "#ff8c42", "#2fc79a", "#dd92c0", "#f0e442", "#c3ccd5"),
)
THEMES = {"": LIGHT, "-dark": DARK}
"""Palettes, by how their files' names end."""

STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "normspec",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana"],
    "font.monospace": ["DejaVu Sans Mono"],
    "font.size": 9,
    "hatch.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.7,
    "axes.facecolor": "none",
}


@contextmanager
def styled(palette: Palette) -> Iterator[None]:
    """Let matplotlib draw in a palette, and in nothing that the machine has set."""
    inks = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color")
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({**STYLE, **dict.fromkeys(inks, palette.ink)})
        yield


def figure(width: float, height: float) -> Figure:
    """Give a figure of this size in CSS pixels, through which the page is seen."""
    return Figure(figsize=(width / PIXELS, height / PIXELS), facecolor="none")


def svg(of: Figure, title: str) -> str:
    """Give a figure's text: without a date, comments and indentation."""
    out = StringIO()
    of.savefig(out, format="svg", facecolor="none", metadata={"Date": None, "Title": title, "Creator": "docs/pictures.py"})
    lines = (line.strip() for line in COMMENT.sub("", out.getvalue()).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
