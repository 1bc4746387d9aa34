"""The dialect of tinygrad: defaults as they are documented, and what it says of axes, dtypes and what is refused."""

from dataclasses import replace

import pytest

from normspec import Unsupported, read
from normspec.conformance.cases import case_of
from normspec.conformance.run import Asked, run
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.records import Situation

ENTRIES = {entry.native.rpartition(".")[2]: entry for entry in entries("tinygrad")}
REQUIRED = {
    "BatchNorm": {"sz": 6},
    "LayerNorm": {"normalized_shape": (4, 5)},
    "LayerNorm2d": {"normalized_shape": 6},
    "layernorm": {},
    "GroupNorm": {"num_groups": 3, "num_channels": 6},
    "InstanceNorm": {"num_features": 6},
    "RMSNorm": {"dim": 5},
    "normalize": {},
}


def at(dtype="float32", parameter_dtype="", *, shape=(3, 6, 4, 5)):
    return Situation(shape=shape, dtype=dtype, parameter_dtype=parameter_dtype or dtype)


def meant(name, situation=None, **arguments):
    return ENTRIES[name].meaning({**REQUIRED[name], **arguments}, situation or at())


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        ("BatchNorm", {"channel_axes": (1,), "epsilon": 1e-5, "correction": 0, "scale": True, "shift": True, "one_value": "refuse"}),
        ("LayerNorm", {"axes": (-2, -1), "parameter_axes": (-2, -1), "epsilon": 1e-5, "scale": True, "shift": True}),
        ("LayerNorm2d", {"axes": (-3,), "parameter_axes": (-3,), "epsilon": 1e-5, "scale": True, "shift": True}),
        ("layernorm", {"axes": (-1,), "epsilon": 1e-5, "scale": False, "shift": False}),
        ("GroupNorm", {"groups": 3, "grouping": "contiguous", "scale_per": "channel", "epsilon": 1e-5, "scale": True, "shift": True}),
        ("InstanceNorm", {"channel_axes": (1,), "epsilon": 1e-5, "running": None, "scale": True, "shift": True}),
        ("RMSNorm", {"axes": (-1,), "epsilon": 1e-6, "epsilon_place": "inside", "scale": True, "rounding": "before_scale"}),
        ("normalize", {"axes": (1,), "order": 2.0, "epsilon": 1e-12, "epsilon_place": "floor", "at_zero": "zero"}),
    ],
)
def test_the_defaults_mean_what_is_documented(name, documented):
    spec = meant(name)
    assert {field: getattr(spec, field) for field in documented} == documented


def test_momentum_is_the_weight_of_the_new_value_and_feeds_the_variance_of_the_sample():
    running = meant("BatchNorm", momentum=0.25).running
    assert (running.rate, running.correction, running.start) == (0.25, 1, "initial")


def test_without_running_statistics_one_value_is_taken():
    spec = meant("BatchNorm", track_running_stats=False)
    assert (spec.running, spec.one_value) == (None, "shift")


def test_y_has_the_dtype_of_running_statistics_in_evaluation_alone_where_there_is_no_weight():
    mixed = at("float16", "float32")
    assert meant("BatchNorm", mixed).output_dtype == "promoted_with_state"
    with pytest.raises(Unsupported, match="y has the dtype of x in training"):
        meant("BatchNorm", mixed, affine=False)
    assert meant("BatchNorm", mixed, affine=False, track_running_stats=False).running is None


def test_the_last_axes_of_a_layer_norm_of_images_are_those_with_the_channels_moved_there():
    for shape, axes in ((6, (-3,)), ((5, 6), (-3, -1)), ((4, 5, 6), (-3, -2, -1))):
        assert meant("LayerNorm2d", normalized_shape=shape, elementwise_affine=False).axes == axes
    with pytest.raises(Unsupported, match="lie along the channels, or in an order of axes that has no place here"):
        meant("LayerNorm2d", normalized_shape=(5, 6))
    with pytest.raises(Unsupported, match=r"normalized_shape must be of at most 3 axes, .* got 4"):
        meant("LayerNorm2d", normalized_shape=(3, 4, 5, 6), elementwise_affine=False)


def test_layer_norm_of_any_axes_is_said_by_the_layer_that_has_them():
    last = replace(meant("LayerNorm", normalized_shape=5), scale=True, shift=True)
    of_channels, of_others = (replace(last, axes=axes, parameter_axes=axes) for axes in ((1,), (0, 2)))
    assert native(entries("tinygrad"), "", last, at())[1]["normalized_shape"] == (5,)
    assert native(entries("tinygrad"), "", of_channels, at())[0].native == "tinygrad.nn.LayerNorm2d"
    plain = replace(of_others, scale=False, shift=False)
    assert native(entries("tinygrad"), "", plain, at())[1] == {"axis": (0, 2), "eps": 1e-5}
    with pytest.raises(Unsupported, match=r"layer-norm\.axes"):
        native(entries("tinygrad"), "", of_others, at())


def test_groups_that_cut_a_channel_in_two_have_no_place():
    with pytest.raises(Unsupported, match="num_channels must be divisible by num_groups, which is 4, got 6"):
        meant("GroupNorm", num_groups=4)


def test_a_power_below_one_is_no_norm():
    with pytest.raises(Unsupported, match="p must be finite and at least 1"):
        meant("normalize", p=0.5)
    assert meant("normalize", eps=0.0).at_zero == "no_number"


@pytest.mark.parametrize("name", ["BatchNorm2d", "BatchNorm3d"])
def test_other_names_of_batch_norm_are_read_with_the_name_of_the_framework_before_them(name):
    assert read(f"tinygrad.nn.{name}(6, momentum=0.25)") == read("tinygrad.nn.BatchNorm(6, momentum=0.25)")
    assert read(f"{name}(6)") == read(f"torch.nn.{name}(6)")


@pytest.mark.parametrize(
    "call",
    [
        "tinygrad.nn.BatchNorm(6, momentum=0.25)",
        "tinygrad.nn.BatchNorm2d(6, affine=False, track_running_stats=False)",
        "tinygrad.nn.LayerNorm((4, 5), eps=1e-3)",
        "tinygrad.nn.LayerNorm2d(6, elementwise_affine=False)",
        "tinygrad.nn.GroupNorm(3, 6, affine=False)",
        "tinygrad.nn.InstanceNorm(6, eps=1e-3)",
        "tinygrad.nn.RMSNorm(6, eps=1e-3)",
        "tinygrad.nn.RMSNorm(6, elementwise_affine=False)",
    ],
)
def test_a_live_layer_means_what_its_call_does(call):
    nn = pytest.importorskip("tinygrad.nn")
    made = eval(call.removeprefix("tinygrad.nn."), vars(nn))  # noqa: S307 - the call of this very test
    assert read(made) == read(call)


def test_the_method_keeps_what_it_promises_along_axes_that_no_layer_has(tmp_path):
    """No case of the suite is of such axes without parameters, so one is made here."""
    pytest.importorskip("tinygrad")
    plain = case_of("layer-norm.scale/last-scale-false-shift-false/float32")
    case = replace(plain, spec=replace(plain.spec, axes=(0,), parameter_axes=(0,)))
    assert native(entries("tinygrad"), "", case.spec, case.situation)[0] is ENTRIES["layernorm"]
    checks = [check for _, found in run(Asked(name="tinygrad", cases=(case,), out=tmp_path)) for check in found]
    assert {check.verdict for check in checks if check.quantity in ("0.y", "0.dx")} == {"conforms"}
    assert {check.verdict for check in checks} == {"conforms"}
