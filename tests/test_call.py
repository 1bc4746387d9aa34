"""Native layers read: calls as text, parsed and never executed."""

from dataclasses import replace

import pytest

import normspec
from normspec import BatchNorm, InvalidInput, LayerNorm, NotFound, Running, Unsupported
from normspec.dialects import all_entries, keras, tf_keras
from normspec.records import Situation
from normspec.translation.bare import bare
from normspec.translation.find import named
from normspec.translation.reading import reading
from normspec.translation.situated import situated

TORCH = BatchNorm(
    channel_axes=(1,),
    epsilon=1e-5,
    epsilon_place="inside",
    correction=0,
    variance="two_pass",
    train_with="batch",
    running=Running(rate=0.1, start="initial", correction=1, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter"),
    scale=True,
    shift=True,
    statistics_dtype="widened",
    output_dtype="input",
    one_value="refuse",
)

MOMENTS = "tf.nn.batch_normalization(x, tf.nn.moments(x, {0}, keepdims=True)[0], tf.nn.moments(x, {0}, keepdims=True)[1], b, None, 1e-3)"


@pytest.mark.parametrize(
    "call",
    [
        "torch.nn.BatchNorm2d(64)",
        "nn.BatchNorm2d(num_features=C)",
        "BatchNorm2d(64, 1e-05, 0.1, True, True)",  # as PyTorch prints it, without names
        "BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
        " nn.BatchNorm2d(\n    self.width * 2, device=torch.device('cuda'),\n) ",
        "F.batch_norm(x, mean, variance, weight, bias, training)",
    ],
)
def test_a_call_is_read_however_it_is_written(call):
    assert normspec.read(call) == TORCH


@pytest.mark.parametrize(
    ("call", "path", "value"),
    [
        ("tf.keras.layers.BatchNormalization()", "epsilon", 1e-3),
        ("tensorflow.keras.layers.BatchNormalization(momentum=0.99)", "running.rate", 0.01),
        ("tf_keras.layers.BatchNormalization(axis=[-1])", "channel_axes", (-1,)),
        ("nnx.BatchNorm(8, momentum=0.999, rngs=nnx.Rngs(0))", "running.rate", 0.001),
        ("linen.LayerNorm(use_fast_variance=False)", "variance", "two_pass"),
        ("nn.LayerNorm((7, 5))", "axes", (-2, -1)),
        ("nn.LayerNorm((d, d))", "axes", (-2, -1)),
        ("nn.LayerNorm(7, bias=False)", "shift", False),
        ("jax.nn.standardize(x, axis=None)", "axes", (0, 1, 2)),
        (MOMENTS.format("[0, 1, 2]"), "channel_axes", (3,)),
        (MOMENTS.format("axes=(-1,)"), "shift", True),
        (MOMENTS.format("axes=(-1,)"), "scale", False),
        ("nn.GroupNorm(32, 64)", "groups", 32),
        ("nnx.GroupNorm(64, num_groups=None, group_size=8, rngs=r)", "groups", 8),
        ("nn.InstanceNorm1d(8, track_running_stats=True)", "running.rate", 0.1),
        ("nn.RMSNorm(64)", "epsilon", 2.0**-23),
        ("nn.LocalResponseNorm(5)", "coefficient", 2e-5),
        ("tf.nn.local_response_normalization(x, bias=2, alpha=1e-4)", "coefficient", 1e-4),
        ("F.normalize(x, p=1, dim=-1)", "order", 1.0),
        ("tf.math.l2_normalize(x, axis=1)", "epsilon", 1e-6),
        ("tf.math.l2_normalize(x)", "axes", (0, 1, 2)),
        ("tf.image.per_image_standardization(x)", "axes", (-3, -2, -1)),
        ("keras.layers.UnitNormalization()", "epsilon_place", "floor"),
        ("keras.layers.Normalization(mean=m, variance=v)", "observes", False),
        ("parametrizations.weight_norm(nn.Linear(3, 4), dim=None)", "channel_axes", ()),
        ("flax.linen.WeightNorm(dense, feature_axes=None)", "channel_axes", ()),
        ("parametrizations.spectral_norm(nn.ConvTranspose2d(3, 4, 2))", "channel_axes", (1,)),
        ("keras.layers.SpectralNormalization(keras.layers.Dense(3), 2)", "iterations", 2),
    ],
)
def test_what_a_call_means(call, path, value):
    found = normspec.read(call)
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value


def test_what_a_function_makes_is_told_by_whether_it_mixes_samples():
    assert isinstance(normspec.read(MOMENTS.format("[0, 1, 2]")), BatchNorm)
    assert isinstance(normspec.read(MOMENTS.format("[1, 2]")), LayerNorm)


@pytest.mark.parametrize(
    ("arguments", "layer"),
    [("", "group_norm"), ("groups=4", "group_norm"), ("4", "group_norm"), ("groups=-1", "instance_norm"), ("-1, 1", "instance_norm")],
)
def test_one_name_of_several_layers_is_the_one_that_does_not_refuse_the_call(arguments, layer):
    assert normspec.read(f"keras.layers.GroupNormalization({arguments})").layer == layer


def test_a_call_that_all_layers_of_its_name_refuse_is_refused_with_the_reason_of_each():
    with pytest.raises(Unsupported, match=r"^groups=-1 is as many groups as .*; axis must be one axis, and not the first"):
        normspec.read("keras.layers.GroupNormalization(groups=-1, axis=0)")
    with pytest.raises(Unsupported, match=r"^groups must be an integer of at least 1, got 0; groups must be -1, .*: it is group_norm$"):
        normspec.read("keras.layers.GroupNormalization(groups=0)")
    with pytest.raises(Unsupported, match=r"^mean and variance must be x's own, .* got m and v$"):
        normspec.read("tf.nn.batch_normalization(x, m, v, b, s, 1e-3)")
    with pytest.raises(Unsupported, match="is each of batch_norm, layer_norm at another rank: give the rank of x"):
        normspec.read(MOMENTS.format("[-3]"))
    assert isinstance(normspec.read(MOMENTS.format("[-3]"), rank=3), BatchNorm)
    assert isinstance(normspec.read(MOMENTS.format("[-3]"), rank=4), LayerNorm)


def test_the_situation_decides_where_a_layer_changes_with_it():
    assert [normspec.read("tf_keras.layers.BatchNormalization()", rank=rank).running.correction for rank in (2, 4)] == [0, 1]
    assert normspec.read("tf_keras.layers.BatchNormalization()", dtype="float64").running.correction == 0
    assert normspec.read("nn.RMSNorm(64)", dtype="float64").epsilon == 2.0**-52


@pytest.mark.parametrize(
    ("call", "rank"),
    [
        ("nn.BatchNorm1d(3)", 3),
        ("nn.BatchNorm3d(3)", 5),
        ("keras.layers.BatchNormalization()", 4),
        ("nn.LayerNorm(3)", 3),
        ("nn.LayerNorm((3, 4, 5))", 4),
        ("keras.layers.LayerNormalization(axis=(1, 2, 4))", 5),
        ("nn.GroupNorm(2, 4)", 4),
        ("nnx.InstanceNorm(3, rngs=r)", 4),
        ("nn.LocalResponseNorm(5)", 4),
        ("nn.RMSNorm(3)", 3),
        ("keras.layers.Normalization()", 2),
        ("parametrizations.weight_norm(layer)", 2),
        ("linen.SpectralNorm(layer)", 2),
        ("tf.image.per_image_standardization(x)", 4),
        ("tf.math.l2_normalize(x)", 3),
    ],
)
def test_the_rank_is_the_usual_one_or_the_nearest_that_the_layer_has_axes_for(call, rank):
    assert len(reading(call).situation.shape) == rank


def test_lengths_that_a_call_names_are_those_of_x():
    assert reading("nn.BatchNorm2d(64)").situation.shape[1] == 64
    assert reading("nn.LayerNorm((7, 5))").situation.shape[-2:] == (7, 5)
    assert reading("flax.nnx.BatchNorm(9, axis=1, rngs=rngs)").situation.shape[1] == 9
    assert reading("nn.BatchNorm2d(64)").sized
    assert not reading("nn.BatchNorm2d(width)").sized
    assert reading("nn.GroupNorm(32, 64)").situation.shape[1] == 64
    assert reading("nn.GroupNorm(32, 64)").sized
    assert not reading("nn.GroupNorm(32, channels)").sized


def test_lengths_that_are_made_up_are_such_that_the_layer_exists():
    for call, axis, groups in (
        ("keras.layers.GroupNormalization()", -1, 32),
        ("keras.layers.GroupNormalization(48, axis=1)", 1, 48),
        ("nn.GroupNorm(48, channels)", 1, 48),
        ("linen.GroupNorm(num_groups=None, group_size=7)", -1, 7),
    ):
        assert reading(call).situation.shape[axis] % groups == 0, call
    for entry in all_entries():
        found = bare(entry)
        assert found.spec.geometry(found.situation.shape).n > 1, entry.native


def test_a_layer_is_read_where_it_has_the_lengths_that_it_names():
    rows = reading("nn.LayerNorm(7)")
    by_length = replace(rows.entry, read=lambda _, s: replace(rows.spec, epsilon=1 / s.shape[-1]))
    assert situated((by_length,), {"normalized_shape": (8,)}).spec.epsilon == 1 / 8


def test_lengths_in_which_a_layer_does_not_exist_are_refused():
    with pytest.raises(Unsupported, match="num_channels must be divisible by num_groups, which is 32, got 48"):
        normspec.read("nn.GroupNorm(32, 48)")
    with pytest.raises(InvalidInput, match="groups must divide the number of channels, which is 48 along axis 3 of x, got 32"):
        reading("keras.layers.GroupNormalization()", shape=(2, 5, 7, 48))


@pytest.mark.parametrize(
    ("call", "messages"),
    [
        ("nn.BatchNorm2d(64", ("call must be one call in Python",)),
        ("nn.BatchNorm2d", ("call must be one call of a layer, such as torch.nn.BatchNorm2d(64), got 'nn.BatchNorm2d'",)),
        ("make()(3)", ("call must be one call of a layer",)),
        ("nn.BatchNorm2d(3)\nnn.BatchNorm2d(4)", ("call must be one call in Python",)),
        (
            "nn.BatchNorm2d(eps='small', epsilon=1e-5, affine=1)",
            (
                "argument of torch.nn.BatchNorm2d must be one of affine, bias, device,",
                "got 'epsilon'",
                "num_features of torch.nn.BatchNorm2d must be given, got nothing",
                "eps of torch.nn.BatchNorm2d must be a number, or None where that has a meaning, got 'small'",
                "affine of torch.nn.BatchNorm2d must be True or False, got 1",
            ),
        ),
        ("nn.BatchNorm2d(3, num_features=4)", ("num_features of torch.nn.BatchNorm2d must be given once, got it twice",)),
        ("nn.BatchNorm2d(3, 4, 5, 6, 7, 8, 9, 10)", ("must get at most 7 arguments by position, got 8",)),
        ("nn.BatchNorm2d(3, eps=eps)", ("eps of torch.nn.BatchNorm2d must be a literal, for its value is meaning: a number",)),
        ("nn.BatchNorm2d(3, momentum=1 - 0.9)", ("got 1 - 0.9",)),
        ("nn.LayerNorm(width)", ("normalized_shape of torch.nn.LayerNorm must be a literal",)),
        ("nn.BatchNorm2d(*sizes, **options)", ("must be written out, got * or **",)),
        ("nn.BatchNorm2d(-3)", ("num_features of torch.nn.BatchNorm2d must be a positive integer, got -3",)),
        ("keras.layers.BatchNormalization(momentum=None)", ("keras.layers.BatchNormalization(momentum=None) must have values",)),
        ("keras.layers.LayerNormalization(axis=(1, 1))", ("axes must be a tuple of at least one axis, all different, got (1, 1)",)),
        ("nn.GroupNorm(2, -4)", ("num_channels of torch.nn.GroupNorm must be a positive integer, got -4",)),
        ("nn.RMSNorm(width)", ("normalized_shape of torch.nn.RMSNorm must be a literal",)),
        ("nn.GroupNorm(groups, 64)", ("must have values that torch.nn.GroupNorm takes", "of num_groups=groups the value is not known")),
        ("nn.LocalResponseNorm(0)", ("must have values that torch.nn.LocalResponseNorm takes",)),
    ],
)
def test_what_is_no_call_is_refused_with_every_reason(call, messages):
    with pytest.raises((InvalidInput, normspec.InvalidSpec)) as refused:
        normspec.read(call)
    for message in messages:
        assert message in str(refused.value)


def test_nothing_is_executed(tmp_path):
    target = tmp_path / "made"
    with pytest.raises(InvalidInput, match="must be a literal"):
        normspec.read(f"nn.BatchNorm2d(3, eps=open({str(target)!r}, 'w'))")
    normspec.read(f"nn.BatchNorm2d(3, device=open({str(target)!r}, 'w'))")
    assert not target.exists()


def test_an_ambiguous_name_lists_what_it_may_be_and_an_unknown_one_what_is_near():
    with pytest.raises(
        NotFound, match=r"must be one of flax\.nnx\.BatchNorm, flax\.linen\.BatchNorm, haiku.*: 'BatchNorm' is each of them"
    ):
        normspec.read("BatchNorm(3)")
    with pytest.raises(NotFound, match=r"got 'nn\.BatchNrom2d'; the nearest are torch\.nn\.BatchNorm2d"):
        normspec.read("nn.BatchNrom2d(3)")


def test_a_rank_or_dtype_that_cannot_be_is_refused():
    with pytest.raises(InvalidInput, match=r"rank of x must be one that torch\.nn\.BatchNorm2d takes, 4, got 3"):
        normspec.read("nn.BatchNorm2d(3)", rank=3)
    with pytest.raises(InvalidInput, match="channel_axes must be different axes of x, which has rank 2"):
        normspec.read("keras.layers.BatchNormalization(axis=3)", rank=2)
    with pytest.raises(InvalidInput, match="dtype must be one of float64, float32, float16, bfloat16, got 'float8'"):
        normspec.read("nn.BatchNorm2d(3)", dtype="float8")


def test_what_has_no_place_among_the_points_is_unsupported():
    with pytest.raises(Unsupported, match="gamma_initializer='zeros' has no place among the points of batch_norm"):
        normspec.read("keras.layers.BatchNormalization(gamma_initializer='zeros')")


def test_what_is_synchronized_means_the_same_on_one_device_and_in_keras_2_is_never_fused():
    plain = normspec.read("keras.layers.BatchNormalization()", rank=4)
    assert normspec.read("keras.layers.BatchNormalization(synchronized=True)", rank=4) == plain
    assert normspec.read("tf_keras.layers.BatchNormalization()", rank=4).running.correction == 1
    assert normspec.read("tf_keras.layers.BatchNormalization(synchronized=True)", rank=4) == plain
    with pytest.raises(Unsupported, match="fused=True is not supported when synchronized=True"):
        normspec.read("tf_keras.layers.BatchNormalization(synchronized=True, fused=True)", rank=4)


@pytest.mark.parametrize("entry", [keras.batch_norm.ENTRIES[0], tf_keras.batch_norm.ENTRIES[0]], ids=lambda entry: entry.native)
def test_shards_ask_for_what_synchronizes_them_and_refuse_what_does_not(entry):
    at = Situation(shape=(5, 3), dtype="float32", parameter_dtype="float32", shards=(3, 2))
    assert entry.write(entry.meaning({"synchronized": True}, at), at)["synchronized"]
    with pytest.raises(Unsupported, match="synchronized must be True where x is in shards, got False"):
        entry.meaning({}, at)


@pytest.mark.parametrize("root", ["keras", "tf_keras"])
def test_a_batch_norm_that_is_told_to_renormalize_is_another_layer(root):
    call = f"{root}.layers.BatchNormalization(renorm=True, renorm_clipping={{'rmax': 3.0, 'dmax': 5}}, renorm_momentum=0.75, momentum=0.5)"
    spec = normspec.read(call)
    assert (spec.layer, spec.r_min, spec.r_max, spec.d_max, spec.renorm_rate, spec.running.rate) == ("batch_renorm", 0.0, 3.0, 5, 0.25, 0.5)
    assert (spec.averaged, spec.floor, spec.running.correction) == ("both", True, 0)
    assert normspec.read(f"{root}.layers.BatchNormalization(renorm=False)").layer == "batch_norm"
    with pytest.raises(Unsupported, match="renorm_clipping must be a dict with the keys rmax, rmin and dmax alone"):
        normspec.read(f"{root}.layers.BatchNormalization(renorm=True, renorm_clipping={{'r_max': 3.0}})")


def test_a_batch_norm_that_is_told_a_virtual_batch_size_is_another_layer():
    spec = normspec.read("tf_keras.layers.BatchNormalization(virtual_batch_size=4, momentum=0.5)")
    found = (spec.layer, spec.ghost_size, spec.grouping, spec.observed, spec.running.rate, spec.running.correction)
    assert found == ("ghost_batch_norm", 4, "interleaved", "mean", 0.5, 0)
    assert normspec.read("tf_keras.layers.BatchNormalization(virtual_batch_size=None)").layer == "batch_norm"
    with pytest.raises(Unsupported, match="fused=True"):
        normspec.read("tf_keras.layers.BatchNormalization(virtual_batch_size=4, fused=True)")


def test_renormalization_is_translated_between_the_two_keras():
    call = "keras.layers.BatchNormalization(axis=1, renorm=True, renorm_clipping={'rmax': 3.0})"
    there = normspec.translate(call, to="tf_keras")
    assert there.differences == ()
    assert there.call == f"tf_{call}"
    assert normspec.translate(there.call, to="keras").call == call


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("linen.BatchNorm(bias_init=nn.initializers.ones)", "bias_init=nn.initializers.ones has no place among the points of batch_norm"),
        ("linen.LayerNorm(scale_init=f)", "scale_init=f has no place"),
        ("nnx.LayerNorm(8, promote_dtype=f, rngs=r)", "promote_dtype=f has no place"),
        ("nnx.BatchNorm(8, scale_init=f, rngs=r)", "scale_init=f has no place"),
        ("keras.layers.BatchNormalization(trainable=False)", "trainable=False is a mode, not a meaning: read the layer without it"),
        ("tf_keras.layers.BatchNormalization(trainable=False)", "it then runs as freeze"),
        ("linen.BatchNorm(use_running_average=True)", "use_running_average=True is a mode"),
        ("nnx.BatchNorm(8, use_running_average=True, rngs=r)", "use_running_average=True is a mode"),
        ("keras.layers.BatchNormalization(axis=[1])", r"^axis must be one axis, got \(1,\)"),
        ("keras.layers.LayerNormalization(axis=[1, -1])", r"gamma lies along the axes \(2, 1\) in that order"),
    ],
)
def test_what_changes_what_a_layer_does_is_not_dropped(call, message):
    with pytest.raises(Unsupported, match=message):
        normspec.read(call)


