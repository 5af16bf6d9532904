"""Archives and folders as nobody packs them: made up member by member, or sound ones that are damaged."""

import contextlib
import gzip
import io
import os
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st

from .damage import damaged

SECRET = "secret.ipynb"  # lies outside of every submission, two folders above what links point from
_NAMES = (
    "hw4_rnn.ipynb", "hw4_vit.ipynb", "HW4_RNN.IPYNB", "hw4_vit (1).ipynb", "hw4_rnn.ipynb/", "2024-20001/", "과제",
    "2024-20002/hw4_vit.ipynb", "../../evil.txt", "../" * 40 + "tmp/evil", "/evil.txt", "C:\\evil.txt", "a/../b", "",
    "..", "/", "hw4_rnn.ipynb\0.txt", "a\nb\r\x1b[31m.ipynb", "__MACOSX/._hw4_rnn.ipynb", "=cmd|' /C calc'!A0", "con",
    "<script>alert(1)</script>", "model_checkpoints/assignment2-1-2/a.pt", "inner.zip",
    "model_checkpoints/assignment2-1-2/../../../evil.json", "a" * 300, "é" * 5000, "b/" * 200, "c/" * 20_000 + "d",
    "deep/" * 60_000 + "hw4_rnn.ipynb", "e" + "\u0316\u0301" * 20_000,
)  # fmt: skip
_FILE_NAMES = (
    "2024-20001.tar.gz", "2024-20001.zip", "2024-20001.ipynb", "hw4.ZIP", "x", "2024-20001 (1).zip", "홍길동.zip",
    "-rf.zip", "a\nb\x1b[31m.zip", "=1+1.zip", "<b>.zip", "x" * 240 + ".zip", "\udcff.zip",
)  # fmt: skip
_LINKS = ("", "/etc/passwd", f"../../{SECRET}", f"../../../{SECRET}", "hw4_rnn.ipynb", ".", "/")
_MODES = (0o100644, 0o040755, 0o120777, 0o010644, 0o020644, 0o140755, 0, 0o107777)
_METHODS = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_TAR_KINDS = [bytes([kind]) for kind in b"0" * 14 + b"\x00123456 7SLxgZ"]
_PAX_KEYS = ("path", "linkpath", "size", "hdrcharset", "mtime", "uid", "name", "major", "minor", "map", "realsize")
_PAX_VALUES = ("../evil", "hw4_rnn.ipynb", "", "x" * 5000, "/etc/passwd", "-1", "0", "1", "9" * 30, str(1 << 50), "x",
               "BINARY", "nan", "1e999", "0,0", "0,9,5")  # fmt: skip


@dataclass(frozen=True)
class Member:
    """A member before it is packed: every form takes of it what it has room for."""

    name: bytes
    content: bytes = b""
    mode: int = 0o100644
    link: str = ""
    tar_kind: bytes = tarfile.REGTYPE
    pax: Mapping[str, str] = field(default_factory=dict)
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0x800


@dataclass(frozen=True)
class Archive:
    """What is handed in under a name: the bytes of a file, or the members of a folder."""

    name: str
    content: bytes | Sequence[Member]

    def write(self, folder: Path) -> Path:
        """Where it lies in a folder afterwards; members whose names a file system cannot hold are left out."""
        path = folder / self.name
        if isinstance(self.content, bytes):
            path.write_bytes(self.content)
            return path
        path.mkdir()
        for member in self.content:
            parts = [part for part in member.name.split(b"/") if part not in (b"", b".", b"..")]
            place = path.joinpath(*map(os.fsdecode, parts))
            with contextlib.suppress(OSError, ValueError):
                place.parent.mkdir(parents=True, exist_ok=True)
                if stat.S_ISLNK(member.mode):
                    place.symlink_to(member.link)
                elif stat.S_ISFIFO(member.mode):
                    os.mkfifo(place)
                elif stat.S_ISDIR(member.mode):
                    place.mkdir()
                else:
                    with place.open("xb") as file:  # not through a link or a pipe that stands there
                        file.write(member.content)
        return path


class _RawInfo(zipfile.ZipInfo):
    """A member of a zip archive whose name is any bytes."""

    raw: tuple[bytes, int]

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw


