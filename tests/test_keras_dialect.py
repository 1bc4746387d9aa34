"""The dialects of Keras 3, Keras 2 and TensorFlow: defaults as they are documented, and what two names make of one layer."""

import math
from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normspec import Unsupported
from normspec.backends.keras_adapted import Adapted, accumulate, adapt
from normspec.backends.keras_library import Library
from normspec.backends.keras_wrapped import Unborn, around_kernel
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.dialects.tensorflow.common import root, square
from normspec.records import Situation

DIALECTS = {"tf": "tensorflow"}
IMAGES = Situation(shape=(2, 3, 5, 15), dtype="float32", parameter_dtype="float32")
MIXED = Situation(shape=(2, 3, 5, 15), dtype="float16", parameter_dtype="float32")


def entry(native, layer):
    first = native.partition(".")[0]
    (found,) = [e for e in entries(DIALECTS.get(first, first)) if (e.native, e.layer) == (native, layer)]
    return found


def meant(native, layer, situation=IMAGES, **arguments):
    return entry(native, layer).meaning(arguments, situation)


DOCUMENTED = [
    ("keras.layers.GroupNormalization", "group_norm", {"groups": 32, "channel_axes": (-1,), "epsilon": 1e-3, "scale": True, "shift": True}),
    ("tf_keras.layers.GroupNormalization", "group_norm", {"groups": 32, "channel_axes": (-1,), "epsilon": 1e-3}),
    (
        "keras.layers.RMSNormalization",
        "rms_norm",
        {"axes": (-1,), "epsilon": 1e-6, "epsilon_place": "inside", "scale": True, "shift": False},
    ),
    ("keras.layers.UnitNormalization", "lp_norm", {"axes": (-1,), "order": 2, "epsilon": 1e-12, "epsilon_place": "floor"}),
    ("tf_keras.layers.UnitNormalization", "lp_norm", {"axes": (-1,), "order": 2, "epsilon": 1e-6, "epsilon_place": "floor"}),
    ("tf.math.l2_normalize", "lp_norm", {"axes": (0, 1, 2, 3), "order": 2, "epsilon": 1e-6, "epsilon_place": "floor"}),
    ("tf.linalg.normalize", "lp_norm", {"axes": (0, 1, 2, 3), "order": 2, "epsilon": 0, "at_zero": "no_number"}),
    (
        "tf.nn.local_response_normalization",
        "local_response_norm",
        {"channel_axes": (-1,), "before": 5, "after": 5, "coefficient": 1, "exponent": 0.5, "bias": 1, "edges": "zeros"},
    ),
    ("tf.image.per_image_standardization", "mean_variance_norm", {"axes": (-3, -2, -1), "epsilon": 1 / 15, "epsilon_place": "floor"}),
    ("keras.layers.Normalization", "feature_norm", {"channel_axes": (-1,), "observes": True, "invert": False, "correction": 0}),
    ("tf_keras.layers.Normalization", "feature_norm", {"channel_axes": (-1,), "observes": True, "invert": False, "correction": 0}),
    ("keras.layers.SpectralNormalization", "spectral_norm", {"channel_axes": (-1,), "iterations": 1, "first": "v", "replaces": True}),
    ("tf_keras.layers.SpectralNormalization", "spectral_norm", {"channel_axes": (-1,), "iterations": 1, "evaluation": "none"}),
]


@pytest.mark.parametrize(("native", "layer", "expected"), DOCUMENTED, ids=lambda value: value if isinstance(value, str) else "")
def test_defaults_mean_what_is_documented(native, layer, expected):
    spec = meant(native, layer)
    assert {name: getattr(spec, name) for name in expected} == expected


def test_groups_of_minus_one_are_instance_norm_and_nothing_else_is():
    native = "keras.layers.GroupNormalization"
    assert meant(native, "instance_norm", groups=-1, axis=1).channel_axes == (1,)
    with pytest.raises(Unsupported, match="it is instance_norm"):
        meant(native, "group_norm", groups=-1)
    with pytest.raises(Unsupported, match="it is group_norm"):
        meant(native, "instance_norm", groups=15)
    instance = entry(native, "instance_norm")
    written = instance.write(meant(native, "instance_norm", groups=-1, axis=1, epsilon=1e-5, scale=False), IMAGES)
    assert instance.call(written) == "keras.layers.GroupNormalization(groups=-1, axis=1, epsilon=1e-05, scale=False)"


def test_keras_2_promises_no_groups_of_minus_one():
    with pytest.raises(Unsupported, match="from 1 to the number of channels"):
        meant("tf_keras.layers.GroupNormalization", "group_norm", groups=-1)


@pytest.mark.parametrize("axis", [0, -4, (1, 2)])
def test_channels_lie_along_one_axis_that_is_not_the_samples(axis):
    with pytest.raises(Unsupported, match="axis must be one axis, and not the first"):
        meant("keras.layers.GroupNormalization", "group_norm", axis=axis)


def test_rms_axes_are_sorted_as_they_are_written():
    assert meant("keras.layers.RMSNormalization", "rms_norm", axis=(2, 1)).axes == (2, 1)
    with pytest.raises(Unsupported, match=r"scale lies along the axes \(3, 1\)"):
        meant("keras.layers.RMSNormalization", "rms_norm", axis=(1, -1))


@pytest.mark.parametrize("power", range(1, 16))
def test_roots_and_squares_are_those_of_the_decimals(power):
    x, squared = float(f"1e-{power}"), float(f"1e-{2 * power}")
    assert (root(squared), square(x)) == (x, squared)


@given(st.integers(1, 10**15), st.integers(-100, 100))
def test_a_root_is_the_inverse_of_a_square_of_fifteen_digits(digits, exponent):
    x = float(f"{digits}e{exponent}")
    assert root(square(x)) == x


