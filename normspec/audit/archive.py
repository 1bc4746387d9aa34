"""Zip archives and JSON from anywhere: what is asked for is held against limits before it is read, and nothing is unpacked to a disk."""

import json
import re
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from normspec.errors import InvalidInput

LARGEST_TEXT = 16 * 2**20
"""Bytes of a member that is read."""
LARGEST_DIRECTORY = 2**20
"""Bytes of the archive's list of members."""
TAIL = 22 + 2**16 + 76
"""Bytes at the end of an archive in which the records lie that say where that list is."""
DEEPEST = 100
"""Lists and objects within one another."""
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, struct.error, UnicodeError, OverflowError)
"""What reading an archive raises that is none: places beyond its end, numbers that are too large, flags that mean something else."""
PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
"""A text, which may not end, or a bracket: no byte is looked at twice."""


def members(path: Path, *names: str) -> list[Any]:
    """Give these members of an archive, read as JSON.

    Raises
    ------
    InvalidInput
        Where the file is no archive of such, or an archive that no model has.
    """
    with path.open("rb") as file:
        if file.read(4) != b"PK\x03\x04":
            raise InvalidInput(f"{path} must be a zip archive, as a .keras file is, and begins otherwise")
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            _check_names(path, archive)
            texts = [_text(path, archive, name) for name in names]
    except BROKEN as error:
        raise InvalidInput(f"{path} must be a whole zip archive: {error}") from error
    return [_json(path, name, text) for name, text in zip(names, texts, strict=True)]


def _check_directory(path: Path) -> None:
    """Refuse an archive whose list of members is larger than that of a model, before it is read."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL))
        tail = file.read(TAIL)
    sizes = [size for (size,) in _after(tail, b"PK\x05\x06", 12, "<L") if size < 2**32 - 1]
    sizes += [size for (size,) in _after(tail, b"PK\x06\x06", 40, "<Q")]
    if not sizes:
        raise InvalidInput(f"{path} must be a whole zip archive, and has no list of members at its end")
    if max(sizes) > LARGEST_DIRECTORY:
        raise InvalidInput(f"{path} must have a list of members of at most {LARGEST_DIRECTORY} bytes, got {max(sizes)}")


def _after(tail: bytes, mark: bytes, offset: int, form: str) -> list[tuple[int]]:
    """Give the numbers that stand at an offset from each place of a mark."""
    places = (m.start() + offset for m in re.finditer(re.escape(mark), tail))
    return [struct.unpack_from(form, tail, at) for at in places if at + struct.calcsize(form) <= len(tail)]


def _check_names(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse names that lead out of the archive, and those that stand twice."""
    names = [info.orig_filename for info in archive.infolist()]
    for name in names:
        if name.startswith("/") or ".." in PurePosixPath(name).parts or set(name) & set("\\:\0"):
            raise InvalidInput(f"{path} must have members with names inside itself, got {name[:80]!r}")
    twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
    if twice is not None:
        raise InvalidInput(f"{path} must have each member once, got {twice[:80]!r} twice")


def _text(path: Path, archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise InvalidInput(f"{path} must have a member {name}, got {', '.join(archive.namelist()[:5]) or 'none'}") from None
    if info.flag_bits & 1 or info.compress_type not in PLAIN:
        raise InvalidInput(f"{name} in {path} must be stored or deflated, and not encrypted")
    if info.file_size > LARGEST_TEXT:
        raise InvalidInput(f"{name} in {path} must have at most {LARGEST_TEXT} bytes, got {info.file_size}")
    with archive.open(info) as member:
        text = member.read(LARGEST_TEXT + 1)
    if len(text) != info.file_size:
        raise InvalidInput(f"{name} in {path} must have the {info.file_size} bytes that the archive says, got {len(text)}")
    return text


def _json(path: Path, name: str, text: bytes) -> Any:
    depth = deepest = 0
    for token in TOKEN.finditer(text):
        first = token[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST:
        raise InvalidInput(f"{name} in {path} must have lists and objects at most {DEEPEST} deep, got {deepest}")
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidInput(f"{name} in {path} must be JSON: {error}") from error
