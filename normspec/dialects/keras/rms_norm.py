"""Keras' RMS normalization."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry
from normspec.dialects.keras.common import DOCS, OF_EVERY_LAYER, ONE_MODE, as_written, ascending, attributes
from normspec.errors import Unsupported
from normspec.layers import RMSNorm
from normspec.layers.axes import resolve
from normspec.records import Situation

DEFAULTS = {"axis": -1, "epsilon": 1e-6}


def read(a: Mapping[str, Any], situation: Situation) -> RMSNorm:
    """Give what RMSNormalization means: `x * rsqrt(mean(square(x))) * scale`, epsilon being "a small number to add".

    The page has one axis, and that of `keras.ops.rms_normalization`, to which `call` hands it, "the axis or axes"; they are sorted as
    they are written.

    Raises
    ------
    Unsupported
        Where precision is mixed: "Layers will cast variables to the compute dtype", and this one does not say that it does not.
    """
    if situation.dtype != situation.parameter_dtype:
        raise Unsupported(f"scale is cast to {situation.dtype} before it is used, which has no place among the points here")
    axes = ascending(a["axis"], "scale", situation)
    return RMSNorm(
        axes=axes,
        parameter_axes=axes,
        fraction=1.0,
        epsilon=a["epsilon"],
        epsilon_place="inside",
        scale=True,
        shift=False,
        rounding="last",
        statistics_dtype="widened",
        output_dtype="input",
    )


def write(s: RMSNorm, situation: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of RMSNormalization: all axes from the front where they are mixed."""
    mixed = min(s.axes) < 0 <= max(s.axes)
    axes = resolve(s.axes, len(situation.shape), "axes") if mixed else s.axes
    return {"axis": as_written(axes), "epsilon": s.epsilon}


ENTRIES = (
    Entry(
        native="keras.layers.RMSNormalization",
        layer="rms_norm",
        variant="",
        versions=">=3.15",
        source=f"{DOCS}rms_normalization/",
        ranks=range(1, 65),
        positional=tuple(DEFAULTS),
        defaults=DEFAULTS,
        free=OF_EVERY_LAYER,
        names={"scale": "scale"},
        modes=ONE_MODE,
        attributes=attributes(*DEFAULTS),
        read=read,
        write=write,
    ),
)
