"""What strangers handed in is read in a process that may be killed: what it dies of is one submission's own row."""

import io
import itertools
import json
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from surveys import attempts

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.course.sizes import MIB
from autograder.intake.attempts import Attempt
from autograder.intake.classlist import Survey, readers_of
from autograder.intake.roster import RosterError
from autograder.intake.source import source_at
from autograder.intake.submission import SubmissionState
from autograder.models import saved_files
from autograder.models.reading import take_models
from autograder.models.saved_files import SavedFile, problem_of
from autograder.notebook.raw import MAX_CELLS
from autograder.sandbox import reader as reader_module
from autograder.sandbox.examination import examine_machine
from autograder.sandbox.reader import Reader, ReaderEnded, Readers

ROOT = project_root(Path(__file__).parent)
HW4 = load(ROOT)["hw4"]
RNN = "hw4_rnn.ipynb"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.txt").write_text("a")
    made = Reader([tmp_path / "there"])
    yield made
    made.close()


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return content.getvalue()


def surveyed(folder: Path, to: Path | None = None, roster: Path | None = None) -> list[Attempt]:
    return attempts(HW4, folder, to, roster)


def test_a_reader_answers_again_and_again_from_one_process(reader: Reader) -> None:
    assert reader.call("math:factorial", 5) == 120
    process = reader.call("os:getpid")
    assert [reader.call("os:getpid") for _ in range(3)] == [process] * 3


@pytest.mark.parametrize(
    ("function", "arguments", "says"),
    [
        ("time:sleep", [60], "takes more than 0.5 seconds$"),
        ("builtins:sum", [range(1 << 60)], "takes more than 0.5 seconds of processor time"),
        ("operator:mul", [[0], 1 << 29], "takes more than 1,024 MiB of memory"),
        ("operator:mul", ["x", 17 * MIB], "what is in it takes more than 16 MiB to list"),
        ("os:_exit", [3], r"ends the process that reads it \(exit code 3\)"),
        ("os:abort", [], r"ends the process that reads it \(signal 6\)"),
    ],
)
def test_a_call_that_takes_too_much_is_ended_and_the_next_is_served(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, function: str, arguments: list[object], says: str
) -> None:
    assert reader.call("math:factorial", 5) == 120  # it has started
    monkeypatch.setattr(reader_module, "CPU_SECONDS", 0.5 if "processor" in says else 60.0)
    monkeypatch.setattr(reader_module, "WALL_SECONDS", 0.5 if "seconds$" in says else 60.0)
    with pytest.raises(ReaderEnded, match=says):
        reader.call(function, *arguments)
    monkeypatch.undo()
    assert reader.call("math:factorial", 6) == 720


def test_what_is_large_may_take_longer(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reader.call("math:factorial", 5) == 120  # it has started
    monkeypatch.setattr(reader_module, "WALL_SECONDS", 0.5)
    assert reader.call("time:sleep", 1, size=64 * MIB) is None
    with pytest.raises(ReaderEnded, match=r"takes more than 2.5 seconds$"):
        reader.call("time:sleep", 60, size=32 * MIB)
    with pytest.raises(ReaderEnded, match=r"takes more than 0.5 seconds$"):
        reader.call("time:sleep", 60)


@pytest.mark.parametrize("waiting", ["caller", "process"])
def test_a_wait_for_a_core_is_nobodys_time(reader: Reader, monkeypatch: pytest.MonkeyPatch, waiting: str) -> None:
    assert reader.call("math:factorial", 5) == 120  # it has started
    seconds = itertools.count(0.0, 100.0)  # more at each look
    if waiting == "caller":
        monkeypatch.setattr(reader_module, "own_wait", lambda: next(seconds))
    else:
        monkeypatch.setattr(Reader, "_on_core", lambda _: (0.0, next(seconds)))
    monkeypatch.setattr(reader_module, "WALL_SECONDS", 0.2)
    assert reader.call("time:sleep", 1) is None


def test_an_error_of_the_machine_is_told_as_one(reader: Reader) -> None:
    with pytest.raises(FileNotFoundError):
        reader.call("os:listdir", "/nowhere")
    with pytest.raises(OSError, match="ZeroDivisionError"):
        reader.call("operator:truediv", 1, 0)


def test_a_reader_that_somebody_kills_is_no_submissions_doing(reader: Reader, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="was killed, and no limit says why"):
        reader.call("signal:raise_signal", 9)
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "2024-20001.zip").write_bytes(zipped({RNN: b"{}"}))
    call = Reader.call
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "call", lambda one, *_, size: call(one, "signal:raise_signal", 9))
        (one,) = surveyed(folder)
    assert (one.state, one.students[0].student_id) == (SubmissionState.UNKEPT, "2024-20001")
    assert one.error == "could not be kept: the process that reads it was killed, and no limit says why"


