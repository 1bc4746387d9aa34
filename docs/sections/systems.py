"""What the systems that tutorials use are here: each one's page, the tests that show it, a command."""

from dataclasses import dataclass

from sections.tables import table


@dataclass(frozen=True)
class System:
    """A row: its id, what tutorials call it, its page (below docs), tests (below tests), a command that shows it, and what stays open."""

    row: str
    name: str
    page: str
    tests: tuple[str, ...]
    command: str
    remains: str = ""


def _judged(layer: str) -> str:
    return f"normspec judge reference --layer {layer} --profile quick"


SYSTEMS = (
    System(
        "R01",
        "feature-wise standardization, adapted to one array or to a stream",
        "spec/feature_norm.md",
        ("test_golden.py::test_moments_observed_of_three_pictures", "laws_merging.py::test_a_stream_is_the_whole_in_any_order"),
        _judged("feature_norm"),
    ),
    System(
        "R02",
        "z-score, min-max and / 255 before a network",
        "standardize-inputs.md",
        ("laws_inputs.py::test_a_z_score_has_two_moments_and_keeps_the_shape", "laws_inputs.py::test_min_max_is_between_zero_and_one"),
        "normspec explain feature_norm",
    ),
    System(
        "R03",
        "`BatchNormalization` of Keras 3 and of Keras 2",
        "frameworks/keras.md",
        ("test_golden.py::test_channels_on_axis_zero", "test_golden.py::test_running_variance_of_the_sample"),
        "normspec diff keras tf_keras batch_norm",
    ),
    System(
        "R04",
        "batch norm by hand, of one statistic and of one for each position",
        "spec/batch_norm.md",
        (
            "test_golden.py::test_by_hand_with_one_statistic_for_everything",
            "test_golden.py::test_as_written_with_a_statistic_for_every_position",
        ),
        _judged("batch_norm"),
    ),
    System(
        "R05",
        "`BatchNorm1d`, `BatchNorm2d`, `BatchNorm3d` of PyTorch",
        "frameworks/torch.md",
        ("test_frameworks.py::test_every_verdict_is_a_conformity_a_declared_deviation_or_an_honest_unsupported",),
        "normspec diff torch keras batch_norm",
    ),
    System(
        "R06",
        "`tf.nn.batch_normalization` and TensorFlow's fused batch norm",
        "frameworks/tensorflow.md",
        ("test_frameworks.py::test_every_verdict_is_a_conformity_a_declared_deviation_or_an_honest_unsupported",),
        "normspec explain batch_normalization",
    ),
    System(
        "R07",
        "batch norm forward and backward of the course exercise",
        "spec/batch_norm.md#batch-norm.gradient.x",
        (
            "test_golden.py::test_two_dimensional_forward_with_running_statistics_born_zero",
            "test_golden.py::test_two_dimensional_backward",
        ),
        "normspec explain batch-norm.gradient.x",
    ),
    System(
        "R08",
        "spatial batch norm, channels first and last",
        "spec/batch_norm.md#batch-norm.channel-axes",
        ("laws_equivalences.py::test_instance_norm_is_batch_norm_of_one_sample_with_more_channels",),
        "normspec explain batch-norm.channel-axes",
    ),
    System(
        "R09",
        "layer norm with its backward",
        "spec/layer_norm.md",
        ("test_golden.py::test_layer_norm_exercise", "laws_equivalences.py::test_layer_norm_is_batch_norm_transposed"),
        "normspec diff keras torch layer_norm",
    ),
    System(
        "R10",
        "group norm with its backward",
        "spec/group_norm.md",
        ("test_golden.py::test_spatial_group_norm", "laws_equivalences.py::test_group_norm_of_single_channels_is_instance_norm"),
        "normspec diff keras torch group_norm",
    ),
    System(
        "R11",
        "instance norm",
        "spec/instance_norm.md",
        ("laws_equivalences.py::test_batch_norm_of_one_sample_is_instance_norm", "laws_table.py::test_what_a_norm_is_invariant_to"),
        "normspec explain instance_norm",
    ),
    System(
        "R12",
        "adaptive instance norm (AdaIN), and conditional norms",
        "spec/adaptive_instance_norm.md",
        ("laws_adaptive.py", "laws_conditional.py::test_one_condition_for_all_samples_is_the_unconditional_layer"),
        _judged("adaptive_instance_norm"),
    ),
    System(
        "R13",
        "weight normalization",
        "spec/weight_norm.md",
        ("laws_lengths.py::test_weight_norm_is_lp_norm_times_scale", "laws_moments.py::test_the_length_of_a_weight_is_its_scale"),
        "normspec explain weight_norm",
    ),
    System(
        "R14",
        "batch renormalization",
        "spec/batch_renorm.md",
        (
            "test_golden.py::test_batch_renormalization_by_its_formula",
            "laws_renorm.py::test_unlimited_training_gives_what_evaluation_did",
        ),
        _judged("batch_renorm"),
    ),
    System(
        "R15",
        "batch layer normalization (BLN)",
        "spec/batch_layer_norm.md",
        ("test_golden.py::test_batch_layer_normalization_by_its_formula",),
        _judged("batch_layer_norm"),
    ),
    System(
        "R16",
        "full normalization (FN)",
        "spec/full_norm.md",
        ("test_definitions.py",),
        _judged("full_norm"),
        "Experimental: its page says what was read and what is derived.",
    ),
    System(
        "R17",
        "corrected statistics in inference",
        "inference-corrections.md",
        (
            "test_example_weighing.py::test_it_is_what_the_loops_give",
            "test_moving_average_batch_norm.py::test_steps_are_what_the_loops_give",
        ),
        "pytest tests/test_example_weighing.py",
        "Open: of the corrected batch norm that a tutorial names, no formula was found; EvalNorm is experimental, its paper was not read.",
    ),
    System(
        "R18",
        "fused and folded batch norm",
        "fold.md",
        ("test_fold.py",),
        "pytest tests/test_fold.py",
    ),
    System(
        "R19",
        "synchronized batch norm",
        "spec/batch_norm.md#batch-norm.shards",
        ("test_shards.py::test_shards_are_the_whole_x", "laws_merging.py::test_shards_normalize_as_the_whole_does"),
        "normspec explain batch-norm.shards",
    ),
    System(
        "R20",
        "momentum and moving statistics, how they lag, and taking them anew",
        "recalibrate.md",
        (
            "test_lag.py::test_the_steps_of_a_keras_default",
            "test_recalibrate.py::test_it_is_what_the_loops_give",
            "laws_running.py::test_the_cumulative_average_is_the_arithmetic_mean",
        ),
        "normspec lag --rate 0.01 --steps 688",
    ),
    System(
        "R24",
        "a bias before batch norm",
        "lint.md",
        ("test_lint.py", "laws_inputs.py::test_a_bias_before_batch_norm_does_nothing"),
        "pytest tests/test_lint.py",
    ),
    System(
        "R26",
        "batch norm behind dropout",
        "lint.md",
        ("test_lint.py",),
        "pytest tests/test_lint.py",
    ),
    System(
        "R34",
        "layer, instance and group norm of TensorFlow Addons",
        "conventions/grouping.md",
        ("laws_equivalences.py::test_group_norm_of_one_group_is_layer_norm",),
        "normspec explain groups",
    ),
)
"""In the order of the rows."""


def systems() -> str:
    """Give the table."""
    return table(("row", "system", "page", "tests", "command", "what remains"), [_line(system) for system in SYSTEMS])


def _line(system: System) -> tuple[str, ...]:
    name = system.page.removeprefix("spec/").partition("#")[2] or system.page.rpartition("/")[2].removesuffix(".md")
    tests = "<br>".join(f"[{test.replace('::', '<br>')}](../tests/{test.partition('::')[0]})" for test in system.tests)
    return system.row, system.name, f"[{name}]({system.page})", tests, f"`{system.command}`", system.remains
