"""Damage to bytes: anywhere in them, or in the fields by which the readers of archives go."""

import gzip
import re
from collections.abc import Sequence

from hypothesis import strategies as st

NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_GZIP = b"\x1f\x8b"
_HEADERS = re.compile(rb"PK(?=\x03\x04|\x01\x02|\x05\x06)|^\x1f\x8b|us(?=tar)")
_TAR_MARK = 257  # where a tar header has its mark
# Where each mark's header holds something; that of tar: name, mode, size, time, kind, link, magic, device, prefix.
_FIELDS = {b"PK": range(4, 46, 2), _GZIP: (2, 3, 9), b"us": (0, 100, 124, 136, *[156] * 4, 157, 257, 329, 345)}
_PIECES = (
    b"", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07", b"PK\x07\x08", b"\x1f\x8b\x08",
    b"ustar\x0000", b"ustar  \0", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"BZh9", b"\xfd7zXZ\x00", b"%PDF", b"{",
    b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff\x00{", bytes(512), b"-1\0", b"9" * 12, b"7" * 155, b"\xff" * 155,
    b"../../../evil\0", b"/evil\0", b"a/" * 77, b"\x80\x01", *(bytes([kind]) for kind in b"01234567LKxgSDNMVXA \xff"),
)  # fmt: skip


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
        marks = list(_HEADERS.finditer(changed))
        if bool(marks) and draw(st.booleans()):
            _change_field(draw, changed, draw(st.sampled_from(marks)))
        else:
            start = draw(st.sampled_from((0, len(changed))) | st.integers(0, len(changed)))
            gone = draw(st.sampled_from((0, 1, 1, 2, 16, 200, 5000, len(changed))))
            other = draw(st.sampled_from((content, *others)))
            cut = draw(st.integers(0, len(other)))
            pieces = st.sampled_from((*_PIECES, bytes(changed[start : start + gone]) * 2, other[cut : cut + gone]))
            changed[start : start + gone] = draw(pieces | st.binary(max_size=600))
    return bytes(changed)


def _change_field(draw: st.DrawFn, content: bytearray, mark: re.Match[bytes]) -> None:
    """Overwrites a field of the header that has this mark; most tar headers have a right checksum afterwards."""
    is_tar = mark[0] == b"us"
    header = max(0, mark.start() - _TAR_MARK) if is_tar else mark.start()
    start = header + draw(st.sampled_from(_FIELDS[mark[0]]))
    old = int.from_bytes(content[start : start + 4], "little")
    near = st.sampled_from((old + 1, abs(old - 1), old ^ 1, old ^ 8, old ^ 0x800, old + 4096))
    number = draw(st.sampled_from(NUMBERS) | near | st.integers(0, 1 << 32))
    numbers = [number.to_bytes(8, "little")[:size] for size in (2, 4)]
    value = draw(st.sampled_from((b"%o\0" % number, *_PIECES) if is_tar else numbers) | st.binary(max_size=12))
    content[start : start + len(value)] = value
    if is_tar and draw(st.integers(0, 6)):  # with a wrong checksum the reader would look no further
        content[header + 148 : header + 156] = b" " * 8
        content[header + 148 : header + 156] = b"%06o\0 " % sum(content[header : header + 512])
