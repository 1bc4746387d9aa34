"""The dialect of ONNX: what each opset means, floats of 32 bits, and what the standard says of dtypes."""

from dataclasses import replace

import numpy as np
import pytest

import normspec
from normspec import Unsupported, read
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.dialects.onnx.common import LATEST
from normspec.records import Situation
from normspec.translation.find import named


def at(dtype="float32", parameter_dtype="", *, shape=(5, 6, 7)):
    return Situation(shape=shape, dtype=dtype, parameter_dtype=parameter_dtype or dtype)


def meant(name, situation=None, **arguments):
    (entry,) = named(f"onnx.{name}")
    return entry.meaning(arguments, situation or at())


@pytest.mark.parametrize(
    ("call", "documented"),
    [
        ("onnx.BatchNormalization()", {"channel_axes": (1,), "epsilon": 1e-5, "correction": 0, "scale": True, "one_value": "shift"}),
        ("onnx.LayerNormalization(x, s)", {"axes": (2,), "parameter_axes": (2,), "epsilon": 1e-5, "scale": True, "shift": False}),
        ("onnx.LayerNormalization(x, s, b, axis=1)", {"axes": (1, 2), "parameter_axes": (1, 2), "scale": True, "shift": True}),
        ("onnx.InstanceNormalization()", {"channel_axes": (1,), "epsilon": 1e-5, "running": None, "scale": True, "shift": True}),
        ("onnx.opset20.GroupNormalization(num_groups=3)", {"groups": 3, "grouping": "contiguous", "scale_per": "group"}),
        ("onnx.opset21.GroupNormalization(num_groups=3)", {"groups": 3, "grouping": "contiguous", "scale_per": "channel"}),
        ("onnx.RMSNormalization()", {"axes": (2,), "epsilon": 1e-5, "shift": False, "rounding": "before_scale"}),
        ("onnx.LpNormalization()", {"axes": (-1,), "order": 2.0, "epsilon": 0.0, "at_zero": "zero"}),
        ("onnx.LRN(size=5)", {"before": 2, "after": 2, "coefficient": 2e-5, "exponent": 0.75, "bias": 1.0}),
        ("onnx.LRN(size=4)", {"before": 1, "after": 2, "coefficient": 2.5e-5}),
        ("onnx.MeanVarianceNormalization(axes=(0, 2))", {"axes": (0, 2), "epsilon": 0.0, "correction": 0, "divide": True}),
    ],
)
def test_what_is_documented(call, documented):
    spec = read(call, rank=3)
    assert {field: getattr(spec, field) for field in documented} == documented


def test_momentum_is_the_weight_of_the_old_value_and_feeds_the_variance_of_the_population():
    running = meant("BatchNormalization", momentum=0.75).running
    assert (running.rate, running.correction, running.start) == (0.25, 0, "initial")


def test_an_attribute_has_32_bits_where_x_can_tell():
    for dtype, kept in (("float32", 1e-3), ("float16", 1e-3), ("float64", float(np.float32(1e-3)))):
        assert meant("BatchNormalization", at(dtype), epsilon=1e-3).epsilon == kept
    assert meant("BatchNormalization", at("float64"), momentum=0.9).running.rate == pytest.approx(1 - float(np.float32(0.9)), rel=1e-15)


def test_the_first_stage_is_computed_in_float32_and_rounded():
    for name in ("LayerNormalization", "opset21.GroupNormalization"):
        told = {"num_groups": 3} if "Group" in name else {}
        assert [meant(name, at(dtype), **told).statistics_dtype for dtype in ("float64", "float16")] == ["float32", "input"]
    assert meant("RMSNormalization", at("float16", "float32")).output_dtype == "promoted"


@pytest.mark.parametrize(
    ("name", "situation", "arguments", "why"),
    [
        ("LayerNormalization", at("float16", "float32"), {}, "what the layer owns has the dtype of x, float16, not float32"),
        ("RMSNormalization", at("float32", "float16"), {}, "the dtype of scale, which must be no narrower than X's, float32, got"),
        ("LpNormalization", at(), {"p": 3}, "p must be one of 1, 2, got 3"),
        ("LayerNormalization", at(), {"stash_type": 16}, "stash_type=16 has no place among the points of layer_norm"),
    ],
)
def test_what_is_no_such_layer_is_refused(name, situation, arguments, why):
    with pytest.raises(Unsupported, match=why):
        meant(name, situation, **arguments)


def test_an_opset_means_what_the_last_one_did_that_said_something_new():
    for opset, own in ((18, 18), (20, 18), (21, 21), (24, 21)):
        assert named(f"onnx.opset{opset}.GroupNormalization")[0].native == f"onnx.opset{own}.GroupNormalization"
    with pytest.raises(normspec.NotFound, match=r"got 'onnx\.opset13\.BatchNormalization'"):
        named("onnx.opset13.BatchNormalization")


def test_the_latest_opset_is_the_installed_one():
    assert pytest.importorskip("onnx.defs").onnx_opset_version() == LATEST


def test_the_nearest_operator_of_a_layer_without_parameters_has_them():
    bare = replace(meant("LayerNormalization"), scale=False, shift=False)
    with pytest.raises(Unsupported, match=r"layer-norm\.scale = True, not False"):
        native(entries("onnx"), "", bare, at())
