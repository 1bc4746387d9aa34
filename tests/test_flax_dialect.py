"""Flax' layers besides batch and layer norm: what their arguments mean, what is refused, and how the adapter drives the wrappers."""

import numpy as np
import pytest

import normspec
from normspec import Situation, Unsupported
from normspec.dialects import entries
from normspec.dialects.entry import native
from normspec.layers import GroupNorm, InstanceNorm, RMSNorm, SpectralNorm, WeightNorm
from normspec.translation.find import named

MOMENTS = {"epsilon_place": "inside", "correction": 0, "variance": "one_pass", "one_value": "shift"}
OUTPUT = {"statistics_dtype": "widened", "output_dtype": "promoted"}
AFFINE = {"scale": True, "shift": True}
OVER_NORM = {"epsilon": 1e-12, "epsilon_place": "inside", "statistics_dtype": "input"}
GROUPED = {"channel_axes": (-1,), "grouping": "contiguous", "scale_per": "channel", "epsilon": 1e-6}
DEFAULTS = {
    "GroupNorm": GroupNorm(batch_axes=(0,), groups=32, **GROUPED, **MOMENTS, **AFFINE, **OUTPUT),
    "InstanceNorm": InstanceNorm(batch_axes=(0,), channel_axes=(-1,), epsilon=1e-6, running=None, **MOMENTS, **AFFINE, **OUTPUT),
    "RMSNorm": RMSNorm(
        axes=(-1,),
        parameter_axes=(-1,),
        fraction=1.0,
        epsilon=1e-6,
        epsilon_place="inside",
        scale=True,
        shift=False,
        rounding="last",
        **OUTPUT,
    ),
    "WeightNorm": WeightNorm(channel_axes=(-1,), scale=True, initial_scale="one", **OVER_NORM),
    "SpectralNorm": SpectralNorm(
        channel_axes=(-1,), iterations=1, first="v", evaluation="iterated", replaces=False, warm_up=0, **OVER_NORM
    ),
}


def at(*shape, dtype="float32", parameter_dtype="float32"):
    return Situation(shape=shape, dtype=dtype, parameter_dtype=parameter_dtype)


def meaning(name, shape, **arguments):
    return named(name)[0].meaning(arguments, at(*shape))


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("variant", ["nnx", "linen"])
def test_defaults_mean_what_the_documentation_says(variant, name):
    wraps = name in ("WeightNorm", "SpectralNorm")
    first = "layer" if wraps else "num_features=C" if variant == "nnx" else ""
    assert normspec.read(f"{variant}.{name}({first})") == DEFAULTS[name]


@pytest.mark.parametrize(
    ("axes", "batch"), [(None, (0,)), ((1, 2, 3), (0,)), ((-1, 2), (0, 1)), (-1, (0, 1, 2)), ((0, 1, 2, 3), ()), ((1, -1), (0, 2))]
)
def test_the_axes_that_group_norm_does_not_reduce_are_the_batch(axes, batch):
    assert meaning("linen.GroupNorm", (2, 5, 4, 32), reduction_axes=axes).batch_axes == batch


def test_the_groups_follow_from_their_size_and_the_channels():
    assert meaning("linen.GroupNorm", (2, 5, 12), num_groups=None, group_size=3).groups == 4
    assert normspec.read("nnx.GroupNorm(18, num_groups=None, group_size=3, rngs=rngs)").groups == 6
    assert normspec.read("linen.GroupNorm(1)").groups == 1


