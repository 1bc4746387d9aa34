"""Words explained: positions that are computed, and answers at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from normspec import NotFound
from normspec.clauses import clauses
from normspec.cli.explain import _lines, explain_word
from normspec.dialects import all_entries, dialect_of
from normspec.edition import EDITION
from normspec.explanation.explain import explain, words
from normspec.explanation.influence import influences
from normspec.explanation.pages import PAGES
from normspec.explanation.relation import relation
from normspec.explanation.words import EVERYDAY
from normspec.layers import SPECS, all_clauses
from normspec.translation.bare import bare

COMMAND = str(Path(sys.executable).with_name("normspec"))


def stand(word, path):
    """Give what each layer's relations to a field are, by native name."""
    (section,) = (s for s in explain(word).sections if s.path == path)
    return {name: (p.arguments, p.value, p.relations) for p in section.positions for name in p.layers}


def test_momentum_is_the_weight_of_the_new_value_or_its_complement():
    found = stand("momentum", "running.rate")
    assert found["torch.nn.BatchNorm2d"] == (("momentum=0.1",), 0.1, ("running.rate = momentum, 0.0 where momentum is None",))
    for name in ("keras.layers.BatchNormalization", "tf_keras.layers.BatchNormalization", "flax.nnx.BatchNorm", "flax.linen.BatchNorm"):
        assert found[name] == (("momentum=0.99",), 0.01, ("running.rate = 1 - momentum",))
    assert found["tf.compat.v1.nn.fused_batch_norm"][2] == ("running.rate = exponential_avg_factor",)
    assert stand("momentum", "running.start")["torch.nn.BatchNorm1d"][2] == (
        "running.start = 'initial', 'debiased' where momentum is None",
    )


def test_a_clause_is_explained_by_its_id_a_field_by_its_path_or_last_name():
    assert [list(s.links) for s in explain("batch-norm.running.correction").sections] == [["batch-norm.running.correction"]]
    assert {s.path for s in explain("running.correction").sections} == {"running.correction"}
    assert {s.path for s in explain("correction").sections} == {"correction", "running.correction"}
    (section,) = explain("batch-norm.running.rate").sections
    assert section.sentence == "w_k MUST tend to `rate`, the weight of the new observation."
    assert section.formula.startswith("r_k = r_(k-1) + w_k (s_k - r_(k-1))")
    assert section.links == {"batch-norm.running.rate": "docs/spec/batch_norm.md#batch-norm.running.rate"}


def test_whose_variance_is_observed_depends_on_more_than_an_argument():
    found = stand("bessel", "running.correction")
    assert found["torch.nn.BatchNorm2d"] == ((), 1, ())
    assert found["keras.layers.BatchNormalization"] == found["tf_keras.layers.BatchNormalization (ghost_batch_norm)"] == ((), 0, ())
    assert found["tf.compat.v1.nn.fused_batch_norm"] == ((), 1, ())
    several = found["tf_keras.layers.BatchNormalization (batch_norm)"]
    assert several[0] == (
        "axis=-1",
        "synchronized=False",
        "fused=None",
        "rank of x",
        "dtype of x",
    )
    assert several[2][3:] == (
        "running.correction = 0 at rank 2 or 3, 1 at rank 4 or 5",
        "running.correction = 1 in float32, 0 in float64",
    )


