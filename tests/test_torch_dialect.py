"""PyTorch's dialect and its adapter: what the documentation says of each layer, in numbers that stand here, and how it is driven."""

from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch

from normspec.backends.torch import implementation
from normspec.clauses import clauses, neighbours
from normspec.dialects import entries
from normspec.dialects.entry import Name, losses, native
from normspec.dialects.torch.local_response_norm import alpha, coefficient
from normspec.errors import InvalidInput, Unsupported
from normspec.records import Situation

ENTRIES = {entry.native.removeprefix("torch.nn.").removeprefix("utils.parametrizations."): entry for entry in entries("torch")}
REQUIRED = {
    "GroupNorm": {"num_groups": 3, "num_channels": 6},
    "functional.group_norm": {"num_groups": 3},
    "InstanceNorm1d": {"num_features": 6},
    "functional.instance_norm": {},
    "RMSNorm": {"normalized_shape": (7,)},
    "functional.rms_norm": {"normalized_shape": (7,)},
    "functional.normalize": {},
    "LocalResponseNorm": {"size": 5},
    "functional.local_response_norm": {"size": 5},
    "weight_norm": {},
    "spectral_norm": {},
}
SHAPE = (5, 6, 7)


def at(*shape, dtype="float32"):
    return Situation(shape=shape or SHAPE, dtype=dtype, parameter_dtype=dtype)


def meant(name, *shape, dtype="float32", **arguments):
    return ENTRIES[name].meaning({**REQUIRED[name], **arguments}, at(*shape, dtype=dtype))


@pytest.mark.parametrize(
    ("name", "documented"),
    [
        ("GroupNorm", {"groups": 3, "grouping": "contiguous", "scale_per": "channel", "epsilon": 1e-5, "scale": True, "shift": True}),
        ("functional.group_norm", {"groups": 3, "epsilon": 1e-5, "scale": False, "shift": False}),
        ("InstanceNorm1d", {"epsilon": 1e-5, "scale": False, "shift": False, "running": None, "one_value": "refuse"}),
        ("functional.instance_norm", {"epsilon": 1e-5, "scale": False, "shift": False, "running": None, "one_value": "refuse"}),
        ("RMSNorm", {"axes": (-1,), "epsilon": 2.0**-23, "scale": True, "shift": False, "rounding": "last"}),
        ("functional.rms_norm", {"axes": (-1,), "epsilon": 2.0**-23, "scale": False}),
        ("functional.normalize", {"axes": (1,), "order": 2, "epsilon": 1e-12, "epsilon_place": "floor", "at_zero": "zero"}),
        ("LocalResponseNorm", {"before": 2, "after": 2, "coefficient": 2e-5, "exponent": 0.75, "bias": 1, "edges": "zeros"}),
        ("functional.local_response_norm", {"before": 2, "after": 2, "coefficient": 2e-5, "exponent": 0.75, "bias": 1}),
        ("weight_norm", {"channel_axes": (0,), "epsilon": 0, "scale": True, "initial_scale": "norm"}),
        ("spectral_norm", {"channel_axes": (0,), "iterations": 1, "first": "u", "epsilon": 1e-12, "epsilon_place": "floor", "warm_up": 15}),
    ],
)
def test_the_defaults_mean_what_is_documented(name, documented):
    spec = meant(name)
    assert {field: getattr(spec, field) for field in documented} == documented


def test_an_epsilon_that_is_not_given_is_that_of_the_dtype_computed_in():
    found = {dtype: meant("RMSNorm", dtype=dtype).epsilon for dtype in ("float64", "float32", "float16", "bfloat16")}
    assert found == {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-23, "bfloat16": 2.0**-23}
    assert ENTRIES["RMSNorm"].write(meant("RMSNorm", dtype="float64"), at(dtype="float64"))["eps"] is None
    assert ENTRIES["RMSNorm"].write(meant("RMSNorm", eps=2.0**-23), at(dtype="float64"))["eps"] == 2.0**-23


@pytest.mark.parametrize(
    ("shape", "does"), [((1, 3), "refuse"), ((1, 3, 1, 1), "refuse"), ((2, 3), "shift"), ((1, 6), "shift"), ((1, 3, 2), "shift")]
)
def test_one_value_in_each_group_is_refused_in_a_batch_of_one_alone(shape, does):
    assert meant("GroupNorm", *shape, num_channels=shape[1]).one_value == does
    assert meant("functional.group_norm", *shape).one_value == does


