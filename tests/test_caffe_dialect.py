"""The dialect of Caffe: what is documented, sums that are averages, and blobs."""

import numpy as np
import pytest

from normspec import Unsupported, read, translate
from normspec.errors import InvalidInput
from normspec.translation.state import arrays_of, weights_of

CALL = "caffe.layers.BatchNorm(moving_average_fraction=0.75)"


@pytest.mark.parametrize(
    ("call", "documented"),
    [
        ("L.BatchNorm()", {"channel_axes": (1,), "epsilon": 1e-5, "correction": 0, "scale": False, "shift": False}),
        ("L.LRN()", {"before": 2, "after": 2, "coefficient": 0.2, "exponent": 0.75, "bias": 1.0}),
        ("L.MVN()", {"axes": (2, 3), "divide": True, "epsilon": 1e-9, "epsilon_place": "outside"}),
        ("L.MVN(across_channels=True, normalize_variance=False)", {"axes": (1, 2, 3), "divide": False, "epsilon": 0.0}),
    ],
)
def test_what_is_documented(call, documented):
    spec = read(call)
    assert {field: getattr(spec, field) for field in documented} == documented


@pytest.mark.parametrize(
    ("call", "why"),
    [("L.LRN(local_size=4)", "local_size must be odd, got 4"), ("L.LRN(norm_region=1)", "norm_region=1 has no place among the points")],
)
def test_what_has_no_place_is_refused(call, why):
    with pytest.raises(Unsupported, match=why):
        read(call)


def test_sums_with_the_sum_of_their_weights_are_the_average_that_the_spec_says():
    """As the layer keeps them: three blobs that begin at 0."""
    running, means = read(CALL).running, np.array([3.0, -1.0, 4.0, 1.0])
    total = weight = average = 0.0
    for k, mean in enumerate(means, 1):
        total, weight = 0.75 * total + mean, 0.75 * weight + 1
        average += running.rate / (1 - (1 - running.rate) ** k) * (mean - average)
        found = arrays_of([np.array([total]), np.array([2 * total]), np.array([weight])], CALL)
        assert (running.start, running.correction) == ("debiased", 1)
        np.testing.assert_allclose([found["mean"][0], found["variance"][0]], [average, 2 * average])
        assert found["count"] == k
        blobs = weights_of(found, CALL)
        np.testing.assert_allclose(np.ravel(blobs), [total, 2 * total, weight])


def test_a_fraction_of_1_averages_all_alike_and_its_sum_of_weights_is_the_count():
    call = "caffe.layers.BatchNorm(moving_average_fraction=1.0)"
    assert read(call).running.rate == 0
    found = arrays_of([np.full(2, 6.0), np.full(2, 9.0), np.full(1, 3.0)], call)
    assert (found["mean"].tolist(), found["variance"].tolist(), found["count"]) == ([2, 2], [3, 3], 3)
    assert [a.tolist() for a in weights_of(found, call)] == [[6, 6], [9, 9], [3]]
    with pytest.raises(InvalidInput, match="must have count"):
        weights_of({name: found[name] for name in ("mean", "variance")}, call)


def test_blobs_before_any_step_and_after_very_many():
    none = arrays_of([np.zeros(2), np.zeros(2), np.zeros(1)], CALL)
    assert (none["mean"].tolist(), none["count"]) == ([0, 0], 0)
    many = arrays_of([np.full(2, 4.0), np.full(2, 8.0), np.full(1, 4.0)], CALL)
    assert (many["mean"].tolist(), many["variance"].tolist()) == ([1, 1], [2, 2])
    assert 0.75 ** many["count"] <= 2.0**-52
    assert [a.tolist() for a in weights_of({name: many[name] for name in ("mean", "variance")}, CALL)] == [[4, 4], [8, 8], [4]]
    with pytest.raises(InvalidInput, match="must be the sum of means, that of variances, that of their weights, got 2"):
        arrays_of([np.zeros(2)] * 2, CALL)


def test_what_a_batch_norm_of_caffe_is_elsewhere():
    t = translate("L.BatchNorm()", to="torch")
    assert t.call == "torch.nn.BatchNorm2d(num_features=num_features, momentum=0.001, affine=False)"
    assert [path for path, _, _ in t.differences] == ["running.start", "running.initial_variance", "one_value"]
    assert [path for path, _, _ in translate("L.BatchNorm()", to="haiku").differences if path != "channel_axes"] != []
    assert translate("torch.nn.LocalResponseNorm(5)", to="caffe").call == "caffe.layers.LRN(bottom=x, alpha=0.0001)"