@pytest.mark.parametrize(
    ("native", "path", "said"),
    [
        ("torch.nn.BatchNorm2d", "running", "running = kept where track_running_stats is True, none where track_running_stats is False"),
        ("torch.nn.functional.batch_norm", "scale", "scale = False where weight is None, True where weight is given"),
        ("torch.nn.LayerNorm", "axes", "axes = (-1,) where normalized_shape is (2,), (-2, -1) where normalized_shape is (2, 3)"),
        ("flax.linen.LayerNorm", "variance",
         "variance = 'one_pass' where use_fast_variance is True, 'two_pass' where use_fast_variance is False"),
        ("jax.nn.standardize", "variance", "variance = 'two_pass' where algorithm is 'stable', 'one_pass' where algorithm is 'fast'"),
        ("tf.compat.v1.nn.fused_batch_norm", "channel_axes",
         "channel_axes = (1,) where data_format is 'NCHW', (-1,) where data_format is 'NHWC'"),
        ("tf.nn.batch_normalization", "channel_axes", "channel_axes: as mean and variance say"),
        ("keras.layers.BatchNormalization", "shift", "shift = center"),
        ("torch.nn.GroupNorm", "groups", "groups = num_groups"),
        ("torch.nn.utils.parametrizations.weight_norm", "channel_axes", "channel_axes = dim, () where dim is -1 or None"),
        ("torch.nn.utils.parametrizations.spectral_norm", "channel_axes", "channel_axes = dim, (0,) where dim is None"),
        ("torch.nn.utils.parametrizations.spectral_norm", "iterations", "iterations = n_power_iterations"),
        ("keras.layers.SpectralNormalization", "iterations", "iterations = power_iterations"),
        ("tf.math.l2_normalize", "axes", "axes = axis, every axis where axis is None"),
        ("tf.math.l2_normalize", "epsilon", "epsilon = sqrt(epsilon)"),
        ("tf.linalg.normalize", "order", "order = ord, 2.0 where ord is 'euclidean'"),
        ("torch.nn.LocalResponseNorm", "before", "before = size // 2"),
        ("torch.nn.LocalResponseNorm", "after", "after = (size - 1) // 2"),
        ("tf.nn.local_response_normalization", "after", "after = depth_radius"),
        ("keras.layers.Normalization", "invert", "invert = invert"),
        ("keras.layers.Normalization", "observes", "observes: as mean and variance say"),
        ("tf.image.per_image_standardization", "epsilon", "epsilon: as the shape of x says"),
        ("torch.nn.InstanceNorm2d", "running.rate",
         "running.rate = momentum, 0.0 where momentum is None, where track_running_stats is True"),
    ],
)  # fmt: skip
def test_what_decides_a_field(native, path, said):
    found = [i.relation for e in all_entries() if e.native == native for i in influences(e) if i.path == path]
    assert set(found) == {said}  # of each layer that a name stands for


@pytest.mark.parametrize(
    ("native", "path", "said"),
    [
        ("torch.nn.LocalResponseNorm", "coefficient", ["coefficient = alpha / size", "coefficient = alpha / size"]),
        ("torch.nn.RMSNorm", "epsilon",
         ["epsilon = eps, 1.1920928955078125e-07 where eps is None",
          "epsilon = 1.1920928955078125e-07 in float32, 2.220446049250313e-16 in float64"]),
        ("torch.nn.InstanceNorm2d", "shift", ["shift = affine", "shift = bias, where affine is True"]),
        ("flax.linen.GroupNorm", "groups", ["groups = num_groups", "groups: as group_size and x say, where num_groups is None"]),
        ("flax.linen.GroupNorm", "batch_axes",
         [("batch_axes = (0,) where reduction_axes is None, (0, 1, 2) where reduction_axes is 3 or -1, "
          "(0, 2) where reduction_axes is (1, -1)")]),
        ("flax.nnx.GroupNorm", "channel_axes", []),
        ("torch.nn.utils.parametrizations.weight_norm", "epsilon", []),
    ],
)  # fmt: skip
def test_all_that_decides_a_field(native, path, said):
    found = [i.relation for e in all_entries() if e.native == native for i in influences(e) if i.path == path]
    assert found == said