def test_what_is_meant_of_one_x_must_be_meant_of_every_later_one():
    refusing, seldom = meant("GroupNorm", 1, 6, num_groups=6), meant("GroupNorm", 3, 6, num_groups=6)
    for spec, here, later in ((refusing, 1, 3), (seldom, 3, 1)):
        situation = at(here, 6)
        assert native(entries("torch"), "", spec, situation)[0] is ENTRIES["GroupNorm"]
        with pytest.raises(Unsupported, match=r"GroupNorm has group-norm\.one-value"):
            native(entries("torch"), "", spec, replace(situation, later=((later, 6),)))


def test_instance_norm_counts_nothing():
    kept = meant("InstanceNorm1d", track_running_stats=True, momentum=None).running
    assert (kept.rate, kept.start, kept.correction) == (0.0, "initial", 1)
    with pytest.raises(Unsupported, match="momentum must be a number"):
        meant("functional.instance_norm", running_mean=Name("m"), running_var=Name("v"), momentum=None)


def test_a_window_of_even_size_reaches_further_before():
    found = [meant("LocalResponseNorm", size=size) for size in range(1, 6)]
    assert [(spec.before, spec.after) for spec in found] == [(0, 0), (1, 0), (1, 1), (2, 1), (2, 2)]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 9, 11, 12, 49])
def test_alpha_comes_back_in_its_own_decimals(size):
    for written in (1e-4, 1e-3, 0.3, 0.7, 5e-5, 1.0, 2e-4, 0.0001234567, 9.999e-5):
        assert alpha(coefficient(written, size), size) == written
    for dyadic in (0.125, 0.625, 2.0**-14):
        assert coefficient(alpha(dyadic, size), size) == dyadic
    assert coefficient(0.3, 3) == 0.1


def test_a_coefficient_that_some_alpha_makes_is_said_exactly():
    rng = np.random.default_rng(0)
    for size in (3, 5, 7, 9, 49):
        made = [coefficient(float(a), size) for a in rng.uniform(1e-5, 1, 1000)]
        assert [coefficient(alpha(c, size), size) for c in made] == made


def test_the_whole_weight_is_said_by_none_and_minus_one():
    axes = {dim: meant("weight_norm", dim=dim).channel_axes for dim in (0, 1, -2, -1, None)}
    assert axes == {0: (0,), 1: (1,), -2: (-2,), -1: (), None: ()}
    assert [ENTRIES["weight_norm"].write(meant("weight_norm", dim=dim), at())["dim"] for dim in (-2, None)] == [1, None]


def test_a_transposed_convolution_has_its_outputs_along_the_second_axis():
    assert meant("spectral_norm", module=Name("nn.ConvTranspose2d(3, 4, 2)")).channel_axes == (1,)
    assert meant("spectral_norm", module=Name("nn.ConvTranspose2d(3, 4, 2)"), dim=0).channel_axes == (0,)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("GroupNorm", {"num_channels": 7}, "num_channels must be divisible by num_groups, which is 3, got 7"),
        ("functional.normalize", {"p": float("inf")}, "p must be finite and at least 1"),
        ("functional.normalize", {"p": 0.5}, "p must be finite and at least 1"),
        ("functional.normalize", {"dim": None}, "dim must be an integer or a tuple of them"),
        ("spectral_norm", {"n_power_iterations": 0}, "n_power_iterations must be positive"),
    ],
)
def test_what_has_no_place_is_told(name, arguments, message):
    with pytest.raises(Unsupported, match=message):
        meant(name, **arguments)


def nearby(spec):
    """Give the specs that differ in one field and are a layer at this shape."""
    for clause in clauses(type(spec)):
        for other in neighbours(spec, clause.id.partition(".")[2].replace("-", "_")) if clause.points else ():
            with suppress(InvalidInput):
                other.geometry(SHAPE)
                yield other


@pytest.mark.parametrize("name", REQUIRED)
def test_what_can_be_said_comes_back_as_it_was(name):
    entry, said = ENTRIES[name], 0
    for spec in nearby(meant(name)):
        arguments = entry.write(spec, at())
        again = entry.meaning(arguments, at())
        assert entry.write(again, at()) == arguments
        said += not list(losses(spec, again, at()))
    assert said >= 2  # of the fields that differ, some can be said


