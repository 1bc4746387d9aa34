"""Arrays translated: under the target's names, in the shapes that it has them in."""

import numpy as np
import pytest

from normspec import InvalidInput, translate


def test_arrays_go_there_and_back():
    arrays = {"weight": np.arange(3.0), "bias": np.arange(3.0) + 1, "running_mean": np.arange(3.0) + 2, "running_var": np.arange(3.0) + 3}
    there = translate("nn.BatchNorm2d(3)", to="keras").convert({**arrays, "num_batches_tracked": np.array(7)})
    assert {name: a.tolist() for name, a in there.items()} == {
        "gamma": [0, 1, 2],
        "beta": [1, 2, 3],
        "moving_mean": [2, 3, 4],
        "moving_variance": [3, 4, 5],
    }
    back = translate("keras.layers.BatchNormalization(axis=1)", to="torch").convert(there)
    assert {name: a.tolist() for name, a in back.items()} == {name: a.tolist() for name, a in arrays.items()}
    same = translate("nn.BatchNorm2d(3)", to="torch:functional").convert({**arrays, "num_batches_tracked": np.array(7)})
    assert same["num_batches_tracked"] == 7


def test_arrays_that_lie_flat_get_their_shapes_where_those_are_known():
    scale = np.arange(35.0)
    flat = translate("nn.LayerNorm((7, 5))", to="flax").convert({"weight": scale.reshape(7, 5), "bias": scale.reshape(7, 5)})
    assert flat["scale"].tolist() == scale.tolist()
    call = "nnx.LayerNorm(35, reduction_axes=(-2, -1), feature_axes=(-2, -1), rngs=rngs)"
    there = translate(call, to="torch", shape=(2, 7, 5))
    assert there.call == "torch.nn.LayerNorm(normalized_shape=(7, 5), eps=1e-06)"
    assert there.convert(flat)["weight"].shape == (7, 5)
    with pytest.raises(
        InvalidInput, match=r"scale must get 2 axes in torch\.nn\.LayerNorm, of sizes unknown: translate with the shape of x"
    ):
        translate(call, to="torch").convert(flat)
    with pytest.raises(InvalidInput, match=r"shape of x must have 35 features along the axes \(1, 2\), got \(2, 7, 6\)"):
        translate(call, to="torch", shape=(2, 7, 6))


def test_axes_of_length_1_that_only_one_framework_has_are_dropped_and_put_back():
    torch = pytest.importorskip("torch")
    original0 = "parametrizations.weight.original0"
    for dim, shape in ((0, (4, 1, 1, 1)), (1, (1, 3, 1, 1)), (None, ())):
        module = torch.nn.utils.parametrizations.weight_norm(torch.nn.Conv2d(3, 4, 5), dim=dim)
        g = module.state_dict()[original0].numpy()
        assert g.shape == shape
        call = f"parametrizations.weight_norm(conv, dim={dim})"
        (there,) = translate(call, to="flax:linen", rank=4).convert({original0: g}).values()
        assert there.tolist() == g.squeeze().tolist()
        axes = None if dim is None else dim
        back = translate(f"linen.WeightNorm(layer, feature_axes={axes})", to="torch", rank=4).convert({"kernel/scale": there})
        assert {name: a.tolist() for name, a in back.items()} == {original0: g.tolist()}
        module.load_state_dict({**module.state_dict(), **{name: torch.tensor(a) for name, a in back.items()}})
    call = "parametrizations.weight_norm(conv)"
    with pytest.raises(InvalidInput, match=r"original0 must have one axis, beside those of length 1, got shape \(4, 3, 1, 1\)"):
        translate(call, to="flax", rank=4).convert({original0: np.ones((4, 3, 1, 1))})


