"""Links, devices, damage and bombs in an archive cost what they touch alone, and no memory."""

import io
import os
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from packers import MIB, NOTEBOOKS, PACKERS, add, read, tarred, unpacked, zipped

from autograder.intake import archive, member, submission

# Links, devices, damage


def test_tar_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar.gz"
    with tarfile.open(path, "w:gz") as written:
        add(written, "hw4_rnn.ipynb", kind=tarfile.SYMTYPE, link="/etc/passwd")
        add(written, "hw4_seq2seq.ipynb", kind=tarfile.LNKTYPE, link="/etc/passwd")
        add(written, "tty", kind=tarfile.CHRTYPE)
        add(written, "hw4_vit.ipynb", b"{}")
    found = read(path)
    assert found.notebooks == {"hw4_vit.ipynb": b"{}"}
    assert found.notes[2:] == [
        "not read (symbolic link): 'hw4_rnn.ipynb'",
        "not read (hard link): 'hw4_seq2seq.ipynb'",
        "not read (special file): 'tty'",
    ]


def test_zip_links_are_not_followed(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", NOTEBOOKS)
    link = zipfile.ZipInfo("x/hw4_rnn.ipynb")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(path, "a") as written:
        written.writestr(link, "/etc/passwd")
    found = read(path)
    assert found.notebooks == NOTEBOOKS
    assert found.notes == ["not read (symbolic link): 'x/hw4_rnn.ipynb'"]


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    outside = unpacked(tmp_path / "outside", NOTEBOOKS)
    folder = unpacked(tmp_path / "2024-20001", {"hw4_vit.ipynb": b"{}"})
    (folder / "hw4_rnn.ipynb").symlink_to(outside / "hw4_rnn.ipynb")
    (folder / "all").symlink_to(outside)
    os.mkfifo(folder / "hw4_seq2seq.ipynb")
    found = read(folder)
    assert found.notebooks == {"hw4_vit.ipynb": b"{}"}
    assert "not read (symbolic link): 'all', 'hw4_rnn.ipynb'" in found.notes
    assert "not read (special file): 'hw4_seq2seq.ipynb'" in found.notes


def test_a_folder_that_cannot_be_listed_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = unpacked(tmp_path / "2024-20001", {**NOTEBOOKS, "secret/x": b""})
    listed = Path.iterdir

    def refuse(path: Path) -> object:
        if path.name == "secret":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    found = read(folder)
    assert (found.notebooks, found.notes) == (NOTEBOOKS, ["not read (unreadable folder): 'secret'"])


def test_a_password_costs_that_file_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", NOTEBOOKS)
    with zipfile.ZipFile(path) as archive_read:
        first = archive_read.infolist()[0]
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(signature) + flags] |= 1
    path.write_bytes(data)
    found = read(path)
    assert found.missing == [first.filename]
    assert "'hw4_rnn.ipynb' is protected by a password and was not read" in found.notes


