"""Keras' batch renormalization: batch normalization that is told `renorm=True`."""

from collections.abc import Mapping
from typing import Any

from normspec.dialects.entry import Entry, complement
from normspec.dialects.keras import batch_norm
from normspec.dialects.keras.batch_norm import ALONE, DEFAULTS, momentum, refuse_frozen
from normspec.dialects.keras.common import BORN, BORN_STATE, COMMON, DOCS, OF_EVERY_LAYER, PARAMETERS, TRAINED, attributes, shared
from normspec.errors import Unsupported
from normspec.layers import BatchRenorm
from normspec.records import Situation

STATE = {
    **batch_norm.STATE,
    "running_deviation": "moving_stddev",
    "renorm_mean": "renorm_mean",
    "renorm_deviation": "renorm_stddev",
}
CLIPPING: dict[str, Any] = {"renorm_clipping": None, "renorm_momentum": 0.99}
"""`renorm` itself must be given, for its default is batch norm."""
LIMITS = {"r_min": "rmin", "r_max": "rmax", "d_max": "dmax"}
"""Our names of the keys of `renorm_clipping`: "Missing `rmax`, `rmin`, `dmax` are set to `inf`, `0`, `inf`, respectively"."""
UNLIMITED: dict[str, float | None] = {"r_min": 0.0, "r_max": None, "d_max": None}


def read(a: Mapping[str, Any], situation: Situation) -> BatchRenorm:
    """Give what BatchNormalization means with `renorm`: training is corrected by "the renorm moving statistics", of the deviation."""
    return corrected(batch_norm.read(a, situation), a)


def corrected(plain: Any, a: Mapping[str, Any]) -> BatchRenorm:
    """Give the layer of these arguments, whose meaning without `renorm` is `plain`.

    Raises
    ------
    Unsupported
        Where they have no `renorm`, or limits that there are none of.
    """
    if not a["renorm"]:
        raise Unsupported(f"renorm must be True, got {a['renorm']!r}: it is batch_norm")
    refuse_frozen(a)
    return BatchRenorm(
        channel_axes=plain.channel_axes,
        epsilon=plain.epsilon,
        averaged="both",
        renorm_rate=complement(a["renorm_momentum"]),
        floor=plain.epsilon > 0,
        **limits(a["renorm_clipping"]),
        running=plain.running,
        scale=plain.scale,
        shift=plain.shift,
        statistics_dtype=plain.statistics_dtype,
        **{name: value for name, value in COMMON.items() if name != "epsilon_place"},
    )


def limits(clipping: Any) -> dict[str, Any]:
    """Give the limits that a `renorm_clipping` has."""
    told = {} if clipping is None else clipping
    if not isinstance(told, Mapping) or set(told) - set(LIMITS.values()):
        raise Unsupported(f"renorm_clipping must be a dict with the keys rmax, rmin and dmax alone, got {clipping!r}")
    given = {ours: told[theirs] for ours, theirs in LIMITS.items() if told.get(theirs) is not None}
    return {**UNLIMITED, **given}


def clipping(s: BatchRenorm) -> dict[str, Any]:
    """Give the arguments that say that a layer is corrected, and how far."""
    told = {theirs: getattr(s, ours) for ours, theirs in LIMITS.items() if getattr(s, ours) != UNLIMITED[ours]}
    rate = {} if s.renorm_rate is None else {"renorm_momentum": complement(s.renorm_rate)}
    return {"renorm": True, **({"renorm_clipping": told} if told else {}), **rate}


def write(s: BatchRenorm, _: Situation) -> Mapping[str, Any]:
    """Give the nearest arguments of BatchNormalization, which has one axis."""
    return {"axis": s.channel_axes[0] if len(s.channel_axes) == 1 else -1, **momentum(s), **shared(s), **clipping(s)}


ENTRIES = (
    Entry(
        native="keras.layers.BatchNormalization",
        layer="batch_renorm",
        variant="",
        versions=">=3.15",
        source=f"{DOCS}batch_normalization/",
        ranks=range(1, 65),
        positional=(*DEFAULTS, *BORN, *BORN_STATE, *TRAINED, "renorm", *CLIPPING, "synchronized"),
        defaults={**DEFAULTS, **CLIPPING},
        fixed={**BORN, **BORN_STATE, **ALONE},
        free=(*TRAINED, *OF_EVERY_LAYER),
        names={**PARAMETERS, **STATE},
        modes=batch_norm.TRAINING,
        attributes=attributes(*DEFAULTS, "renorm", *CLIPPING, *BORN, *BORN_STATE, "synchronized"),
        read=read,
        write=write,
    ),
)