def test_a_relation_is_what_holds_of_every_value_tried():
    assert relation("m", "rate", [(0.25, 0.25), (0.75, 0.75)]) == "rate = m"
    assert relation("m", "rate", [(0.25, 0.75), (0.99, 0.01)]) == "rate = 1 - m"
    assert relation("m", "rate", [(0.5, 0.5), (0.25, 0.75)]) == "rate = 1 - m"
    assert relation("m", "rate", [(0.25, 0.5), (0.75, 1.5)]) == "rate = 0.5 where m is 0.25, 1.5 where m is 0.75"
    assert relation("off", "scale", [(True, False), (False, True)]) == "scale = not off"
    assert relation("one", "n", [(True, 1), (False, 0)]) == "n = 1 where one is True, 0 where one is False"
    assert relation("a", "c", [(4.0, 1.0), (2.0, 0.5)]) == "c = a / 4"
    assert relation("a", "c", [(4.0, 1.0), (2.0, 0.5)], {4: "n"}) == "c = a / n"
    assert relation("a", "c", [(4.0, 1.0), (2.0, 2.0)]) == "c = 4.0 / a"
    assert relation("a", "c", [(4.0, 1.0)]) == "c = 1.0 where a is 4.0"
    known = [(k, (k,)) for k in range(4)]
    assert relation("dim", "axes", [*known, (-1, ())]) == "axes = dim, () where dim is -1"
    assert relation("dim", "axes", [*known[:2], (-1, ())]) == "axes = (0,) where dim is 0, (1,) where dim is 1, () where dim is -1"


def test_arrays_have_the_names_of_every_framework():
    found = {(ours, theirs): layers for ours, theirs, layers in explain("gamma").arrays}
    assert "torch.nn.LayerNorm" in found["scale", "weight"]
    assert "keras.layers.BatchNormalization" in found["scale", "gamma"]
    assert {ours for ours, _ in found} == {"scale"}
    assert {row[1] for row in explain("running_var").arrays} >= {"running_var", "moving_variance", "var"}


@pytest.mark.parametrize(
    ("word", "modes"),
    [
        ("trainable", {"freeze"}),
        ("frozen", {"freeze"}),
        ("inference", {"evaluate", "freeze"}),
        ("use_running_average", {"train", "evaluate", "freeze"}),
    ],
)
def test_words_about_modes_tell_how_each_framework_is_asked(word, modes):
    found = explain(word).modes
    assert {mode for mode, _, _ in found} == modes
    told = {how for mode, how, layers in found if "keras.layers.BatchNormalization" in layers and mode == "freeze"}
    assert not told or told == {"layer.trainable = False; layer(x, training=True)"}
    assert "batch-norm.keep" in {link for s in explain(word).sections for link in s.links} or modes != {"freeze"}


def test_a_native_layer_is_explained_field_by_field():
    (native, sheet), (other, _) = explain("BatchNorm2d").layers
    assert (native, other) == ("torch.nn.BatchNorm2d", "mindspore.nn.BatchNorm2d")
    assert [name for name, _ in explain("BatchNorm2D").layers] == ["paddle.nn.BatchNorm2D"]
    assert [name for name, _ in explain("batchnorm2d").layers] == [
        "torch.nn.BatchNorm2d",
        "paddle.nn.BatchNorm2D",
        "mindspore.nn.BatchNorm2d",
    ]
    fields = {clause.id.partition(".")[2].replace("-", "_") for clause in clauses(SPECS["batch_norm"]) if clause.points}
    assert {path for path, _ in sheet} == fields
    assert {name for name, _ in explain("haiku.BatchNorm").layers} == {"haiku.BatchNorm"}
    assert {"flax.nnx.BatchNorm", "flax.linen.BatchNorm", "mlx.nn.BatchNorm"} <= {name for name, _ in explain("BatchNorm").layers}


