"""The dialect of MLX: defaults as they are documented, and what it says of shapes, dtypes and groups."""

from dataclasses import replace

import pytest

from normspec import Unsupported, read
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.records import Situation

ENTRIES = {entry.native.removeprefix("mlx.nn."): entry for entry in entries("mlx")}
REQUIRED = {
    "BatchNorm": {"num_features": 6},
    "LayerNorm": {"dims": 6},
    "GroupNorm": {"num_groups": 3, "dims": 6},
    "InstanceNorm": {"dims": 6},
    "RMSNorm": {"dims": 6},
}


def at(dtype="float32", parameter_dtype="", *, shape=(5, 7, 6)):
    return Situation(shape=shape, dtype=dtype, parameter_dtype=parameter_dtype or dtype)


def meant(name, situation=None, **arguments):
    return ENTRIES[name].meaning({**REQUIRED[name], **arguments}, situation or at())


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        ("BatchNorm", {"channel_axes": (-1,), "epsilon": 1e-5, "correction": 0, "scale": True, "one_value": "refuse"}),
        ("LayerNorm", {"axes": (-1,), "parameter_axes": (-1,), "epsilon": 1e-5, "scale": True, "shift": True}),
        ("GroupNorm", {"groups": 3, "grouping": "interleaved", "scale_per": "channel", "epsilon": 1e-5, "scale": True, "shift": True}),
        ("InstanceNorm", {"channel_axes": (-1,), "epsilon": 1e-5, "running": None, "scale": False, "shift": False}),
        ("RMSNorm", {"axes": (-1,), "epsilon": 1e-5, "epsilon_place": "inside", "scale": True, "shift": False}),
    ],
)
def test_the_defaults_mean_what_is_documented(name, documented):
    spec = meant(name)
    assert {field: getattr(spec, field) for field in documented} == documented


def test_momentum_is_the_weight_of_the_new_value_and_feeds_the_variance_of_the_sample():
    running = meant("BatchNorm", momentum=0.25).running
    assert (running.rate, running.correction, running.start) == (0.25, 1, "initial")
    assert meant("BatchNorm", track_running_stats=False).running is None


def test_groups_are_pytorchs_where_that_is_asked_for():
    assert meant("GroupNorm", pytorch_compatible=True).grouping == "contiguous"
    with pytest.raises(Unsupported, match="dims must be divisible by num_groups, which is 4, got 6"):
        meant("GroupNorm", num_groups=4)


def test_an_epsilon_that_is_not_positive_is_refused():
    for name in ENTRIES:
        with pytest.raises(Unsupported, match=r"eps must be positive, got 0\.0"):
            meant(name, eps=0.0)


def test_what_is_promised_of_16_bits():
    """They are rounded to before scale and shift, in the dtype that y has: layer norm has no field that says so, RMS norm has one."""
    half, mixed = at("float16"), at("float16", "float32")
    assert [meant("LayerNorm", s).statistics_dtype for s in (at(), half, mixed)] == ["float32", "input", "float32"]
    assert [meant("InstanceNorm", s).statistics_dtype for s in (at(), half, mixed)] == ["float32", "input", "input"]
    assert [meant("RMSNorm", s).rounding for s in (half, mixed)] == ["before_scale", "last"]
    assert [meant("RMSNorm", s).statistics_dtype for s in (half, mixed)] == ["float32", "float32"]


def test_without_an_affine_layer_bias_says_nothing():
    spec = meant("LayerNorm", affine=False)
    assert (spec.scale, spec.shift) == (False, False)
    assert ENTRIES["LayerNorm"].write(spec, at())["affine"] is False
    assert meant("LayerNorm", bias=False).shift is False


def test_what_mlx_lacks_is_named():
    first = replace(meant("LayerNorm"), axes=(1,), parameter_axes=(1,))
    with pytest.raises(Unsupported, match=r"layer-norm\.axes = \(2,\), not \(1,\)"):
        native(entries("mlx"), "", first, at())


@pytest.mark.parametrize(
    "call",
    [
        "mlx.nn.BatchNorm(6, momentum=0.25)",
        "mlx.nn.BatchNorm(6, affine=False, track_running_stats=False)",
        "mlx.nn.LayerNorm(6, eps=1e-3, bias=False)",
        "mlx.nn.LayerNorm(6, affine=False)",
        "mlx.nn.GroupNorm(3, 6, pytorch_compatible=True)",
        "mlx.nn.InstanceNorm(6, affine=True)",
        "mlx.nn.RMSNorm(6, eps=1e-3)",
    ],
)
def test_a_live_module_means_what_its_call_does(call):
    mlx = pytest.importorskip("mlx.nn")
    made = eval(call.removeprefix("mlx.nn."), vars(mlx))  # noqa: S307 - the call of this very test
    assert read(made) == read(call)


def test_the_short_name_of_a_module_is_pytorchs():
    assert read("nn.LayerNorm(6)") == read("torch.nn.LayerNorm(6)")