@pytest.mark.parametrize(
    ("name", "shape", "arguments", "said"),
    [
        ("nnx.GroupNorm", (2, 5, 12), {"num_features": 12, "num_groups": 5}, "num_groups must divide .* 5 and 12"),
        ("nnx.GroupNorm", (2, 5, 12), {"num_features": 12, "num_groups": None, "group_size": 5}, "group_size must divide .* 5 and 12"),
        ("linen.GroupNorm", (2, 5, 12), {"num_groups": None, "group_size": 5}, "group_size must divide .* 5 and 12"),
        ("linen.GroupNorm", (2, 5, 12), {"group_size": 4}, "one of num_groups and group_size .* 32 and 4"),
        ("linen.GroupNorm", (2, 5, 12), {"num_groups": None}, "one of num_groups and group_size .* None and None"),
        ("linen.GroupNorm", (2, 5, 12), {"reduction_axes": (1,)}, "must include the final dimension"),
        ("linen.GroupNorm", (12,), {}, "reduction_axes must be given for an x of rank 1"),
        ("linen.InstanceNorm", (2, 5, 12), {"feature_axes": (0, 2)}, "must not have the leading axis"),
        ("linen.InstanceNorm", (2, 5, 12), {"feature_axes": -3}, "must not have the leading axis"),
        ("linen.RMSNorm", (5, 12), {"dtype": "bfloat16"}, "dtype='bfloat16' rounds"),
        ("linen.SpectralNorm", (3, 3, 4), {"error_on_non_matrix": True}, "refuses a weight of rank 3"),
        ("linen.SpectralNorm", (3, 4), {"n_steps": 0}, "leaves the weight as it is"),
        ("nnx.SpectralNorm", (3, 4), {"update_stats": False}, "is a mode, not a meaning"),
    ],
)
def test_what_flax_or_no_point_has_is_unsupported(name, shape, arguments, said):
    with pytest.raises(Unsupported, match=said):
        meaning(name, shape, **arguments)


@pytest.mark.parametrize("name", ["linen.WeightNorm", "nnx.SpectralNorm"])
def test_what_is_promoted_beyond_the_weight_is_unsupported(name):
    entry = named(name)[0]
    assert entry.meaning({}, at(3, 4, dtype="bfloat16", parameter_dtype="bfloat16")).statistics_dtype == "input"
    assert entry.meaning({}, at(3, 4, dtype="float64")).epsilon == 1e-12
    with pytest.raises(Unsupported, match="promotion of the weight, bfloat16"):
        entry.meaning({}, at(3, 4, dtype="bfloat16"))


def test_only_its_scale_promotes_a_normalized_weight():
    spec = named("linen.WeightNorm")[0].meaning({"use_scale": False}, at(3, 4, dtype="bfloat16"))
    assert not spec.scale


@pytest.mark.parametrize(
    ("spec", "shape", "arguments"),
    [
        (DEFAULTS["GroupNorm"], (2, 5, 64), {"num_groups": 32, "reduction_axes": None}),
        (GroupNorm(batch_axes=(0, -3), groups=2, **GROUPED, **MOMENTS, **AFFINE, **OUTPUT), (2, 5, 3, 8), {"reduction_axes": (2, 3)}),
        (GroupNorm(batch_axes=(), groups=2, **GROUPED, **MOMENTS, **AFFINE, **OUTPUT), (8,), {"reduction_axes": 0}),
        (WeightNorm(channel_axes=(), scale=False, initial_scale="one", **OVER_NORM), (3, 4), {"feature_axes": None, "use_scale": False}),
    ],
)
def test_what_is_written(spec, shape, arguments):
    found = native(entries("flax"), "linen", spec, at(*shape))[1]
    assert {name: found[name] for name in arguments} == arguments


def test_nnx_is_told_how_many_features_there_are():
    spec = InstanceNorm(batch_axes=(0,), channel_axes=(1, 2), epsilon=1e-6, running=None, **MOMENTS, **AFFINE, **OUTPUT)
    _, found = native(entries("flax"), "nnx", spec, at(2, 5, 3, 7))
    assert found["num_features"] == 15
    assert "force_float32_reductions" not in found


