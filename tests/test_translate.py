"""Translation: what a call means stays, what is lost is told."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import normspec
from normspec import InvalidInput, NormspecError, NotFound, Unsupported, translate
from normspec.clauses import differences
from normspec.dialects import DIALECTS, all_entries, dialect_of, entries
from normspec.dialects.entry import OF_TRAINING, Name, complement
from normspec.layers import SPECS
from normspec.normal import normal
from normspec.records import Situation
from normspec.translation.bare import placeholders
from normspec.translation.layout import layout
from normspec.translation.situated import made_up
from normspec.translation.translate import text

RATES = st.one_of(st.floats(0, 1), st.decimals(0, 1, places=4).map(float))
TIMES = 96
"""What lengths are multiples of, so that any number of groups drawn, and the default of 32, divides them."""


@st.composite
def values(draw, name, default):
    """Draw an argument of the kind of its default."""
    match default:
        case bool():
            return draw(st.booleans())
        case float():
            return draw(st.one_of(RATES, st.none()))
        case int() | tuple() | list():
            return draw(st.one_of(st.integers(-3, 3), st.lists(st.integers(-3, 3), min_size=1, max_size=3, unique=True).map(tuple)))
        case None:
            return draw(st.sampled_from((None, Name(name), True, False)))
        case str():
            return draw(st.sampled_from((default, "NCHW", "NHWC", "stable", "fast", 1, 2.0, 3.5)))


@st.composite
def calls(draw, entry):
    """Draw a call of an entry and a situation for it."""
    rank = draw(st.sampled_from([n for n in range(1, 6) if n in entry.ranks]))
    dtype, parameter_dtype = draw(st.sampled_from((("float64", "float64"), ("float32", "float32"), ("float16", "float32"))))
    given = {name: draw(values(name, default)) for name, default in entry.defaults.items() if draw(st.booleans())}
    arguments = {**placeholders(entry), **given}
    if "normalized_shape" in arguments:
        arguments["normalized_shape"] = made_up(rank, TIMES)[-draw(st.integers(1, rank)) :]
    return arguments, Situation(shape=made_up(rank, TIMES), dtype=dtype, parameter_dtype=parameter_dtype)


@pytest.mark.parametrize("entry", all_entries(), ids=lambda e: f"{e.native}-{e.layer}")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_reading_what_was_written_of_what_was_read_gives_the_same(entry, data):
    arguments, situation = data.draw(calls(entry))
    try:
        spec = entry.meaning(arguments, situation)
        asked = normal(spec, situation)
    except (NormspecError, TypeError):  # what the dialect refuses, or what its values cannot be
        assume(False)
    meant = entry.meaning(entry.write(spec, situation), situation)
    assert list(differences(asked, normal(meant, situation))) == []


@pytest.mark.parametrize("entry", all_entries(), ids=lambda e: f"{e.native}-{e.layer}")
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(data=st.data())
def test_a_layer_translated_to_itself_loses_nothing(entry, data):
    arguments, situation = data.draw(calls(entry))
    call = text(entry, arguments)
    situated = {"rank": len(situation.shape), "dtype": situation.dtype, "parameter_dtype": situation.parameter_dtype}
    try:
        spec = normspec.read(call, **situated)
    except NormspecError:
        assume(False)
    assume(spec.layer == entry.layer)  # one function makes two layers
    found = translate(call, to=entry.native, **situated)
    assert found.differences == ()
    assert found.axes is None
    again = normspec.read(found.call, **situated)
    assert list(differences(normal(spec, situation), normal(again, situation))) == []


@given(rate=RATES)
def test_a_complement_is_its_own_inverse_within_what_counts_as_one_rate(rate):
    running = normspec.Running(rate=rate, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    there = normspec.Running(
        rate=complement(complement(rate)), start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"
    )
    assert list(differences(running, there)) == []


def test_rates_that_differ_by_more_than_roundings_differ():
    running = normspec.Running(rate=0.1, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
    there = normspec.Running(
        rate=0.1 + 1e-14, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"
    )
    assert [path for path, _, _ in differences(running, there)] == ["rate"]


NEAREST = """
keras.layers.BatchNormalization(momentum=0.99) ; torch
    torch.nn.BatchNorm2d(num_features=num_features, eps=0.001, momentum=0.01)
nn.BatchNorm2d(64, eps=0.001, momentum=0.01) ; keras
    keras.layers.BatchNormalization(axis=1)
nn.BatchNorm2d(64, momentum=0.43) ; keras
    keras.layers.BatchNormalization(axis=1, momentum=0.57, epsilon=1e-05)
