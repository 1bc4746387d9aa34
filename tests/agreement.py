"""Numbers of both worlds, quad arrays and multiple-precision scalars, and the terms that tolerances are relative to."""

from types import SimpleNamespace

import mpmath
import numpy as np
from definitions import batch_norm, layer_norm

import normspec

AGREE = mpmath.mpf(10) ** -30
PRECISION = 400
REFERENCE = normspec.load("reference:quad")


def indexed(array):
    """Give an array of floats or of quads as the definitions take it, every scalar exactly (a quad is the sum of three floats)."""
    array = np.asarray(array)
    parts = []
    for _ in range(3):
        parts.append(np.asarray(array.astype(np.float64)))
        array = array - parts[-1].astype(array.dtype)
    assert np.all(array.astype(np.float64) == 0), "a quad must be the sum of three floats"
    return {index: mpmath.mpf(0) + sum(mpmath.mpf(float(part[index])) for part in parts) for index in np.ndindex(array.shape)}


def given_to(situation, values):
    return {name: value if name == "count" else REFERENCE.asarray(value, situation) for name, value in values.items()}


def taken_from(layer):
    """Give what a layer holds as the definitions take it."""
    return {name: int(value) if name == "count" else indexed(value) for name, value in layer.read().items()}


def assert_agree(found, expected, terms, tolerance=AGREE):
    """Assert that arrays agree to the tolerance times the largest term of each element."""
    assert found.keys() == expected.keys()
    for index, value in expected.items():
        error = abs(found[index] - value)
        assert error <= tolerance * terms[index], f"{index}: {found[index]} for {value}, off by {mpmath.nstr(error / terms[index], 3)}"


# ---- the largest terms


def terms_of_group(spec, values, *, weight, correction, old_mean, mean, variance, amplified):
    """Give the largest terms of a normalized value and of a cotangent of x per cotangent of a normalized value, in one group.

    A normalized value is made of x / divisor and mean / divisor. A cotangent of x has its own way, the mean's and the variance's;
    in the last, deviations enter twice, but once divided by the deviation: that once is at most the root of the number of values.
    `amplified` is by how much the variance that normalizes is smaller than its own terms.
    """
    n, divided_by = len(values), batch_norm.divisor(spec, variance)
    largest = max(abs(value) for value in values) + abs(old_mean)
    own_mean = batch_norm.mean_of(values)
    deviation = max(abs(value - own_mean) for value in values) + max(abs(value - mean) for value in values)
    slope = 2 * batch_norm.divisor_slope(spec, variance)
    through_variance = n / mpmath.mpf(max(n - correction, 1)) * deviation * slope * largest / divided_by
    return largest / divided_by * amplified, (1 + weight * (1 + through_variance)) / divided_by * amplified


def batch_norm_terms(spec, mode, values, before, after, *, channel):
    if not batch_norm.uses_running(spec, mode):
        if len(values) == 1:
            return 0, 0
        mean, variance = batch_norm.mean_of(values), batch_norm.variance_of(values, spec.correction)
        how = {"weight": 1, "correction": spec.correction, "old_mean": 0, "amplified": 1}
        return terms_of_group(spec, values, mean=mean, variance=variance, **how)
    mean, variance = after["running_mean"][channel], after["running_variance"][channel]
    how = {"weight": 0, "correction": spec.running.correction, "old_mean": before["running_mean"][channel], "amplified": 1}
    if mode == "train":
        how["weight"] = batch_norm.weight_of(spec.running, after)
        terms = state_terms(spec, values, before, after, channel)["running_variance"]
        under_the_root = variance + (mpmath.mpf(spec.epsilon) if spec.epsilon_place == "inside" else 0)
        how["amplified"] = 1 + (terms / under_the_root if under_the_root else 0)
    return terms_of_group(spec, values, mean=mean, variance=variance, **how)


def state_terms(spec, values, before, after, channel):
    """Give the largest terms of old + weight * (observed - old)."""
    weight = batch_norm.weight_of(spec.running, after)
    observed = {
        "running_mean": max(abs(value) for value in values),
        "running_variance": batch_norm.variance_of(values, spec.running.correction),
    }
    return {name: abs(before[name][channel]) + weight * value for name, value in observed.items()}


def layer_norm_terms(spec, values):
    if len(values) == 1:
        return 0, 0
    mean, variance = layer_norm.mean_of(values), layer_norm.variance_of(values, spec.correction)
    return terms_of_group(spec, values, weight=1, correction=spec.correction, old_mean=0, mean=mean, variance=variance, amplified=1)


def largest_terms(groups, terms_of, place_of, parameters, dy):
    """Give the largest term of every element of y and of the cotangents: groups of indices share statistics."""
    scale, shift = parameters.get("scale", {}), parameters.get("shift", {})
    terms = SimpleNamespace(y={}, x={}, scale={}, shift={})
    for key, indices in groups.items():
        normalized, through = terms_of(key, indices)
        dnormalized = max(abs(dy[i] * scale.get(place_of(i), 1)) for i in indices)
        for i in indices:
            place = place_of(i)
            terms.y[i] = abs(scale.get(place, 1)) * normalized + abs(shift.get(place, 0))
            terms.x[i] = dnormalized * through
            terms.scale[place] = max(terms.scale.get(place, 0), abs(dy[i]) * normalized)
            terms.shift[place] = max(terms.shift.get(place, 0), abs(dy[i]))
    return terms
