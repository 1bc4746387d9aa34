"""The cases: one file per layer, each case about one clause."""

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from functools import cache, lru_cache

from normspec.conformance.cases import (
    adaptive_instance_norm,
    batch_layer_norm,
    batch_norm,
    batch_renorm,
    conditional_batch_norm,
    conditional_instance_norm,
    dynamic_tanh,
    feature_norm,
    filter_response_norm,
    full_norm,
    ghost_batch_norm,
    global_response_norm,
    group_norm,
    instance_norm,
    layer_norm,
    local_response_norm,
    lp_norm,
    mean_variance_norm,
    rms_norm,
    scale_norm,
    spectral_norm,
    weight_norm,
    weight_standardization,
)
from normspec.conformance.cases.code import MARK, difficulty_of
from normspec.conformance.cases.draw import Difficulty
from normspec.conformance.cases.draw import cases as drawn
from normspec.errors import NormspecError, NotFound
from normspec.records import Case

DIFFICULTIES: dict[str, Callable[[], Iterator[Difficulty]]] = {
    "batch_norm": batch_norm.difficulties,
    "batch_renorm": batch_renorm.difficulties,
    "ghost_batch_norm": ghost_batch_norm.difficulties,
    "layer_norm": layer_norm.difficulties,
    "instance_norm": instance_norm.difficulties,
    "group_norm": group_norm.difficulties,
    "rms_norm": rms_norm.difficulties,
    "lp_norm": lp_norm.difficulties,
    "local_response_norm": local_response_norm.difficulties,
    "mean_variance_norm": mean_variance_norm.difficulties,
    "feature_norm": feature_norm.difficulties,
    "weight_norm": weight_norm.difficulties,
    "spectral_norm": spectral_norm.difficulties,
    "weight_standardization": weight_standardization.difficulties,
    "scale_norm": scale_norm.difficulties,
    "dynamic_tanh": dynamic_tanh.difficulties,
    "global_response_norm": global_response_norm.difficulties,
    "filter_response_norm": filter_response_norm.difficulties,
    "conditional_instance_norm": conditional_instance_norm.difficulties,
    "conditional_batch_norm": conditional_batch_norm.difficulties,
    "full_norm": full_norm.difficulties,
    "batch_layer_norm": batch_layer_norm.difficulties,
    "adaptive_instance_norm": adaptive_instance_norm.difficulties,
}


def cases(*, layer: str | None = None, dtype: str | None = None, profile: str = "full", seed: int = 0) -> tuple[Case, ...]:
    """Give the cases of a layer (or of all), in a dtype (or in all), of the quick or the full profile; other seeds, other numbers.

    Raises
    ------
    NotFound
        Where there is no such layer, dtype or profile, or nothing that is all of them.
    """
    if layer is not None and layer not in DIFFICULTIES:
        raise NotFound(f"layer must be one of {', '.join(DIFFICULTIES)}, got {layer!r}")
    if profile not in ("quick", "full"):
        raise NotFound(f"profile must be quick or full, got {profile!r}")
    asked = (case for name in DIFFICULTIES if layer in (None, name) for case in _of_layer(name, seed))
    found = tuple(case for case in asked if dtype in (None, case.situation.dtype) and (profile == "full" or case.quick))
    if not found:
        raise NotFound(f"dtype must be float64, float32, float16 or bfloat16, got {dtype!r}")
    return found


@lru_cache(maxsize=2 * len(DIFFICULTIES))
def _of_layer(layer: str, seed: int) -> tuple[Case, ...]:
    """Give a layer's cases, each the same object however it is asked for: what is known of a case is remembered by that."""
    return tuple(case for d in DIFFICULTIES[layer]() for case in drawn(d, seed))


def case_of(name: str) -> Case:
    """Give the case of this id.

    Raises
    ------
    NotFound
        Where there is none; the message names the nearest ids.
    """
    known = _by_id()
    if name not in known and f"/{MARK}" in name:
        return _drawn_by_chance(name)
    if name not in known:
        near = "; ".join(get_close_matches(name, known, 3, 0)) or "none"
        raise NotFound(f"case must be the id of a case, got {name!r}; the nearest are {near}")
    return known[name]


def _drawn_by_chance(name: str) -> Case:
    try:
        return next(drawn(difficulty_of(name.split("/")[1]), int(name.partition("#")[2] or 0)))
    except (ValueError, KeyError, TypeError, NormspecError) as error:
        raise NotFound(f"case must be an id as it was printed, got {name!r}, which is none: was it cut?") from error


@cache
def _by_id() -> dict[str, Case]:
    return {case.id: case for case in cases()}
