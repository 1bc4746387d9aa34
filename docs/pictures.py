"""Writes the pictures of the pages: `python docs/pictures.py`, or `--check` to learn which are stale.

Every picture is two files of one drawing: NAME.svg for light pages, NAME-dark.svg for dark ones.
"""  # noqa: INP001 - a script

import sys
from collections.abc import Iterator
from pathlib import Path

from drawing.axes import cube
from drawing.errors import errors
from drawing.grades import grades
from drawing.sets import sharing_of
from drawing.style import THEMES

from normspec.layers import SPECS

FOLDER = Path(__file__).resolve().parent / "pictures"


def pictures() -> Iterator[tuple[str, str]]:
    """Give the name and the text of every picture."""
    for layer in SPECS:
        of = sharing_of(layer)
        for end, palette in THEMES.items():
            yield f"axes-{layer.replace('_', '-')}{end}.svg", cube(of, palette)
    for layer in ("layer_norm", "batch_norm"):
        for end, palette in THEMES.items():
            yield f"errors-{layer.replace('_', '-')}{end}.svg", errors(layer, palette)
    for end, palette in THEMES.items():
        yield f"grades{end}.svg", grades(palette)


def main(arguments: list[str]) -> str | None:
    """Write the pictures; with `--check`, give a message that names those that are stale instead."""
    if arguments not in ([], ["--check"]):
        return f"the one option is --check, got {' '.join(arguments)}"
    fresh = dict(pictures())
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.svg")}
    stale = sorted(name for name in fresh.keys() | there.keys() if fresh.get(name) != there.get(name))
    if arguments:
        return f"stale, to be written by python docs/pictures.py: {', '.join(stale)}" if stale else None
    FOLDER.mkdir(exist_ok=True)
    for name in stale:
        if name in fresh:
            (FOLDER / name).write_text(fresh[name], encoding="utf-8", newline="\n")
        else:
            (FOLDER / name).unlink()
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
