"""The dialect of MindSpore: defaults as they are documented, and what it says of axes, momentum, dtypes and what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from normspec import Unsupported, read, translate
from normspec.conformance.cases import case_of
from normspec.conformance.run import Asked, run
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.records import Situation

ENTRIES = {entry.native.rpartition(".")[2]: entry for entry in entries("mindspore")}
REQUIRED = {
    "BatchNorm1d": {"num_features": 6},
    "BatchNorm2d": {"num_features": 6},
    "BatchNorm3d": {"num_features": 6},
    "LayerNorm": {"normalized_shape": (5,)},
    "GroupNorm": {"num_groups": 3, "num_channels": 6},
    "L2Normalize": {},
    "LRN": {},
}


def at(dtype="float32", *, shape=(3, 6, 4, 5)):
    return Situation(shape=shape, dtype=dtype, parameter_dtype=dtype)


def meant(name, situation=None, **arguments):
    return ENTRIES[name].meaning({**REQUIRED[name], **arguments}, situation or at())


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        ("BatchNorm1d", {"channel_axes": (1,), "epsilon": 1e-5, "correction": 0, "scale": True, "shift": True, "one_value": "shift"}),
        ("LayerNorm", {"axes": (-1,), "parameter_axes": (-1,), "epsilon": 1e-7, "scale": True, "shift": True}),
        ("GroupNorm", {"groups": 3, "grouping": "contiguous", "scale_per": "channel", "epsilon": 1e-5, "scale": True, "shift": True}),
        ("L2Normalize", {"axes": (0,), "order": 2.0, "epsilon": 1e-2, "epsilon_place": "floor", "at_zero": "zero"}),
        ("LRN", {"channel_axes": (1,), "before": 5, "after": 5, "coefficient": 1.0, "exponent": 0.5, "bias": 1.0, "edges": "zeros"}),
    ],
)
def test_the_defaults_mean_what_is_documented(name, documented):
    spec = meant(name)
    assert {field: getattr(spec, field) for field in documented} == documented


@pytest.mark.parametrize("name", ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"])
def test_momentum_is_the_weight_of_the_old_value_and_the_variance_of_the_sample_is_kept(name):
    running = meant(name, momentum=0.75).running
    assert (running.rate, running.correction, running.start) == (0.25, 1, "initial")
    assert meant(name).running.rate == 0.1


def test_the_default_epsilon_of_batch_and_layer_norm_are_not_one_and_are_written_where_they_differ():
    found = translate("torch.nn.LayerNorm(5)", to="mindspore", shape=(3, 5))
    assert found.call == "mindspore.nn.LayerNorm(normalized_shape=(5,), epsilon=1e-05)"
    assert translate("torch.nn.BatchNorm2d(6)", to="mindspore", shape=(3, 6, 4, 5)).call == "mindspore.nn.BatchNorm2d(num_features=6)"


def test_a_name_without_its_root_is_pytorchs():
    assert read("BatchNorm2d(6)") == read("torch.nn.BatchNorm2d(6)")
    assert read("mindspore.nn.BatchNorm2d(6)") != read("torch.nn.BatchNorm2d(6)")


def test_layer_norm_of_several_axes_names_the_first_of_them():
    spec = meant("LayerNorm", normalized_shape=(4, 5), begin_norm_axis=2, begin_params_axis=2)
    assert (spec.axes, spec.parameter_axes) == ((-2, -1), (-2, -1))
    wider = meant("LayerNorm", begin_norm_axis=1)
    assert (wider.axes, wider.parameter_axes) == ((-3, -2, -1), (-1,))
    found = native(entries("mindspore"), "", spec, at())[1]
    assert found == {"normalized_shape": (4, 5), "begin_norm_axis": 2, "begin_params_axis": 2, "epsilon": 1e-7}
    assert native(entries("mindspore"), "", wider, at())[1]["begin_norm_axis"] == 1


def test_what_is_under_the_root_is_the_square_of_the_floor():
    assert meant("L2Normalize", epsilon=1e-12).epsilon == 1e-6
    spec = meant("L2Normalize", axis=[1], epsilon=1e-24)
    assert native(entries("mindspore"), "", spec, at())[1] == {"axis": 1, "epsilon": 1e-24}


def test_no_epsilon_is_written_as_nearly_none():
    spec = replace(meant("L2Normalize"), epsilon=0.0, epsilon_place="inside", at_zero="no_number")
    for dtype in ("float16", "float32", "float64"):
        found = ENTRIES["L2Normalize"].write(spec, at(dtype))
        assert 0 < ENTRIES["L2Normalize"].meaning(found, at(dtype)).epsilon < 1e-3


@pytest.mark.parametrize(
    ("name", "refused", "message"),
    [
        ("BatchNorm2d", {"use_batch_statistics": False}, "use_batch_statistics=False is a mode, not a meaning"),
        ("BatchNorm2d", {"use_batch_statistics": True}, "takes the statistics of x in evaluation, too"),
        ("BatchNorm2d", {"data_format": "NHWC"}, "with data_format='NHWC' has no place"),
        ("BatchNorm2d", {"eps": 0.0}, "eps must be above 0 and at most 1, got 0.0"),
        ("BatchNorm2d", {"momentum": 1.5}, r"momentum must be in range \[0, 1\], got 1.5"),
        ("BatchNorm2d", {"gamma_init": "zeros"}, "with gamma_init='zeros' has no place"),
        ("LayerNorm", {"normalized_shape": (4, 5)}, r"normalized_shape must have as many axes as there are .*, 1, got \(4, 5\)"),
        ("LayerNorm", {"begin_norm_axis": -2}, r"begin_norm_axis must be in \[-1, 4\), got -2"),
        ("GroupNorm", {"num_groups": 4}, "num_channels must be divisible by num_groups, which is 4, got 6"),
        ("L2Normalize", {"epsilon": 0.0}, "epsilon must be positive in x's dtype, float32, got 0.0"),
        ("L2Normalize", {"axis": (0, 1)}, "axis must be one axis"),
    ],
)
def test_what_mindspore_refuses_is_refused(name, refused, message):
    with pytest.raises(Unsupported, match=message):
        meant(name, **refused)


def test_dtypes_are_those_that_are_documented():
    for name, dtypes in (("BatchNorm2d", "float16, float32"), ("LRN", "float16, float32"), ("LayerNorm", "float16, float32, float64")):
        with pytest.raises(Unsupported, match=f"x must be of one of {dtypes}, got bfloat16"):
            meant(name, at("bfloat16"))
    with pytest.raises(Unsupported, match="got float64"):
        meant("BatchNorm2d", at("float64"))
    with pytest.raises(Unsupported, match="epsilon must be positive in x's dtype, float16, got 1e-12"):
        meant("L2Normalize", at("float16"), epsilon=1e-12)


def test_weights_have_mindspores_names_which_are_those_of_an_inner_layer_in_three_dimensions():
    arrays = {name: np.arange(6.0) for name in ("weight", "bias", "running_mean", "running_var")}
    for dimensions, prefix in ((2, ""), (3, "bn2d.")):
        t = translate(f"torch.nn.BatchNorm{dimensions}d(6)", to="mindspore", shape=(3, 6, 4, 5, 2)[: dimensions + 2])
        found = t.convert({**arrays, "num_batches_tracked": np.array(3)})
        assert set(found) == {f"{prefix}{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")}


@pytest.mark.parametrize(
    "call",
    [
        "mindspore.nn.BatchNorm1d(6, eps=1e-3)",
        "mindspore.nn.BatchNorm2d(6, momentum=0.75, affine=False)",
        "mindspore.nn.BatchNorm3d(6, momentum=0.99)",
        "mindspore.nn.LayerNorm((5,), 1, epsilon=1e-3)",
        "mindspore.nn.LayerNorm((5,), epsilon=1e-3)",
        "mindspore.nn.GroupNorm(3, 6, affine=False)",
        "mindspore.nn.LRN(2, alpha=0.5)",
        "mindspore.ops.L2Normalize(1, epsilon=1e-6)",
    ],
)
def test_a_live_layer_means_what_its_call_does(call):
    mindspore = pytest.importorskip("mindspore")
    made = eval(call, {"mindspore": mindspore})  # noqa: S307 - the call of this very test
    assert read(made) == read(call)


def test_the_example_of_the_page_decides_whether_alpha_is_divided_by_the_windows_length(tmp_path):
    """The formula divides it, the example does not: an adapter of the formula's meaning would fail."""
    pytest.importorskip("mindspore")
    case = case_of("local-response-norm.output/first-rank-4-of-3/float32")
    assert case.spec.before > 0
    checks = [check for _, found in run(Asked(name="mindspore", cases=(case,), out=tmp_path)) for check in found]
    assert {check.verdict for check in checks} == {"conforms"}
