"""Archives and folders as nobody packs them, described by hypothesis and packed by the standard library."""

import base64
import contextlib
import gzip
import io
import json
import os
import struct
import tarfile
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

CANARY = b'{"cells": [], "metadata": "a file outside of every submission"}'
SECRET = "secret.ipynb"  # holds CANARY, two folders above what links point from
_LONGEST_PATH = 4000
_NAMES = (
    "hw4_rnn.ipynb", "hw4_seq2seq.ipynb", "hw4_vit.ipynb", "HW4_RNN.IPYNB", "hw4_vit (1).ipynb", "hw4_rnn.ipynb/",
    "2024-20001/hw4_rnn.ipynb", "2024-20001/", "2024-20002/hw4_vit.ipynb", "과제/hw4_vit.ipynb", "과제",
    "../../evil.txt", "../" * 40 + "tmp/evil", "/evil.txt", "//evil", "C:\\evil.txt", "..\\..\\hw4_rnn.ipynb", "a/../b",
    "", ".", "..", "/", "./hw4_rnn.ipynb", "hw4_rnn.ipynb\0.txt", "a\nb\r\x1b[31m.ipynb", "__MACOSX/._hw4_rnn.ipynb",
    ".DS_Store", "=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\u202egpj.ipynb", "con", "~root/x", "$HOME",
    "model_checkpoints/assignment2-1-2/a.pt", "model_checkpoints/assignment2-1-2/../../../evil.json", "inner.zip",
    "a" * 300, "é" * 5000, "b/" * 200, "c/" * 20_000 + "d", "x\u0316\u0301" * 2000, "deep/" * 60_000 + "hw4_rnn.ipynb",
    "e" + "\u0316\u0301" * 20_000,
)  # fmt: skip
_TAR_KINDS = (
    tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE,
    tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.CONTTYPE, tarfile.GNUTYPE_SPARSE, tarfile.GNUTYPE_LONGNAME,
    tarfile.XHDTYPE, tarfile.XGLTYPE, b"Z",
)  # fmt: skip
_PAX = {
    "path": ("../evil", "hw4_rnn.ipynb", "", "x" * 5000), "size": ("-1", "1", "9" * 30, "x"),
    "linkpath": ("/etc/passwd",),
    "hdrcharset": ("BINARY", "none"), "GNU.sparse.size": ("1", str(1 << 50)), "GNU.sparse.major": ("1",),
    "GNU.sparse.minor": ("0",), "GNU.sparse.map": ("0,0", "0,9,5", "x"), "GNU.sparse.name": ("hw4_vit.ipynb",),
    "GNU.sparse.realsize": (str(1 << 60),), "mtime": ("nan", "1e999", "x"), "uid": ("-5", "x"),
}  # fmt: skip
_MODES = (0o100644, 0o040755, 0o120777, 0o010644, 0o020644, 0o060644, 0o140755, 0o100000, 0, 0o107777)


@dataclass(frozen=True)
class Entry:
    """A member before it is packed: the packers take of it what their format has."""

    name: bytes
    content: bytes
    tar_kind: bytes
    link: str
    pax: dict[str, str]
    mode: int
    method: int
    flags: int


def _name() -> st.SearchStrategy[bytes]:
    listed = st.sampled_from(_NAMES).map(str.encode)
    joined = st.lists(st.sampled_from(_NAMES[:24]), min_size=2, max_size=4).map(lambda parts: "/".join(parts).encode())
    code_page = st.sampled_from(("과제/hw4_rnn.ipynb", "홍길동")).map(lambda name: name.encode("cp949"))
    return st.one_of(listed, listed, joined, code_page, st.binary(max_size=40), st.text(max_size=40).map(_encoded))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _inner_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("hw4_rnn.ipynb"), bytes(1 << 20), zipfile.ZIP_DEFLATED)
    return file.getvalue()


