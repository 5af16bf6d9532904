"""Every command of the documents is run as it stands there, page by page, in a small class that was graded."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from document_commands import PAGES, REASONS, ROOT, Command, MarkerError, commands_of

from autograder.authoring.release import release
from autograder.course.manifest import load

sys.path.insert(0, str(ROOT / "staff" / "submissions"))

import assignment2
import hw4
import writing
from sample import Sample, Work

COURSE = load(ROOT)
NOT_COPIED = (
    ".git",
    ".venv",
    ".*_cache",
    ".hypothesis",
    "__pycache__",
    "build",
    "references",
    "runs",
    "site",
    "GRADES",
)
STUDENTS_OWN = ("python -m autograder", "pytest", "sh CollectSubmission.sh")  # these run in a bundle
# The last lists nothing where nothing is of its kind.
SILENT = ("tar ", "python staff/samples/make.py", "autograder marks GRADES --ungraded")
SECONDS = 300  # for a command that hangs
CANVAS = "betastudent_48294_991546_2024-40031.zip"
BLANK = Work(unwritten=True)
MISTAKE = hw4.rewritten("seq2seq", "decoder_attention_over_batch")


def seq2seq(archive: str, work: Work) -> Sample:
    """A sample that hands in one notebook of homework 4."""
    return Sample(archive, "", {hw4.SEQ2SEQ: (hw4.SEQ2SEQ, work)})


CLASSES: Mapping[str, list[Sample]] = {
    "hw4": [
        seq2seq("2024-20001.zip", MISTAKE),
        seq2seq("2024-20002.zip", Work()),
        seq2seq("2024-20003.zip", BLANK),
        seq2seq("2024-20004.zip", BLANK),
    ],
    "loose": [
        seq2seq(name, BLANK) for name in (CANVAS, "solution of last year.zip", "2024-20001_final.zip", "2024-20001.zip")
    ],
    "assignment2": [
        Sample("2024-20001.tar.gz", "", assignment2.both(), files=assignment2.models("vocab", "gru.")),
        Sample("final version.zip", "", assignment2.both(BLANK, BLANK)),
    ],
}
TABLES = {
    "gradebook.csv": "Student,ID,SIS User ID,SIS Login ID,Section,Homework 4 (12),Assignment 2 (13)\n"
    "    Points Possible,,,,,100.00,100.00\n"
    '"One, Student",48001,2024-20001,one,Deep Learning,,\n"Two, Student",48002,2024-20002,two,Deep Learning,,\n',
    "worksheet.csv": 'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 1","Student One",2024-20001@example.org,Submitted,,100.00,Yes,"Friday, 14 June 2024, 5:59 PM",-,\n',
    "roster.csv": "student_id,name,section\n"
    + "".join(f"2024-2000{number},Student {number},001\n" for number in (1, 2, 3, 4)),
    "extensions.csv": "student_id,until,reason\n2024-20002,2024-06-16T18:00,ill\n",
    "form.csv": "Timestamp,Student ID,Question,Reason\n2024/06/20 10:00,2024-20002,2b,It is right.\n"
    "2024/06/20 11:00,2024-20003,2b,I tried.\n",
}


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "COLUMNS": "200", "USER": "assistant", "LOGNAME": "assistant"}
    shell = ["bash", "-ec", command]
    return subprocess.run(
        shell, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
    )


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the course; in it DATA, classes, and what was graded of two of them in `hw4-grades`, `loose-grades`."""
    folder = tmp_path_factory.mktemp("documents") / "course"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*NOT_COPIED), symlinks=True)
    (folder / "DATA").symlink_to("data/samples")
    for name, samples in CLASSES.items():
        assignment = name if name in COURSE else "hw4"
        (folder / name).mkdir()
        for sample in samples:
            (folder / name / sample.archive).write_bytes(writing.archive(sample, ROOT, COURSE[assignment]))
    for name, text in TABLES.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, options, status in (("hw4", "--roster roster.csv", 0), ("loose", "", 1)):
        graded = run(f"autograder grade {name} --assignment hw4 --out {name}-grades {options}", folder)
        assert graded.returncode == status, graded.stdout + graded.stderr
    return folder


@pytest.fixture
def place(course: Path, request: pytest.FixtureRequest) -> Path:
    """The course with SUBMISSIONS and GRADES as they are at the top of a page: README grades a class itself."""
    name = {"README.md": "assignment2", "intake.md": "loose"}.get(request.node.callspec.params["page"].name, "hw4")
    (course / "SUBMISSIONS").unlink(missing_ok=True)
    (course / "SUBMISSIONS").symlink_to(name)
    for made in ("GRADES", "RUN", "BUNDLE", "CLASS", "Assignment2"):
        shutil.rmtree(course / made, ignore_errors=True)
    if name != "assignment2":
        shutil.copytree(course / f"{name}-grades", course / "GRADES")
    return course


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's folder of assignment 2, filled in."""
    folder = tmp_path_factory.mktemp("student") / "bundle"
    release(ROOT, COURSE["assignment2"], folder)
    for name, (original, work) in assignment2.both().items():
        (folder / name).write_bytes(writing.notebook(ROOT, COURSE["assignment2"], original, work, name))
    for name, content in assignment2.models("vocab", "gru.").items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


@pytest.mark.nightly
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_does_what_the_page_says(page: Path, place: Path, bundle: Path) -> None:
    for command in commands_of(page.read_text(encoding="utf-8")):
        if not command.reason:
            done = run(command.text, bundle if command.text.startswith(STUDENTS_OWN) else place)
            said = done.stdout + done.stderr
            assert done.returncode == command.status, f"{command.text}\n{said}"
            assert said.strip() or command.text.startswith(SILENT), f"{command.text} says nothing"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_is_not_run_says_why(page: Path) -> None:
    assert {command.reason for command in commands_of(page.read_text(encoding="utf-8"))} <= REASONS | {""}


def test_most_commands_are_run() -> None:
    every = [command for page in PAGES for command in commands_of(page.read_text(encoding="utf-8"))]
    ours = [command for command in every if "autograder " in command.text]
    assert len(ours) > 50 and sum(not command.reason for command in ours) > 0.7 * len(ours)


BLOCK = "```sh\nmake test\npip install x\n```\n"


def test_markers_name_commands_and_their_status() -> None:
    assert list(commands_of(BLOCK)) == [Command("make test"), Command("pip install x")]
    marked = f"<!-- not run: needs a network: pip -->\n<!-- ends with 1: make -->\n\n{BLOCK}"
    assert list(commands_of(marked)) == [Command("make test", "", 1), Command("pip install x", "needs a network")]
    assert {one.reason for one in commands_of(f"<!-- not run: takes hours -->\n{BLOCK}")} == {"takes hours"}


MISPLACED = [
    f"<!-- not run: it is late -->\n{BLOCK}",
    f"<!-- not run: takes hours: pytest -->\n{BLOCK}",
    f"<!-- not run: takes hours -->\nSome words.\n\n{BLOCK}",
    f"<!-- not run takes hours -->\n{BLOCK}",
]


@pytest.mark.parametrize("text", MISPLACED)
def test_a_marker_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(MarkerError):
        list(commands_of(text))
