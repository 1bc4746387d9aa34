"""Instance normalization of ONNX."""

from normspec.dialects.entry import of_one_dtype
from normspec.dialects.onnx import common as c
from normspec.layers import InstanceNorm
from normspec.records import Situation


def read(a: c.Arguments, situation: Situation) -> InstanceNorm:
    """Give what InstanceNormalization means: of its own statistics alone, in every mode; of their dtype nothing is told."""
    of_one_dtype(situation)
    return InstanceNorm(
        batch_axes=(0,),
        channel_axes=(1,),
        epsilon=c.attribute(a["epsilon"], situation),
        running=None,
        scale=True,
        shift=True,
        statistics_dtype="input",
        output_dtype="input",
        **c.STANDARDIZED,
    )


def write(s: InstanceNorm, _: Situation) -> c.Arguments:
    """Give the nearest attribute of InstanceNormalization."""
    return {"epsilon": s.epsilon}


ENTRY = c.entry(
    "instance_norm",
    "InstanceNormalization",
    22,
    ("input", "scale", "B"),
    {"epsilon": 1e-5},
    range(3, 65),
    read,
    write,
    names={"scale": "scale", "shift": "B"},
    since=6,
)
