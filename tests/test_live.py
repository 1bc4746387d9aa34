"""Live layers read: they mean what their calls do."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

import normspec
from normspec import NotFound, Unsupported


@pytest.mark.parametrize(
    "call",
    [
        "nn.BatchNorm2d(8, momentum=0.25)",
        "nn.BatchNorm1d(8, momentum=None)",
        "nn.LayerNorm((4, 5), bias=False)",
        "nn.GroupNorm(2, 8, bias=False)",
        "nn.InstanceNorm2d(8, momentum=0.25, track_running_stats=True)",
        "nn.RMSNorm((4, 5), elementwise_affine=False)",
        "nn.LocalResponseNorm(4, k=2.0)",
    ],
)
def test_a_live_module_of_torch_means_what_its_call_does(call):
    torch = pytest.importorskip("torch")
    assert normspec.read(eval(call, {"nn": torch.nn})) == normspec.read(call)  # noqa: S307 - the call of this very test


def test_a_live_module_of_flax_means_what_its_call_does():
    pytest.importorskip("flax")
    from flax import linen, nnx  # noqa: PLC0415 - an optional dependency

    rngs = nnx.Rngs(0)
    assert normspec.read(nnx.BatchNorm(8, momentum=0.75, rngs=rngs)) == normspec.read("nnx.BatchNorm(8, momentum=0.75, rngs=r)")
    assert normspec.read(nnx.LayerNorm(8, use_bias=False, rngs=rngs)) == normspec.read("nnx.LayerNorm(8, use_bias=False, rngs=r)")
    assert normspec.read(linen.BatchNorm(axis=1)) == normspec.read("linen.BatchNorm(axis=1)")
    assert normspec.read(linen.LayerNorm(reduction_axes=(1, 2))) == normspec.read("linen.LayerNorm(reduction_axes=(1, 2))")
    assert normspec.read(nnx.GroupNorm(8, num_groups=4, rngs=rngs)) == normspec.read("nnx.GroupNorm(8, num_groups=4, rngs=r)")
    assert normspec.read(linen.RMSNorm(use_scale=False)) == normspec.read("linen.RMSNorm(use_scale=False)")
    assert normspec.read(linen.WeightNorm(linen.Dense(3), feature_axes=0)) == normspec.read("linen.WeightNorm(dense, feature_axes=0)")
    layer = nnx.SpectralNorm(nnx.Linear(2, 3, rngs=rngs), n_steps=3, rngs=rngs)
    assert normspec.read(layer) == normspec.read("nnx.SpectralNorm(layer, n_steps=3, rngs=r)")


def test_functions_of_a_live_module_of_flax_that_are_not_the_default_ones_are_refused():
    pytest.importorskip("flax")
    from flax import linen, nnx  # noqa: PLC0415 - an optional dependency

    with pytest.raises(Unsupported, match="scale_init=zeros has no place"):
        normspec.read(linen.BatchNorm(scale_init=linen.initializers.zeros))
    with pytest.raises(Unsupported, match="promote_dtype=narrow has no place"):
        normspec.read(nnx.LayerNorm(8, promote_dtype=narrow, rngs=nnx.Rngs(0)))


def narrow(arrays, **_):
    return arrays


OF_KERAS = """
import keras, tf_keras, normspec
for layers, name in ((keras.layers, "keras"), (tf_keras.layers, "tf_keras")):
    for call in (
        "BatchNormalization(momentum=0.75, scale=False)",
        "BatchNormalization(renorm=True, renorm_clipping={'rmax': 3.0}, renorm_momentum=0.75)",
        "LayerNormalization(axis=(1, 2))",
        "GroupNormalization(groups=3, center=False)",
        "UnitNormalization(axis=(1, 2))",
        "Normalization(axis=1, invert=True)",
    ):
        live = eval(call, vars(layers))
        live.build((None, 4, 5, 6))
        assert normspec.read(live, rank=4).at_rank(4) == normspec.read(f"{name}.layers.{call}", rank=4).at_rank(4), call
    live = layers.SpectralNormalization(layers.Dense(3), power_iterations=2)
    assert normspec.read(live) == normspec.read(f"{name}.layers.SpectralNormalization(dense, power_iterations=2)")
live = keras.layers.GroupNormalization(groups=-1, axis=1)
assert normspec.read(live) == normspec.read("keras.layers.GroupNormalization(groups=-1, axis=1)")
assert normspec.read(keras.layers.RMSNormalization(axis=1)) == normspec.read("keras.layers.RMSNormalization(axis=1)")
for layers, name in ((keras.layers, "keras"), (tf_keras.layers, "tf_keras")):
    for call in ("BatchNormalization(moving_variance_initializer='zeros')", "LayerNormalization(gamma_initializer='zeros')"):
        try:
            normspec.read(eval(call, vars(layers)))
        except normspec.Unsupported as refused:
            assert "_initializer='zeros' has no place" in str(refused)
        else:
            raise AssertionError(call)
print("alike")
"""


def test_live_layers_of_keras_mean_what_their_calls_do():
    for name in ("keras", "tf_keras"):
        if find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    done = subprocess.run([sys.executable, "-c", OF_KERAS], capture_output=True, text=True, check=False)
    assert done.stdout == "alike\n", done.stderr


def test_a_subclass_may_mean_something_else_and_is_refused():
    torch = pytest.importorskip("torch")

    class Mine(torch.nn.BatchNorm2d):
        pass

    with pytest.raises(NotFound, match=r"Mine is a subclass of torch\.nn\.BatchNorm2d, and may mean something else"):
        normspec.read(Mine(3))
    with pytest.raises(NotFound, match=r"got one of torch\.nn\.modules\.linear\.Linear"):
        normspec.read(torch.nn.Linear(2, 2))
