"""Archives that no ordinary tool makes, byte for byte the same every time."""

import gzip
import io
import random
import struct
import tarfile
import zipfile
from collections.abc import Mapping

import archives

MIB = 1 << 20
Special = Mapping[str, tuple[bytes, str]]  # name: type of the tar member, what it points to


def tar(members: Mapping[str, bytes], special: Special) -> bytes:
    """A tar.gz archive of the members, then of special entries."""
    return gzipped(plain_tar(members, special))


def plain_tar(members: Mapping[str, bytes], special: Special, encoding: str = "utf-8") -> bytes:
    """The same, not compressed, with names in an encoding."""
    file = io.BytesIO()
    form = tarfile.PAX_FORMAT if encoding == "utf-8" else tarfile.GNU_FORMAT
    with tarfile.open(fileobj=file, mode="w", format=form, encoding=encoding) as archive:
        for name, content in members.items():
            archive.addfile(_info(name, size=len(content)), io.BytesIO(content))
        for name, (kind, target) in special.items():
            archive.addfile(_info(name, type=kind, linkname=target))
    return file.getvalue()


def gzipped(content: bytes) -> bytes:
    """The content as a gzip file without a time."""
    return gzip.compress(content, mtime=archives.MEMBER_TIME)


def sparse_tar(members: Mapping[str, bytes], name: str) -> bytes:
    """A tar.gz archive whose last member says that it is a large file of nothing."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for member, content in members.items():
            archive.addfile(_info(member, size=len(content)), io.BytesIO(content))
        info = _info(f"GNUSparseFile/{name}")
        info.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(1 << 50), "GNU.sparse.name": name}
        archive.addfile(info)
    return gzipped(file.getvalue())


def tar_with_long_header() -> bytes:
    """A tar archive that begins with a header of eight gibibytes."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    return gzipped(header.tobuf(tarfile.GNU_FORMAT) + bytes(2 * MIB))


def zip_with_link(members: Mapping[str, bytes], name: str, target: str) -> bytes:
    """A zip archive of the members and of one symbolic link."""
    link = zipfile.ZipInfo(name, archives.MEMBER_DATE)
    link.create_system, link.external_attr = 3, 0o120777 << 16
    file = io.BytesIO(archives.pack("x.zip", members))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, target)
    return file.getvalue()


def encrypted_zip(members: Mapping[str, bytes], *names: str) -> bytes:
    """A zip archive that says of some members that they are encrypted."""
    data = bytearray(archives.pack("x.zip", members))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        headers = [archive.getinfo(name).header_offset for name in names]
        start = archive.start_dir
    for offset in headers:
        data[offset + 6] |= 1
    for name in names:
        place = data.index(name.encode(), start) - 46
        data[place + 8] |= 1
    return bytes(data)


def zip_by(method: int, members: Mapping[str, bytes]) -> bytes:
    """A zip archive compressed by another method than usual."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, archives.MEMBER_DATE), content, method)
    return file.getvalue()


def overlapping_zip(names: tuple[str, ...], size: int) -> bytes:
    """A zip archive whose list says of every name that it is the same `size` compressed zeros."""
    single = archives.pack("x.zip", {names[0]: bytes(size)})
    with zipfile.ZipFile(io.BytesIO(single)) as archive:
        start = archive.start_dir
    entry = single[start : single.index(b"PK\x05\x06", start)]
    fixed, first = entry[:46], names[0].encode()
    listed = b""
    for name in names:
        listed += fixed[:28] + struct.pack("<H", len(name.encode())) + fixed[30:] + name.encode()
        listed += entry[46 + len(first) :]
    return single[:start] + listed + _end(len(names), len(listed), start)


def zip_with_long_list(size: int) -> bytes:
    """A zip archive that says that its list of files takes `size` bytes."""
    return b"PK\x03\x04" + bytes(size - 4) + _end(1, size, 0)


def noise(size: int) -> bytes:
    """Bytes that do not compress."""
    return random.Random(2024).randbytes(size)


def _end(count: int, size: int, start: int) -> bytes:
    return struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, size, start, 0)


def _info(name: str, **values: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.mtime = archives.MEMBER_TIME
    for key, value in values.items():
        setattr(info, key, value)
    return info
