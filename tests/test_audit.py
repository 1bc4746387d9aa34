"""An audit lists every normalization layer as it is read alive or from a call, with its hazards, and where defaults differ."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

import normspec
from normspec import NotFound
from normspec.audit.audit import audit
from normspec.cli.audit import audit_model

torch = pytest.importorskip("torch")
nn = torch.nn


class FrozenNorm(nn.Module):
    """A norm of one's own."""


class Derived(nn.LayerNorm):
    """May mean anything."""


class Net(nn.Module):
    """A model with some of everything."""

    def __init__(self):
        super().__init__()
        second = nn.Sequential(nn.Dropout(0.25), nn.Conv2d(4, 8, 3, bias=False), nn.Identity(), nn.BatchNorm2d(8, eps=1e-3, momentum=0.5))
        self.trunk = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), second, nn.Flatten())
        self.head = nn.Sequential(nn.Linear(8, 5), nn.BatchNorm1d(5), nn.Linear(5, 5), nn.LayerNorm(5), nn.LayerNorm(1))
        self.own, self.derived = FrozenNorm(), Derived(3)
        self.weight = nn.utils.parametrizations.weight_norm(nn.Linear(2, 3), dim=1)
        self.spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 3), n_power_iterations=2)


CALLS = {
    "trunk.1": "nn.BatchNorm2d(4)",
    "trunk.3.3": "nn.BatchNorm2d(8, eps=1e-3, momentum=0.5)",
    "head.3": "nn.LayerNorm(5)",
    "head.4": "nn.LayerNorm(1)",
    "weight.parametrizations.weight.0": "nn.utils.parametrizations.weight_norm(layer, dim=1)",
    "spectral.parametrizations.weight.0": "nn.utils.parametrizations.spectral_norm(layer, n_power_iterations=2, dim=0)",
}
"""Of a name, the call that makes what it names."""


def by_name(rows):
    found = {row.name: row for row in rows}
    assert len(found) == len(rows)
    return found


def kinds(row):
    return [(hazard.kind, hazard.name) for hazard in row.hazards]


def test_every_layer_of_a_live_model_of_torch_means_what_its_call_does():
    found = by_name(audit(Net()))
    assert set(found) == {*CALLS, "head.1", "own", "derived"}
    for name, call in CALLS.items():
        assert found[name].read.spec == normspec.read(call), name
        assert normspec.read(found[name].call.replace("weight_norm(", "weight_norm(m, ").replace("spectral_norm(", "spectral_norm(m, "))
    assert found["head.1"].read.spec == normspec.read("nn.BatchNorm1d(5)", rank=2)


def test_what_no_dialect_knows_is_listed():
    found = by_name(audit(Net()))
    assert found["own"].read is None
    assert "FrozenNorm" in found["own"].reason
    assert "is a subclass of torch.nn.LayerNorm, and may mean something else" in found["derived"].reason
    with pytest.warns(FutureWarning):
        older = nn.utils.weight_norm(nn.Linear(2, 3))
    (row,) = audit(older)
    assert (row.name, row.read) == (".weight", None)


def test_hazards_of_a_live_model_of_torch():
    found = by_name(audit(Net(), steps=20))
    assert kinds(found["trunk.1"]) == [("redundant-bias", "trunk.0"), ("born-statistics", "trunk.1")]
    assert kinds(found["trunk.3.3"]) == [("dropout-before", "trunk.3.3")]
    assert kinds(found["head.1"]) == [("redundant-bias", "head.0"), ("born-statistics", "head.1")]
    assert kinds(found["head.3"]) == []
    assert kinds(found["head.4"]) == [("one-value", "head.4")]
    assert kinds(by_name(audit(Net()))["head.1"]) == [("redundant-bias", "head.0")]