@pytest.mark.slow
@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_without_a_bound_are_refused(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.ipynb": bytes(50 * MIB)}, method)
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "'hw4_rnn.ipynb' is compressed by an unusual method" in "; ".join(found.notes)
    assert peak < 8 * MIB


def test_a_wrong_checksum_costs_that_file_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", NOTEBOOKS, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b'{"rnn": 1}', b'{"rnn": 2}'))
    found = read(path)
    assert found.missing == ["hw4_rnn.ipynb"]
    assert "'hw4_rnn.ipynb' is damaged (Bad CRC-32 for file 'hw4_rnn.ipynb') and was not read" in found.notes


def test_what_stands_before_the_cut_of_a_tar_is_graded(tmp_path: Path) -> None:
    noise = bytes(os.urandom(40_000))
    path = tarred(tmp_path / "2024-20001.tar.gz", {**NOTEBOOKS, "noise": noise})
    path.write_bytes(path.read_bytes()[:20_000])
    found = read(path)
    assert (found.notebooks, found.missing, found.error) == (NOTEBOOKS, [], "")
    assert "the archive was not read to its end: it is damaged (Compressed file ended" in found.notes[-1]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_notebook_across_the_cut_is_not_graded(tmp_path: Path, mode: str) -> None:
    noise = bytes(os.urandom(40_000))
    path = tarred(tmp_path / "2024-20001.tar", {"hw4_rnn.ipynb": b"{}", "hw4_vit.ipynb": noise}, mode)
    path.write_bytes(path.read_bytes()[:20_000])
    found = read(path)
    assert found.notebooks == {"hw4_rnn.ipynb": b"{}"}
    assert any(note.startswith("'hw4_vit.ipynb' is ") for note in found.notes)


def test_a_damaged_header_in_a_tar_is_not_taken_for_its_end(tmp_path: Path) -> None:
    path = tarred(tmp_path / "2024-20001.tar", NOTEBOOKS, "w")
    data = bytearray(path.read_bytes())
    data[1024:1100] = b"\xff" * 76  # the second header
    path.write_bytes(data)
    found = read(path)
    assert list(found.notebooks) == ["hw4_rnn.ipynb"]
    assert "something that is no tar header stands between its files" in found.notes[-1]


# Caps


def test_too_many_members_stop_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    many = {f"x{number}": b"" for number in range(5)}
    found = read(zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.ipynb": b"{}", **many}))
    assert list(found.notebooks) == ["hw4_rnn.ipynb"]
    assert "the archive was not read to its end: it holds more than 5 files and folders" in found.notes[-1]
    assert "it holds more than 5" in read(zipped(tmp_path / "2.zip", {**many, "hw4_rnn.ipynb": b"{}"})).error


def test_a_real_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "2024-20001.zip", {"hw4_rnn.ipynb": bytes(60 * MIB), "hw4_vit.ipynb": b"{}"})
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "it unpacks to more than 200 times its size" in found.error
    assert peak < 20 * MIB


@pytest.mark.slow
@pytest.mark.parametrize(("name", "pack"), PACKERS)
def test_a_huge_notebook_costs_itself_alone(tmp_path: Path, name: str, pack: Callable[..., Path]) -> None:
    # Incompressible in part, so that the ratio stays below its cap.
    huge = (os.urandom(4096) + bytes(200_000)) * 330
    found = read(pack(tmp_path / name, {"hw4_rnn.ipynb": huge, "hw4_vit.ipynb": b"{}"}))
    assert found.notebooks == {"hw4_vit.ipynb": b"{}"}
    assert "'hw4_rnn.ipynb' is larger than 64 MiB and was not read" in found.notes


@pytest.mark.slow
def test_a_huge_file_before_the_notebooks_costs_no_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tarred(tmp_path / "2024-20001.tar.gz", {"zeros": bytes(80 * MIB), **NOTEBOOKS})
    found = read(path)
    assert (found.error, found.missing) == ("", [])
    monkeypatch.setattr(member, "MAX_SKIPPED", 30 * MIB)
    assert "it holds more than 30 MiB of files that are not needed" in read(path).error


def test_what_is_kept_of_an_archive_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tarred(tmp_path / "2024-20001.tar.gz", {"hw4_rnn.ipynb": bytes(40 * MIB)})
    assert "it unpacks to more than 200 times its size" in read(path).error
    monkeypatch.setattr(member, "MAX_RATIO", 10**6)
    monkeypatch.setattr(member, "MAX_TOTAL", 30 * MIB)
    assert "it unpacks to more than 30 MiB" in read(path).error


def test_a_forged_tar_header_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 8 << 30
    path.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(8 * MIB))
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "it is damaged (a header of more than 1 MiB)" in found.error
    assert peak < MIB


def test_headers_upon_headers_are_stopped(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1
    path.write_bytes((header.tobuf(tarfile.GNU_FORMAT) + b"n".ljust(512, b"\0")) * 5000)
    assert read(path).error


def test_a_tar_member_that_starts_inside_another_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as written:
        info = tarfile.TarInfo("hw4_rnn.ipynb")
        info.size, info.pax_headers = 2, {"size": "-2048"}
        written.addfile(info, io.BytesIO(b"{}"))
        add(written, "hw4_vit.ipynb", b"{}")
    found = read(path)
    assert found.error.endswith("it is damaged (a file starts inside another)")
    assert "'hw4_rnn.ipynb' is damaged (its size is negative) and was not read" in found.notes
    assert found.notebooks == {}


def test_a_forged_zip_directory_allocates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.zip"
    size = 16 * MIB
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, size, 0, 0)
    path.write_bytes(b"PK\x03\x04" + bytes(size - 4) + end)
    tracemalloc.start()
    found = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "its list of files is too long" in found.error
    assert peak < MIB


def test_a_sparse_notebook_is_not_blown_up(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as written:
        info = tarfile.TarInfo("GNUSparseFile/hw4_rnn.ipynb")
        info.pax_headers = {
            "GNU.sparse.map": "0,0",
            "GNU.sparse.size": str(1 << 50),
            "GNU.sparse.name": "hw4_rnn.ipynb",
        }
        written.addfile(info)
    assert "not read (sparse file): 'hw4_rnn.ipynb'" in read(path).notes


def test_notes_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.zip"
    zipped(path, {f"{number}/hw4_rnn.ipynb": b"{}" for number in range(100)}, zipfile.ZIP_BZIP2)
    found = read(path)
    assert len(found.notes) == submission._NOTES + 1
    assert found.notes[0].startswith("missing: ")
    assert found.notes[-1] == "and 81 more notes"
