"""Faults of what evaluation, training and initialization take for statistics."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from normspec.conformance.mutants.altered import Altered, Taken, altered, another
from normspec.conformance.mutants.record import mutant
from normspec.layers.fields import moves
from normspec.records import Arrays, Layer, Mode, Situation

BORN = ("scale", "shift", "mean", "variance")
"""What is born as 0 or 1."""


def _by_batch(modes: tuple[Mode, ...], until: str = "") -> Callable[[Altered, Arrays, Mode], Taken]:
    """Give a forward that in these modes takes the batch's statistics, and leaves the state."""

    def forward(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
        kept = layer.owned("state", "count")
        batch = mode in modes and not layer.memory.get(until, False)
        taken = layer.right.forward(inputs, "train" if batch else mode)
        if batch:
            layer.right.load(kept)
        layer.memory["trained"] = layer.memory.get("trained", False) or mode in moves(layer.spec)
        return taken

    return forward


def _always_evaluates(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    return (None, None) if mode == "observe" else layer.right.forward(inputs, "evaluate")


def _one_sample_evaluates(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    return layer.right.forward(inputs, "evaluate" if inputs["x"].shape[0] == 1 and mode == "train" else mode)


def _born_observing(spec: Any, situation: Situation) -> Layer:
    made = altered()(spec, situation)
    x = np.arange(np.prod(situation.shape)).reshape(situation.shape) % 7
    made.forward({"x": x.astype(situation.dtype if situation.dtype != "bfloat16" else "float32")}, "train")
    return made


def _born_otherwise(spec: Any, situation: Situation) -> Layer:
    made = altered()(spec, situation)
    own = {name: a for name, a in made.read().items() if name in BORN}
    made.load({name: (1 - a.astype(np.float64)).astype(a.dtype) for name, a in own.items()})
    return made


def _training_alone(layer: Altered, inputs: Arrays, mode: Mode) -> Taken:
    y, pullback = layer.right.forward(inputs, mode)
    return (y if y is None or mode == "train" else (y.astype(np.float64) * 1.5).astype(y.dtype)), pullback


def _keeps(spec: Any, situation: Situation) -> bool:
    """Tell whether a layer has state in this situation."""
    return any(slot.role == "state" for slot in spec.slots(situation.shape).values())


def _moves(spec: Any, situation: Situation) -> bool:
    running = getattr(spec, "running", None)
    return _keeps(spec, situation) and not (running is not None and running.start == "initial" and running.rate == 0)


def _uses(spec: Any, situation: Situation) -> bool:
    """Tell whether evaluation takes running statistics, and training the batch's."""
    return getattr(spec, "running", None) is not None and getattr(spec, "train_with", "batch") == "batch" and _keeps(spec, situation)


def _refuses_nothing(spec: Any, situation: Situation) -> bool:
    return _moves(spec, situation) and spec.geometry(situation.shape).n > 1


MUTANTS = (
    mutant("right-in-training-alone", "y is right in training alone", "modes", make=altered(_training_alone)),
    mutant(
        "freeze-takes-batch",
        "freeze takes the batch's statistics",
        "running",
        "keras-team/keras#9965",
        make=altered(_by_batch(("freeze",))),
        where=_uses,
    ),
    mutant(
        "evaluation-takes-batch",
        "evaluate takes the batch's",
        "running",
        "pytorch/xla#806",
        make=altered(_by_batch(("evaluate", "freeze"))),
        where=_uses,
    ),
    mutant(
        "batch-until-trained",
        "evaluation takes the batch's statistics until a step has trained",
        "running",
        "pytorch/pytorch#37823",
        layers=("batch_norm", "instance_norm"),
        make=altered(_by_batch(("evaluate", "freeze"), "trained")),
        where=_uses,
    ),
    mutant(
        "training-takes-running",
        "train normalizes with the running statistics, so that y depends on their rate",
        "train_with",
        "patrick-kidger/equinox#659",
        **another(lambda spec, _: replace(spec, train_with="running") if getattr(spec, "running", None) else None),
    ),
    mutant(
        "mode-defaults-to-evaluation",
        "the mode is not handed on, and its default is evaluation",
        "output",
        "https://coderapp.vercel.app/answer/69294892",
        make=altered(_always_evaluates),
        where=lambda spec, at: _uses(spec, at) or spec.layer == "spectral_norm",
        layers=("batch_norm", "instance_norm", "spectral_norm"),
    ),
    mutant(
        "one-sample-evaluates",
        "a batch of one sample is evaluated",
        "output",
        make=altered(_one_sample_evaluates),
        where=_uses,
        layers=("batch_norm", "instance_norm"),
    ),
    mutant(
        "born-otherwise",
        "what is born as 1 is born as 0, and the other way",
        "born",
        make=_born_otherwise,
        where=lambda spec, at: bool(spec.slots(at.shape).keys() & set(BORN)) and getattr(spec, "initial_scale", "one") == "one",
    ),
    mutant(
        "init-observes",
        "initialization runs a step, which moves the state",
        "running.initial_variance",
        "google/flax#1254",
        make=_born_observing,
        where=_refuses_nothing,
    ),
)
"""Faults of which statistics a step takes."""
