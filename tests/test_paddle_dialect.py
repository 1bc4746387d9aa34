"""The dialect of Paddle: defaults as they are documented, data formats, attributes that are False, and the axes of its hooks."""

from dataclasses import replace

import numpy as np
import pytest

from normspec import Situation, Unsupported, read, translate
from normspec.dialects import entries
from normspec.dialects.entry import native

ENTRIES = {entry.native.removeprefix("paddle.nn."): entry for entry in entries("paddle")}
REQUIRED = {
    "BatchNorm1D": {"num_features": 6},
    "LayerNorm": {"normalized_shape": 7},
    "GroupNorm": {"num_groups": 3, "num_channels": 6},
    "InstanceNorm1D": {"num_features": 6},
    "LocalResponseNorm": {"size": 4},
    "SpectralNorm": {"weight_shape": (5, 6, 7)},
}
AT = Situation(shape=(5, 6, 7), dtype="float32", parameter_dtype="float32")


def meant(name, **arguments):
    return ENTRIES[name].meaning({**REQUIRED.get(name, {}), **arguments}, AT)


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        ("BatchNorm1D", {"channel_axes": (1,), "epsilon": 1e-5, "correction": 0, "scale": True, "shift": True, "one_value": "shift"}),
        ("LayerNorm", {"axes": (-1,), "parameter_axes": (-1,), "epsilon": 1e-5, "scale": True, "shift": True}),
        ("GroupNorm", {"groups": 3, "grouping": "contiguous", "channel_axes": (1,), "epsilon": 1e-5, "scale": True, "shift": True}),
        ("InstanceNorm1D", {"channel_axes": (1,), "epsilon": 1e-5, "running": None, "scale": True, "shift": True}),
        ("LocalResponseNorm", {"before": 2, "after": 1, "coefficient": 2.5e-5, "exponent": 0.75, "bias": 1.0}),
        ("functional.normalize", {"axes": (1,), "order": 2, "epsilon": 1e-12, "epsilon_place": "floor"}),
        ("utils.weight_norm", {"channel_axes": (0,), "epsilon": 0.0, "initial_scale": "norm"}),
        ("utils.spectral_norm", {"channel_axes": (0,), "first": "v", "epsilon_place": "floor", "evaluation": "kept", "warm_up": 0}),
        ("SpectralNorm", {"channel_axes": (0,), "first": "v", "epsilon_place": "outside", "evaluation": "iterated"}),
    ],
)
def test_the_defaults_mean_what_is_documented(name, documented):
    spec = meant(name)
    assert {field: getattr(spec, field) for field in documented} == documented


def test_momentum_is_the_weight_of_the_old_value_and_feeds_the_variance_of_the_population():
    running = meant("BatchNorm1D").running
    assert (running.rate, running.correction, running.start) == (0.1, 0, "initial")
    other = translate("paddle.nn.BatchNorm1D(6)", to="torch", shape=AT.shape)
    assert other.arguments["momentum"] == 0.1
    assert [path for path, *_ in other.differences] == ["running.correction", "one_value"]


def test_an_attribute_that_is_false_makes_no_parameter():
    for name in ("BatchNorm1D", "LayerNorm", "GroupNorm"):
        spec = meant(name, bias_attr=False)
        assert (spec.scale, spec.shift) == (True, False)
    assert meant("LayerNorm", elementwise_affine=False).scale is False
    assert meant("GroupNorm", affine=False, weight_attr=None).scale is False
    with pytest.raises(Unsupported, match="weight_attr and bias_attr must be False together, or neither"):
        meant("InstanceNorm1D", bias_attr=False)


