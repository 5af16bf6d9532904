"""Submissions as tests write them: the same files in every kind of archive, and in a folder."""

import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.course.manifest import load as load_manifest
from autograder.course.root import project_root
from autograder.intake.source import source_at
from autograder.intake.submission import Submission, load
from autograder.notebook.repair import Kind

ASSIGNMENTS = load_manifest(project_root(Path(__file__).parent))
HW4 = ASSIGNMENTS["hw4"]
ASSIGNMENT2 = ASSIGNMENTS["assignment2"]
NOTEBOOKS = {"hw4_rnn.ipynb": b'{"rnn": 1}', "hw4_seq2seq.ipynb": b'{"seq2seq": 1}', "hw4_vit.ipynb": b'{"vit": 1}'}
MIB = 1 << 20


def zipped(path: Path, files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return path


def tarred(path: Path, files: Mapping[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as written:  # type: ignore[call-overload]
        for name, content in files.items():
            add(written, name, content)
    return path


def add(
    written: tarfile.TarFile, name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(content), kind, link
    written.addfile(info, io.BytesIO(content))


def unpacked(path: Path, files: Mapping[str, bytes]) -> Path:
    path.mkdir()
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def wrapped(folder: str, files: Mapping[str, bytes] = NOTEBOOKS) -> dict[str, bytes]:
    return {folder + name: content for name, content in files.items()}


def read(path: Path, assignment: Assignment = HW4) -> Submission:
    return load(source_at(path, assignment), "id", assignment)


def kinds(found: Submission) -> list[Kind]:
    assert all(repair.note in found.notes for repair in found.repairs)
    return [repair.kind for repair in found.repairs if repair.kind not in (Kind.ARCHIVE_NAME, Kind.ARCHIVE_FORMAT)]


PACKERS: list[tuple[str, Callable[[Path, Mapping[str, bytes]], Path]]] = [
    ("2024-20001.zip", zipped),
    ("2024-20001.tar.gz", tarred),
    ("2024-20001.tar", lambda path, files: tarred(path, files, "w")),
    ("2024-20001", unpacked),
]
