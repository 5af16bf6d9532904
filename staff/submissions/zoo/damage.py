"""Uploads that broke off, files that are no archives, passwords."""

import zipfile
from functools import partial

import archives

from zoo import crafted
from zoo.entry import (
    BOTH,
    CHECKPOINTS,
    GRU,
    HW4,
    RNN,
    SHEETS,
    SWIN,
    TAR,
    THREE,
    VIT,
    WHO,
    ZIP,
    Entry,
    Row,
    complete,
    unreadable,
    without,
)

NO_ARCHIVE = "expected a zip or tar.gz archive"
LOGIN_PAGE = b"<!DOCTYPE html>\n<html><head><title>Log in</title></head><body></body></html>\n"
CUT = "Compressed file ended before the end-of-stream marker was reached"


def entries() -> list[Entry]:
    """What is cut off or damaged, what is no archive, what is locked."""
    return [*_cut(), *_damaged(), *_other(), *_locked()]


def _cut() -> list[Entry]:
    noisy = {GRU: SHEETS[GRU], f"{CHECKPOINTS}model.bin": crafted.noise(40_000), SWIN: SHEETS[SWIN]}
    return [
        Entry("zero-bytes", "an upload of nothing", lambda: {ZIP: b""}, unreadable("it is empty (0 bytes)")),
        Entry(
            "zip-cut-off",
            "a zip archive without its end, where the list of files is",
            lambda: {ZIP: archives.pack("x.zip", THREE)[:-40]},
            unreadable("it is a damaged or incomplete zip archive (its list of files cannot be read)"),
        ),
        Entry(
            "tar-cut-off",
            "a tar.gz archive without its end: what stands before the cut is graded",
            lambda: {TAR: archives.pack("x.tar.gz", noisy)[:20_000]},
            (
                Row(
                    WHO,
                    WHO,
                    (GRU,),
                    (SWIN,),
                    (
                        f"missing: {SWIN}",
                        f"the archive was not read to its end: it is damaged ({CUT}); what was read before is graded",
                    ),
                ),
            ),
            "assignment2",
        ),
        Entry(
            "gzip-cut-off-at-once",
            "twelve bytes of a tar.gz archive",
            lambda: {TAR: archives.pack("x.tar.gz", BOTH)[:12]},
            unreadable(f"it is damaged ({CUT})", name=TAR),
            "assignment2",
        ),
    ]


def _damaged() -> list[Entry]:
    return [
        Entry(
            "zip-checksum",
            "one bit of one notebook has changed: the others are graded",
            lambda: {ZIP: crafted.zip_by(zipfile.ZIP_STORED, THREE).replace(b'"hw4_rnn.ipynb"', b'"hw4_rnm.ipynb"')},
            without(RNN, notes=(f"'{RNN}' is damaged (Bad CRC-32 for file '{RNN}') and was not read",)),
        ),
        Entry(
            "tar-header-damaged",
            "something that is no header stands after the first notebook",
            lambda: {TAR: crafted.gzipped(_with_damaged_second_header())},
            (
                Row(
                    WHO,
                    WHO,
                    (GRU,),
                    (SWIN, CHECKPOINTS),
                    (
                        f"missing: {SWIN}, {CHECKPOINTS}",
                        "the archive was not read to its end: it is damaged (something that is no tar header stands "
                        "between its files); what was read before is graded",
                    ),
                ),
            ),
            "assignment2",
        ),
        Entry(
            "zip-with-a-tail",
            "a zip archive with some bytes after its end, which is nothing to complain of",
            lambda: {ZIP: archives.pack("x.zip", THREE) + bytes(100)},
            complete(),
        ),
    ]


def _with_damaged_second_header() -> bytes:
    data = bytearray(crafted.plain_tar({**BOTH}, {}))
    data[1024:1100] = b"\xff" * 76
    return bytes(data)


def _other() -> list[Entry]:
    files = {
        "no-archive-text": (b"I forgot to attach it.\n", "it is no archive"),
        "no-archive-login-page": (LOGIN_PAGE, "it is no archive"),
        "no-archive-pdf": (b"%PDF-1.7\n", "it is a PDF document"),
        "no-archive-7z": (b"7z\xbc\xaf\x27\x1c\0\4", "it is a 7z archive"),
        "no-archive-rar": (b"Rar!\x1a\x07\x01\0", "it is a rar archive"),
        "no-archive-alz": (b"ALZ\x01\x0a\0\0\0", "it is an alz archive"),
        "no-archive-egg": (b"EGGA\0\1\0\0", "it is an egg archive"),
    }
    named = [
        Entry(
            name,
            f"{reason}, though its name says zip",
            partial(dict[str, bytes], {ZIP: content}),
            unreadable(f"{reason}; {NO_ARCHIVE}"),
        )
        for name, (content, reason) in files.items()
    ]
    return [
        *named,
        Entry(
            "gzip-of-a-notebook",
            "a notebook compressed by gzip, without an archive",
            lambda: {TAR: crafted.gzipped(SHEETS[GRU])},
            unreadable("it is a gzip file without a tar archive in it", name=TAR),
            "assignment2",
        ),
        Entry(
            "empty-zip",
            "an archive of nothing",
            lambda: {ZIP: archives.pack("x.zip", {})},
            unreadable("there is no file in it"),
        ),
        Entry(
            "broken-in-sound",
            "a sound archive that holds a broken one",
            lambda: {ZIP: archives.pack("x.zip", {"homework.zip": b"PK\3\4"})},
            unreadable(
                "the archive inside: it is a damaged or incomplete zip archive (its list of files cannot be read)",
                "the archive holds only another archive, 'homework.zip', which was opened",
                repairs=("wrapping",),
            ),
        ),
        Entry(
            "text-in-sound",
            "a sound archive that holds a text called .zip",
            lambda: {ZIP: archives.pack("x.zip", {"homework.zip": b"I forgot to attach it.\n"})},
            unreadable(f"the archive inside: it is no archive; {NO_ARCHIVE}"),
        ),
    ]


def _one(content: bytes) -> dict[str, bytes]:
    return {ZIP: content}


def _locked() -> list[Entry]:
    password = "is protected by a password and was not read"
    return [
        Entry(
            "encrypted",
            "a zip archive with a password",
            lambda: {ZIP: crafted.encrypted_zip(THREE, *HW4)},
            without(*HW4, notes=tuple(f"'{name}' {password}" for name in HW4)),
        ),
        Entry(
            "encrypted-in-part",
            "one notebook has a password",
            lambda: {ZIP: crafted.encrypted_zip(THREE, VIT)},
            without(VIT, notes=(f"'{VIT}' {password}",)),
        ),
    ]
