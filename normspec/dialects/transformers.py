"""Transformers: what the code of its models' RMS norms says, which is all that there is of documentation; read of 5.23 on 2026-11-22.

Most models have a copy of one of three. Those of Llama round what the weight multiplies to the dtype of x first; T5's, which is named
LayerNorm, is the same where weight and x have one dtype; Gemma's weight is what the scale is more than 1, and all is rounded last. All take
the mean square in float32, whatever x is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from normspec.dialects.entry import Entry, of_one_dtype
from normspec.layers import RMSNorm
from normspec.layers.fields import OutputDtype
from normspec.layers.rms_norm import Rounding
from normspec.records import Situation

CODE = "https://github.com/huggingface/transformers/blob/v5.23.0/src/transformers/models/"
MODELS = "transformers.models."


def _meaning(a: Mapping[str, Any], rounding: Rounding, output_dtype: OutputDtype) -> RMSNorm:
    return RMSNorm(
        axes=(-1,),
        parameter_axes=(-1,),
        fraction=1.0,
        epsilon=a["eps"],
        epsilon_place="inside",
        scale=True,
        shift=False,
        rounding=rounding,
        statistics_dtype="float32",
        output_dtype=output_dtype,
    )


def read_llama(a: Mapping[str, Any], _: Situation) -> RMSNorm:
    """Give what LlamaRMSNorm means: `self.weight * hidden_states.to(input_dtype)`."""
    return _meaning(a, "before_scale", "promoted")


def read_t5(a: Mapping[str, Any], situation: Situation) -> RMSNorm:
    """Give what T5LayerNorm means: what the weight multiplies is rounded to the weight's dtype where that has 16 bits."""
    of_one_dtype(situation)
    return _meaning(a, "before_scale", "input")


def read_gemma(a: Mapping[str, Any], _: Situation) -> RMSNorm:
    """Give what GemmaRMSNorm means: `(output * (1.0 + self.weight.float())).type_as(x)`."""
    return _meaning(a, "last", "input")


def writing(size: str) -> Callable[[RMSNorm, Situation], Mapping[str, Any]]:
    """Give what writes the arguments of a layer whose size is called so."""
    return lambda s, situation: {size: situation.shape[-1], "eps": s.epsilon}


def _attributes(size: str, epsilon: str) -> Callable[[Any], Mapping[str, Any]]:
    return lambda module: {size: module.weight.shape[0], "eps": getattr(module, epsilon)}


def _entry(model: str, name: str, size: str, epsilon: str, read: Any, **more: Any) -> Entry:
    return Entry(
        native=f"{MODELS}{model}.modeling_{model}.{name}",
        layer="rms_norm",
        variant=model,
        versions=">=5.23",
        source=f"{CODE}{model}/modeling_{model}.py",
        ranks=range(1, 65),
        positional=(size, "eps"),
        defaults={"eps": 1e-6},
        sizes={size: int},
        names={"scale": "weight"},
        modes=dict.fromkeys(("train", "evaluate", "freeze"), "layer(x)"),
        attributes=_attributes(size, epsilon),
        read=read,
        write=writing(size),
        **more,
    )


ENTRIES = (
    _entry("llama", "LlamaRMSNorm", "hidden_size", "variance_epsilon", read_llama),
    _entry("gemma", "GemmaRMSNorm", "dim", "eps", read_gemma, plus={"scale": 1.0}),
    _entry("t5", "T5LayerNorm", "hidden_size", "variance_epsilon", read_t5),
)
