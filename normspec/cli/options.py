"""What options of several commands are: their types, and their words."""

from math import isnan
from typing import Any

import rich_click as click

LIKE = "The native layer whose signature and promises a drop-in has: torch.nn.LayerNorm."


class NumberRange(click.FloatRange):
    """A range of numbers, in which what is no number is not: it compares with no limit."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the number."""
        found = super().convert(value, param, ctx)
        if isnan(found):
            self.fail(f"{value} is not in the range {self.min}<=x<={self.max}.", param, ctx)
        return found


POSITIVE = NumberRange(0.001, 1e6)
"""Seconds or GiB: more than nothing, and no more than a machine has."""
