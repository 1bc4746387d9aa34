"""Layers of the reference with a fault, for a child process to import."""

import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import normspec

REFERENCE = normspec.load("reference:numpy")


@dataclass
class Planted:
    """A layer of the reference whose step is `forward` of the layer, the inputs and the mode."""

    right: Any
    take: Any
    taken: int = 0

    def load(self, values):
        self.right.load(values)

    def read(self):
        return self.right.read()

    def forward(self, inputs, mode):
        self.taken += 1
        return self.take(self, inputs, mode)


def with_fault(take):
    """Give the reference with this step."""
    return replace(REFERENCE, name="planted", build=lambda spec, at: Planted(REFERENCE.build(spec, at), take))


def _halved(layer, inputs, mode):
    y, pullback = layer.right.forward(inputs, mode)
    return y if y is None else (y / 2).astype(y.dtype), pullback


def _frozen_late(layer, inputs, mode):
    return layer.right.forward(inputs, "train" if mode == "freeze" and layer.taken >= 3 else mode)


def _long_wrong(layer, inputs, mode):
    return _halved(layer, inputs, mode) if max(inputs["x"].shape) > 4096 else layer.right.forward(inputs, mode)


halved = with_fault(_halved)
frozen_late = with_fault(_frozen_late)
"""From the third step on, what is frozen is trained."""
long_wrong = with_fault(_long_wrong)


def _unsettling(layer, inputs, mode):
    np.seterr(all="raise")
    return layer.right.forward(inputs, mode)


def _flushing(layer, inputs, mode):
    import torch  # noqa: PLC0415 - for this fault alone

    torch.set_flush_denormal(True)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(3)
    return layer.right.forward(inputs, mode)


unsettling = with_fault(_unsettling)
CHANCE = np.random.default_rng()


def _drifting(layer, inputs, mode):
    y, pullback = layer.right.forward(inputs, mode)
    return y if y is None else np.nextafter(y, y + CHANCE.choice([-1, 1], size=y.shape).astype(y.dtype)), pullback


def _ending(layer, inputs, mode):
    told = (repr(layer.right.spec), inputs["x"].tobytes(), mode)
    if told in TAKEN:
        os._exit(3)
    TAKEN.add(told)
    return layer.right.forward(inputs, mode)


TAKEN = set()
ending = with_fault(_ending)
"""It ends its process when it takes the same step again, as it does when a case is played again."""
drifting = with_fault(_drifting)
"""y is off by one in its last place, another way each time."""


def flushing():
    """Give a subject that changes what PyTorch has loaded already."""
    import torch  # noqa: F401, PLC0415 - before its process is looked at

    return with_fault(_flushing)
