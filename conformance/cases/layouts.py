"""Cases of how arrays lie in memory, which is no part of any meaning: x, dy and owned arrays, each in a layout of its own."""

from collections.abc import Iterator
from typing import Any

from normspec.conformance.cases.draw import EVERY, FLOAT32, HALF, MIXED, SINGLE, Difficulty, Dtypes, Modes, Noise
from normspec.layers.fields import arrays_of, moves
from normspec.records import Layout, Mode

ROWS: tuple[tuple[str, str, Layout | None, Layout | None, Dtypes], ...] = (
    ("output", "x-permuted", "permuted", None, FLOAT32 + HALF[1:]),
    ("gradient.x", "dy-expanded", None, "expanded", FLOAT32),
    ("gradient.x", "both-permuted", "permuted", "permuted", FLOAT32),
    ("gradient.x", "dy-permuted-x-offset", "offset", "permuted", FLOAT32 + HALF[:1]),
    ("gradient.x", "x-expanded-dy-strided", "expanded", "strided", FLOAT32),
    ("output", "both-strided", "strided", "strided", SINGLE),
    ("output", "both-reversed", "reversed", "reversed", FLOAT32),
    ("inputs", "both-readonly", "readonly", "readonly", FLOAT32),
)
"""What a case is about, its name, the layouts of x and dy (None: row after row), its dtypes."""


def layouts(name: str, spec: Any, shape: tuple[int, ...], dtypes: Dtypes = EVERY, **rest: Any) -> Iterator[Difficulty]:
    """Give a layer's cases of layouts, in a shape that its other cases have, and in the dtypes that it has among them."""
    first: Mode = "train" if "train" in moves(spec) or not moves(spec) else "observe"
    modes: Modes = (first, "evaluate") if moves(spec) else (first,)
    for about, label, of_x, of_dy, own in ROWS:
        lie = tuple((array, layout) for array, layout in (("x", of_x), ("dy", of_dy)) if layout is not None)
        chosen = tuple(d for d in own if d in dtypes)
        yield Difficulty(about=about, name=f"{name}-{label}", spec=spec, shapes=(shape,), modes=modes, dtypes=chosen, layout=lie, **rest)
    if hasattr(spec, "correction") and getattr(spec, "variance", "two_pass") == "two_pass":
        far: dict[str, Any] = {**rest, "noise": Noise(offset=100.0), "layout": (("x", "permuted"),)}
        chosen = tuple(d for d in SINGLE if d in dtypes)
        yield Difficulty(about="accuracy", name=f"{name}-x-permuted-far", spec=spec, shapes=(shape,), modes=modes, dtypes=chosen, **far)
    arrays = arrays_of(spec, shape)
    owned: tuple[tuple[str, Layout], ...] = tuple((array, "strided") for array, slot in arrays.items() if slot.shape)
    if owned:
        about = "update" if moves(spec) else "parameters" if spec.slots(shape) else "inputs"
        chosen = tuple(d for d in FLOAT32 + HALF[1:] if d in dtypes)
        yield Difficulty(
            about=about, name=f"{name}-owned-strided", spec=spec, shapes=(shape,), modes=modes, dtypes=chosen, layout=owned, **rest
        )


def mixed_layouts(name: str, spec: Any, shape: tuple[int, ...]) -> Iterator[Difficulty]:
    """Give cases of 16-bit x with float32 parameters, in which x or dy is strided: what is not as usual may go another way."""
    modes: Modes = ("train", "evaluate", "freeze") if hasattr(spec, "running") else ("train",)
    for array in ("x", "dy"):
        lie: tuple[tuple[str, Layout], ...] = ((array, "strided"),)
        own = f"{name}-mixed-{array}-strided"
        yield Difficulty(about="gradient.x", name=own, spec=spec, shapes=(shape,), modes=modes, dtypes=MIXED, layout=lie)