def test_live_layers_are_read_as_their_calls():
    nnx, linen = pytest.importorskip("flax.nnx"), pytest.importorskip("flax.linen")
    rngs = nnx.Rngs(0)
    dense = nnx.Linear(3, 4, rngs=rngs)
    for live, call in (
        (nnx.GroupNorm(12, num_groups=None, group_size=3, rngs=rngs), "nnx.GroupNorm(12, num_groups=4, rngs=rngs)"),
        (linen.GroupNorm(4, use_bias=False), "linen.GroupNorm(4, use_bias=False)"),
        (nnx.InstanceNorm(12, epsilon=1e-3, rngs=rngs), "nnx.InstanceNorm(12, epsilon=1e-3, rngs=rngs)"),
        (linen.RMSNorm(reduction_axes=(1, 2)), "linen.RMSNorm(reduction_axes=(1, 2))"),
        (nnx.RMSNorm(12, use_scale=False, rngs=rngs), "nnx.RMSNorm(12, use_scale=False, rngs=rngs)"),
        (nnx.WeightNorm(dense, feature_axes=None, rngs=rngs), "nnx.WeightNorm(dense, feature_axes=None, rngs=rngs)"),
        (linen.WeightNorm(linen.Dense(4), use_scale=False), "linen.WeightNorm(dense, use_scale=False)"),
        (nnx.SpectralNorm(dense, n_steps=3, rngs=rngs), "nnx.SpectralNorm(dense, n_steps=3, rngs=rngs)"),
        (linen.SpectralNorm(linen.Dense(4), epsilon=1e-6), "linen.SpectralNorm(dense, epsilon=1e-6)"),
    ):
        assert normspec.read(live) == normspec.read(call)


@pytest.fixture(params=["flax:nnx", "flax:linen"])
def flax(request):
    pytest.importorskip("flax")
    return normspec.load(request.param)


def test_a_weight_takes_the_place_of_the_wrapped_kernel(flax):
    x, scale = np.array([[3.0, 0.0], [4.0, 2.0]]), np.array([-2.0, 0.5])
    here = at(2, 2, dtype="float64", parameter_dtype="float64")
    layer = flax.build(DEFAULTS["WeightNorm"], here)
    assert layer.read()["scale"].tolist() == [1, 1]
    layer.load({"scale": flax.asarray(scale, here)})
    y, pullback = layer.forward({"x": flax.asarray(x, here)}, "train")
    assert np.asarray(y) == pytest.approx(np.array([[-1.2, 0], [-1.6, 0.5]]))
    assert np.asarray(pullback(flax.asarray(x, here))["scale"]) == pytest.approx([5, 2])


def test_the_vector_is_random_until_it_is_loaded_and_moves_in_training_alone(flax):
    x, u = np.array([[2.0, 0.0], [0.0, 1.0]]), np.array([0.6, 0.8])
    here = at(2, 2, dtype="float64", parameter_dtype="float64")
    layer = flax.build(DEFAULTS["SpectralNorm"], here)
    assert layer.read() == {}
    layer.load({"u": flax.asarray(u, here)})
    v = x @ u / np.linalg.norm(x @ u)
    moved = x.T @ v / np.linalg.norm(x.T @ v)
    for mode, after in (("evaluate", u), ("train", moved)):
        y, _ = layer.forward({"x": flax.asarray(x, here)}, mode)
        assert np.asarray(y) == pytest.approx(x / (v @ x @ moved))
        assert np.asarray(layer.read()["u"]) == pytest.approx(after)


@pytest.mark.parametrize("name", ["GroupNorm", "WeightNorm", "SpectralNorm"])
def test_what_is_built_again_is_not_compiled_again(flax, name):
    here = at(3, 5, 64)
    first, second = (flax.build(DEFAULTS[name], here) for _ in range(2))
    assert first.step is second.step


def test_jax_takes_a_mask_as_where():
    jax = normspec.load("jax") if pytest.importorskip("jax") else None
    spec = normspec.read("jax.nn.standardize(x, algorithm='stable', epsilon=0.0)")
    here = at(1, 4, dtype="float64", parameter_dtype="float64")
    inputs = {"x": np.array([[1.0, 3.0, 100.0, 5.0]]), "mask": np.array([[True, True, False, True]])}
    y, _ = jax.build(spec, here).forward({name: jax.asarray(a, here) for name, a in inputs.items()}, "train")
    assert np.asarray(y)[0, [0, 1, 3]] == pytest.approx(np.array([-2, 0, 2]) / np.sqrt(8 / 3))
