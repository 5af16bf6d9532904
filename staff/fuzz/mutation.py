"""Damages bytes: anywhere in them, or in the fields by which the readers of archives go."""

import gzip
import struct
from collections.abc import Sequence
from random import Random

MAGIC = (
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08", b"\x1f\x8b\x08",
    b"ustar\x0000", b"ustar  \0", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh9", b"\xfd7zXZ\x00", b"%PDF", b"{",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\x00{", bytes(512),
)  # fmt: skip
NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
# Signature: offset and size of each field behind it.
_ZIP_FIELDS = {
    b"PK\x03\x04": ((4, 2), (6, 2), (8, 2), (10, 4), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    b"PK\x01\x02": (
        (4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2),
        (36, 2), (38, 4), (42, 4),
    ),
    b"PK\x05\x06": ((4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}  # fmt: skip
_BLOCK = 512
_TAR_MAGIC = slice(257, 262)
_TAR_CHECKSUM = slice(148, 156)
# Offset and size: name, mode, size, time, link, magic, device, prefix. The kind of member is one byte, at 156.
_TAR_FIELDS = ((0, 100), (100, 8), (124, 12), (136, 12), (157, 100), (257, 8), (329, 8), (345, 155))
_TAR_KINDS = b"01234567LKxgSDNMVXA\0 \xff"


def mutate(content: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """`content` after one to six changes; `others` are files of which pieces may be put in.

    What lies inside of gzip is changed there half the time, since a damaged stream hides everything in it.
    """
    if content.startswith(b"\x1f\x8b") and random.random() < 0.5:
        return gzip.compress(mutate(gzip.decompress(content), random, others), 1, mtime=0)
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        _change(changed, random, others)
    return bytes(changed)


def _change(content: bytearray, random: Random, others: Sequence[bytes]) -> None:
    """One change, in place."""
    if not content:
        content += random.randbytes(random.randrange(64))
        return
    fields = zip_fields(content)
    headers = tar_headers(content)
    kind = random.random()
    if fields and kind < 0.5:
        _set_zip_field(content, random, *random.choice(fields))
    elif headers and kind < 0.6:
        _set_tar_field(content, random, random.choice(headers))
    elif content.startswith(b"\x1f\x8b") and kind < 0.4:
        place = random.choice((2, 3, 9, *range(max(0, len(content) - 8), len(content))))
        content[min(place, len(content) - 1)] = random.randrange(256)
    else:
        _change_anywhere(content, random, others)


def _change_anywhere(content: bytearray, random: Random, others: Sequence[bytes]) -> None:
    start = random.randrange(len(content))
    end = min(len(content), start + random.choice((1, 1, 2, 4, 16, 200, 5000)))
    match random.randrange(8):
        case 0:
            content[start] ^= 1 << random.randrange(8)
        case 1:
            content[start] = random.randrange(256)
        case 2:
            del content[start:end]
        case 3:
            content[start:start] = random.randbytes(random.choice((1, 2, 8, 600)))
        case 4:
            content[start:start] = content[start:end]
        case 5:
            other = random.choice(others)
            cut = random.randrange(len(other) + 1)
            content[start:end] = other[cut : cut + (end - start)]
        case 6:
            del content[start:]
        case _:
            magic = random.choice(MAGIC)
            place = random.choice((0, 0, start))
            content[place : place + len(magic)] = magic


def zip_fields(content: bytes | bytearray) -> list[tuple[int, int]]:
    """Offset and size of every field in the headers of a zip archive, in the order of their signatures."""
    found = []
    for signature, fields in _ZIP_FIELDS.items():
        start = content.find(signature)
        while start >= 0:
            found += [(start + offset, size) for offset, size in fields if start + offset + size <= len(content)]
            start = content.find(signature, start + 4)
    return found


def _set_zip_field(content: bytearray, random: Random, offset: int, size: int) -> None:
    form = "<H" if size == 2 else "<I"
    value = struct.unpack_from(form, content, offset)[0]
    near = (value + 1, value - 1, value ^ 1, value ^ 8, value ^ 0x800, value + 4096, random.getrandbits(8 * size))
    struct.pack_into(form, content, offset, random.choice((*NUMBERS, *near)) % (1 << 8 * size))


def tar_headers(content: bytes | bytearray) -> list[int]:
    """Where the headers of a tar archive begin."""
    return [start for start in range(0, len(content) - _BLOCK + 1, _BLOCK) if _is_header(content, start)]


def _is_header(content: bytes | bytearray, start: int) -> bool:
    return content[start + _TAR_MAGIC.start : start + _TAR_MAGIC.stop] == b"ustar"


def _set_tar_field(content: bytearray, random: Random, start: int) -> None:
    """Changes a header; most times with the right checksum, or the reader would look no further."""
    if random.random() < 0.3:
        content[start + 156] = random.choice(_TAR_KINDS)
    else:
        offset, size = random.choice(_TAR_FIELDS)
        numbers = (b"%o" % random.choice(NUMBERS), b"-1", b"9", b"7" * size, b"\x80" + random.randbytes(size - 1))
        texts = (b"\xff" * size, b"../../../evil", b"/evil", random.randbytes(size), b"a/" * (size // 2), b"")
        value = random.choice(numbers + texts)[:size].ljust(size, b"\0")
        content[start + offset : start + offset + size] = value
    if random.random() < 0.85:
        header = content[start : start + _BLOCK]
        header[_TAR_CHECKSUM] = b" " * 8
        content[start + 148 : start + 156] = b"%06o\0 " % sum(header)
