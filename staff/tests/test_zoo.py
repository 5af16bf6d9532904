"""Every entry of the zoo becomes exactly the row that it says, and its code earns what it should."""

import io
import subprocess
import sys
import tracemalloc
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.checks.case import load_module
from autograder.cli.intake_table import table
from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grades_of
from autograder.gradebook.reconcile import reconcile
from autograder.intake import submission
from autograder.intake.classlist import ClassList, Survey
from autograder.intake.handout import Handout
from autograder.intake.reading import RemoteIntake
from autograder.intake.source import find
from autograder.marking.questions import mark_notebook
from autograder.notebook.notebook import UnreadableNotebook, read
from autograder.notebook.repair import Kind
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox
from autograder.sandbox.reader import Readers

ROOT = project_root()
ZOO = ROOT / "staff" / "submissions" / "zoo"
build = load_module(ZOO / "build.py", "zoo_build")
entry_module = sys.modules[build.Entry.__module__]
ASSIGNMENTS = load(ROOT)
HANDOUT = Handout.read(ROOT / "notebooks")
MIB = 1 << 20


def marks(entry: Any) -> list[pytest.MarkDecorator]:
    """What keeps an entry out of the shorter targets."""
    places = [names.index(entry.name) for names in build.TESTED.values() if entry.name in names]
    return [pytest.mark.nightly] if not places else [pytest.mark.slow] if places[0] > 1 else []


ENTRIES = [pytest.param(entry, id=entry.name, marks=marks(entry)) for entry in build.ENTRIES]
READINGS = [
    pytest.param(entry, name, id=f"{entry.name}-{name}", marks=marks(entry))
    for entry in build.ENTRIES
    for name in entry.readings
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zoo")


@pytest.fixture
def written(folder: Path, entry: Any) -> Path:
    """A folder in which at least this entry is written."""
    if not (folder / entry.name).exists():
        build.write(entry, folder)
    return folder


@pytest.fixture(scope="module")
def readers(folder: Path) -> Iterator[Readers]:
    with Readers([folder], [RemoteIntake.__module__]) as opened:
        yield opened


def rows_of(entry: Any, found: ClassList, grades: Path) -> list[Any]:
    """What becomes of an entry's attempts, as the gradebook has them."""
    assignment = ASSIGNMENTS[entry.assignment]
    with Gradebook(grades, assignment) as gradebook:
        attempts = reconcile(gradebook, found, gone_agreed=True)
        counting = {grade.attempt: grade for grade in grades_of(gradebook)}
    rows = []
    for one in attempts:
        there = () if one.error else tuple(name for name in assignment.notebooks if name not in one.missing)
        kinds = tuple(repair.kind.value for repair in one.repairs)
        students = ", ".join(student.student_id for student in one.students)
        about = (one.submission_id, students, there, one.missing, one.notes, kinds, one.error)
        counts = one.submission_id in counting or not students
        questions = counting[one.submission_id].open_questions if students and counts else one.open_questions
        rows.append(entry_module.Row(*about, counts, "; ".join(questions)))
    return rows


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_entry_becomes_its_row(entry: Any, written: Path, readers: Readers, tmp_path: Path) -> None:
    assignment, roster = ASSIGNMENTS[entry.assignment], build.roster_of(entry, written) if entry.roster else None
    survey = Survey(ROOT, assignment, written / entry.name, roster)
    found = survey.take_in(survey.sources(readers), readers)
    rows = rows_of(entry, found, tmp_path / "grades")
    nobody = "whose is it? Nothing in its names tells"
    expected = [row if row.student_id else replace(row, question=row.question or nobody) for row in entry.rows]
    assert [vars(row) for row in rows] == [vars(row) for row in expected]
    for one in found.attempts:
        assert all(repair.note in one.notes for repair in one.repairs)
        assert not any(str(written) in text or "Traceback" in text for text in (*one.notes, one.error))
    shown = io.StringIO()
    Console(file=shown, width=1000).print(table(found, assignment))
    text = shown.getvalue()
    assert all(note in text for row in rows for note in (row.submission, row.student_id, row.error, *row.notes))
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in text.replace("\n", ""))


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_right_bytes_are_taken_with_little_memory(entry: Any, written: Path) -> None:
    assignment = ASSIGNMENTS[entry.assignment]
    expected = {**entry_module.SHEETS, **entry.contents}
    before = {path: path.lstat().st_mtime_ns for path in written.rglob("*")}
    for source in find(written / entry.name, assignment):
        tracemalloc.start()
        found = submission.load(source, "x", assignment, HANDOUT)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        # A notebook of up to 64 MiB is read in pieces, then joined.
        assert peak < (150 if entry.name == "huge-notebook" else 45) * MIB
        assert found.notebooks.keys() == (set() if found.error else {*assignment.notebooks} - {*found.missing})
        for name in found.notebooks.keys() - entry.readings.keys():
            assert found.notebooks[name] == expected[name]
    assert {path: path.lstat().st_mtime_ns for path in written.rglob("*")} == before


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT, ASSIGNMENTS["hw4"])


