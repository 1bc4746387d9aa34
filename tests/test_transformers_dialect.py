"""The dialect of Transformers: three RMS norms, one of which keeps what its scale is more than 1."""

import numpy as np
import pytest

from normspec import Unsupported, load, read, translate
from normspec.dialects import entries
from normspec.records import Situation
from normspec.translation.find import named

GEMMA = "GemmaRMSNorm(8)"


def at(dtype="float32", parameter_dtype=""):
    return Situation(shape=(5, 8), dtype=dtype, parameter_dtype=parameter_dtype or dtype)


def meant(name, situation):
    (entry,) = named(name)
    return entry.meaning({}, situation)


def test_where_each_rounds():
    for name, rounding, output in (
        ("LlamaRMSNorm", "before_scale", "promoted"),
        ("T5LayerNorm", "before_scale", "input"),
        ("GemmaRMSNorm", "last", "input"),
    ):
        spec = meant(name, at())
        assert (spec.rounding, spec.output_dtype, spec.statistics_dtype, spec.epsilon) == (rounding, output, "float32", 1e-6)
        assert meant(name, at("bfloat16")) == spec
    with pytest.raises(Unsupported, match="what the layer owns has the dtype of x, float16, not float32"):
        meant("T5LayerNorm", at("float16", "float32"))


def test_the_scale_of_gemma_is_one_more_than_its_weight():
    w = np.array([0.5, -0.25, 0.0, 1.0, 2.0, -1.0, 0.125, 3.0], np.float32)
    there = translate(GEMMA, to="torch").convert({"weight": w})
    assert there["weight"].tolist() == (1 + w).tolist()
    assert there["weight"].dtype == np.float32
    assert translate("torch.nn.RMSNorm(8)", to="GemmaRMSNorm").convert(there)["weight"].tolist() == w.tolist()
    assert translate(GEMMA, to="GemmaRMSNorm").convert({"weight": w})["weight"].tolist() == w.tolist()
    assert translate(GEMMA, to="LlamaRMSNorm").convert({"weight": w})["weight"].tolist() == (1 + w).tolist()


def test_a_live_module_means_what_its_call_does_and_is_driven_with_the_scale():
    pytest.importorskip("transformers")
    from transformers.models.gemma.modeling_gemma import GemmaRMSNorm  # noqa: PLC0415 - it may not be there

    module = GemmaRMSNorm(8, eps=1e-3)
    assert read(module) == read("GemmaRMSNorm(8, eps=1e-3)")
    by = load("transformers:gemma")
    layer = by.build(meant("GemmaRMSNorm", at()), at())
    assert by.asnumpy(layer.read()["scale"]).tolist() == [1.0] * 8
    layer.load({"scale": by.asarray(np.full(8, 1.5, np.float32), at())})
    assert layer.native["scale"].tolist() == [0.5] * 8
    assert by.asnumpy(layer.read()["scale"]).tolist() == [1.5] * 8


def test_a_scale_of_which_digits_would_be_lost_is_not_loaded():
    pytest.importorskip("transformers")
    by = load("transformers:gemma")
    layer = by.build(meant("GemmaRMSNorm", at()), at())
    with pytest.raises(Unsupported, match=r"scale must be 1 and what the module keeps, to the last digit: of torch\.float32 it is not"):
        layer.load({"scale": by.asarray(np.full(8, 1e-5, np.float32), at())})


def test_every_entry_says_where_its_code_is():
    assert all(entry.source.startswith("https://github.com/huggingface/transformers/blob/v5.23.0/") for entry in entries("transformers"))
