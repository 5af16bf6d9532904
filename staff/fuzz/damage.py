"""Damage to bytes: anywhere in them, or in the fields by which the readers of archives go."""

import gzip
import re
from collections.abc import Sequence

from hypothesis import strategies as st

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_GZIP = b"\x1f\x8b"
_MAGIC = (
    b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08", b"\x1f\x8b\x08",
    b"ustar\x0000", b"ustar  \0", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh9", b"\xfd7zXZ\x00", b"%PDF", b"{",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\x00{", bytes(512),
)  # fmt: skip
_HEADERS = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x05\x06)|^\x1f\x8b|ustar")
_TAR_MARK, _TAR_KIND = 257, (156, 1)  # where a tar header has its mark, and the kind of the member
# What the header behind each mark holds, by offset and size; a tar header: name, mode, size, time, link, magic, device,
# prefix.
_FIELDS = {
    b"PK": [(offset, size) for offset in range(4, 46, 2) for size in (2, 4)],
    _GZIP: [(2, 1), (3, 1), (9, 1)],
    b"us": [(0, 100), (100, 8), (124, 12), (136, 12), (157, 100), (257, 8), (329, 8), (345, 155), *[_TAR_KIND] * 4],
}
_TAR_KINDS = [bytes([kind]) for kind in b"01234567LKxgSDNMVXA\0 \xff"]
_TEXTS = (b"-1", b"9", b"7" * 155, b"\xff" * 155, b"../../../evil", b"/evil", b"a/" * 77, b"\x80\x01", b"")


@st.composite
def damaged(draw: st.DrawFn, sound: Sequence[bytes], others: Sequence[bytes] = (b"",)) -> bytes:
    """One of `sound` after one to six changes, with pieces of itself and of `others` put in.

    What is gzipped is damaged inside half the time, since a damaged stream hides everything in it.
    """
    content = draw(st.sampled_from(sound))
    if content.startswith(_GZIP) and draw(st.booleans()):
        return gzip.compress(draw(damaged([gzip.decompress(content)], others)), 1, mtime=0)
    changed = bytearray(content)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3, 6)))):
        headers = [mark.start() for mark in _HEADERS.finditer(changed)]
        if draw(st.booleans()) and headers:
            _change_field(draw, changed, draw(st.sampled_from(headers)))
        else:
            _change_piece(draw, changed, draw(st.sampled_from((content, *others))))
    return bytes(changed)


def _change_piece(draw: st.DrawFn, content: bytearray, other: bytes) -> None:
    """Puts something in, in place of nothing, of a piece or of all the rest."""
    anywhere = st.integers(0, len(content))
    start = draw(st.one_of(st.just(0), anywhere, st.integers(max(0, len(content) - 8), len(content))))
    size = draw(st.sampled_from((0, 1, 1, 2, 4, 16, 200, 5000, len(content))))
    piece, cut = bytes(content[start : start + size]), draw(st.integers(0, len(other)))
    flipped = bytes(byte ^ 1 << draw(st.integers(0, 7)) for byte in piece[:1]) + piece[1:]
    pieces = st.sampled_from((b"", piece * 2, flipped, other[cut : cut + size]))
    content[start : start + size] = draw(st.one_of(pieces, st.sampled_from(_MAGIC), st.binary(max_size=600)))


def _change_field(draw: st.DrawFn, content: bytearray, start: int) -> None:
    """Changes a field of the header whose mark is there."""
    mark = bytes(content[start : start + 2])
    is_tar = mark == b"us"
    start = max(0, start - _TAR_MARK) if is_tar else start
    offset, size = draw(st.sampled_from(_FIELDS[mark]))
    old = int.from_bytes(content[start + offset :][: min(size, 4)], "little")
    near = st.sampled_from((old + 1, abs(old - 1), old ^ 1, old ^ 8, old ^ 0x800, old + 4096))
    number = draw(st.one_of(st.sampled_from(NUMBERS), near, st.integers(0, 1 << 32)))
    texts = (number.to_bytes(8, "little"), b"%o" % number, *_TEXTS) if is_tar else (number.to_bytes(8, "little"),)
    value = draw(st.sampled_from(_TAR_KINDS if size == 1 else texts) | st.binary(max_size=size))
    content[start + offset : start + offset + size] = value[:size].ljust(size, b"\0")
    if is_tar and draw(st.integers(0, 6)):  # with a wrong checksum the reader would look no further
        content[start + 148 : start + 156] = b" " * 8
        content[start + 148 : start + 156] = b"%06o\0 " % sum(content[start : start + 512])