@given(st.floats(0, 1))
def test_a_root_that_was_squared_is_itself(x):
    assert root(square(root(x))) == root(x)
    assert math.isclose(root(x), math.sqrt(x), rel_tol=1e-15)


def test_a_floor_under_the_norm_is_written_as_one_under_the_sum():
    l2 = entry("tf.math.l2_normalize", "lp_norm")
    unit = meant("tf_keras.layers.UnitNormalization", "lp_norm", axis=1)
    assert l2.call(l2.write(unit, IMAGES)) == "tf.math.l2_normalize(axis=1)"
    assert l2.write(meant("keras.layers.UnitNormalization", "lp_norm"), IMAGES)["epsilon"] == 1e-24


NORMS = [
    ({"ord": 1, "axis": 2}, (2,), 1),
    ({"ord": 3.0}, (0, 1, 2, 3), 3),
    ({"axis": (1, 2)}, (1, 2), 2),
    ({"ord": "fro", "axis": (1, 2)}, (1, 2), 2),
]


def test_a_kernel_takes_weights_of_one_shape():
    one = Situation(shape=(5, 3), dtype="float32", parameter_dtype="float32")
    with pytest.raises(Unsupported, match=r"a kernel is made with one shape: it cannot have \(5, 3\) and then \(9, 3\)"):
        around_kernel(None, None, {}, replace(one, later=((9, 3),)))


def test_one_value_is_asked_of_every_x():
    spec = replace(meant("keras.layers.BatchNormalization", "batch_norm"), one_value="refuse")
    several = Situation(shape=(5, 3), dtype="float32", parameter_dtype="float32")
    assert native(entries("keras"), "", spec, several)
    with pytest.raises(Unsupported, match=r"batch-norm\.one-value = 'shift', not 'refuse'"):
        native(entries("keras"), "", spec, replace(several, later=((1, 3),)))


@pytest.mark.parametrize(("arguments", "axes", "order"), NORMS)
def test_norms_of_vectors_and_of_frobenius_are_lp_norms(arguments, axes, order):
    spec = meant("tf.linalg.normalize", "lp_norm", **arguments)
    assert (spec.axes, spec.order) == (axes, order)


@pytest.mark.parametrize(
    "arguments",
    [{"ord": 2, "axis": (1, 2)}, {"ord": 1, "axis": (1, 2)}, {"ord": "fro"}, {"axis": (1, 2, 3)}, {"ord": 0.5}, {"ord": math.inf}],
)
def test_other_norms_of_matrices_and_other_orders_are_none(arguments):
    with pytest.raises(Unsupported):
        meant("tf.linalg.normalize", "lp_norm", **arguments)


def test_no_axis_of_features_is_one_mean_for_all():
    normalization = entry("keras.layers.Normalization", "feature_norm")
    spec = meant("keras.layers.Normalization", "feature_norm", axis=None)
    assert spec.channel_axes == ()
    assert normalization.call(normalization.write(spec, IMAGES)) == "keras.layers.Normalization(axis=None)"


def test_moments_are_given_together():
    native = "keras.layers.Normalization"
    assert not meant(native, "feature_norm", mean=3.0, variance=2.0).observes
    with pytest.raises(Unsupported, match="must be specified together"):
        meant(native, "feature_norm", mean=3.0)
    written = entry(native, "feature_norm").write(meant(native, "feature_norm", mean=3.0, variance=2.0, axis=(1, 2)), IMAGES)
    assert entry(native, "feature_norm").call(written) == "keras.layers.Normalization(axis=(1, 2), mean=mean, variance=variance)"


@pytest.mark.parametrize(
    ("native", "layer"),
    [
        ("keras.layers.SpectralNormalization", "spectral_norm"),
        ("tf_keras.layers.SpectralNormalization", "spectral_norm"),
        ("keras.layers.RMSNormalization", "rms_norm"),
        ("tf_keras.layers.Normalization", "feature_norm"),
        ("tf.linalg.normalize", "lp_norm"),
        ("tf.image.per_image_standardization", "mean_variance_norm"),
    ],
)
def test_what_has_no_mixed_precision_says_so(native, layer):
    with pytest.raises(Unsupported):
        meant(native, layer, MIXED)


class Observing:
    """Records what an adapter asks of a layer."""

    def __init__(self, count):
        self.count, self.adapt_mean, self.adapt_variance, self.told = count, None, None, []

    def adapt(self, data):
        self.told.append(("adapt", data))

    def update_state(self, data):
        self.told.append(("update_state", data))

    def finalize_state(self):
        self.told.append(("finalize_state",))


def observed(observe, count, *batches):
    layer = Observing(count)
    by = Adapted(Library(None, None, None, None, observe), lambda *_: None, layer)
    for batch in batches:
        by.forward({"x": batch}, "observe")
    return layer.told


def test_keras_3_adapts_to_every_batch_anew_and_keras_2_goes_on():
    assert observed(adapt, 0, "a", "b") == [("adapt", "a"), ("adapt", ["a", "b"])]
    steps = [("update_state", "a"), ("finalize_state",), ("update_state", "b"), ("finalize_state",)]
    assert observed(accumulate, 3, "a", "b") == steps
    with pytest.raises(Unsupported, match="begins anew"):
        observed(adapt, 3, "a")


def test_what_is_born_random_is_not_shown_before_it_is_loaded():
    layer = Unborn(SimpleNamespace(load=lambda _: None, read=lambda: {"u": "a vector"}))
    assert layer.read() == {}
    layer.load({"u": "a vector"})
    assert layer.read() == {"u": "a vector"}
