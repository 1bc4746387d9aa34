"""The reference, but the second layer built gives something strange for y, or for its values: `planted_values:nan` and so on."""

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from planted import GOOD


@dataclass
class Turned:
    """A layer of the reference whose y or values are turned into something else."""

    layer: Any
    y: Any
    value: Any

    def load(self, values):
        self.layer.load(values)

    def forward(self, inputs, mode):
        y, pullback = self.layer.forward(inputs, mode)
        return self.y(y), pullback

    def read(self):
        return {name: self.value(value) for name, value in self.layer.read().items()}


def same(a):
    return a


def giving(y=same, value=same):
    numbers = itertools.count(1)

    def build(spec, situation):
        second = next(numbers) == 2
        return Turned(GOOD.build(spec, situation), y if second else same, value if second else same)

    return replace(GOOD, name="planted", build=build, asnumpy=same)


nan = giving(lambda y: np.full_like(y, np.nan))
infinity = giving(lambda y: np.full_like(y, -np.inf))
scalar = giving(lambda _: np.float32(1))
objects = giving(lambda y: y.astype(object))
as_list = giving(np.ndarray.tolist)
ragged = giving(lambda _: [[1.0], [1.0, 2.0]])
text = giving(lambda _: "no array \udcff")
nothing = giving(lambda _: None)
complex_numbers = giving(lambda y: y.astype("complex128"))
big_endian = giving(lambda y: y.astype(">f4"), lambda a: a.astype(">f4"))
misshapen = giving(value=lambda a: a[..., None])
empty = giving(value=lambda a: a[:0])
