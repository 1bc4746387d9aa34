"""Arrays lie in memory as a situation says, what ignores that fails, and nothing else changes by it."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
import torch

import normspec
from normspec.conformance.cases import cases
from normspec.conformance.child import answer_to
from normspec.conformance.judge import judge
from normspec.conformance.layouts import form, into, view, written
from normspec.conformance.oracle import truth
from normspec.conformance.subject import Answer
from normspec.conformance.wire import named, receive_case, send_case

SHAPE = (3, 5, 7)
MUST = {  # in elements; the larger array of the strided one has 6, 10 and 14 places
    "strided": (0, (280, 28, 2)),
    "offset": (3, (35, 7, 1)),
    "permuted": (0, (35, 1, 5)),
    "expanded": (0, (0, 7, 1)),
    "reversed": (6, (35, 7, -1)),
    "readonly": (0, (35, 7, 1)),
}
LAID = [case for case in cases() if case.situation.layout]
FLOATS = ("float64", "float32", "float16", "bfloat16")


def numbers(dtype, layout):
    x = np.arange(1.0, 106).reshape(SHAPE).astype(named(dtype))
    return np.broadcast_to(x[:1], SHAPE).copy() if layout == "expanded" else x


def laid(by, layout, dtype="float32"):
    """Give x as a library's array, and where it lies."""
    at = normspec.Situation(shape=SHAPE, dtype=dtype, parameter_dtype=dtype, layout=(("x", layout),))
    arrays, memory = into({"x": numbers(dtype, layout)}, replace(LAID[0], situation=at), by)
    return arrays["x"], memory["x"]


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("layout", MUST)
def test_numpys_arrays_have_the_strides_and_the_values(layout, dtype):
    x, lies = laid(normspec.load("reference"), layout, dtype)
    offset, strides = MUST[layout]
    assert x.strides == tuple(s * x.itemsize for s in strides)
    assert x.__array_interface__["data"][0] - lies.memory.__array_interface__["data"][0] == offset * x.itemsize
    assert x.flags.writeable == (layout != "readonly")
    assert x.dtype == named(dtype)
    assert np.array_equal(x.astype(np.float64), numbers(dtype, layout).astype(np.float64))


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("layout", ["strided", "offset", "permuted", "expanded"])
def test_pytorchs_tensors_have_them_too(layout, dtype):
    by = normspec.load("torch")
    x, lies = laid(by, layout, dtype)
    assert (x.storage_offset(), x.stride()) == MUST[layout]
    assert x.untyped_storage().data_ptr() == lies.memory.untyped_storage().data_ptr()
    assert str(x.dtype) == f"torch.{dtype}"
    assert np.array_equal(by.asnumpy(x).astype(np.float64), numbers(dtype, layout).astype(np.float64))


def test_images_in_channels_last_memory_are_that_to_pytorch():
    at = form((3, 5, 7, 6), "permuted")
    assert view(torch.zeros(at.size), at).is_contiguous(memory_format=torch.channels_last)
    assert form((3, 7), "permuted").strides == (1, 3)


@pytest.mark.parametrize("layout", MUST)
def test_all_around_an_array_is_no_number_and_whoever_reads_on_stays_in_its_memory(layout):
    x, lies = laid(normspec.load("reference"), layout)
    around = lies.memory[lies.others]
    assert np.isnan(around).all()
    assert len(around) == len(lies.memory) - len(np.unique(numbers("float32", layout)))
    at = form(SHAPE, layout)
    assert at.size - at.offset >= x.size


def test_what_is_written_around_an_array_is_seen():
    by = normspec.load("reference")
    for layout in ("strided", "offset"):
        x, lies = laid(by, layout)
        x += 1
        assert not written(lies, by)
        lies.memory[1] = np.float32(np.nan) if layout == "strided" else 0
        assert written(lies, by) == (layout == "offset")
        lies.memory[-1] = 0
        assert written(lies, by)


