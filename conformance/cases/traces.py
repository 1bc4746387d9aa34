"""Cases of what befalls a layer between its steps: it is saved, loaded again, reset, or another takes its place and both go on."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from normspec.conformance.cases.draw import FLOAT32, MIXED, Difficulty, Modes
from normspec.layers.fields import moves
from normspec.records import Mode


def traces(name: str, spec: Any, shape: tuple[int, ...]) -> Iterator[Difficulty]:
    """Give a layer's scripts of resumed steps, where it owns anything that could be lost on the way."""
    slots = spec.slots(shape)
    usual: dict[str, Any] = {"shapes": (shape,), "dtypes": FLOAT32}
    if not moves(spec) and slots:
        again: dict[str, Any] = {"modes": ("train",) * 3, "resumes": ((2, 0),), "anew": (1,)}
        yield Difficulty(**usual, **again, about="parameters", name=f"{name}-resumed", spec=spec)
    if not moves(spec):
        return
    move: Mode = "train" if "train" in moves(spec) else "observe"
    modes: Modes = (move, "evaluate", move, "evaluate", move, "freeze", move, "evaluate", move, move)
    script: dict[str, Any] = {"modes": modes, "resumes": ((3, 0), (4, -1), (9, 5)), "anew": (7, 8)}
    yield Difficulty(**usual, **script, about="update", name=f"{name}-resumed", spec=spec)
    running = getattr(spec, "running", None)
    if running is not None:
        counted = replace(spec, running=replace(running, start="debiased", rate=0.0))
        usual["dtypes"] = FLOAT32 + MIXED[:1]
        yield Difficulty(**usual, **script, about="count", name=f"{name}-resumed", spec=counted)
