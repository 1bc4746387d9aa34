"""The wire format of protocol buffers, as far as it takes to walk through a message: fields in order, and none of them copied.

Every length is held against what there is, and the number of fields is limited, so a hostile file costs bounded time and no memory.
"""

import struct
from collections.abc import Iterator
from typing import Any

from normspec.errors import InvalidInput

VARINT, WIDE, BYTES, NARROW = 0, 1, 2, 5
LONGEST_VARINT = 10
LONGEST_TEXT = 4096
MOST_FIELDS = 2_000_000


class Walk:
    """A walk through the messages of one file; it counts the fields that are seen."""

    def __init__(self, most: int = MOST_FIELDS) -> None:
        """Begin, with so many fields to go."""
        self.left = most

    def fields(self, message: memoryview) -> Iterator[tuple[int, int, Any]]:
        """Give number, wire type and value of each field: an integer, or the bytes of it as a view.

        Raises
        ------
        InvalidInput
            Where a field goes beyond the end, or is none; or where there are too many.
        """
        at = 0
        while at < len(message):
            self.left -= 1
            if self.left < 0:
                raise InvalidInput("message must have fewer fields: there are more than a model has")
            key, at = varint(message, at)
            number, kind = key >> 3, key & 7
            if kind == VARINT:
                value, at = varint(message, at)
                yield number, kind, value
                continue
            if kind == BYTES:
                length, at = varint(message, at)
            else:
                length = {WIDE: 8, NARROW: 4}.get(kind, -1)
            if number == 0 or length < 0:
                raise InvalidInput(f"message must have fields of known types, got number {number} of type {kind}")
            if length > len(message) - at:
                raise InvalidInput(f"message must be whole: field {number} says {length} bytes, and {len(message) - at} are left")
            yield number, kind, message[at : at + length]
            at += length


def varint(message: memoryview, at: int) -> tuple[int, int]:
    """Give an integer and where it ends."""
    value = 0
    for k in range(LONGEST_VARINT):
        if at + k >= len(message):
            raise InvalidInput("message must be whole: it ends within a number")
        byte = message[at + k]
        value |= (byte & 0x7F) << (7 * k)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that there is more
            return value, at + k + 1
    raise InvalidInput(f"message must have numbers of at most {LONGEST_VARINT} bytes")


def text(value: Any) -> str:
    """Give a text.

    Raises
    ------
    InvalidInput
        Where it is none, or longer than a name is.
    """
    if not isinstance(value, memoryview):
        raise InvalidInput("message must have a text where a name stands, got a number")
    if len(value) > LONGEST_TEXT:
        raise InvalidInput(f"name must have at most {LONGEST_TEXT} bytes, got {len(value)}")
    try:
        return bytes(value).decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"name must be UTF-8: {error}") from error


def inner(value: Any) -> memoryview:
    """Give a message within another.

    Raises
    ------
    InvalidInput
        Where it is a number.
    """
    if not isinstance(value, memoryview):
        raise InvalidInput("message must have a message where one stands, got a number")
    return value


def signed(value: Any) -> int:
    """Give an integer of 64 bits with its sign.

    Raises
    ------
    InvalidInput
        Where it is no integer.
    """
    if not isinstance(value, int):
        raise InvalidInput("message must have an integer where one stands, got bytes")
    found = int(value) % (1 << 64)
    return found - (1 << 64) if found >> 63 else found


def decimal(value: Any) -> float:
    """Give a float of 32 bits as the shortest decimal that stands for it: 1e-05, and not 9.999999747378752e-06.

    Raises
    ------
    InvalidInput
        Where it is no such float.
    """
    if not isinstance(value, memoryview) or len(value) != 4:  # noqa: PLR2004 - bytes of 32 bits
        raise InvalidInput("message must have a float of 32 bits where one stands")
    (found,) = struct.unpack("<f", value)
    near = (float(f"{found:.{digits}g}") for digits in range(1, 9))
    return next((n for n in near if n == found or _single(n) == found), float(found))


def _single(value: float) -> float:
    try:
        (found,) = struct.unpack("<f", struct.pack("<f", value))
    except OverflowError:  # rounded up beyond the largest
        return float("inf")
    return float(found)