def pack_zip(members: Sequence[Member]) -> bytes:
    """A ZIP file whose names and flags are written as they are, valid or not."""
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as archive:
        warnings.simplefilter("ignore")  # duplicate names
        for number, member in enumerate(members):
            info = _RawInfo(f"member {number}")
            info.raw, info.external_attr = (member.name[:60_000], member.flags), member.mode << 16
            archive.writestr(info, member.content, member.method)
    return file.getvalue()


def pack_tar(members: Sequence[Member], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar file of this form; a member that the form has no room for is left out."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form, encoding="utf-8", errors="surrogateescape") as archive:
        for member in members:
            if form == tarfile.USTAR_FORMAT and len(member.name) > 1000:
                continue  # tarfile would look for minutes for a place to cut it
            info = tarfile.TarInfo(member.name.decode("utf-8", "surrogateescape"))
            info.type, info.linkname, info.mode = member.tar_kind, member.link, member.mode & 0o7777
            info.size, info.pax_headers = len(member.content), dict(member.pax)
            with contextlib.suppress(ValueError, struct.error):  # the format has no room for it
                archive.addfile(info, io.BytesIO(member.content))
    return file.getvalue()


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


def archives(solved: Mapping[str, bytes]) -> st.SearchStrategy[Archive]:
    """Archives and folders; sound ones, which get damaged, hold the notebooks `solved` or next to nothing."""
    small = [Member(b"2024-20001/hw4_rnn.ipynb", b'{"cells": []}' * 9), Member("과제/hw4_vit.ipynb".encode(), b"{}")]
    real = [Member(name.encode(), content) for name, content in solved.items()]
    sound = (small, [*real, Member(b"model_checkpoints/assignment2-1-2/a.json", b"{}")])
    members = st.lists(_members(), min_size=1, max_size=8)
    tars = st.builds(pack_tar, members, st.sampled_from((tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT)))
    made_up = {".zip": members.map(pack_zip), ".tar": tars, ".tar.gz": tars.map(_gzip)}
    packed = {
        ".zip": list(map(pack_zip, sound)),
        ".tar": list(map(pack_tar, sound)),
        ".tar.gz": [_gzip(pack_tar(one)) for one in sound],
    }
    others = [content for contents in packed.values() for content in contents]
    contents: dict[str, st.SearchStrategy[bytes | Sequence[Member]]] = {"": members}
    contents |= {suffix: made_up[suffix] | damaged(packed[suffix], others) for suffix in packed}
    names = {suffix: st.sampled_from((*[f"2024-20001{suffix}"] * 85, *_FILE_NAMES)) for suffix in contents}
    return st.one_of(*(st.builds(Archive, names[suffix], content) for suffix, content in contents.items()))


def _members() -> st.SearchStrategy[Member]:
    joined = st.lists(st.sampled_from(_NAMES[:24]), min_size=2, max_size=4).map("/".join)
    names = st.sampled_from((*_NAMES, *_NAMES)) | joined | st.text(max_size=40)
    code_page = st.sampled_from(("과제/hw4_rnn.ipynb", "홍길동")).map(lambda name: name.encode("cp949"))
    keys = st.sampled_from([*_PAX_KEYS, *(f"GNU.sparse.{key}" for key in _PAX_KEYS)])
    inner = pack_zip([Member(b"hw4_rnn.ipynb", bytes(1 << 20))])
    contents = st.sampled_from((b"", b"{}", b'{"cells": []}' * 9, inner, bytes(1 << 20), b"PK\x05\x06" + bytes(18)))
    return st.builds(
        Member,
        names.map(lambda name: name.encode("utf-8", "surrogatepass")) | code_page | st.binary(max_size=40),
        contents | st.binary(max_size=200),
        st.sampled_from(_MODES),
        st.sampled_from(_LINKS),
        st.sampled_from(_TAR_KINDS),
        st.dictionaries(keys, st.sampled_from(_PAX_VALUES), max_size=3),
        st.sampled_from(_METHODS),
        st.sampled_from((0x800, 0x800, 0, 1, 8, 0x20, 0x40, 0x2000)),
    )