def test_a_bias_along_another_axis_is_none_of_these():
    behind = nn.Sequential(
        nn.Linear(8, 5), nn.InstanceNorm1d(4), nn.Conv1d(3, 4, 1), nn.GroupNorm(2, 4), nn.Conv1d(3, 4, 1), nn.GroupNorm(4, 4)
    )
    assert [kinds(row) for row in audit(behind)] == [[], [], [("redundant-bias", "4")]]


def test_a_lone_layer_is_a_model():
    (row,) = audit(nn.BatchNorm2d(3))
    assert (row.name, row.call) == ("", "torch.nn.BatchNorm2d(num_features=3)")


def test_where_the_defaults_of_another_framework_differ():
    found = by_name(audit(Net(), to="keras"))
    differ = {path: (here, there) for path, here, there in found["trunk.1"].difference.fields}
    assert differ == {
        "channel_axes": ((1,), (3,)),
        "epsilon": (1e-5, 1e-3),
        "running.rate": (0.1, 0.01),
        "running.correction": (1, 0),
        "one_value": ("refuse", "shift"),
    }
    assert found["weight.parametrizations.weight.0"].difference.reason == "keras has no weight_norm"
    assert found["own"].difference is None
    assert by_name(audit(Net(), to="torch"))["head.3"].difference.fields == ()
    group = nn.GroupNorm(3, 6)
    assert [path for path, *_ in audit(group, to="torch")[0].difference.fields] == []  # groups must be given there
    with pytest.raises(NotFound, match="dialect must be one of torch, keras"):
        audit(Net(), to="theano")


def test_the_command_prints_and_says_by_its_exit_code_whether_all_is_well(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mynets.py").write_text(
        "import torch\nnet = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))\n"
        "def fine():\n    return torch.nn.Sequential(torch.nn.BatchNorm2d(4), torch.nn.BatchNorm2d(9))\n"
    )
    assert audit_model("mynets:net", "keras", None, as_json=False) == 1
    said = capsys.readouterr().out
    assert "1: torch.nn.BatchNorm2d(num_features=num_features)\n" in said
    assert "hazard redundant-bias (0): " in said
    assert "[batch-norm.output]" in said
    assert "    batch-norm.running.rate = 0.01, not 0.1\n" in said
    assert said.endswith("1 normalization layer, 1 hazard\n")
    assert audit_model("mynets:fine", None, None, as_json=False) == 0
    assert "0, 1: torch.nn.BatchNorm2d(num_features=num_features)\n" in capsys.readouterr().out
    assert audit_model("mynets:net", "keras", None, as_json=True) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["spec"]["layer"], row["hazards"][0]["kind"]) == ("1", "batch_norm", "redundant-bias")
    assert {"path": "epsilon", "here": "1e-05", "there": "0.001"} in row["difference"]["fields"]


def test_the_defaults_asked_for_are_named(capsys, monkeypatch, tmp_path):
    (tmp_path / "mymodels.py").write_text("import torch\n\nnet = torch.nn.BatchNorm2d(8)\n")
    monkeypatch.chdir(tmp_path)
    audit_model("mymodels:net", "flax:linen", None, as_json=False)
    assert "flax.linen.BatchNorm has by its defaults" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothere.onnx", "must be a file that is there"),
        ("math:pi", "model must be one of torch, keras, tf_keras, flax, or a file"),
        ("math:no_such", "math must have no_such"),
        ("nosuchmodule:x", "must be module:object of an importable module"),
        ("math", "must be module:object"),
        ("../a b:x", "must be module:object"),
    ],
)
def test_what_is_no_model_is_refused(name, said):
    with pytest.raises(NotFound, match=said):
        audit(name)


