"""Translations and differences on the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND = [str(Path(sys.executable).with_name("normspec"))]


def normspec(*arguments, cwd):
    return subprocess.run([*COMMAND, *arguments], cwd=cwd, capture_output=True, text=True, check=False)


KERAS = "keras.layers.BatchNormalization(momentum=0.99)"


def test_a_translation_says_call_arrays_losses_and_numbers(tmp_path):
    said = normspec("translate", KERAS, "--to", "torch", cwd=tmp_path)
    assert said.returncode == 1, said.stderr  # the running variance is another
    lines = said.stdout.splitlines()
    assert lines[0] == "torch.nn.BatchNorm2d(num_features=num_features, eps=0.001, momentum=0.01)"
    assert lines[1] == "for x of rank 4 (assumed; --rank says otherwise)"
    assert "(y comes back in that order, too)" in lines
    assert "x with its axes in the order (0, 3, 1, 2), as numpy.transpose takes it" in lines
    assert "  moving_variance  -> running_var" in lines
    assert "  batch-norm.running.correction: asked 0, found 1" in lines
    assert "evaluation          bridged" in lines
    assert "n = 1, in training  asked: gives shift; found: refused" in lines
    assert max(map(len, lines)) <= 80


def test_a_translation_succeeds_by_what_it_is_for(tmp_path):
    assert normspec("translate", KERAS, "--to", "torch", "--for", "evaluation", cwd=tmp_path).returncode == 0
    assert normspec("translate", KERAS, "--to", "tf_keras", cwd=tmp_path).returncode == 0
    none = normspec("translate", KERAS, "--to", "jax", cwd=tmp_path)
    assert (none.returncode, none.stderr) == (1, "normspec: jax has no batch_norm\n")
    for unread in (
        ("nn.BatchNorm2d(", "torch"),
        ("nn.BatchNorm9d(3)", "torch"),
        ("nn.BatchNorm2d(3)", "torhc"),
        ("nn.BatchNorm2d()", "keras"),
    ):
        said = normspec("translate", unread[0], "--to", unread[1], cwd=tmp_path)
        assert said.returncode == 2
        assert len(said.stderr.splitlines()) == 1


def test_a_translation_says_what_it_assumed_and_what_it_left(tmp_path):
    call = "tf_keras.layers.BatchNormalization(dtype='mixed_float16', name=own)"
    lines = normspec("translate", call, "--to", "keras", cwd=tmp_path).stdout.splitlines()
    assert "  at rank 2: running.correction not lost" in lines
    assert not any("at rank 5" in line for line in lines)
    assert "not carried: dtype='mixed_float16' (told for float32)" in lines
    assert "not carried: name=own" in lines
    plain = json.loads(normspec("translate", call, "--to", "keras", "--json", cwd=tmp_path).stdout)
    assert plain["not_carried"] == {"dtype": "'mixed_float16'", "name": "own"}
    given = normspec("translate", call, "--to", "keras", "--rank", "3", cwd=tmp_path).stdout.splitlines()
    assert given[1] == "for x of rank 3"
    assert not any("at rank" in line for line in given)


def test_a_rate_that_stands_still_is_told(tmp_path):
    told = "The rate in the call must be chosen"
    still = normspec("translate", "nn.BatchNorm2d(3, momentum=None)", "--to", "tensorflow", cwd=tmp_path).stdout
    assert told in still
    assert told not in normspec("translate", "nn.BatchNorm2d(3, momentum=0.0)", "--to", "tensorflow", cwd=tmp_path).stdout


def test_a_translation_as_json_has_all_of_it(tmp_path):
    said = normspec("translate", "nn.BatchNorm2d(3, momentum=None)", "--to", "keras", "--json", cwd=tmp_path)
    found = json.loads(said.stdout)
    assert found["call"] == "keras.layers.BatchNormalization(axis=1, epsilon=1e-05)"
    assert (found["rank"], found["not_carried"]) == (4, {})
    assert found["arrays"]["num_batches_tracked"] is None
    assert {"clause": "batch-norm.running.start", "asked": "'debiased'", "found": "'initial'"} in found["lost"]
    assert found["effects"]["8"]["running statistics"]["status"] == "off"
    assert found["effects"]["8"]["evaluation"] == {"status": "bridged", "error": 0.0, "quantity": ""}


def test_a_difference_is_told_field_by_field_with_its_arguments(tmp_path):
    said = normspec("diff", "nn.BatchNorm2d(64)", "keras.layers.BatchNormalization(axis=1)", cwd=tmp_path).stdout
    about = {part.splitlines()[0]: part.splitlines()[1:] for part in said.split("\n\n")}
    assert about["batch-norm.running.rate"][:2] == ["  a  0.1   momentum=0.1", "  b  0.01  momentum=0.99"]
    assert about["batch-norm.running.correction"][:2] == ["  a  1  built in", "  b  0  built in"]
    assert about["batch-norm.epsilon"][-1] == "  running statistics  same"
    assert "4 fields differ for x of rank 4 in float32." in said
    assert normspec("diff", "nn.LayerNorm(3)", "nn.LayerNorm(4)", cwd=tmp_path).stdout.endswith("The same for x of rank 3.\n")


def test_the_defaults_of_two_frameworks_differ(tmp_path):
    said = normspec("diff", "keras", "torch", "batch_norm", cwd=tmp_path)
    assert said.returncode == 0
    assert "  a  0.01  momentum=0.99\n  b  0.1   momentum=0.1" in said.stdout
    assert "other axes of x" in said.stdout
    at_rank = normspec("diff", "keras", "torch", "batch_norm", "--rank", "2", cwd=tmp_path).stdout
    assert "torch.nn.BatchNorm1d" in at_rank
    assert "batch-norm.channel-axes" not in at_rank
    assert normspec("diff", "keras", "torch", "mean_variance_norm", cwd=tmp_path).returncode == 2
    assert normspec("diff", "nn.BatchNorm2d(3)", "nn.LayerNorm(3)", cwd=tmp_path).returncode == 2


def about(said):
    """Give the lines about each field, by its clause."""
    return {part.splitlines()[0]: part.splitlines()[1:] for part in said.split("\n\n")}


def test_layers_whose_channels_lie_elsewhere_differ_in_that_and_in_what_each_was_given(tmp_path):
    said = normspec("diff", "nn.GroupNorm(32, 64, eps=1e-2)", "keras.layers.GroupNormalization()", cwd=tmp_path).stdout
    assert about(said)["group-norm.channel-axes"][-1] == "  other axes of x: not to be compared on one x"
    assert about(said)["group-norm.epsilon"][:2] == ["  a  0.01   eps=0.01", "  b  0.001  epsilon=0.001"]
    groups = about(normspec("diff", "nn.GroupNorm(2, 8)", "nn.GroupNorm(4, 8)", cwd=tmp_path).stdout)["group-norm.groups"]
    assert groups == ["  a  2  num_groups=2", "  b  4  num_groups=4", "  other groups of channels: not to be compared on one x"]


def test_only_what_decides_something_is_said_to_be_made_up(tmp_path):
    said = normspec("diff", "keras", "torch", "group_norm", cwd=tmp_path).stdout
    assert "   num_groups has no default: its value is made up" in said.splitlines()
    assert "made up" not in normspec("diff", "keras", "torch", "instance_norm", cwd=tmp_path).stdout
    said = normspec("diff", "tensorflow", "torch", "local_response_norm", cwd=tmp_path).stdout
    assert said.splitlines()[:3] == [
        "a  tf.nn.local_response_normalization(input=x)",
        "b  torch.nn.LocalResponseNorm(size=5)",
        "   size has no default: its value is made up",
    ]
    assert about(said)["local-response-norm.coefficient"][1].split() == ["b", "2e-05", "size=5,", "alpha=0.0001"]
    assert "n is the number" not in said
    assert "of 16 channels." in said


@pytest.mark.parametrize(
    ("call", "to", "code", "told", "untold"),
    [
        (
            "torch.nn.GroupNorm(32, 64)",
            "keras",
            0,
            ["keras.layers.GroupNormalization(axis=1, epsilon=1e-05)", "  weight  -> gamma", "lost: nothing", "training    bridged"],
            ["running statistics", "16 channels"],
        ),
        (
            "torch.nn.RMSNorm(64)",
            "keras",
            0,
            [
                "keras.layers.RMSNormalization(epsilon=1.1920928955078125e-07)",
                "  in float64: keras.layers.RMSNormalization(epsilon=2.220446049250313e-16)",
                "  weight  -> scale",
            ],
            ["at rank"],
        ),
        (
            "torch.nn.LocalResponseNorm(5)",
            "tensorflow",
            0,
            [
                "tf.nn.local_response_normalization(input=x, depth_radius=2, alpha=2e-05, beta=0.75)",
                "x with its axes in the order (0, 2, 3, 1), as numpy.transpose takes it",
                "deviations 1, 0.1 and 0.01, of 16 channels.",
            ],
            ["arrays", "running statistics", "number of values"],
        ),
        (
            "tf.math.l2_normalize(x, axis=1)",
            "torch",
            0,
            ["torch.nn.functional.normalize(input=x, eps=1e-06)", "evaluation  same"],
            ["arrays"],
        ),
        (
            "keras.layers.GroupNormalization(groups=-1)",
            "torch",
            0,
            [
                "torch.nn.InstanceNorm2d(num_features=num_features, eps=0.001, affine=True)",
                "  at rank 3: torch.nn.InstanceNorm1d(num_features=num_features, eps=0.001,",
                "n = 1, in training  asked: gives shift; found: refused",
            ],
            ["running statistics"],
        ),
        (
            "flax.linen.WeightNorm(layer)",
            "torch",
            1,  # for it has no epsilon
            [
                "torch.nn.utils.parametrizations.weight_norm(module=module, dim=1)",
                "for a weight x of rank 2 (assumed; --rank says otherwise)",
                "x is the weight, with its axes in the order of the source. Where the target's",
                "  kernel/scale  -> parametrizations.weight.original0",
                "  weight-norm.initial-scale: asked 'one', found 'norm'",
            ],
            ["running statistics"],
        ),
        (
            "parametrizations.spectral_norm(conv)",
            "keras",
            1,
            ["  parametrizations.weight.0._u  -> vector_u", "u and v     off: lacks v", "(y comes back in that order, too)"],
            ["x is the weight"],
        ),
        (
            "keras.layers.Normalization()",
            "tf_keras",
            0,
            ["mean and variance  same", "difference, as a share of the largest value; of mean and variance, of how far"],
            ["running statistics"],
        ),
    ],
)
def test_a_translation_of_each_kind_of_layer_says_what_there_is_to_say(call, to, code, told, untold, tmp_path):
    said = normspec("translate", call, "--to", to, cwd=tmp_path)
    assert said.returncode == code, said.stderr
    lines = said.stdout.splitlines()
    assert [line for line in told if line not in lines] == []
    assert [text for text in untold if text in said.stdout] == []
    assert max(map(len, lines[1:])) <= 80