@pytest.mark.parametrize(
    ("call", "plain"),
    [
        ("linen.BatchNorm(use_running_average=not train)", "linen.BatchNorm()"),
        ("linen.BatchNorm(use_running_average=False)", "linen.BatchNorm()"),
        ("nnx.BatchNorm(8, use_running_average=None, rngs=r)", "nnx.BatchNorm(8, rngs=r)"),
        ("keras.layers.BatchNormalization(trainable=True)", "keras.layers.BatchNormalization()"),
        ("keras.layers.LayerNormalization(trainable=False)", "keras.layers.LayerNormalization()"),
        ("tf_keras.layers.LayerNormalization(trainable=False)", "tf_keras.layers.LayerNormalization()"),
        ("keras.layers.LayerNormalization(axis=[-1, -2])", "keras.layers.LayerNormalization(axis=[-2, -1])"),
        ("F.batch_norm(x, m, v, training=True)", "F.batch_norm(x, m, v)"),
    ],
)
def test_what_says_nothing_of_meaning_may_be_given(call, plain):
    assert normspec.read(call).at_rank(4) == normspec.read(plain).at_rank(4)


def test_axes_of_both_signs_are_read_where_sorting_them_keeps_their_order():
    assert normspec.read("keras.layers.LayerNormalization(axis=[-3, 3])", rank=4).at_rank(4).axes == (1, 3)
    with pytest.raises(Unsupported, match="write all axes from the front, or all from the back"):
        normspec.read("keras.layers.LayerNormalization(axis=[1, -1])", rank=4)


def test_the_name_of_every_entry_is_found_by_itself():
    for entry in all_entries():
        assert entry in named(entry.native)
