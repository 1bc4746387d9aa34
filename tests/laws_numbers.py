"""What every law needs: numbers of 113 bits, drawn so that no law is ill conditioned, and equality to within their rounding.

Numbers are multiples of 1/8 up to 4, or thirds or sevenths of these, and a statistic is taken over at most 36 of them: deviations are
then 0 or more than 1/400. So no term of an output, a cotangent or a statistic is more than 1e5 times what it is compared with.
"""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normspec.reference import quad

AGREE = 1e-28
"""2^-112 is 2e-34: a law that holds does so to within a few roundings of terms as large as said above."""

OF_GRADIENTS = 1e4
"""The largest terms of a cotangent of x, 16 from dy and scale over a deviation of 1/400: what cancels in a sum of cotangents."""


def law(*strategies, examples=30):
    """Make a function of drawn values a law that is tried on so many of them."""
    how = settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    return lambda test: how(given(*strategies)(test))


@st.composite
def numbers(draw, shape, *, nowhere_zero=False, parts=(1, 3, 7)):
    """Draw an array of 113 bits."""
    drawn = np.frombuffer(draw(st.binary(min_size=(size := int(np.prod(shape))), max_size=size)), np.uint8).reshape(shape)
    whole = drawn.astype(np.float64) % 64 - 32
    eighths = (whole + 0.5 if nowhere_zero else whole) / 8
    return quad.asarray(eighths) / draw(st.sampled_from(parts))


def assert_same(found, must, tolerance=AGREE, *, terms=1.0):
    """Assert that arrays are the same to within the tolerance, relative to the largest number in them or to the terms they are made of."""
    found, must = np.asarray(found), np.asarray(must)
    assert found.shape == must.shape, f"{found.shape} for {must.shape}"
    size = max(terms, float(np.max(np.abs(must), initial=0)))
    error = float(np.max(np.abs(found - must), initial=0)) / size
    assert error <= tolerance, f"off by {error:.3g}: {found} for {must}"


def assert_all_same(found, must):
    """Assert that arrays are the same, name by name."""
    assert found.keys() == must.keys()
    for name, value in must.items():
        assert_same(found[name], value)


def assert_at_most(found, most):
    """Assert that no number is larger than another, but for rounding."""
    above = float(np.max(np.asarray(found) - most, initial=0))
    assert above <= AGREE * max(1.0, float(np.max(np.abs(most)))), f"above by {above:.3g}: {found} for {most}"


def assert_identical(found, must):
    """Assert that arrays are the same to the last bit, name by name."""
    assert found.keys() == must.keys()
    for name, value in must.items():
        assert np.array_equal(found[name], value), f"{name}: {found[name]} for {value}"


def differ(one, other, by=1e-3):
    """Tell whether arrays differ by more than rounding can explain."""
    return float(np.max(np.abs(np.asarray(one) - np.asarray(other)))) > by
