"""The lag of running statistics: what is told is what the reference keeps and divides by after so many steps."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import normspec
from normspec import InvalidInput, Running, Unsupported
from normspec.cli.app import app
from normspec.cli.lag import tell_lag
from normspec.stale import divisor_off, of_first, variance_after

KEPT = Running(rate=0.25, start="initial", correction=0, initial_mean=0.0, initial_variance=1.0, state_dtype="parameter")
REFERENCE = normspec.load("reference")
STARTS = ("initial", "first", "debiased")


def spec(running, **told):
    read = normspec.read("keras.layers.BatchNormalization(axis=1, epsilon=0.25)", dtype="float64", rank=2)
    return replace(read, running=running, **told)


def layer(running, **told):
    return REFERENCE.build(spec(running, **told), normspec.Situation(shape=(2, 1), dtype="float64", parameter_dtype="float64"))


def train(norm, *means, deviation=0.0):
    """Take a step for each mean, with two values as far from it as the deviation."""
    for mean in means:
        norm.forward({"x": np.array([[mean - deviation], [mean + deviation]])}, "train")


@pytest.mark.parametrize(("rate", "start"), list(product((0.0, 0.01, 0.125, 1.0), STARTS)))
def test_what_the_first_batch_leaves_is_the_running_mean_of_an_impulse(rate, start):
    running = replace(KEPT, rate=rate, start=start)
    norm = layer(running)
    assert of_first(running, 0) == 0
    for steps in range(1, 40):
        train(norm, 1.0 if steps == 1 else 0.0)
        assert np.isclose(norm.read()["running_mean"][0], of_first(running, steps), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("place", ["inside", "outside"])
@pytest.mark.parametrize("variance", [4.0, 2.0**-10])
def test_evaluation_divides_by_so_much_more_than_it_should(start, place, variance):
    """The running variance is read, and the divisor is seen in y: 1 / y' is it, y' being by how much y grows with x."""
    running, epsilon = replace(KEPT, start=start, initial_variance=2.0), 0.125
    norm = layer(running, epsilon=epsilon, epsilon_place=place)
    for steps in range(1, 20):
        train(norm, 0.0, deviation=variance**0.5)
        assert np.isclose(norm.read()["running_variance"][0], variance_after(running, steps, variance), rtol=1e-12)
        y, _ = norm.forward({"x": np.array([[0.0], [1.0]])}, "evaluate")
        divisor = 1 / (y[1, 0] - y[0, 0])
        right = {"inside": np.sqrt(variance + epsilon), "outside": np.sqrt(variance) + epsilon}[place]
        found = divisor_off(running, steps, variance, epsilon=epsilon, epsilon_place=place)
        assert np.isclose(divisor / right, found, rtol=1e-12)


def test_a_floor_hides_what_is_below_it():
    assert divisor_off(KEPT, 1, 0.25, epsilon=10.0, epsilon_place="floor") == 1
    assert divisor_off(KEPT, 1, 0.25, epsilon=0.5, epsilon_place="floor") == pytest.approx((0.75 + 0.0625) ** 0.5 / 0.5)


def told(*arguments):
    """Give the exit code and the words of what a command says."""
    said = CliRunner().invoke(app, ["lag", *arguments])
    assert not said.exception or isinstance(said.exception, SystemExit), said.exception
    assert max(map(len, said.output.splitlines())) <= 80
    return said.exit_code, " ".join(said.output.split())


def test_the_steps_of_a_keras_default():
    """0.99^125 = 0.2847; sqrt((0.2847 + 0.7153 6e-4) / 6e-4) = 21.8, and 13.37 with Keras' epsilon of 1e-3."""
    code, said = told("--rate", "0.01", "--steps", "125", "--variance", "6e-4")
    assert code == 1
    assert "after 125 steps 28.47 % is left of what they were born with, and 0.2876 % is what the first batch had" in said
    assert "0.1 % or less is left from 688 steps on" in said
    assert said.endswith("with the divisor sqrt(variance) variance running variance divisor, over the right one 0.0006 0.2851 21.8")
    code, said = told("keras.layers.BatchNormalization(momentum=0.99)", "--steps", "125", "--variance", "6e-4")
    assert code == 1
    assert said.endswith(
        "with the divisor sqrt(variance + 0.001) variance running variance divisor, over the right one 0.0006 0.2851 13.37"
    )


def test_the_page_shows_what_is_said():
    page = Path(__file__).parent.parent.joinpath("docs", "recalibrate.md").read_text(encoding="utf-8")
    said = CliRunner().invoke(app, ["lag", "keras.layers.BatchNormalization(momentum=0.99)", "--steps", "125", "--variance", "6e-4"])
    assert f"```text\n{said.output}```\n" in page


def test_the_exit_code_is_that_of_the_tolerance():
    assert 0.99**688 <= 1e-3 < 0.99**687
    assert [told("--rate", "0.01", "--steps", steps)[0] for steps in ("687", "688")] == [1, 0]
    assert [told("--rate", "0.5", "--steps", "1", "--tolerance", share)[0] for share in ("0.49", "0.5")] == [1, 0]
    assert told("--rate", "0.5", "--steps", "1", "--start", "first")[0] == 0
    code, said = told("--rate", "0", "--steps", "9")
    assert code == 1
    assert "100 % is left" in said
    assert "at rate 0 it stays so" in said


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("torch.nn.BatchNorm2d(3, momentum=None)", "at a rate of 0, start debiased"),
        ("haiku.BatchNorm(True, True, 0.9)", "born with mean 0 and variance 0 after 4 steps 0 % is left"),
        ("nn.InstanceNorm2d(3, track_running_stats=True)", "after 4 steps 65.61 % is left"),
    ],
)
def test_a_call_says_how_statistics_run(call, words):
    assert words in told(call, "--steps", "4")[1]


def test_of_averages_of_deviations_no_variance_is_told():
    code, said = told("tf_keras.layers.BatchNormalization(renorm=True)", "--steps", "125")
    assert code == 1
    assert "28.47 % is left" in said
    assert "divisor" not in said


def test_what_cannot_be_asked():
    with pytest.raises(InvalidInput, match="a call or --rate must be given, got neither"):
        tell_lag(None, None, None, 3, 0.5, ())
    with pytest.raises(InvalidInput, match="either a call or --rate and --start must be given, got both"):
        tell_lag("nn.BatchNorm1d(3)", 0.5, None, 3, 0.5, ())
    with pytest.raises(Unsupported, match=r"must keep running statistics, and nn.LayerNorm\(3\) keeps none"):
        tell_lag("nn.LayerNorm(3)", None, None, 3, 0.5, ())
    assert told("--rate", "0.5")[0] == 2
    assert told("--rate", "1.5", "--steps", "1")[0] == 2
