"""Archives whose bytes depend on their content alone: every member has the same time and owner."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping

MEMBER_TIME = 1_717_000_000  # seconds since 1970; any fixed time will do
MEMBER_DATE = (2024, 5, 29, 16, 26, 40)
RESOURCE_FORK = bytes.fromhex("00051607000200004d6163204f532058") + bytes(64)


def pack(name: str, members: Mapping[str, bytes], code_page: str = "utf-8") -> bytes:
    """The members as the archive that `name` ends in: .zip or .tar.gz. Raises ValueError for any other suffix."""
    if name.endswith(".zip"):
        return _zip(members, code_page)
    if name.endswith(".tar.gz"):
        return _tar(members)
    raise ValueError(f"{name}: neither .zip nor .tar.gz")


def with_macos_junk(members: Mapping[str, bytes], folder: str) -> dict[str, bytes]:
    """The members with what the Finder adds: a resource fork for each, and its own notes."""
    junk = {f"{folder}.DS_Store": b"\0\0\0\1Bud1" + bytes(64)}
    for name in members:
        parent, slash, base = name.rpartition("/")
        junk[f"__MACOSX/{parent}{slash}._{base}"] = RESOURCE_FORK
    return {**junk, **members}


class _Info(zipfile.ZipInfo):
    """A member whose name is stored in a code page without a mark that says so, as Windows and old tools do."""

    code_page = "utf-8"

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        if self.code_page == "utf-8":
            return super()._encodeFilenameFlags()  # type: ignore[misc, no-any-return]
        return self.filename.encode(self.code_page), self.flag_bits & ~0x800


def _zip(members: Mapping[str, bytes], code_page: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = _Info(name, MEMBER_DATE)
            info.code_page = code_page
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            archive.writestr(info, content)
    return file.getvalue()


def _tar(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.mtime = MEMBER_TIME
            info.mode = 0o755 if name.endswith("/") else 0o644
            info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(file.getvalue(), mtime=MEMBER_TIME)