def taken_from(entry: Any, name: str, folder: Path) -> bytes:
    """The bytes that intake takes for a notebook of the only submission of an entry."""
    (source,) = find(folder / entry.name, ASSIGNMENTS["hw4"])
    return submission.load(source, "x", ASSIGNMENTS["hw4"], HANDOUT).notebooks[name]


@pytest.mark.parametrize(("entry", "name"), READINGS)
def test_the_worker_finds_what_is_there(entry: Any, name: str, written: Path) -> None:
    expected, content = entry.readings[name], taken_from(entry, name, written)
    if expected.error:
        with pytest.raises(UnreadableNotebook):
            read(content)
        return
    notebook = read(content)
    assert len(notebook.cells) == expected.cells
    assert tuple(cell.cell for cell in notebook.unreadable) == expected.unreadable
    found = {wanted: tuple(notebook.definitions.get(wanted, ())) for wanted in expected.defines}
    assert found == dict(expected.defines)
    assert tuple((repair.kind.value, repair.note) for repair in notebook.repairs) == expected.repairs


@pytest.mark.parametrize(("entry", "name"), READINGS)
def test_the_code_earns_what_it_should(entry: Any, name: str, written: Path, course: Course, sandbox: Sandbox) -> None:
    expected, content = entry.readings[name], taken_from(entry, name, written)
    with Session(sandbox.fork, content, name, 60) as session:
        verdicts = mark_notebook(course, session)
    full = {verdict.question: verdict.max_points for verdict in verdicts}
    assert {verdict.question: verdict.points for verdict in verdicts} == {**full, **expected.lost}
    assert {verdict.diagnosis for verdict in verdicts if verdict.points == 0} >= ({expected.error} - {""})


def test_the_zoo_is_as_large_as_it_should_be() -> None:
    names = [entry.name for entry in build.ENTRIES]
    assert len(names) >= 45 and len(set(names)) == len(names)
    assert {row.error.partition(": ")[2] for entry in build.ENTRIES for row in entry.rows} > {""}


def test_four_entries_of_each_topic_are_tested() -> None:
    for topic, names in build.TESTED.items():
        assert len({entry.name for entry in topic.entries()} & {*names}) == 4


def test_every_kind_of_repair_occurs() -> None:
    of_intake = {kind for entry in build.ENTRIES for row in entry.rows for kind in row.repairs}
    of_worker = {kind for entry in build.ENTRIES for reading in entry.readings.values() for kind, _ in reading.repairs}
    assert of_intake | of_worker == {kind.value for kind in Kind}


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_same_bytes_every_time(entry: Any, written: Path) -> None:
    files = (path for path in (written / entry.name).rglob("*") if path.is_file() and not path.is_symlink())
    assert {path.relative_to(written / entry.name).as_posix(): path.read_bytes() for path in files} == entry.make()


@pytest.mark.nightly
def test_the_command_writes_the_whole_zoo_and_bombs_are_small(tmp_path: Path) -> None:
    command: list[Path | str] = [sys.executable, ZOO / "build.py", tmp_path / "zoo"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) == len(build.ENTRIES)
    sizes = [path.lstat().st_size for path in tmp_path.rglob("*")]
    assert max(sizes) < 6 * MIB and sum(sizes) < 16 * MIB


@pytest.mark.parametrize("arguments", [[], ["--help"], ["a", "b"]])
def test_wrong_usage_shows_how_it_is_used(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main(arguments) == 2
    assert "build.py FOLDER" in capsys.readouterr().err
