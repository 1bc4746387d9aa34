"""Dialects against the installed frameworks: every entry lists each parameter of its signature once, with the default that it has."""

import inspect
import os
import warnings
from importlib import import_module

import numpy as np
import pytest

from normspec import Situation, Unsupported
from normspec.dialects import all_entries
from normspec.dialects.entry import THEIR_DEFAULT
from normspec.translation.bare import placeholders

BOTTOM = inspect.Parameter("bottom", inspect.Parameter.POSITIONAL_OR_KEYWORD)
CAFFE = {
    "caffe.layers.BatchNorm": {"use_global_stats": None, "moving_average_fraction": 0.999, "eps": 1e-5},
    "caffe.layers.LRN": {"local_size": 5, "alpha": 1.0, "beta": 0.75, "norm_region": 0, "k": 1.0},
    "caffe.layers.MVN": {"normalize_variance": True, "across_channels": False, "eps": 1e-9},
}
"""Parameters and defaults as caffe.proto has them, of 1.0, but for `engine`: Caffe is not there to be asked."""
HELD = {"keras.layers.LayerNormalization": {"rms_scaling"}}
"""What a constructor takes out of its **kwargs itself, so that no signature has it."""


@pytest.fixture(params=all_entries(), ids=lambda entry: f"{entry.native}-{entry.layer}")
def entry(request):
    return request.param


def installed(native):
    """Give the class or function of a native name."""
    first, *rest = native.split(".")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pytest.importorskip("tensorflow" if first == "tf" else first)
        for name in rest:
            found = getattr(found, name, None) or import_module(f"{found.__name__}.{name}")
    return found


def of_operator(native):
    """Give the inputs of an operator of ONNX, which are given by position, and its attributes: first those that must be given."""
    defs, helper = pytest.importorskip("onnx.defs"), import_module("onnx.helper")
    _, opset, name = native.split(".")
    schema, kind = defs.get_schema(name, int(opset.removeprefix("opset"))), inspect.Parameter
    assert schema.since_version == int(opset.removeprefix("opset")), "the opset that brought it"
    optional = defs.OpSchema.FormalParameterOption.Optional
    inputs = {i.name: None if i.option == optional else kind.empty for i in schema.inputs}
    attributes = dict(sorted(schema.attributes.items(), key=lambda row: not row[1].required))
    by_name = {name: kind.empty if a.required else plain(helper.get_attribute_value(a.default_value)) for name, a in attributes.items()}
    given = {name for name, a in attributes.items() if a.required} | inputs.keys()
    return {
        name: kind(name, kind.POSITIONAL_OR_KEYWORD if name in given else kind.KEYWORD_ONLY, default=default)
        for name, default in {**inputs, **by_name}.items()
    }


def plain(value):
    """Give a default as it is written: a float of 32 bits in as many digits as it has, a list as a tuple."""
    return float(str(np.float32(value))) if isinstance(value, float) else tuple(value) if isinstance(value, list) else value


def signatures(native):
    """Give the parameters of a function, or of each __init__ of a class and of those that it derives from, in that order."""
    if native.startswith("onnx."):
        yield of_operator(native)
        return
    if native in CAFFE:
        yield {"bottom": BOTTOM} | {
            name: inspect.Parameter(name, BOTTOM.KEYWORD_ONLY, default=value) for name, value in CAFFE[native].items()
        }
        return
    function = installed(native)
    bases = inspect.getmro(function) if inspect.isclass(function) else ()
    for each in [base.__init__ for base in bases if "__init__" in vars(base)] or [function]:
        yield {name: p for name, p in inspect.signature(each).parameters.items() if name != "self"}


def signature(native):
    """Give the parameters of a native name; where **kwargs hand more to another __init__, its own follow."""
    found = {}
    for parameters in signatures(native):
        more = {name: p for name, p in parameters.items() if name not in found and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)}
        found |= more
        if all(p.kind is not p.VAR_KEYWORD for p in parameters.values()):
            break
    return found


def test_every_parameter_is_listed_once_and_nothing_else_is(entry):
    theirs = signature(entry.native)
    ours = [*entry.defaults, *entry.fixed, *entry.free]
    assert sorted(ours) == sorted(set(ours)), "listed twice"
    drift = {
        "only theirs": set(theirs) - set(ours) - set(must_be_given(entry, theirs)),
        "only ours": set(ours) - set(theirs) - HELD.get(entry.native, set()),
    }
    assert drift == {"only theirs": set(), "only ours": set()}


def must_be_given(entry, theirs):
    """Give the parameters without a default, and those whose default is another layer: they are given by position alone here."""
    listed = {*entry.defaults, *entry.fixed, *entry.free}
    return {
        n: p.default for n, p in theirs.items() if p.default is p.empty or (n in (*entry.positional, *entry.needed) and n not in listed)
    }


def test_what_must_be_given_though_it_has_a_default_is_refused_with_that(entry):
    at = Situation(shape=(6, 6, 6, 6), dtype="float32", parameter_dtype="float32")
    for name, default in must_be_given(entry, signature(entry.native)).items():
        if default is not inspect.Parameter.empty:
            entry.meaning(placeholders(entry), at)
            with pytest.raises(Unsupported, match=f"^{name} must be"):
                entry.meaning({**placeholders(entry), name: default}, at)


def test_sizes_are_told_by_those_that_must_be_given(entry):
    given = must_be_given(entry, signature(entry.native))
    assert all(given.get(name) is inspect.Parameter.empty for name in entry.sizes)
    assert set(entry.sizes.values()) <= {int, tuple}


def test_every_default_is_the_installed_one(entry):
    theirs = signature(entry.native)
    listed = {name: ours for name, ours in {**entry.defaults, **entry.fixed}.items() if ours is not THEIR_DEFAULT}
    drift = {n: (ours, theirs[n].default) for n, ours in listed.items() if n in theirs and theirs[n].default != ours}
    assert drift == {}, "name: (ours, theirs)"


def test_a_default_that_is_not_written_is_one_that_no_literal_is(entry):
    theirs = signature(entry.native)
    assert all(callable(theirs[name].default) for name, ours in entry.fixed.items() if ours is THEIR_DEFAULT)


def test_what_may_be_given_by_position_begins_the_signature(entry):
    theirs = [name for name, p in next(signatures(entry.native)).items() if p.kind is p.POSITIONAL_OR_KEYWORD]
    assert list(entry.positional) == theirs[: len(entry.positional)]