def test_a_layer_of_pytorch_computes_on_tensors_as_they_lie():
    case = next(c for c in LAID if c.id.startswith("batch-norm.update/first-owned-strided/float32"))
    by = normspec.load("torch")
    layer = by.build(case.spec, case.situation)
    layer.load(into(case.values, case, by)[0])
    layer.forward(into(case.steps[0].inputs, case, by)[0], "train")
    assert {name: layer.native[name].stride() for name in case.values} == dict.fromkeys(case.values, (2,))


class Blind:
    """A layer that takes every array for one that lies row after row: it reads on from where that begins."""

    def __init__(self, layer, names):
        self.layer, self.names = layer, names

    def load(self, values):
        self.layer.load({name: self.seen(name, a) for name, a in values.items()})

    def read(self):
        return self.layer.read()

    def forward(self, inputs, mode):
        y, pullback = self.layer.forward({name: self.seen(name, a) for name, a in inputs.items()}, mode)
        return y, pullback and (lambda dy: pullback(self.seen("dy", dy)))

    def seen(self, name, a):
        at = np.empty(a.shape, a.dtype)
        return np.lib.stride_tricks.as_strided(a, a.shape, at.strides) if name in self.names else a


def failing(case, by):
    return [check for check in judge(case, Answer(*answer_to(case, by))) if check.verdict == "fails"]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("layer", sorted({case.spec.layer for case in LAID}))
@pytest.mark.parametrize("names", [("x",), ("dy",), ("scale", "shift", "running_mean", "running_variance", "mean", "variance", "u", "v")])
def test_who_ignores_strides_fails_and_who_does_not_passes(names, layer):
    reference, found = normspec.load("reference"), set()
    blind = replace(reference, build=lambda spec, at: Blind(reference.build(spec, at), names))
    followed = [case for case in LAID if case.steps[0].direction is None]  # NumPy differentiates nothing along a direction
    for case in followed:
        layouts = {layout for name, layout in case.situation.layout if name in names} - {"offset", "readonly"}
        if case.spec.layer == layer and case.situation.dtype == "float32":
            assert failing(case, reference) == []
            assert bool(failing(case, blind)) == bool(layouts), case.id
            found |= layouts
    owns = any(case.situation.layout[0][0] in names for case in LAID if case.spec.layer == layer)
    assert found >= ({"strided"} if owns and "scale" in names else {"strided", "permuted"} if "scale" not in names else set())


class Scribbling(Blind):
    """A layer that writes one value behind x, where x lies in a larger array."""

    def seen(self, name, a):
        if name in self.names:
            np.lib.stride_tricks.as_strided(a, (a.size + 1,), (a.itemsize,))[-1] = 0
        return a


def test_who_writes_around_an_input_breaks_the_law_of_inputs():
    reference = normspec.load("reference")
    scribbling = replace(reference, build=lambda spec, at: Scribbling(reference.build(spec, at), ("x",)))
    (case,) = (case for case in LAID if case.id == "layer-norm.gradient.x/last-dy-permuted-x-offset/float32")
    (check,) = failing(case, scribbling)
    assert (check.quantity, check.clauses) == ("0.inputs.x", ("layer-norm.inputs",))
    assert check.detail == "lies in a larger array, which was written to around it"


def test_a_library_without_the_layout_is_told_so():
    case = next(c for c in LAID if dict(c.situation.layout).get("x") == "reversed" and c.spec.layer == "layer_norm")
    for name in ("torch", "reference:torch", "reference:jax"):
        texts, _ = answer_to(case, normspec.load(name))
        assert texts == {"unsupported": f"arrays of {name} have no reversed layout"}


def test_no_layout_changes_what_is_expected():
    for case in LAID[::5]:
        usual = replace(case, situation=replace(case.situation, layout=()))
        assert all(np.array_equal(value, truth(usual)[name]) for name, value in truth(case).items())


def test_a_layout_goes_over_the_wire_and_the_values_as_they_are():
    for case in LAID[::7]:
        stream = BytesIO()
        send_case(stream, case)
        stream.seek(0)
        got = receive_case(stream)
        assert got.situation == case.situation
        assert hash(got.situation) == hash(case.situation)
        assert np.array_equal(got.steps[0].inputs["x"], case.steps[0].inputs["x"])
