"""What a reproduction asserts: one quantity of a case, at its worst element."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from normspec.layers.fields import PARAMETERS

TANGENT = "tangent."
"""What stands before the name of an array whose derivative is shown."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """That a quantity such as `0.dx` is, at `index`, within `bound` of `must`; or has this dtype and shape; or that its step is refused.

    `refused` are the steps before that must be refused, too. `drawn` has the arrays that are written as a draw from a seed and not number
    by number: their names (`x`, `dy`, `direction`, `mask` after the number of the step, or the name alone of one that the layer owns),
    and NumPy's words for them.
    """

    quantity: str
    kind: Literal["number", "dtype", "refusal"]
    dtype: str
    shape: tuple[int, ...]
    index: tuple[int, ...] = ()
    must: float = 0.0
    bound: float = 0.0
    refused: tuple[int, ...] = ()
    drawn: Mapping[str, str] = field(default_factory=dict)

    @property
    def step(self) -> int:
        """The number of the step; -1 for what is born."""
        number = self.quantity.partition(".")[0]
        return -1 if number == "born" else int(number)

    @property
    def name(self) -> str:
        """The array's name: y, dx, dscale, running_mean, inputs.x ...; of a derivative along a direction, that of the array whose it is."""
        return self.quantity.partition(".")[2].removeprefix(TANGENT)

    @property
    def along(self) -> bool:
        """Whether it is the derivative along a direction of x."""
        return self.quantity.partition(".")[2].startswith(TANGENT)

    @property
    def of(self) -> str:
        """The array whose cotangent it is, or nothing."""
        return self.name[1:] if self.name in ("dx", *(f"d{name}" for name in PARAMETERS)) else ""

    @property
    def differentiated(self) -> bool:
        """Whether it is of a gradient or a derivative."""
        return bool(self.of) or self.along
