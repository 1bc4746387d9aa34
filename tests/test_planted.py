"""Faults planted in PyTorch: a weak test lets them pass, a strong one does not, and right layers change nothing."""

import numpy as np
import pytest
import torch
from click.testing import CliRunner

import normspec
from normspec import mutants
from normspec.cli.app import app
from normspec.load import planted

LAYER_NORM = "torch.nn.functional.layer_norm"
RUN = CliRunner()
WEAK = """
import torch

def test_layer_norm():
    y = torch.nn.LayerNorm(16)(torch.randn(8, 16))
    torch.testing.assert_close(y.mean(-1), torch.zeros(8), atol=1e-5, rtol=0)
"""


def drawn(*shape):
    return torch.from_numpy(np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32))


def steps(layer, x):
    """Train twice, then evaluate; give every output, gradient and state."""
    found = []
    for training in (True, True, False):
        layer.train(training)
        leaf = x.clone().requires_grad_()
        y = layer(leaf)
        leaves = [leaf, *layer.parameters()]
        found += [y, *torch.autograd.grad(y, leaves, drawn(*y.shape), allow_unused=True), *(b.clone() for b in layer.buffers())]
    return [t for t in found if t is not None]


@pytest.mark.parametrize(
    ("native", "make", "shape"),
    [
        ("layer_norm", lambda: torch.nn.LayerNorm((3, 7)), (5, 3, 7)),
        ("batch_norm", lambda: torch.nn.BatchNorm1d(3, momentum=None), (5, 3, 7)),
        ("batch_norm", lambda: torch.nn.BatchNorm2d(3, affine=False), (5, 3, 7, 2)),
        ("instance_norm", lambda: torch.nn.InstanceNorm1d(3, affine=True, track_running_stats=True), (5, 3, 7)),
        ("group_norm", lambda: torch.nn.GroupNorm(2, 6), (5, 6, 7)),
        ("rms_norm", lambda: torch.nn.RMSNorm(7), (5, 3, 7)),
        ("local_response_norm", lambda: torch.nn.LocalResponseNorm(3), (5, 6, 7)),
    ],
)
def test_right_layers_in_the_place_of_a_function_change_nothing(native, make, shape):
    before = steps(make(), drawn(*shape))
    with planted(f"torch.nn.functional.{native}", "reference:numpy") as calls:
        after = steps(make(), drawn(*shape))
    assert dict(calls) == {"planted": 3}
    assert len(before) == len(after)
    for must, is_ in zip(before, after, strict=True):
        torch.testing.assert_close(is_, must)


def test_the_function_is_its_own_again_afterwards():
    original = torch.nn.functional.layer_norm
    with mutants.planted(LAYER_NORM, "epsilon-outside"):
        assert torch.nn.functional.layer_norm is not original
    assert torch.nn.functional.layer_norm is original
    with pytest.raises(ZeroDivisionError), mutants.planted(LAYER_NORM, "epsilon-outside"):
        raise ZeroDivisionError
    assert torch.nn.functional.layer_norm is original


OF_MEMORY = {"dy-lies-as-x", "expanded-dy-once", "strides-of-dy-ignored"}
OF_FLAT_ROWS = {"flat-dx-no-number", "flat-stays"}
"""What a test of one contiguous x, whose rows all vary, cannot see."""


def strong():
    x = drawn(8, 15) * 2.0**-8
    layer = torch.nn.LayerNorm(15)
    with torch.no_grad():
        layer.weight.copy_(drawn(15))
        layer.bias.copy_(drawn(15) + 1)
    leaf, wide = x.clone().requires_grad_(), x.double().requires_grad_()
    y = layer(leaf)
    mean, variance = wide.mean(-1, keepdim=True), wide.var(-1, correction=0, keepdim=True)
    must = (wide - mean) / torch.sqrt(variance + 1e-5) * layer.weight.double() + layer.bias.double()
    torch.testing.assert_close(y, must.float())
    cotangent = drawn(8, 15)
    of_x, of_weight = torch.autograd.grad(y, [leaf, layer.weight], cotangent)
    (must_x,) = torch.autograd.grad(must, [wide], cotangent.double(), retain_graph=True)
    torch.testing.assert_close(of_x, must_x.float())
    (must_weight,) = torch.autograd.grad(must, [layer.weight], cotangent.double())
    torch.testing.assert_close(of_weight, must_weight)


def test_a_strong_test_kills_what_it_can_see():
    chosen = [m.id for m in mutants.of(LAYER_NORM) if m.law in ("epsilon_place", "correction", "gradient.x", "scale", "shift")]
    fates = mutants.score(strong, LAYER_NORM, chosen)
    assert sum(fate == "killed" for fate in fates.values()) > 15
    assert {name for name, fate in fates.items() if fate == "survives"} <= OF_MEMORY | OF_FLAT_ROWS


def test_what_no_call_can_have_is_not_reached():
    assert mutants.score(strong, LAYER_NORM, ["y-of-float64", "mean-over-padded"])["y-of-float64"] == "killed"
    with planted("torch.nn.functional.group_norm", "mutants:groups-interleaved") as calls:
        torch.nn.functional.group_norm(drawn(2, 3), 1)  # one group: interleaved or not is the same
    assert dict(calls) == {"original": 1}


def test_the_command_scores_a_suite(tmp_path):
    (tmp_path / "test_theirs.py").write_text(WEAK)
    command = ["pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_theirs.py")]
    two = ["--mutant", "shift-before-scale", "--mutant", "not-centred"]
    ended = RUN.invoke(app, ["mutants", "run", "--native", LAYER_NORM, *two, *command])
    assert ended.exit_code == 1, ended.output
    assert "1 of 2 killed, 50 %" in ended.output
    assert "survives: shift-before-scale" in ended.output


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (WEAK.replace("zeros(8)", "ones(8)"), "the command must pass with right layers, and ends with exit code 1"),
        ("def test_nothing():\n    pass\n", f"the command must be pytest's and call {LAYER_NORM}, and does not"),
        ("", "the command must pass with right layers, and collects no test"),
    ],
)
def test_a_command_that_cannot_tell_is_refused(text, why, tmp_path):
    (tmp_path / "test_theirs.py").write_text(text)
    command = ["pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "test_theirs.py")]
    ended = RUN.invoke(app, ["mutants", "run", "--native", LAYER_NORM, "--mutant", "not-centred", *command])
    assert isinstance(ended.exception, normspec.NormspecError)
    assert why in str(ended.exception)


def test_what_is_asked_wrongly_is_said():
    with pytest.raises(normspec.NotFound, match=r"mutant must be one of torch\.nn\.functional\.layer_norm, got nonsense"):
        mutants.score(strong, LAYER_NORM, ["nonsense"])
    with pytest.raises(normspec.NotFound, match="native must be a function of torch, in which alone faults can be planted"):
        mutants.score(strong, "keras.layers.LayerNormalization")
    with pytest.raises(normspec.NotFound, match=r"native must be a function of torch\.nn\.functional"):
        mutants.score(strong, "torch.nn.LayerNorm")
    with pytest.raises(normspec.NormspecError, match="test must pass with right layers, and raises ZeroDivisionError"):
        mutants.score(lambda: 1 / 0, LAYER_NORM)
    with pytest.raises(normspec.NormspecError, match=r"test must call .*, and does not"):
        mutants.score(lambda: None, LAYER_NORM)
