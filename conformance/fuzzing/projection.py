"""What a framework's dialect can say, nearest to a spec that was drawn: so that what is drawn is judged, and not refused."""

from typing import Any
from zlib import crc32

from normspec.conformance.fuzzing.draws import Projection
from normspec.dialects import dialect_of, entries
from normspec.errors import NormspecError
from normspec.load import BACKENDS
from normspec.records import Situation
from normspec.translation.find import named


def projection(name: str, like: str = "") -> Projection | None:
    """Give what turns a spec into the nearest one that a framework of this name can say; None for what is no framework of ours."""
    dialect, _, variant = (dialect_of(named(like)[0]) if like else name).partition(":")
    if dialect not in BACKENDS:
        return None
    found = entries(dialect)
    own = variant if variant in {entry.variant for entry in found} else ""
    sayers = {layer: [e for e in found if (e.layer, e.variant) == (layer, own)] for layer in {e.layer for e in found}}

    def project(spec: Any, situation: Situation) -> Any:
        able = [e for e in sayers.get(spec.layer, ()) if len(situation.shape) in e.ranks]
        if not able:
            return None
        entry = able[crc32(repr(spec).encode()) % len(able)]  # any of them, and the same one whenever this spec is drawn
        try:
            return entry.meaning(dict(entry.write(spec, situation)), situation)
        except NormspecError:
            return None

    return project