@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [
        (torch.nn.GroupNorm(3, 6, eps=1e-3, bias=False), "GroupNorm", {"eps": 1e-3, "bias": False}),
        (
            torch.nn.InstanceNorm1d(6, affine=True, track_running_stats=True),
            "InstanceNorm1d",
            {"affine": True, "track_running_stats": True},
        ),
        (torch.nn.RMSNorm(7, elementwise_affine=False), "RMSNorm", {"elementwise_affine": False}),
        (torch.nn.LocalResponseNorm(4, alpha=0.3, k=2.0), "LocalResponseNorm", {"size": 4, "alpha": 0.3, "k": 2.0}),
    ],
)
def test_a_live_module_means_what_its_call_means(module, name, arguments):
    assert ENTRIES[name].meaning(ENTRIES[name].attributes(module), at()) == meant(name, **arguments)


def test_a_weight_is_accessed_once_a_step_and_nothing_shows_before_it_is_loaded():
    spec = replace(meant("spectral_norm", 3, 5), epsilon=2.0**-10)
    situation = at(3, 5, dtype="float64")
    layer = implementation().build(spec, situation)
    assert layer.read() == {}
    rng = np.random.default_rng(0)
    w, v = rng.normal(size=(3, 5)), rng.normal(size=5)
    layer.load({"u": torch.zeros(3, dtype=torch.float64), "v": torch.tensor(v)})
    y, _ = layer.forward({"x": torch.tensor(w)}, "train")
    u = w @ v / np.linalg.norm(w @ v)
    v = w.T @ u / np.linalg.norm(w.T @ u)
    assert np.allclose(layer.read()["u"], u, rtol=0, atol=1e-14)
    assert np.allclose(layer.read()["v"], v, rtol=0, atol=1e-14)
    assert np.allclose(y, w / (u @ w @ v), rtol=0, atol=1e-14)
    layer.forward({"x": torch.tensor(2 * w)}, "evaluate")
    assert np.allclose(layer.read()["v"], v, rtol=0, atol=1e-14)


def test_lengths_of_a_weight_lie_along_its_own_axis():
    layer = implementation().build(meant("weight_norm", 3, 5, dim=1), at(3, 5, dtype="float64"))
    assert layer.read() == {}
    scale = torch.arange(1.0, 6.0, dtype=torch.float64)
    layer.load({"scale": scale})
    y, pullback = layer.forward({"x": torch.ones(3, 5, dtype=torch.float64)}, "train")
    assert np.allclose(y.norm(dim=0), scale)
    assert pullback(torch.ones_like(y))["scale"].tolist() == pytest.approx([3**0.5] * 5)
    assert layer.read()["scale"].tolist() == scale.tolist()
    with pytest.raises(Unsupported, match="have one dtype"):
        implementation().build(meant("weight_norm", 3, 5), replace(at(3, 5, dtype="float16"), parameter_dtype="float32"))


def test_a_drop_in_is_driven_as_what_it_is_like():
    seen = []

    def forgetful(input, p=2.0, dim=1, eps=1e-12, out=None):  # noqa: A002 - the native name
        del out
        seen.append((p, dim, eps))
        return torch.nn.functional.normalize(input, p, dim) * 2

    by = implementation("", {"torch.nn.functional.normalize": forgetful})
    y, _ = by.build(meant("functional.normalize", 3, 4, dim=-1, eps=2.0**-10), at(3, 4)).forward({"x": torch.ones(3, 4)}, "train")
    assert (y.tolist(), seen) == ([[1.0] * 4] * 3, [(2.0, -1, 2.0**-10)])
    with pytest.raises(Unsupported, match="has no weight_norm"):
        by.build(meant("weight_norm", 3, 4), at(3, 4))


def test_the_first_entry_that_can_say_it_is_the_one_that_is_driven():
    entry, arguments = native(entries("torch"), "", meant("InstanceNorm1d"), at())
    assert (entry.native, arguments["num_features"]) == ("torch.nn.InstanceNorm1d", 6)
    entry, _ = native(entries("torch"), "functional", meant("InstanceNorm1d"), at())
    assert entry.native == "torch.nn.functional.instance_norm"