def test_a_vector_lies_in_a_matrix_of_one_row_where_the_target_has_it_so():
    u, call = np.arange(4.0), "keras.layers.SpectralNormalization(layer)"
    there = translate(call, to="torch").convert({"vector_u": u.reshape(1, 4)})
    assert {name: a.shape for name, a in there.items()} == {"parametrizations.weight.0._u": (4,)}
    for to, name in (("flax:linen", "kernel/u"), ("flax:nnx", "batch_stats/kernel/u"), ("tf_keras", "vector_u")):
        for vector in (u, u.reshape(1, 4)):
            assert {n: a.tolist() for n, a in translate(call, to=to).convert({"vector_u": vector}).items()} == {name: [[0, 1, 2, 3]]}


def test_a_vector_that_the_target_has_not_must_have_a_place():
    call = "parametrizations.spectral_norm(layer)"
    found = translate(call, to="keras")
    assert found.renames() == {"parametrizations.weight.0._u": "vector_u", "parametrizations.weight.0._v": None}
    with pytest.raises(InvalidInput, match="_v must have a place in the target, which has none"):
        found.convert({"parametrizations.weight.0._u": np.ones(3), "parametrizations.weight.0._v": np.ones(4)})


def test_arrays_unknown_missing_and_without_a_place_are_told_at_once():
    with pytest.raises(InvalidInput) as refused:
        translate("nn.LayerNorm(3)", to="jax").convert({"weight": np.ones(3), "gamma": np.ones(3)})
    told = str(refused.value)
    assert "array must be one of weight, bias, got 'gamma'" in told
    assert "weight must have a place in the target, which has none" in told
    assert "bias must be given, got nothing" in told


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (None, "arrays must be a dict of arrays by their names, got None"),
        ({"gamma": 1.0, "beta": np.ones(3)}, "gamma must be an array, got a float"),
        ({"gamma": np.ones(3), "beta": np.ones(4)}, "beta must have 3 values, as gamma has, got 4"),
    ],
)
def test_arrays_that_cannot_be_are_told(arrays, message):
    with pytest.raises(InvalidInput) as refused:
        translate("keras.layers.LayerNormalization()", to="flax:nnx").convert(arrays)
    assert message in str(refused.value)


def test_arrays_are_held_to_the_shape_of_x_where_that_is_known():
    found = translate("nn.BatchNorm2d(3)", to="keras", shape=(2, 3, 4, 4))
    wrong = dict.fromkeys(("weight", "bias", "running_mean", "running_var"), np.ones(4))
    with pytest.raises(InvalidInput, match="weight must have 3 values, as x has there, got 4"):
        found.convert(wrong)


def test_what_the_target_adds_stays_as_it_is_born():
    found = translate("linen.LayerNorm(use_scale=False)", to="torch")
    assert found.born() == ("weight",)
    assert list(found.convert({"bias": np.ones(3)})) == ["bias"]


def test_a_live_layer_of_torch_and_its_translation_to_flax_agree():
    torch, nnx = pytest.importorskip("torch"), pytest.importorskip("flax.nnx")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(6, 3, 5, 4)).astype("float32")
    layer = torch.nn.BatchNorm2d(3, eps=0.25, momentum=0.25)
    with torch.no_grad():
        for name, values in (("weight", (0.5, 2, 3)), ("bias", (1, -1, 0.5)), ("running_mean", (0.5, 0, 1)), ("running_var", (2, 3, 0.5))):
            getattr(layer, name).copy_(torch.tensor(values))
    found = translate(layer, to="flax")
    there = eval(found.call, {"flax": __import__("flax"), "rngs": nnx.Rngs(0)})  # noqa: S307 - the call of our own
    for name, a in found.convert({name: a.detach().numpy() for name, a in layer.state_dict().items()}).items():
        getattr(there, name)[...] = a
    for training in (False, True):
        layer.train(training)
        y = there(x, use_running_average=not training)
        np.testing.assert_allclose(y, layer(torch.tensor(x)).detach().numpy(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(there.mean[...], layer.running_mean.numpy(), rtol=1e-5, atol=1e-6)
