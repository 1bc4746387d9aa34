"""What the reference needs of a library, and what is done for libraries that have something else."""

import subprocess
import sys
from itertools import product

import dask
import dask.array
import numpy as np
import pytest
import tensorflow as tf
import torch
from only import LISTED, Only
from points import POINTS, drawn, shown

import normspec
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.subject import Answer
from normspec.layers import SPECS
from normspec.reference import implementation, tensorflow_names
from normspec.reference.names import namespace

DTYPES = ("float16", "bfloat16", "float32", "float64")


def assert_conforms(by, layer):
    """Assert that every quick case of a layer conforms, and that nothing is raised but refusals."""
    for case in cases(layer=layer, profile="quick"):
        answer = Answer(*answer_to(case, by))
        assert {text.partition(":")[0] for text in answer.texts["seen"].values()} <= {"Refused"}, (case.id, answer.texts)
        checks = list(judge(case, answer))
        assert checks
        assert [(c.case, c.quantity, c.detail) for c in checks if c.verdict != "conforms"] == []


def changed(point, change):
    """Give what is drawn for a point, every array changed by its name."""
    inputs, values, dy = drawn(point)
    of = lambda arrays: {name: change(name, a) for name, a in arrays.items()}
    return of(inputs), of(values), change("dy", dy)


@pytest.mark.parametrize("layer", SPECS)
def test_a_library_needs_the_listed_names_and_no_others(layer, monkeypatch):
    monkeypatch.setitem(implementation.ARRAYS, "only", lambda: (lambda a, _: Only(a), lambda a: a.hidden))
    assert_conforms(normspec.load("reference:only"), layer)


@pytest.mark.parametrize("layer", SPECS)
def test_tensorflow_conforms(layer):
    assert_conforms(normspec.load("reference:tensorflow"), layer)


@pytest.mark.parametrize("point", POINTS)
def test_no_operation_mixes_dtypes(point):
    """Bit by bit what NumPy gives, which promotes by itself, where x, parameters, means and variances are of different dtypes."""
    for statistics, *dtypes in product(("widened", "input", "float32"), *[("float16", "float32", "float64")] * 3):
        of = dict(zip(("x", "shift", "running_mean"), dtypes, strict=True)) | {"mask": "bool", "count": "int64"}
        of |= {"dy": of["x"], "mean": of["running_mean"]}
        at = POINTS[point]._replace(keywords={**POINTS[point].keywords, "statistics_dtype": statistics})
        given = changed(at, lambda name, a, of=of: np.asarray(a, dtype=of.get(name, of["shift"])))
        found = shown(at, *changed(at, lambda name, a, of=of: Only(np.asarray(a, dtype=of.get(name, of["shift"])))))
        for name, value in shown(at, *given).items():
            assert found[name].dtype == value.dtype, (name, statistics, of)
            np.testing.assert_array_equal(found[name].hidden, value, err_msg=name)


class AskedError(Exception):
    pass


def ask():
    raise AskedError


@pytest.mark.parametrize("point", POINTS)
def test_dask_computes_nothing_until_it_is_asked(point):
    lazy = lambda _, a: dask.array.from_delayed(dask.delayed(ask)(), a.shape, dtype=a.dtype).rechunk(2)
    found = shown(POINTS[point], *changed(POINTS[point], lazy))
    assert found
    for name, value in found.items():
        assert isinstance(value, dask.array.Array), name
        with pytest.raises(AskedError):
            value.compute(scheduler="synchronous")


def test_the_reference_imports_no_library_that_nobody_has_imported():
    code = "import sys, numpy; from normspec.reference import lp_norm; lp_norm(numpy.ones(2), axes=(0,), epsilon=1.0); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "normspec.reference.lp_norm" in loaded
    assert not {"tensorflow", "torch", "jax", "dask", "normspec.reference.tensorflow_names"} & set(loaded)


def test_tensorflow_has_the_listed_functions():
    assert namespace(tf.ones(2)) is namespace(tf.Variable(tf.ones(2))) is tensorflow_names
    assert [name for name in LISTED if not hasattr(tensorflow_names, name)] == []


@pytest.mark.parametrize("a", DTYPES)
@pytest.mark.parametrize("b", DTYPES)
def test_tensorflow_promotes_as_torch_does(a, b):
    found = tensorflow_names.result_type(tf.as_dtype(a), tf.as_dtype(b))
    assert f"torch.{found.name}" == str(torch.promote_types(getattr(torch, a), getattr(torch, b)))


@pytest.mark.parametrize("point", POINTS)
def test_tensorflow_takes_variables(point):
    found = shown(POINTS[point], *changed(POINTS[point], lambda _, a: tf.Variable(a)))
    for name, value in shown(POINTS[point], *drawn(POINTS[point])).items():
        np.testing.assert_allclose(found[name], value, rtol=1e-12, atol=1e-12, err_msg=name)