def test_a_live_model_of_flax():
    nnx = pytest.importorskip("flax.nnx")
    rngs = nnx.Rngs(0)

    class Net(nnx.Module):
        def __init__(self):
            self.body = nnx.Sequential(
                nnx.Linear(2, 3, rngs=rngs), nnx.BatchNorm(3, rngs=rngs), nnx.relu, nnx.Dropout(0.5), nnx.BatchNorm(3, rngs=rngs)
            )
            self.last = nnx.List([nnx.LayerNorm(3, rngs=rngs)])

    found = by_name(audit(Net()))
    assert {name: row.read.spec.layer for name, row in found.items()} == {
        "body.layers.1": "batch_norm",
        "body.layers.4": "batch_norm",
        "last.0": "layer_norm",
    }
    assert kinds(found["body.layers.1"]) == [("redundant-bias", "body.layers.0")]
    assert kinds(found["body.layers.4"]) == [("dropout-before", "body.layers.4")]
    assert "0.4054" in found["body.layers.4"].hazards[0].sentence


OF_KERAS = """
import sys
import {name} as keras, normspec
from normspec.audit.audit import audit
L = keras.layers
def kinds(row):
    return [(hazard.kind, hazard.name) for hazard in row.hazards]
class MyNorm(L.Layer):
    def call(self, x):
        return x
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.norm = L.LayerNormalization(name="inner")
i = keras.Input((8, 8, 3))
h = L.Conv2D(4, 3, name="conv")(i)
h = L.BatchNormalization(momentum=0.75, name="bn")(h)
h = L.Conv2D(4, 3, activation="relu", name="activated")(h)
h = L.Dropout(0.5)(h)
h = L.BatchNormalization(axis=-1, epsilon=0.5, name="dropped")(h)
c = L.Conv2D(4, 1, name="shared")(h)
h = L.Add()([c, L.BatchNormalization(name="beside")(c)])
h = keras.Sequential([L.Dense(5, name="d"), L.LayerNormalization(axis=(1, 2), name="nested")], name="seq")(h)
h = MyNorm(name="mine")(h)
h = L.GroupNormalization(5, name="group")(h)
h = L.UnitNormalization(name="unit")(h)
h = L.SpectralNormalization(L.Conv2D(3, 1), power_iterations=2, name="spectral")(h)
h = L.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 1.0, 1.0], name="given")(h)
model = keras.Model(i, h)
rows = {{row.name: row for row in audit(model)}}
live = {{one.name: one for one in model._flatten_layers()}}
known = ["bn", "dropped", "beside", "nested", "group", "unit", "spectral", "given"]
assert set(rows) == {{*known, "mine"}}, set(rows)
for name in known:
    there, rank = rows[name].read, len(rows[name].read.situation.shape)
    assert there.spec.at_rank(rank) == normspec.read(live[name], rank=rank).at_rank(rank), name
assert rows["mine"].read is None
assert kinds(rows["bn"]) == [("redundant-bias", "conv")]
assert kinds(rows["dropped"]) == [("dropout-before", "dropped")]
assert "0.4054" in rows["dropped"].hazards[0].sentence
assert kinds(rows["nested"]) == [("redundant-bias", "d")]  # it is the same for all values of a channel
assert not any(rows[name].hazards for name in ("beside", "group", "unit", "spectral", "given"))
model.save("model.keras")
of = lambda found: [(r.name, r.call, r.read and r.read.spec, r.hazards) for r in found]
assert of(audit("model.keras")) == of(rows.values()), (of(audit("model.keras")), of(rows.values()))
(row,) = audit(Own())
assert (row.name, row.read.spec.layer) == ("inner", "layer_norm")
print("alike")
"""


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_a_model_of_keras_alive_and_in_a_file(name, tmp_path):
    if find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    command, legacy = (
        [sys.executable, "-c", OF_KERAS.format(name=name)],
        {**os.environ, "TF_USE_LEGACY_KERAS": str(int(name == "tf_keras"))},
    )
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=legacy)
    assert done.stdout == "alike\n", done.stderr
    read = (
        "import sys; from normspec.audit.audit import audit; audit('model.keras'); print({'keras', 'tf_keras', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", read], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout == "set()\n", done.stderr