def test_a_name_of_several_layers_is_explained_as_each():
    found = dict(explain("GroupNormalization").layers)
    assert list(found) == [
        "keras.layers.GroupNormalization as group_norm",
        "keras.layers.GroupNormalization as instance_norm, with groups=-1",
        "tf_keras.layers.GroupNormalization",
        "onnx.opset21.GroupNormalization",
        "onnx.opset18.GroupNormalization",
    ]
    paths = [path for path, _ in found["keras.layers.GroupNormalization as instance_norm, with groups=-1"]]
    assert "running" in paths
    assert not any(path.startswith("running.") for path in paths), "it can have none"


def test_a_word_is_explained_for_the_layers_that_have_it():
    layers = {link.partition(".")[0] for section in explain("dim").sections for link in section.links}
    assert layers == {"weight-norm", "spectral-norm", "lp-norm"}
    assert {link for section in explain("invert").sections for link in section.links} == {"feature-norm.invert"}
    section, floor, of_norms, *others = explain("epsilon").sections
    assert {"batch-norm.epsilon", "rms-norm.epsilon"} <= set(section.links)
    assert {"lp-norm.epsilon", "weight-norm.epsilon"} <= set(floor.links)
    assert set(of_norms.links) == {"global-response-norm.epsilon"}
    assert {link for other in others for link in other.links} == {"full-norm.epsilon", "batch-layer-norm.epsilon"}
    assert section.formula == "", "each layer has its own"
    assert explain("groups").about == (
        "an argument of keras.layers.GroupNormalization, tf_keras.layers.GroupNormalization, haiku.GroupNorm, equinox.nn.GroupNorm",
    )


def test_a_module_that_is_asked_for_its_weight_makes_weight_no_word_about_modes():
    assert explain("weight").modes == ()
    assert {mode for mode, _, _ in explain("adapt").modes} == {"observe"}
    assert {mode for mode, _, _ in explain("update_stats").modes} == {"train", "evaluate", "freeze"}


@pytest.mark.parametrize("word", ["lrn", "l2", "unit", "mvn"])
def test_what_people_call_a_layer_is_explained_as_that(word):
    found = explain(word)
    assert found.about[0].startswith("a layer: y")
    assert len({link.partition(".")[0] for section in found.sections for link in section.links}) == 1


@pytest.mark.parametrize("word", EVERYDAY)
def test_every_word_that_people_say_is_about_clauses_that_are_there(word):
    known = {clause.id.partition(".")[2].replace("-", "_") for clause in all_clauses().values()}
    assert set(EVERYDAY[word]) <= known


def test_an_argument_that_decides_nothing_says_so():
    assert explain("rngs").about[0].startswith("an argument that says nothing of meaning, of flax.nnx.BatchNorm")
    assert "no place among the points here where it is not None" in explain("axis_name").about[0]


def test_every_word_has_an_answer_that_fits_the_terminal():
    known = words()
    assert {"momentum", "eps", "trainable", "gamma", "moving_variance", "ddof", "BatchNorm2d", "batch_norm", *all_clauses()} <= set(known)
    for word in known:
        lines = "\n".join(_lines(explain(word))).strip().splitlines()
        assert lines, word
        assert all(len(line) <= 80 or len(line.split()) == 1 for line in lines), word


def test_case_hyphens_and_spaces_do_not_matter():
    assert explain("Layer Norm").sections == explain("layer_norm").sections
    assert explain("MOMENTUM").sections == explain("momentum").sections


def test_an_unknown_word_names_what_is_near():
    with pytest.raises(NotFound, match="got 'momentun'; the nearest are momentum"):
        explain("momentun")


