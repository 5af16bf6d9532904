"""The outside of a frame, for which no tensor has to be understood: its header, its lengths, its JSON.

A header is eight bytes: the length of the JSON and the length of the tensor blob, both little-endian uint32. That of a
request begins with one byte more, the tag of its operation.
"""

import json
import struct
from typing import Any

from autograder.notebook.wire import finite

HEADER = struct.Struct("<II")
REQUEST_HEADER = struct.Struct("<BII")
MAX_JSON_BYTES = 8 << 20
MAX_TENSOR_BYTES = 64 << 20  # of a reply


class MalformedFrame(Exception):
    """Bytes that are not a frame, or a frame beyond the caps; the message says which."""


def lengths(header: bytes) -> tuple[int, int]:
    """Bytes of JSON and of blob that follow a header. Raises MalformedFrame beyond the caps."""
    text, blob = HEADER.unpack(header)
    if text > MAX_JSON_BYTES or blob > MAX_TENSOR_BYTES + (1 << 20):
        raise MalformedFrame(f"a reply of {text + blob:,} bytes, more than is allowed")
    return text, blob


def message_in(text: bytes) -> dict[str, Any]:
    """The JSON object of a received frame. Raises MalformedFrame.

    Its numbers are finite and fit into 64 bits, so that none of them overflows where it is used.
    """
    try:
        message = _DECODER.decode(text.decode())
    except (ValueError, RecursionError):
        raise MalformedFrame("a reply that is not JSON") from None
    if not isinstance(message, dict):
        raise MalformedFrame("a reply that is not a JSON object")
    return message


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) >= 1 << 63:
        raise ValueError("a number beyond 64 bits")
    return number


# Infinities and NaN are written as text.
_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=finite, parse_constant=finite)
