"""The dialect of OpenVINO: inference alone, computed in float32, and what its pages say of each operation."""

from dataclasses import replace

import numpy as np
import pytest

import normspec
from normspec import Unsupported, load, read, translate
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.records import Situation
from normspec.translation.find import named

TORCH = "torch.nn.BatchNorm2d(5, momentum=0.25)"
L2 = {"axes": (1,), "eps": 1e-4, "eps_mode": "add"}
MVN = {"axes": (1, 2), "normalize_variance": True, "eps": 1e-3, "eps_mode": "inside_sqrt"}


def at(dtype="float32", parameter_dtype=""):
    return Situation(shape=(5, 6, 7), dtype=dtype, parameter_dtype=parameter_dtype or dtype)


def meant(name, situation=None, **arguments):
    (entry,) = named(f"openvino.{name}")
    return entry.meaning(arguments, situation or at())


@pytest.mark.parametrize(
    ("call", "documented"),
    [
        ("opset5.batch_norm_inference(epsilon=1e-5)", {"channel_axes": (1,), "epsilon": 1e-5, "train_with": "running", "scale": True}),
        ("opset12.group_normalization(num_groups=3, epsilon=1e-5)", {"groups": 3, "grouping": "contiguous", "scale_per": "channel"}),
        ("opset1.lrn(axes=(1,))", {"before": 2, "after": 2, "coefficient": 0.2, "exponent": 0.5, "bias": 1, "channel_axes": (1,)}),
        ("opset1.lrn(axes=2, size=3, alpha=6)", {"before": 1, "after": 1, "coefficient": 2.0, "channel_axes": (2,)}),
    ],
)
def test_what_is_documented(call, documented):
    spec = read(f"openvino.{call}", rank=3)
    assert {field: getattr(spec, field) for field in documented} == documented


def test_where_epsilon_stands():
    places = [meant("opset6.mvn", **{**MVN, "eps_mode": mode}).epsilon_place for mode in ("inside_sqrt", "outside_sqrt")]
    assert places == ["inside", "outside"]
    assert meant("opset6.mvn", **{**MVN, "normalize_variance": False}).epsilon == 0
    floors = [(s.epsilon_place, s.epsilon) for s in (meant("opset1.normalize_l2", **{**L2, "eps_mode": mode}) for mode in ("add", "max"))]
    assert floors == [("inside", 1e-4), ("floor", 1e-2)]


def test_a_cpu_computes_in_float32_and_eps_has_32_bits():
    for dtype in ("float64", "float32", "float16", "bfloat16"):
        assert meant("opset6.mvn", at(dtype), **MVN).statistics_dtype == "float32"
    assert meant("opset6.mvn", at("float64"), **MVN).epsilon == float(np.float32(1e-3))
    assert meant("opset12.group_normalization", at("float64"), num_groups=3, epsilon=1e-3).epsilon == 1e-3


@pytest.mark.parametrize(
    ("name", "arguments", "why"),
    [
        ("opset5.batch_norm_inference", {"epsilon": -1.0}, "epsilon must not be negative, got"),
        ("opset12.group_normalization", {"num_groups": 3, "epsilon": 0.0}, "epsilon must be positive, got 0.0"),
        ("opset6.mvn", {**MVN, "eps_mode": "max"}, "eps_mode must be one of inside_sqrt, outside_sqrt, got 'max'"),
        ("opset1.normalize_l2", {**L2, "eps_mode": "floor"}, "eps_mode must be one of add, max, got 'floor'"),
        ("opset1.lrn", {"axes": (1,), "size": 4}, "size must be odd, got 4"),
        ("opset1.lrn", {"axes": (1, 2)}, "axes must be one"),
        ("opset1.lrn", {"axes": (-1,)}, "counted from the front"),
    ],
)
def test_what_is_no_such_layer_is_refused(name, arguments, why):
    with pytest.raises(Unsupported, match=why):
        meant(name, **arguments)


def test_what_the_layer_owns_has_the_dtype_of_x():
    with pytest.raises(Unsupported, match="has the dtype of x, float16, not float32"):
        meant("opset5.batch_norm_inference", at("float16", "float32"), epsilon=1e-3)


def test_an_operation_is_that_of_every_opset_that_has_it():
    for opset in (1, 5, 16):
        assert named(f"ov.opset{opset}.batch_norm_inference")[0].native == "openvino.opset5.batch_norm_inference"
    for absent in ("opset5.mvn", "opset17.lrn"):  # opset5.mvn has other parameters
        with pytest.raises(normspec.NotFound, match=rf"got 'openvino\.{absent}'"):
            named(f"openvino.{absent}")


def test_what_shows_in_training_alone_is_not_lost_where_there_is_none():
    t = translate(TORCH, to="openvino", shape=(3, 5, 7, 6))
    assert t.call == "openvino.opset5.batch_norm_inference(data=x, epsilon=1e-05)"
    assert t.differences == ()
    back = translate(t.call, to="torch", shape=(3, 5, 7, 6))
    assert back.differences == ()  # nor does it make up what would show in training


def test_the_nearest_epsilon_to_none_is_the_least():
    assert translate("onnx.LpNormalization()", to="openvino").differences == (("epsilon", 0.0, 2.0**-126),)
    with pytest.raises(Unsupported, match=r"mean-variance-norm\.epsilon = 1\.17"):
        native(entries("openvino"), "", replace(meant("opset6.mvn", **MVN), epsilon=0.0), at())


def test_what_shows_in_evaluation_is_lost():
    spec = read(TORCH)
    at_4 = replace(at(), shape=(3, 5, 7, 6))
    assert native(entries("openvino"), "", spec, at_4)[1] == {"epsilon": 1e-5}
    for path, other in (("running", None), ("scale", False), ("epsilon_place", "outside")):
        with pytest.raises(Unsupported, match=f"batch-norm.{path}".replace("_", "-")):
            native(entries("openvino"), "", replace(spec, **{path: other}), at_4)


def test_a_layer_that_runs_in_inference_alone_takes_no_step_of_training():
    pytest.importorskip("openvino")
    spec, x = meant("opset5.batch_norm_inference", epsilon=0.0), np.ones((5, 6, 7), np.float32)
    layer, still = (load("openvino").build(one, at()) for one in (replace(spec, train_with="batch"), spec))
    values = dict(zip(("scale", "shift", "running_mean", "running_variance"), np.float32([2.0, 1.0, 0.5, 0.25]), strict=True))
    for one in (layer, still):
        one.load({name: np.full(6, value) for name, value in values.items()})
    for mode in ("train", "observe"):
        with pytest.raises(Unsupported, match="batch_norm_inference runs in inference alone"):
            layer.forward({"x": x}, mode)
    assert np.all(layer.forward({"x": x}, "evaluate")[0] == 3.0)
    assert np.all(still.forward({"x": x}, "train")[0] == 3.0), "nothing else was asked for"


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
def test_every_dtype_goes_in_and_comes_out_bit_by_bit(dtype):
    pytest.importorskip("openvino")
    spec = replace(meant("opset6.mvn", **MVN), divide=False, epsilon=0.0, axes=(2,))
    x = np.zeros((5, 6, 7)).astype(np.dtype(dtype) if dtype != "bfloat16" else pytest.importorskip("ml_dtypes").bfloat16)
    x[..., 0], x[..., 1] = 0.5, -0.5
    y, _ = load("openvino").build(spec, at(dtype)).forward({"x": x}, "evaluate")
    assert y.dtype == x.dtype
    assert np.array_equal(y, x)