@pytest.mark.parametrize("word", ["momentum", "eps", "groups", "n_power_iterations"])
def test_an_answer_takes_less_than_half_a_second_and_no_array_library(word, compiled):
    code = f"import sys; from normspec.cli.explain import explain_word; explain_word({word!r}); print(*sys.modules, file=sys.stderr)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr.split()
    assert not {"numpy", "normspec.conformance", "normspec.reference", "torch"} & set(loaded)
    assert min(seconds(compiled, COMMAND, "explain", word) for _ in range(5)) < 0.5


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """Give an environment in which modules are compiled once, as they are where a package was installed."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(tmp_path_factory.mktemp("compiled"))}


def seconds(environment, *arguments):
    """Give the processor's time that a command takes, since others may be at work on the machine."""
    resource = pytest.importorskip("resource")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(arguments, capture_output=True, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize(
    ("word", "page", "says"),
    [
        ("momentum", "momentum", "one is one minus the other"),
        ("eps", "epsilon", "inside the root"),
        ("use_fast_variance", "variance", "the same number with a larger error"),
        ("ddof", "variance", "The running variance observes the sample's in PyTorch"),
        ("trainable", "modes", "freezes batch norm whatever `training` says"),
        ("batch-norm.running.rate", "momentum", "one is one minus the other"),
        ("num_groups", "grouping", "runs of neighbouring channels"),
        ("mask", "masks", "without one, padding is data"),
        ("cast", "rounding", "multiply by scale before they round y once"),
        ("n_power_iterations", "weights", "move in training alone"),
        ("nchw", "axes", "Channels are axis 1 in PyTorch"),
        ("data_format", "axes", "No array knows its layout"),
        ("channels_last", "axes", "No array knows its layout"),
        ("feature_axes", "axes", "over the axes that it names"),
        ("normalized_shape", "axes", "over the axes that it names"),
        ("batch_size_one", "batches-of-one", "y is shift and the gradient of x is 0"),
        ("drop_last", "batches-of-one", "Freeze the layer, or use group norm"),
        ("layer-norm.one-value", "batches-of-one", "y is shift"),
        ("synchronized", "synchronized", "statistics of its own shard"),
        ("axis_name", "synchronized", "averaged variances do not"),
        ("cross_replica_axis", "synchronized", "whatever the lengths"),
        ("batch-norm.shards", "synchronized", "whatever the lengths"),
        ("gamma", "one-plus-weight", "by 1 + weight"),
        ("gemma", "one-plus-weight", "born as 0"),
        ("bfloat16", "rounding", "float16 overflows"),
    ],
)
def test_what_people_ask_is_answered_in_short_with_its_page(word, page, says):
    found = explain(word).pages
    assert list(found) == [f"docs/conventions/{page}.md"]
    assert says in found[f"docs/conventions/{page}.md"]
    assert (Path(__file__).parent.parent / f"docs/conventions/{page}.md").exists()


def test_every_page_exists_and_is_about_clauses_that_are_there():
    known = {clause.id.partition(".")[2].replace("-", "_") for clause in all_clauses().values()} | {"train", "evaluate", "freeze"}
    for page, about, _ in PAGES:
        assert (Path(__file__).parent.parent / page).exists()
        assert set(about) <= known


def test_what_the_page_on_epsilon_says_in_short_is_so():
    told = [(e, bare(e).spec) for e in all_entries() if any(i.path == "epsilon" and i.arguments for i in influences(e))]
    moments = {"batch_norm", "batch_renorm", "ghost_batch_norm", "layer_norm", "instance_norm", "group_norm", "rms_norm"}
    places = {(e.layer in moments, dialect_of(e).partition(":")[0], getattr(spec, "epsilon_place", "inside")) for e, spec in told}
    assert {place for of_moments, _, place in places if of_moments} == {"inside"}
    assert {(dialect, place) for of_moments, dialect, place in places if not of_moments} == {
        ("torch", "floor"), ("tensorflow", "floor"), ("flax", "inside"), ("haiku", "inside"), ("equinox", "floor"), ("caffe", "outside"),
        ("openvino", "inside"), ("paddle", "floor"), ("paddle", "outside"), ("tinygrad", "floor"), ("mindspore", "floor"),
    }  # fmt: skip
    defaults = {
        (dialect_of(e).partition(":")[0], e.layer): spec.epsilon for e, spec in told if e.layer in moments and "epsilon" in e.defaults
    }
    assert {layer: value for (dialect, layer), value in defaults.items() if dialect in ("keras", "tf_keras", "tensorflow")} == {
        **dict.fromkeys(moments, 1e-3),
        "rms_norm": 1e-6,
    }
    assert {value for (dialect, _), value in defaults.items() if dialect in ("flax", "jax")} == {1e-5, 1e-6}


def test_what_the_page_on_axes_says_in_short_is_so():
    told = [e for e in all_entries() if e.layer in ("batch_norm", "group_norm") and e.native != "tf.nn.batch_normalization"]  # as mean lies
    found = [(dialect_of(e).partition(":")[0], bare(e)) for e in told]
    ranks = [(dialect, of.spec.channel_axes, len(of.situation.shape)) for dialect, of in found]
    axes = {(dialect, axis % rank == rank - 1) for dialect, (axis,), rank in ranks if rank > 2}  # of rank 2 both are one
    assert {dialect for dialect, last in axes if last} == {"keras", "tf_keras", "tensorflow", "flax", "haiku", "mlx"}
    assert {dialect for dialect, last in axes if not last} == {
        "torch", "equinox", "onnx", "openvino", "paddle", "tinygrad", "mindspore", "caffe",
    }  # fmt: skip
    assert all(axis % rank in (1, rank - 1) for _, (axis,), rank in ranks)


def test_what_the_page_on_batches_of_one_says_in_short_is_so():
    batch_norms = [(dialect_of(e).partition(":")[0], bare(e).spec.one_value) for e in all_entries() if e.layer == "batch_norm"]
    assert {dialect for dialect, rule in batch_norms if rule == "refuse"} == {"torch", "mlx", "tinygrad"}
    assert {rule for _, rule in batch_norms} == {"refuse", "shift"}


def test_what_the_page_on_1_plus_weight_says_in_short_is_so():
    assert {(e.native.rpartition(".")[2], tuple(e.plus.items())) for e in all_entries() if e.plus} == {("GemmaRMSNorm", (("scale", 1.0),))}


OF_SHARDS = "an argument that says how shards of x are taken together, of keras.layers.BatchNormalization"


@pytest.mark.parametrize(
    ("word", "clause", "says"),
    [
        ("virtual_batch_size", "ghost-batch-norm.ghost-size", "an argument of tf_keras.layers.BatchNormalization"),
        (
            "synchronized",
            "batch-norm.shards",
            "an argument that says how shards of x are taken together, of keras.layers.BatchNormalization",
        ),
        ("sync_batch_norm", "batch-norm.shards", "a word for what stands here under shards"),
        ("ghost", "ghost-batch-norm.channel-axes", "tf_keras.layers.BatchNormalization"),
        ("FiLM", "conditional-batch-norm.batch-axes", ""),
    ],
)
def test_words_of_the_rarer_layers_lead_to_their_clauses(word, clause, says):
    found = explain(word)
    assert clause in found.sections[0].links
    assert says in found.about


def test_an_argument_that_asks_for_another_layer_is_not_said_to_have_no_place():
    assert not [
        about for word in ("virtual_batch_size", "renorm_momentum", "synchronized") for about in explain(word).about if "no place" in about
    ]


@pytest.mark.parametrize(
    ("word", "clause"), [("running.correction", "batch-norm.running.correction"), ("layer-norm.axes", "layer-norm.axes")]
)
def test_an_explanation_ends_with_how_to_cite_the_clause(word, clause, capsys):
    explain_word(word)
    page = f"docs/spec/{clause.partition('.')[0].replace('-', '_')}.md"
    assert capsys.readouterr().out.splitlines()[-2:] == [f"To cite: normspec {EDITION}, {clause}", f"  {page}#{clause}"]
    assert f'<a id="{clause}">' in (Path(__file__).parent.parent / page).read_text(encoding="utf-8")