def test_a_reader_reaches_the_class_alone(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    assert reader.call("os:listdir", str(tmp_path / "there")) == ["a.txt"]
    if examine_machine().tier > 2:
        pytest.skip("nothing isolates here")
    for path in (tmp_path, ROOT / "staff", "/"):
        with pytest.raises(PermissionError):
            reader.call("os:listdir", str(path))
    with pytest.raises(PermissionError):
        reader.call("os:mkdir", str(tmp_path / "there" / "new"))
    with pytest.raises(PermissionError):
        reader.call("socket:socket")
    with pytest.raises(OSError, match="not permitted"):
        reader.call("os:fork")


def test_only_plain_files_of_the_reader_are_taken(reader: Reader, tmp_path: Path) -> None:
    reader.call("os:symlink", str(tmp_path / "there" / "a.txt"), "link")
    for name in ("link", "../there/a.txt", "nowhere", ""):
        with pytest.raises(OSError, match="file"):
            reader.take(name, tmp_path / "taken")
    assert not (tmp_path / "taken").exists()


def slow_headers() -> bytes:
    """An archive whose headers take minutes with any Python: 1 MiB of tiny records before each of many files."""
    records = b"".join(b"%d %c=x\n" % (6, 97 + n % 26) for n in range((MIB - 4096) // 6))
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz", compresslevel=1) as archive:
        for number in range(60):
            header = tarfile.TarInfo("././@PaxHeader")
            header.type, header.size = tarfile.XHDTYPE, len(records)
            archive.addfile(header, io.BytesIO(records))
            archive.addfile(tarfile.TarInfo(f"{number}.txt"))
    return content.getvalue()


def test_what_ends_the_reader_is_one_row_of_the_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, to = tmp_path / "class", tmp_path / "notebooks"
    folder.mkdir()
    to.mkdir()
    good = zipped(dict.fromkeys(HW4.notebooks, b'{"cells": []}'))
    for number in (1, 3):
        (folder / f"2024-2000{number}.zip").write_bytes(good)
    (folder / "2024-20002.zip").write_bytes(slow_headers())
    (folder / "2024-20004.zip").write_bytes(zipped({"2024-20004.zip": good}))
    monkeypatch.setattr(reader_module, "CPU_SECONDS", 2.0)
    first, slow, second, wrapped = surveyed(folder, to)
    assert slow.state is SubmissionState.UNREADABLE and slow.students[0].student_id == "2024-20002"
    assert slow.error == "'2024-20002.zip' cannot be read: reading it takes more than 2 seconds of processor time"
    for one in (first, second, wrapped):
        assert dict(one.notebooks) == dict.fromkeys(HW4.notebooks, b'{"cells": []}') and not one.error


def test_what_is_read_elsewhere_is_what_is_read_here(tmp_path: Path) -> None:
    folder, away = tmp_path / "class", tmp_path / "away.zip"
    folder.mkdir()
    (folder / "2024-20001 (1).zip").write_bytes(zipped({f"한글/{RNN}": b"{}", "../x.txt": b"", "a.bin": b"x"}))
    (folder / "2024-20002.zip").write_bytes(b"no archive")
    (folder / RNN).write_bytes(b"{}")
    away.write_bytes(zipped({RNN: b"{}"}))
    (folder / "2024-20003.zip").symlink_to(away)
    roster = tmp_path / "roster.csv"
    roster.write_text("student_id,name\n2024-20001,가\n2024-20009,나\n")
    remote = surveyed(folder, roster=roster)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)  # what a reader writes, it writes to its working folder
        patch.setattr(Reader, "call", lambda reader, function, *arguments, size=0: _here(function, *arguments))
        here = surveyed(folder, roster=roster)
    assert [vars(one) | {"notebooks": dict(one.notebooks)} for one in remote] == [
        vars(one) | {"notebooks": dict(one.notebooks)} for one in here
    ]
    assert remote[0].repairs and not remote[2].error


def _here(function: str, *arguments: object) -> object:
    from autograder.sandbox.inside.warm import load as load_function

    return json.loads(json.dumps(load_function(function)(*arguments)))


@pytest.mark.parametrize(
    ("content", "says"), [("name\n", "no column student_id"), ('student_id\n"', "cannot be read as")]
)
def test_a_roster_is_refused_by_its_own_name(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "class").mkdir()
    roster = tmp_path / "roster.csv"
    roster.write_text(content)
    (tmp_path / "class" / "2024-20001.zip").write_bytes(b"")
    with pytest.raises(RosterError, match=says) as refused:
        surveyed(tmp_path / "class", roster=roster)
    assert str(refused.value).startswith(str(roster))


def test_a_script_of_more_cells_than_any_notebook_is_not_read(tmp_path: Path) -> None:
    border = b"# %%\nx = 1\n"
    (tmp_path / "2024-20001.zip").write_bytes(
        zipped({"hw4_rnn.py": border * (MAX_CELLS + 1), "hw4_vit.py": border * 9})
    )
    with readers_of(tmp_path / "2024-20001.zip", ()) as readers:
        survey = Survey(ROOT, HW4, tmp_path / "2024-20001.zip", None, tmp_path / "notebooks")
        (found,) = survey.take_in(survey.sources(readers), readers).attempts
        assert "'hw4_rnn.py' has more than 10,000 cells and was not read" in found.notes
        assert list(found.notebooks) == ["hw4_vit.ipynb"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.json", b"{", "is not valid JSON: "),
        ("a.json", b"[" * 10_000, "is not valid JSON: "),
        ("a.json", b"[" + b"[]," * 400_000 + b"0]", "is no configuration (more than 500,000 values)"),
        ("a.json", b'{"id2label": 5}', ""),
        ("a.safetensors", b"", "is damaged, or no safetensors file (its header has 0 bytes)"),
        ("a.safetensors", b"\xff" * 16, "is damaged, or no safetensors file (its header has 18,446,744"),
        ("a.safetensors", (9 * MIB).to_bytes(8, "little") + b" " * 9 * MIB, "(its header has 9,437,184 bytes)"),
        ("a.safetensors", b"\2\0\0\0\0\0\0\0[]", "(its header is no list of tensors)"),
        ("a.safetensors", b"\2\0\0\0\0\0\0\0{]", "(its header is not valid JSON)"),
        ("a.safetensors", b"\2\0\0\0\0\0\0\0{}", ""),
        ("a.pt", b"anything", ""),
    ],
)
def test_files_beside_models_are_looked_at_first(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    problem = problem_of(tmp_path / name)
    assert says in problem if says else not problem


def test_models_are_taken_out_elsewhere(tmp_path: Path) -> None:
    source, to = tmp_path / "2024-20001.zip", tmp_path / "to"
    to.mkdir()
    source.write_bytes(zipped({"m/a.pt": b"weights", "m/b/config.json": b"{", "m/notes.txt": b"x", "m/c.pt": bytes(9)}))
    with Readers([source], [take_models.__module__]) as readers:
        found = take_models(readers, source_at(source, HW4), {"m": 512, "n": 512}, to)
    assert found["n"] == {} and list(found["m"]) == ["a.pt", "b/config.json", "c.pt", "notes.txt"]
    assert found["m"]["a.pt"].path is not None and found["m"]["a.pt"].path.read_bytes() == b"weights"
    assert found["m"]["b/config.json"].problem.startswith("is not valid JSON")
    assert found["m"]["notes.txt"] == SavedFile(None) and saved_files.MAX_FILES == 200
    with Readers([source], [take_models.__module__]) as readers, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader_module, "CPU_SECONDS", -1.0)
        patch.setattr(reader_module, "_SLICE_SECONDS", 0.0)
        with pytest.raises(OSError, match="more than -1 seconds of processor time"):
            take_models(readers, source_at(source, HW4), {"m": 512}, to)
