"""A difficulty as text that fits into the name of its case, and back: so a case that was drawn by chance can be asked for by name."""

import base64
import binascii
import json
import zlib
from dataclasses import asdict, fields
from typing import Any

from normspec.conformance.cases.draw import Difficulty, Noise
from normspec.deviation import BY_CHANCE
from normspec.layers import from_plain, to_plain

MARK = BY_CHANCE.removeprefix("/")
"""How the names of such cases begin."""


def name_of(d: Difficulty) -> str:
    """Give the name of a difficulty, its own aside."""
    plain = {f.name: getattr(d, f.name) for f in fields(d) if f.name != "name"}
    plain |= {"spec": to_plain(d.spec), "noise": asdict(d.noise)}
    packed = zlib.compress(json.dumps(plain, separators=(",", ":")).encode(), 9)
    return MARK + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def difficulty_of(name: str) -> Difficulty:
    """Give the difficulty of a name.

    Raises
    ------
    ValueError
        Where the name is of none.
    """
    code = name.removeprefix(MARK)
    try:
        plain = json.loads(zlib.decompress(base64.urlsafe_b64decode(code + "=" * (-len(code) % 4))))
    except (binascii.Error, zlib.error, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{name} is no name of a case drawn by chance") from error
    told: dict[str, Any] = {name: _tuples(value) for name, value in plain.items() if name not in ("spec", "noise")}
    return Difficulty(spec=from_plain(plain["spec"]), name=name, noise=Noise(**plain["noise"]), **told)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
