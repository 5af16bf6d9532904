"""Small files that want to become large ones."""

import zipfile

import archives

from zoo import crafted
from zoo.crafted import MIB
from zoo.entry import (
    BOTH,
    HW4,
    RNN,
    SHEETS,
    TAR,
    THREE,
    VIT,
    WHO,
    ZIP,
    Entry,
    Row,
    complete2,
    unreadable,
    without,
)

METHOD = "is compressed by an unusual method and was not read; make an ordinary zip archive"


def entries() -> list[Entry]:
    """Bombs by ratio, by number, nested and overlapping, and headers that claim too much."""
    return [*_by_ratio(), *_by_number(), *_by_headers()]


def _by_ratio() -> list[Entry]:
    return [
        Entry(
            "bomb-ratio",
            "a notebook of 60 MiB of zeros in 60 kB",
            lambda: {ZIP: _zeros()},
            unreadable("it unpacks to more than 200 times its size"),
        ),
        Entry(
            "bomb-in-an-archive",
            "the same inside of another archive",
            lambda: {ZIP: archives.pack("x.zip", {"homework.zip": _zeros()})},
            unreadable(
                "the archive inside: it unpacks to more than 200 times its size",
                "the archive holds only another archive, 'homework.zip', which was opened",
                repairs=("wrapping",),
            ),
        ),
        Entry(
            "bomb-beside-notebooks",
            "80 MiB of zeros that nobody needs, before the notebooks",
            lambda: {TAR: archives.pack("x.tar.gz", {"model.bin": bytes(80 * MIB), **BOTH})},
            complete2(),
            "assignment2",
        ),
        Entry(
            "bomb-overlapping",
            "three notebooks that are the same 20 MiB of compressed zeros",
            lambda: {ZIP: crafted.overlapping_zip(HW4, 20 * MIB)},
            unreadable("it unpacks to more than 200 times its size"),
        ),
        Entry(
            "huge-notebook",
            "one notebook of more than 64 MiB, the others as they should be",
            lambda: {ZIP: archives.pack("x.zip", {**THREE, RNN: _large()})},
            without(RNN, notes=(f"'{RNN}' is larger than 64 MiB and was not read",)),
        ),
        Entry(
            "bomb-by-another-method",
            "50 MiB of zeros compressed by LZMA, which unpacks them at once",
            lambda: {ZIP: crafted.zip_by(zipfile.ZIP_LZMA, {**THREE, RNN: bytes(50 * MIB)})},
            (
                Row(
                    WHO,
                    WHO,
                    (),
                    HW4,
                    (
                        f"missing: {', '.join(HW4)}",
                        *(f"'{name}' {METHOD}" for name in HW4),
                    ),
                ),
            ),
        ),
    ]


def _zeros() -> bytes:
    return archives.pack("x.zip", {RNN: bytes(60 * MIB), VIT: SHEETS[VIT]})


def _large() -> bytes:
    """More than a notebook may have, but not suspiciously well compressed."""
    return (crafted.noise(4096) + bytes(200_000)) * 330


def _by_number() -> list[Entry]:
    nested = archives.pack("x.zip", THREE)
    for level in range(5):
        nested = archives.pack("x.zip", {f"{level}{twin}.zip": nested for twin in "ab"})
    chain = archives.pack("x.zip", THREE)
    for _ in range(3):
        chain = archives.pack("x.zip", {"homework.zip": chain})
    many = {f"x/{number:05}": b"" for number in range(10_000)}
    return [
        Entry(
            "bomb-count",
            "more than 10,000 files before the notebooks",
            lambda: {TAR: archives.pack("x.tar.gz", {**many, **BOTH})},
            (
                Row(
                    WHO,
                    WHO,
                    error=f"'{TAR}' cannot be read: it holds more than 10,000 files and folders",
                ),
            ),
            "assignment2",
        ),
        Entry(
            "bomb-count-behind-notebooks",
            "more than 10,000 files after the notebooks",
            lambda: {TAR: archives.pack("x.tar.gz", {**BOTH, **many})},
            complete2(
                "the archive was not read to its end: it holds more than 10,000 files and folders; "
                "what was read before is graded"
            ),
            "assignment2",
        ),
        Entry(
            "bomb-nested",
            "archives in archives, two in each, five deep",
            lambda: {ZIP: nested},
            without(*HW4, notes=("archives inside the submission are not opened: '4a.zip', '4b.zip'",)),
        ),
        Entry(
            "nested-three-deep",
            "an archive in an archive in an archive: only one is opened",
            lambda: {ZIP: chain},
            (
                Row(
                    WHO,
                    WHO,
                    (),
                    HW4,
                    (
                        f"missing: {', '.join(HW4)}",
                        "the archive holds only another archive, 'homework.zip', which was opened",
                        "archives inside the submission are not opened: 'homework.zip'",
                    ),
                    ("wrapping",),
                ),
            ),
        ),
    ]


def _by_headers() -> list[Entry]:
    return [
        Entry(
            "tar-header",
            "a header that says it is 8 GiB long",
            lambda: {TAR: crafted.tar_with_long_header()},
            unreadable("it is damaged (a header of more than 1 MiB)", name=TAR),
            "assignment2",
        ),
        Entry(
            "zip-list",
            "a list of files that says it is 5 MiB long",
            lambda: {ZIP: crafted.zip_with_long_list(5 * MIB)},
            unreadable("it is damaged (its list of files is too long)"),
        ),
    ]