def entries() -> st.SearchStrategy[Entry]:
    """One member of any kind."""
    content = st.one_of(
        st.binary(max_size=200),
        st.sampled_from((b"", b"{}", b'{"cells": []}' * 9, _inner_zip(), bytes(1 << 20), b"PK\x05\x06" + bytes(18))),
    )
    return st.builds(
        Entry,
        name=_name(),
        content=content,
        tar_kind=st.one_of(st.just(tarfile.REGTYPE), st.sampled_from(_TAR_KINDS)),
        link=st.sampled_from(("/etc/passwd", f"../../{SECRET}", f"../../../{SECRET}", "hw4_rnn.ipynb", ".", "", "/")),
        pax=st.dictionaries(st.sampled_from(sorted(_PAX)), st.integers(0, 3), max_size=3).map(_pax),
        mode=st.sampled_from(_MODES),
        method=st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)),
        flags=st.sampled_from((0, 0x800, 0x800, 1, 8, 0x20, 0x40, 0x2000)),
    )


def _pax(chosen: dict[str, int]) -> dict[str, str]:
    return {key: _PAX[key][number % len(_PAX[key])] for key, number in chosen.items()}


class _RawInfo(zipfile.ZipInfo):
    """A member of a zip archive whose name is any bytes."""

    raw: tuple[bytes, int]

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw


def pack_zip(listed: list[Entry]) -> bytes:
    """The entries as a zip archive."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # duplicate names
        for number, entry in enumerate(listed):
            info = _RawInfo(f"member {number}")
            info.raw = entry.name[:60_000], entry.flags
            info.external_attr = entry.mode << 16
            info.compress_type = entry.method
            archive.writestr(info, entry.content)
    return file.getvalue()


def pack_tar(listed: list[Entry], form: int, gzipped: bool) -> bytes:
    """The entries as a tar archive of one of tarfile's formats, without those that the format has no room for."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as archive:
        for entry in listed:
            if form == tarfile.USTAR_FORMAT and len(entry.name) > 1000:
                continue  # tarfile would look for minutes for a place to cut it
            info = tarfile.TarInfo(entry.name.decode("utf-8", "surrogateescape"))
            info.type, info.linkname, info.mode = entry.tar_kind, entry.link, entry.mode & 0o7777
            info.size, info.pax_headers = len(entry.content), entry.pax
            with contextlib.suppress(ValueError, struct.error):
                archive.addfile(info, io.BytesIO(entry.content))
    return gzip.compress(file.getvalue(), 1, mtime=0) if gzipped else file.getvalue()


def describe_folder(listed: list[Entry]) -> bytes:
    """The entries as JSON, of which `unfold` makes a folder."""
    return json.dumps(
        [
            [base64.b64encode(one.name).decode(), base64.b64encode(one.content).decode(), one.mode, one.link]
            for one in listed
        ]
    ).encode()


def unfold(description: bytes, folder: Path) -> None:
    """Makes the folder that `describe_folder` told of; names that a file system cannot hold are left out."""
    folder.mkdir()
    for name, content, mode, link in json.loads(description):
        parts = [part for part in base64.b64decode(name).split(b"/") if part not in (b"", b".", b"..")]
        path = os.path.join(os.fsencode(folder), *parts) if parts else b""  # noqa: PTH118 (Path takes no bytes)
        if len(path) > _LONGEST_PATH:
            continue
        with contextlib.suppress(OSError, ValueError):
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            if mode & 0o170000 == 0o120000:
                os.symlink(link, path)  # noqa: PTH211
            elif mode & 0o170000 == 0o010000:
                os.mkfifo(path)
            elif mode & 0o170000 == 0o040000:
                os.mkdir(path)  # noqa: PTH102
            else:
                with Path(os.fsdecode(path)).open("xb") as file:  # not through a link or a pipe that stands there
                    file.write(base64.b64decode(content))


def _packed(listed: list[Entry], form: str) -> tuple[str, bytes]:
    if form == "folder":
        return form, describe_folder(listed)
    if form == "zip":
        return form, pack_zip(listed)
    formats = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.PAX_FORMAT)
    return form, pack_tar(listed, formats[len(listed) % 4], form == "tar.gz")


def archives() -> st.SearchStrategy[tuple[str, bytes]]:
    """A form ("zip", "tar", "tar.gz" or "folder") and the bytes of an archive, or the description of a folder."""
    listed = st.one_of(st.lists(entries(), min_size=1, max_size=8), st.lists(entries(), min_size=1, max_size=2))
    return st.builds(_packed, listed, st.sampled_from(("zip", "tar", "tar.gz", "folder")))