def test_the_data_format_says_where_channels_lie():
    for name in ("BatchNorm1D", "GroupNorm", "LocalResponseNorm", "functional.batch_norm"):
        given = {"running_mean": "m", "running_var": "v"} if name.startswith("functional") else {}
        assert meant(name, data_format="NLC", **given).channel_axes == (-1,)
        with pytest.raises(Unsupported, match="data_format must be one of NC, NCL, "):
            meant(name, data_format="CNL", **given)
    with pytest.raises(Unsupported, match="data_format must be one of NC, NCL, NCHW, NCDHW, got 'NLC'"):
        meant("InstanceNorm1D", data_format="NLC")
    last = replace(meant("BatchNorm1D"), channel_axes=(-1,))
    assert [native(entries("paddle"), "", last, replace(AT, shape=shape))[1].get("data_format") for shape in ((5, 6), (5, 6, 7))] == [
        None,
        "NLC",
    ]


def test_a_mode_that_a_layer_is_made_in_is_no_meaning():
    with pytest.raises(Unsupported, match="use_global_stats=True is a mode, not a meaning"):
        meant("BatchNorm1D", use_global_stats=True)
    with pytest.raises(Unsupported, match="takes the statistics of x in evaluation, too"):
        meant("BatchNorm1D", use_global_stats=False)


def test_the_axis_of_a_hook_is_what_the_layer_has():
    assert meant("utils.spectral_norm", layer="Linear(in_features=6, out_features=5)").channel_axes == (1,)
    assert meant("utils.spectral_norm", layer="Conv2DTranspose(3, 4)").channel_axes == (1,)
    assert meant("utils.spectral_norm", layer="Conv2D(3, 4)").channel_axes == (0,)
    assert [meant("utils.weight_norm", dim=dim).channel_axes for dim in (None, -1, -2, 2)] == [(), (), (-2,), (2,)]


@pytest.mark.parametrize(
    ("name", "refused", "message"),
    [
        ("LayerNorm", {"normalized_shape": (5, 6, 7)}, "normalized_shape must leave at least one axis of x, which has rank 3"),
        ("GroupNorm", {"num_groups": 4}, "num_channels must be divisible by num_groups, which is 4, got 6"),
        ("functional.normalize", {"p": 0.5}, "p must be finite and at least 1"),
        ("SpectralNorm", {"dim": 2}, "dim must be 0 or 1, got 2"),
        ("SpectralNorm", {"power_iters": 0}, "power_iters must be positive"),
        ("utils.spectral_norm", {"n_power_iterations": 0}, "n_power_iterations must be positive"),
    ],
)
def test_what_paddle_refuses_is_refused(name, refused, message):
    with pytest.raises(Unsupported, match=message):
        meant(name, **refused)


def test_weights_have_paddles_names_and_layer_norms_one_axis():
    t = translate("torch.nn.BatchNorm1d(6)", to="paddle", shape=AT.shape)
    arrays = {name: np.arange(6.0) for name in ("weight", "bias", "running_mean", "running_var")}
    assert set(t.convert({**arrays, "num_batches_tracked": np.array(3)})) == {"weight", "bias", "_mean", "_variance"}
    t = translate("torch.nn.LayerNorm((6, 7))", to="paddle", shape=AT.shape)
    found = t.convert({"weight": np.arange(42.0).reshape(6, 7), "bias": np.zeros((6, 7))})
    assert found["weight"].tolist() == np.arange(42.0).tolist()


@pytest.mark.parametrize(
    "call",
    [
        "paddle.nn.BatchNorm2D(6, momentum=0.75, bias_attr=False)",
        "paddle.nn.BatchNorm1D(6, data_format='NLC')",
        "paddle.nn.LayerNorm([6, 7], epsilon=1e-3, bias=False)",
        "paddle.nn.LayerNorm(7, elementwise_affine=False)",
        "paddle.nn.GroupNorm(3, 6, affine=False)",
        "paddle.nn.InstanceNorm1D(6, weight_attr=False, bias_attr=False)",
        "paddle.nn.LocalResponseNorm(5, alpha=1e-3)",
        "paddle.nn.SpectralNorm((5, 6), dim=1, power_iters=2)",
    ],
)
def test_a_live_layer_means_what_its_call_does(call):
    paddle = pytest.importorskip("paddle")
    made = eval(call.removeprefix("paddle.nn."), vars(paddle.nn))  # noqa: S307 - the call of this very test
    assert read(made) == read(call)