nn.BatchNorm2d(64, eps=1e-3) ; tf_keras
    tf_keras.layers.BatchNormalization(axis=1, momentum=0.9)
keras.layers.BatchNormalization() ; tf_keras
    tf_keras.layers.BatchNormalization(fused=False)
nn.LayerNorm(768, eps=1e-3) ; keras
    keras.layers.LayerNormalization()
nn.LayerNorm((7, 5)) ; flax:linen
    flax.linen.LayerNorm(reduction_axes=(-2, -1), feature_axes=(-2, -1), epsilon=1e-05, use_fast_variance=False)
nn.LayerNorm(35, bias=False) ; flax
    flax.nnx.LayerNorm(num_features=35, epsilon=1e-05, use_bias=False, use_fast_variance=False, rngs=rngs)
linen.LayerNorm() ; nn.LayerNorm
    torch.nn.LayerNorm(normalized_shape=(size,), eps=1e-06)
nn.BatchNorm2d(64, affine=False) ; torch:functional
    torch.nn.functional.batch_norm(input=x, running_mean=running_mean, running_var=running_variance)
nn.BatchNorm2d(64, 1e-3, None) ; keras
    keras.layers.BatchNormalization(axis=1)
nn.BatchNorm2d(64, 1e-3, None) ; tf_keras
    tf_keras.layers.BatchNormalization(axis=1)
nn.BatchNorm2d(64, momentum=None) ; flax:linen
    flax.linen.BatchNorm(axis=1, use_fast_variance=False)
nn.BatchNorm2d(64, momentum=None) ; torch:functional
    torch.nn.functional.batch_norm(input=x, running_mean=running_mean, running_var=running_variance, weight=scale, bias=shift)
nn.BatchNorm2d(64, momentum=0.0) ; keras
    keras.layers.BatchNormalization(axis=1, momentum=1.0, epsilon=1e-05)
linen.LayerNorm(reduction_axes=(1, -1), feature_axes=(1, -1), epsilon=1e-3) ; keras
    keras.layers.LayerNormalization(axis=(1, 2))
nn.LayerNorm(8, elementwise_affine=False) ; jax
    jax.nn.standardize(x=x, algorithm='stable')
nn.GroupNorm(32, 64) ; keras
    keras.layers.GroupNormalization(axis=1, epsilon=1e-05)
nn.GroupNorm(32, 64) ; flax
    flax.nnx.GroupNorm(num_features=64, epsilon=1e-05, use_fast_variance=False, rngs=rngs)
keras.layers.GroupNormalization() ; torch
    torch.nn.GroupNorm(num_groups=32, num_channels=num_channels, eps=0.001)
keras.layers.GroupNormalization(groups=-1) ; torch
    torch.nn.InstanceNorm2d(num_features=num_features, eps=0.001, affine=True)
nn.InstanceNorm2d(8) ; keras
    keras.layers.GroupNormalization(groups=-1, axis=1, epsilon=1e-05, center=False, scale=False)
linen.GroupNorm(num_groups=None, group_size=8) ; torch
    torch.nn.GroupNorm(num_groups=num_groups, num_channels=num_channels, eps=1e-06)
nnx.GroupNorm(64, num_groups=None, group_size=8, rngs=r) ; torch
    torch.nn.GroupNorm(num_groups=8, num_channels=64, eps=1e-06)
nn.RMSNorm(64) ; flax
    flax.nnx.RMSNorm(num_features=64, epsilon=1.1920928955078125e-07, rngs=rngs)
keras.layers.RMSNormalization(epsilon=1.1920928955078125e-07) ; torch
    torch.nn.RMSNorm(normalized_shape=(size,))
nn.LocalResponseNorm(5) ; tensorflow
    tf.nn.local_response_normalization(input=x, depth_radius=2, alpha=2e-05, beta=0.75)
tf.nn.local_response_normalization(x) ; torch
    torch.nn.LocalResponseNorm(size=11, alpha=11.0, beta=0.5)
tf.math.l2_normalize(x, axis=1) ; torch
    torch.nn.functional.normalize(input=x, eps=1e-06)
keras.layers.UnitNormalization() ; tensorflow
    tf.math.l2_normalize(x=x, axis=-1, epsilon=1e-24)
linen.WeightNorm(dense) ; torch
    torch.nn.utils.parametrizations.weight_norm(module=module, dim=1)
parametrizations.weight_norm(conv) ; flax
    flax.nnx.WeightNorm(layer_instance=layer, feature_axes=0, epsilon=0.0, rngs=rngs)
