"""The table of invariances of a linear layer before a norm, Ba, Kiros and Hinton 2016, with a row for RMS norm.

a = X W^T, a row of X being a sample and a row of W a unit's weights; no epsilon, scale or shift. Weight norm takes W in place of a.
"""

import numpy as np
import pytest
from laws_numbers import assert_same, differ, law, numbers

from normspec.reference import batch_norm, layer_norm, rms_norm, weight_norm
from normspec.reference.quad import asarray


def linear(w, x):
    """Give a, exactly where its terms are: the product of matrices of 113 bits rounds more than their sums do."""
    return np.sum(x[:, None, :] * w, axis=2)


ROWS = {
    "batch_norm": lambda w, x: batch_norm(linear(w, x), mode="train", channel_axes=(1,), epsilon=0.0)[0],
    "weight_norm": lambda w, x: linear(weight_norm(w, channel_axes=(0,), epsilon=0.0)[0], x),
    "layer_norm": lambda w, x: layer_norm(linear(w, x), axes=(1,), epsilon=0.0)[0],
    "rms_norm": lambda w, x: rms_norm(linear(w, x), axes=(1,), epsilon=0.0)[0],
}
FIRST = np.array([[1.0], [0.0], [0.0], [0.0]])
"""Picks one unit of four, or one sample of four."""
COLUMNS = {
    "the weights are scaled": lambda w, x, a, _: (a * w, x),
    "the weights of all units are shifted alike": lambda w, x, _, shift: (w + shift, x),
    "the weights of one unit are scaled": lambda w, x, a, _: (w * (1 + (a - 1) * FIRST), x),
    "all samples are scaled": lambda w, x, a, _: (w, a * x),
    "all samples are shifted alike": lambda w, x, _, shift: (w, x + shift),
    "one sample is scaled": lambda w, x, a, _: (w, x * (1 + (a - 1) * FIRST)),
}
HOLDS = {
    "batch_norm": (True, False, True, True, True, False),
    "weight_norm": (True, False, True, False, False, False),
    "layer_norm": (True, True, False, True, False, True),
    "rms_norm": (True, False, False, True, False, True),
}
CELLS = [(row, column, holds) for row in ROWS for column, holds in zip(COLUMNS, HOLDS[row], strict=True)]


@pytest.mark.parametrize(("row", "column"), [cell[:2] for cell in CELLS if cell[2]])
@law(numbers((4, 3), parts=(1,)), numbers((4, 3), parts=(1,)), numbers((3,), parts=(1,)))  # whose a is exact: no variance is of roundings
def test_what_a_norm_is_invariant_to(row, column, w, x, shift):
    """A cell with a tick: the output is the same whatever the weights, the samples and the shift."""
    assert_same(ROWS[row](*COLUMNS[column](w, x, 2.5, shift)), ROWS[row](w, x))


@pytest.mark.parametrize(("row", "column"), [cell[:2] for cell in CELLS if not cell[2]])
def test_what_a_norm_is_not_invariant_to(row, column):
    """A cell with a cross: here is an example in which the output is another."""
    w, x = (
        asarray(np.array([[1.0, 2, 0], [0, 1, -1], [3, 0, 1], [1, 1, 1]])),
        asarray(np.array([[1.0, 0, 2], [0, 1, 1], [2, -1, 0], [1, 1, 3]])),
    )
    assert differ(ROWS[row](*COLUMNS[column](w, x, 2.5, asarray(np.array([0.5, -1, 0.25])))), ROWS[row](w, x), by=0.1)
