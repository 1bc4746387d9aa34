"""Pictures on pages, in either theme, with what stands for them where they are not seen."""

from html import escape

from drawing import curves, levels
from drawing.sets import words_of


def axes(layer: str) -> str:
    """Give the picture of what one y of a layer is made of."""
    return _picture("../pictures", f"axes-{layer.replace('_', '-')}", words_of(layer))


def errors(folder: str, layer: str) -> str:
    """Give the picture of a layer's errors."""
    return _picture(folder, f"errors-{layer.replace('_', '-')}", curves.words(layer))


def grades_seen(folder: str) -> str:
    """Give the picture of all grades."""
    return _picture(folder, "grades", levels.words())


def _picture(folder: str, name: str, words: str) -> str:
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{folder}/{name}-dark.svg">'
    return f'<picture>\n  {dark}\n  <img alt="{escape(words)}" src="{folder}/{name}.svg">\n</picture>'