parametrizations.spectral_norm(conv) ; keras
    keras.layers.SpectralNormalization(layer=layer)
keras.layers.Normalization(axis=1, invert=True) ; tf_keras
    tf_keras.layers.Normalization(axis=1, invert=True)
"""


@pytest.mark.parametrize("row", NEAREST.strip().replace("\n    ", " ; ").splitlines())
def test_the_nearest_call(row):
    call, to, written = row.split(" ; ")
    assert translate(call, to=to).call == written


def test_what_is_lost_is_each_field_in_which_the_call_differs():
    found = translate("keras.layers.BatchNormalization()", to="torch")
    assert found.differences == (("channel_axes", (3,), (1,)), ("running.correction", 0, 1), ("one_value", "shift", "refuse"))
    assert found.axes == (0, 3, 1, 2)
    assert translate("keras.layers.BatchNormalization()", to="tf_keras").differences == ()
    assert translate("nn.BatchNorm2d(3)", to="tf_keras").differences == (("one_value", "refuse", "shift"),)


def test_an_average_of_all_alike_is_lost_with_its_rate():
    found = translate("nn.BatchNorm2d(3, momentum=None)", to="keras").differences
    assert ("running.rate", 0.0, 0.01) in found
    assert ("running.start", "debiased", "initial") in found


def test_what_is_not_carried_is_every_argument_that_says_nothing_of_meaning():
    assert translate("nn.BatchNorm2d(3, device=d, dtype=t)", to="keras").left() == {"device": Name("d"), "dtype": Name("t")}
    assert translate("F.layer_norm(x, (3,))", to="keras").left() == {}
    assert translate("parametrizations.weight_norm(conv, 'kernel')", to="flax").left() == {"name": "kernel"}
    assert translate("keras.layers.SpectralNormalization(d, name='own')", to="flax").left() == {"name": "own"}
    assert translate("keras.layers.BatchNormalization(synchronized=True)", to="tf_keras").left() == {"synchronized": True}
    assert translate("keras.layers.BatchNormalization(synchronized=False)", to="tf_keras").left() == {}


@pytest.mark.parametrize(
    ("call", "names"),
    [
        ("keras.layers.BatchNormalization(scale=False)", ["beta", "moving_mean", "moving_variance"]),
        ("nn.BatchNorm2d(3, affine=False)", ["running_mean", "running_var", "num_batches_tracked"]),
        ("nn.LayerNorm(3, bias=False)", ["weight"]),
        ("nn.BatchNorm2d(3, track_running_stats=False)", ["weight", "bias"]),
    ],
)
def test_the_names_are_those_of_arrays_that_the_source_owns(call, names):
    assert list(translate(call, to="tf_keras").renames()) == names


def test_of_several_entries_the_nearest_is_taken():
    call = "nn.BatchNorm2d(3, track_running_stats=False)"  # in float64, which the fused one refuses
    assert translate(call, to="tensorflow", dtype="float64").target.native == "tf.nn.batch_normalization"
    call = "nn.BatchNorm2d(3, affine=False, track_running_stats=False)"  # of which the fused one has more
    assert translate(call, to="tensorflow").target.native == "tf.nn.batch_normalization"
    assert translate("nn.BatchNorm2d(3, eps=1e-3)", to="tensorflow").target.native == "tf.compat.v1.nn.fused_batch_norm"


def test_without_a_rank_one_is_taken_that_both_have():
    assert translate("keras.layers.BatchNormalization()", to="nn.BatchNorm1d").axes == (0, 2, 1)
    assert translate("keras.layers.BatchNormalization()", to="nn.BatchNorm3d").axes == (0, 4, 1, 2, 3)
    assert translate("keras.layers.BatchNormalization()", to="torch", rank=2).axes is None


def test_axes_are_moved_only_where_parameters_need_not_be_transposed():
    assert translate("linen.LayerNorm(reduction_axes=1, feature_axes=1)", to="torch").axes == (0, 2, 1)
    found = translate("linen.LayerNorm(reduction_axes=2, feature_axes=1)", to="torch")
    assert found.axes is None
    assert {path for path, _, _ in found.differences} >= {"parameter_axes"}
    with pytest.raises(InvalidInput, match="scale must have a place in the target, which has none; bias must have a place in the target"):
        found.convert({"scale": np.ones(3), "bias": np.ones(3)})


PAIRS = [(a, b, layer) for a in DIALECTS for b in DIALECTS for layer in SPECS if layer in {e.layer for e in entries(a)}]


IN_ONE_WORD = {
    "equinox.nn.BatchNorm": {"train_with", "running.start", "running.correction", "running.initial_variance"},
    **{  # 0 / 0 has no floor then
        f"{native}normalize": {"epsilon", "at_zero"}
        for native in ("torch.nn.functional.", "tf.math.l2_", "tinygrad.Tensor.", "paddle.nn.functional.")
    },
}
"""Fields that one argument says together: where one is lost, so may the others be."""


OF_SIZES = ("tf.image.per_image_standardization",)
"""What has a number made of the lengths of x, which no call can say while they are not known."""


@pytest.mark.parametrize(("source", "target", "layer"), PAIRS)
def test_every_dialect_speaks_to_every_other_and_comes_back_with_no_more_lost(source, target, layer):
    entry = next(e for e in entries(source) if e.layer == layer)
    if layer not in {e.layer for e in entries(target)}:
        with pytest.raises(Unsupported, match=f"{target} has no {layer}"):
            translate(call_of(entry), to=target)
        return
    there = translate(call_of(entry), to=target, shape=(2, 5, 7, 3) if entry.native in OF_SIZES else None)
    at = there.situation
    where = {"shape": at.shape} if entry.native in OF_SIZES else {"rank": len(at.shape)}
    back = translate(there.call, to=entry.native, **where)
    lost = {path for path, _, _ in there.differences}
    lost |= set() if entry.trains and there.target.trains else OF_TRAINING
    lost |= IN_ONE_WORD.get(entry.native, set()) if lost & IN_ONE_WORD.get(entry.native, set()) else set()
    again = {path for path, _, _ in differences(normal(there.spec, at), normal(back.meant, at))}
    assert {path for path in again if path.partition(".")[0] not in lost} <= lost  # what is nowhere has no parts


def call_of(entry):
    return text(entry, placeholders(entry))


def test_an_order_in_which_parameters_would_be_transposed_is_none():
    asked = normspec.read("linen.LayerNorm(reduction_axes=1, feature_axes=(1, 2))")
    meant = normspec.read("linen.LayerNorm(reduction_axes=2, feature_axes=(1, 2))")
    other = normspec.read("linen.LayerNorm(reduction_axes=0, feature_axes=(0, 2))")
    assert layout(asked, meant, 3) is None
    assert layout(asked, other, 3) == (1, 0, 2)


@pytest.mark.parametrize(
    ("to", "error", "message"),
    [
        (
            "torhc",
            NotFound,
            (
                "target must be a dialect (torch, keras, tensorflow, tf_keras, flax, haiku, equinox, jax, mlx, onnx, "
                "openvino, transformers, paddle, tinygrad, mindspore, caffe), such as flax:linen"
            ),
        ),
        (None, NotFound, "such as flax:linen, or a native layer, got None"),
        ("flax:haiku", NotFound, "variant of flax must be one of linen, nnx, got 'haiku'"),
        ("jax", Unsupported, "jax has no batch_norm"),
        ("nn.LayerNorm", Unsupported, "nn.LayerNorm has no batch_norm"),
        ("nn.BatchNorm3d", Unsupported, "torch.nn.BatchNorm3d: none takes an x of rank 4"),
    ],
)
def test_a_target_that_cannot_be_is_refused(to, error, message):
    with pytest.raises(error) as refused:
        translate("nn.BatchNorm2d(3)", to=to)
    assert message in str(refused.value)


def test_a_rank_that_is_not_that_of_the_shape_is_refused():
    with pytest.raises(InvalidInput, match=r"shape of x must be of the rank asked for, 2, got \(2, 3, 4\): give one of the two"):
        translate("nn.LayerNorm(4)", to="keras", rank=2, shape=(2, 3, 4))


def test_specs_of_two_layers_have_no_differences():
    with pytest.raises(InvalidInput, match="specs must be of one layer to be compared, got LayerNorm and BatchNorm"):
        list(normspec.differences(normspec.read("nn.LayerNorm(4)"), normspec.read("nn.BatchNorm1d(4)")))


def test_every_entry_is_of_one_dialect():
    assert {dialect_of(entry).partition(":")[0] for entry in all_entries()} == set(DIALECTS)
    with pytest.raises(NotFound, match="dialect must be one of torch, keras"):
        entries("theano")


def test_one_that_keeps_running_statistics_otherwise_is_nearer_than_one_that_keeps_none():
    t = translate("haiku.BatchNorm(True, True, 0.9)", to="tensorflow", shape=(3, 7, 6, 5))
    assert t.target.native == "tf.compat.v1.nn.fused_batch_norm"
    assert {"running.start", "running.correction"} <= {path for path, *_ in t.differences}
