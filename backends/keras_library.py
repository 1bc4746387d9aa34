"""What Keras 3 on each backend, and Keras 2, do in different words."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from normspec.errors import Unsupported
from normspec.records import Array, Arrays, Pullback

Differentiated = Callable[[Callable[[Array], Array], Any, Arrays], tuple[Array, Pullback | None]]
"""From a call, its x and the layer's parameters to y and its pullback."""


Along = Callable[[Callable[[Array], Array], Array, Arrays, Array, Array], Arrays]
"""From a call, its x, scale by its name, dy and a direction of x to the derivatives of y and of the cotangents along that."""


def nothing(*_: Any) -> Arrays:
    """Give no derivatives."""
    raise Unsupported("it differentiates nothing")


class Library(NamedTuple):
    """The base class of layers; functions of arrays; what a gradient follows of a variable; how a layer observes, and its derivatives.

    `observe` is given the layer and every batch since values were loaded, the newest last.
    """

    layer: Any
    reshape: Callable[[Array, tuple[int, ...]], Array]
    copy: Callable[[Array], Array]
    value: Callable[[Any], Array]
    observe: Callable[[Any, Sequence[Array]], None]
    tangents: Along = nothing
