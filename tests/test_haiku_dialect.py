"""The dialect of Haiku: defaults as they are documented, what data formats and axes mean, and in what shapes its arrays lie."""

import numpy as np
import pytest

from normspec import Unsupported, read, translate
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.records import Situation

ENTRIES = {entry.native.removeprefix("haiku."): entry for entry in entries("haiku")}
OWN = {"create_scale": True, "create_offset": True}
REQUIRED = {
    "BatchNorm": {**OWN, "decay_rate": 0.9},
    "LayerNorm": {"axis": -1, **OWN},
    "GroupNorm": {"groups": 3},
    "InstanceNorm": OWN,
    "RMSNorm": {"axis": -1},
    "SpectralNorm": {},
}


def at(*shape, dtype="float32", parameter_dtype=""):
    return Situation(shape=shape or (5, 7, 6), dtype=dtype, parameter_dtype=parameter_dtype or dtype)


def meant(name, *shape, **arguments):
    return ENTRIES[name].meaning({**REQUIRED[name], **arguments}, at(*shape))


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        ("BatchNorm", {"channel_axes": (-1,), "epsilon": 1e-5, "correction": 0, "variance": "one_pass", "one_value": "shift"}),
        ("LayerNorm", {"axes": (-1,), "parameter_axes": (-1,), "epsilon": 1e-5, "variance": "two_pass"}),
        ("GroupNorm", {"batch_axes": (0,), "groups": 3, "channel_axes": (-1,), "grouping": "contiguous", "scale": True, "shift": True}),
        ("InstanceNorm", {"batch_axes": (0,), "channel_axes": (-1,), "epsilon": 1e-5, "running": None}),
        ("RMSNorm", {"axes": (-1,), "epsilon": 1e-5, "epsilon_place": "inside", "scale": True, "shift": False}),
        ("SpectralNorm", {"channel_axes": (-1,), "epsilon": 1e-4, "epsilon_place": "inside", "first": "v", "evaluation": "iterated"}),
    ],
)
def test_the_defaults_mean_what_is_documented(name, documented):
    spec = meant(name)
    assert {field: getattr(spec, field) for field in documented} == documented
    assert getattr(spec, "output_dtype", "input") == "input"


def test_the_decay_rate_is_the_weight_of_the_old_value_and_averages_are_debiased():
    running = meant("BatchNorm", decay_rate=0.75).running
    assert (running.rate, running.start, running.correction) == (0.25, "debiased", 0)
    with pytest.raises(Unsupported, match="decay_rate must be at least 0 and less than 1, got 1"):
        meant("BatchNorm", decay_rate=1)


@pytest.mark.parametrize(
    ("layout", "axis"), [("channels_first", 1), ("channels_last", -1), ("NCHW", 1), ("NHWC", -1), ("N...C", -1), ("NC...", 1), ("BTD", -1)]
)
def test_a_data_format_says_where_the_channels_are(layout, axis):
    haiku = pytest.importorskip("haiku")
    assert haiku.get_channel_index(layout) == axis
    assert meant("BatchNorm", data_format=layout).channel_axes == (axis,)


def test_a_data_format_that_is_none_is_refused():
    with pytest.raises(Unsupported, match="data_format must be 'channels_first', 'channels_last' or such as 'NCHW', got 'middle'"):
        meant("InstanceNorm", data_format="middle")


def test_axes_are_told_as_one_or_several_or_a_slice():
    assert meant("LayerNorm", axis=slice(1, None)).axes == (1, 2)
    assert meant("LayerNorm", axis=[1, 2], param_axis=1).parameter_axes == (1,)
    assert meant("GroupNorm", axis=(2,)).batch_axes == (0, 1)
    assert meant("BatchNorm", axis=(0,)).channel_axes == (1, 2)
    with pytest.raises(Unsupported, match="axis must have that of the channels, 2"):
        meant("GroupNorm", axis=(1,))


def test_what_a_layer_owns_has_the_dtype_of_x():
    for name, entry in ENTRIES.items():
        with pytest.raises(Unsupported, match="has the dtype of x, float16, not float32"):
            entry.meaning(REQUIRED[name], at(dtype="float16", parameter_dtype="float32"))


def test_what_haiku_lacks_is_named():
    spec = read("torch.nn.BatchNorm1d(6)")
    with pytest.raises(Unsupported, match=r"batch-norm\.running\.start = 'debiased', not 'initial'"):
        native(entries("haiku"), "", spec, at(5, 6))


@pytest.mark.parametrize(
    ("call", "shape", "names"),
    [
        ("torch.nn.LayerNorm(6)", (5, 7, 6), {"scale": (6,), "offset": (6,)}),
        ("flax.linen.LayerNorm(reduction_axes=(1, 2), feature_axes=(1, 2))", (5, 7, 6), {"scale": (1, 7, 6), "offset": (1, 7, 6)}),
        ("torch.nn.GroupNorm(3, 6)", (5, 6, 7, 8), {"scale": (6, 1, 1), "offset": (6, 1, 1)}),
        ("torch.nn.InstanceNorm2d(6, affine=True)", (5, 6, 7, 8), {"scale": (1, 6, 1, 1), "offset": (1, 6, 1, 1)}),
    ],
)
def test_arrays_come_in_the_shapes_that_haiku_makes_them_in(call, shape, names):
    jax, hk = pytest.importorskip("jax"), pytest.importorskip("haiku")
    found = translate(call, to="haiku", shape=shape)

    def function(x):
        layer = eval(found.call, {"haiku": hk})  # noqa: S307 - the call of this very test
        return layer(x)

    made = hk.transform(function)
    (born,) = made.init(jax.random.key(0), np.ones(shape, np.float32)).values()
    assert {name: a.shape for name, a in born.items()} == names
    ours = {
        theirs: np.ones([n for n in lengths if n != 1], np.float32)
        for theirs, lengths in zip(found.source.names.values(), names.values(), strict=False)
    }
    assert {name: a.shape for name, a in found.convert(ours).items()} == names
