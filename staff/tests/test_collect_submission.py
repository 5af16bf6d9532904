"""CollectSubmission.sh as students run it."""

import hashlib
import os
import pty
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from korean import english_in, in_korean

from autograder.authoring.collect_script import is_fresh, write_script
from autograder.course.manifest import load

ROOT = Path(__file__).parents[2]
ASSIGNMENT_2 = ["Assignment2-1_RNN.ipynb", "Assignment2-2_Transformers.ipynb"]
HOMEWORK_4 = ["hw4_rnn.ipynb", "hw4_seq2seq.ipynb", "hw4_vit.ipynb"]
STUDENT = "2024-20001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A student's folder with everything in it, under a path with a space and Korean."""
    folder = tmp_path / "내 과제 폴더"
    folder.mkdir()
    shutil.copy(ROOT / "CollectSubmission.sh", folder)
    for name in ASSIGNMENT_2 + HOMEWORK_4:
        (folder / name).write_text(f"top {name}")
    models = folder / "model_checkpoints" / "assignment2-1-2"
    models.mkdir(parents=True)
    (models / "보고서 report.md").write_text("report")
    (models / ".DS_Store").write_text("noise")
    (folder / "model_checkpoints" / ".gitkeep").touch()
    return folder


def collect(
    folder: Path, *arguments: str, shell: tuple[str, ...] = (), path: Path | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs the script of the folder from elsewhere; `shell` names who runs it, by default its first line."""
    environment = {**os.environ, **({"PATH": str(path)} if path else {})}
    script = str(folder / "CollectSubmission.sh")
    return subprocess.run(
        [*shell, script, *arguments], cwd=cwd or "/", env=environment, capture_output=True, text=True, timeout=60
    )


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def tools(tmp_path: Path, *missing: str) -> Path:
    """A PATH folder with the programs the script uses, but for the missing ones."""
    programs = tmp_path / "programs"
    programs.mkdir()
    needed = {"sh", "cat", "dirname", "find", "head", "mktemp", "mv", "rm", "tar", "gzip", "zip"}
    for name in needed - set(missing):
        (programs / name).symlink_to(shutil.which(name) or f"/bin/{name}")
    return programs


def content_of(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file is not None
    return file.read()


def fake(programs: Path, name: str, body: str) -> None:
    (programs / name).unlink(missing_ok=True)
    (programs / name).write_text(f"#!/bin/sh\n{body}\n")
    (programs / name).chmod(0o755)


SHELLS = [(), ("sh",), ("bash",), ("bash", "--posix"), ("dash",), ("busybox", "sh")]


@pytest.mark.parametrize("shell", SHELLS, ids=["direct", "sh", "bash", "posix", "dash", "busybox"])
def test_assignment_2(folder: Path, shell: tuple[str, ...]) -> None:
    if shell and not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    done = collect(folder, STUDENT, shell=shell)
    assert (done.returncode, done.stderr) == (0, "")
    assert str(folder / f"{STUDENT}.tar.gz") in done.stdout
    with tarfile.open(folder / f"{STUDENT}.tar.gz") as archive:
        assert {member.name for member in archive if member.isfile()} == {
            *ASSIGNMENT_2,
            "model_checkpoints/assignment2-1-2/보고서 report.md",
        }
        assert content_of(archive, ASSIGNMENT_2[0]).decode() == f"top {ASSIGNMENT_2[0]}"


@pytest.mark.parametrize("option", [["--assignment", "hw4"], ["--assignment=hw4"]])
def test_homework_4(folder: Path, option: list[str]) -> None:
    shutil.rmtree(folder / "model_checkpoints")
    done = collect(folder, *option, STUDENT)
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(folder / f"{STUDENT}.zip") as archive:
        assert archive.namelist() == HOMEWORK_4
        assert archive.read(HOMEWORK_4[2]).decode() == f"top {HOMEWORK_4[2]}"


def test_zip_by_python_where_zip_is_missing(folder: Path, tmp_path: Path) -> None:
    programs = tools(tmp_path, "zip")
    fake(programs, "python3", f'exec "{sys.executable}" "$@"')
    done = collect(folder, STUDENT, "--assignment", "hw4", path=programs)
    assert (done.returncode, done.stderr) == (0, "")
    with zipfile.ZipFile(folder / f"{STUDENT}.zip") as archive:
        assert archive.namelist() == HOMEWORK_4


def test_no_program_that_can_zip(folder: Path, tmp_path: Path) -> None:
    before = files(folder)
    done = collect(folder, STUDENT, "--assignment", "hw4", path=tools(tmp_path, "zip"))
    assert done.returncode == 1
    assert "neither zip nor python3 is installed" in done.stderr
    assert files(folder) == before


def test_the_script_is_what_the_manifest_gives(tmp_path: Path) -> None:
    assert is_fresh(ROOT, load(ROOT))
    written = write_script(tmp_path, load(ROOT))
    assert written.read_bytes() == (ROOT / "CollectSubmission.sh").read_bytes()
    assert write_script(tmp_path, load(ROOT)) == written and is_fresh(tmp_path, load(ROOT))
    written.write_text(written.read_text().replace("hw4_rnn", "hw5_rnn"))
    assert not is_fresh(tmp_path, load(ROOT))


# --- other courses ---

OTHER = """
student_id = '{form}'
[lab1]
title = "Lab 1"
deadline = 2025-03-01T23:59:00
timezone = "America/Los_Angeles"
archive = "lab's {{student_id}}{suffix}"
points = 10
required = ["it's lab.ipynb", "report $1.pdf", "my models/"]
notebooks = {{ "it's lab.ipynb" = ["lab"] }}
notebook_points = {{ "it's lab.ipynb" = 10 }}
questions = {{ 1a = 10 }}
limits = {{ seconds = 10, memory_mib = 2048 }}
"""
PACKED = {"it's lab.ipynb", "report $1.pdf", "my models/deep/a.pt"}


def other_folder(folder: Path, form: str, suffix: str = ".zip") -> Path:
    """A student's folder of another course, with the script that its manifest gives."""
    (folder / "my models" / "deep").mkdir(parents=True)
    (folder / "my models" / ".DS_Store").write_text("noise")
    for name in PACKED:
        (folder / name).write_text(name)
    (folder / "assignments.toml").write_text(OTHER.format(form=form, suffix=suffix))
    write_script(folder, load(folder))
    return folder


def members(archive: Path) -> set[str]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as file:
            return {name for name in file.namelist() if not name.endswith("/")}
    with tarfile.open(archive) as file:
        return {member.name for member in file if member.isfile()}


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tgz", ".tar.gz"])
def test_another_course_is_packed_whatever_its_names_and_its_archive(tmp_path: Path, suffix: str) -> None:
    folder = other_folder(tmp_path / "과제 lab", r"[a-z]{2,4}\d{4}", suffix)
    done = collect(folder, "ab1234", shell=("sh",))
    assert (done.returncode, done.stderr) == (0, "")
    assert members(folder / f"lab's ab1234{suffix}") == PACKED
    assert collect(folder, "ab1234", "--assignment", "lab1").returncode == 0


def test_folders_are_zipped_by_python_too(tmp_path: Path) -> None:
    folder = other_folder(tmp_path / "lab", r"\d{3}")
    programs = tools(tmp_path, "zip")
    fake(programs, "python3", f'exec "{sys.executable}" "$@"')
    assert collect(folder, "123", path=programs).returncode == 0
    assert members(folder / "lab's 123.zip") >= PACKED


def test_what_another_course_lacks_is_named(tmp_path: Path) -> None:
    folder = other_folder(tmp_path / "lab", r"\d{3}")
    shutil.rmtree(folder / "my models")
    (folder / "report $1.pdf").unlink()
    done = collect(folder, "123")
    assert done.returncode == 1
    assert "my models/ is missing" in done.stderr and "report $1.pdf is missing" in done.stderr


FORMS = [
    (r"[a-z]{2,4}\d{4}", ["ab1234", "abcd1234"], ["a1234", "abcde1234", "AB1234", "ab123", "äb1234"], "small letters"),
    (r"\d{3}", ["000", "123"], ["12", "1234", "１２３"], "three digits"),
    (r"CS-?\d{2}", ["CS12", "CS-12"], ["cs12", "CS--12", "CS1"], "'CS', perhaps one '-', two digits"),
    (
        r"[A-Z]\d\.[a-f0-9]{2}",
        ["A1.f0"],
        ["A1xf0", "A1.g0"],
        "one digit, a dot, two of [0123456789abcdef]",
    ),
    (r"u?\d+", ["u1", "1234567"], ["../x", "a b", "a/b", ".x", "a'b"], "letters, digits, hyphens, dots"),
    (r"(ab|cd)\d", ["ab1"], ["a$1"], "letters, digits"),
]


@pytest.mark.parametrize(("form", "right", "wrong", "words"), FORMS)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_forms_of_student_ids(
    tmp_path: Path, form: str, right: list[str], wrong: list[str], words: str, shell: str
) -> None:
    folder = other_folder(tmp_path / "lab", form)
    for student in right:
        assert collect(folder, student, shell=(shell,)).returncode == 0, student
    for student in wrong:
        done = collect(folder, student, shell=(shell,))
        assert done.returncode == 2, student
        assert f"'{student}' is no student ID: " in done.stderr and words in done.stderr


def test_notebooks_in_their_folder(folder: Path) -> None:
    (folder / "notebooks").mkdir()
    for name in [ASSIGNMENT_2[1], *HOMEWORK_4]:
        (folder / name).rename(folder / "notebooks" / name)
    assert collect(folder, STUDENT).returncode == 0
    with tarfile.open(folder / f"{STUDENT}.tar.gz") as archive:
        assert set(ASSIGNMENT_2) <= set(archive.getnames())
    assert collect(folder, STUDENT, "--assignment", "hw4").returncode == 0
    with zipfile.ZipFile(folder / f"{STUDENT}.zip") as archive:
        assert archive.namelist() == HOMEWORK_4


def test_notebook_in_both_places_says_which_one(folder: Path) -> None:
    (folder / "notebooks").mkdir()
    (folder / "notebooks" / ASSIGNMENT_2[0]).write_text("other")
    done = collect(folder, STUDENT)
    assert f"Note: {ASSIGNMENT_2[0]} is packed, not the one in notebooks/." in done.stdout
    with tarfile.open(folder / f"{STUDENT}.tar.gz") as archive:
        assert content_of(archive, ASSIGNMENT_2[0]).decode() == f"top {ASSIGNMENT_2[0]}"


def test_every_missing_file_is_named_at_once(folder: Path) -> None:
    (folder / ASSIGNMENT_2[0]).unlink()
    (folder / ASSIGNMENT_2[1]).write_text("")
    shutil.rmtree(folder / "model_checkpoints")
    before = files(folder)
    done = collect(folder, STUDENT)
    assert done.returncode == 1
    for complaint in (f"{ASSIGNMENT_2[0]} is missing", f"{ASSIGNMENT_2[1]} is empty", "model_checkpoints/ is missing"):
        assert complaint in done.stderr
    assert str(folder) in done.stderr
    assert files(folder) == before


def test_homework_4_lacks_all(folder: Path) -> None:
    for name in HOMEWORK_4:
        (folder / name).unlink()
    done = collect(folder, STUDENT, "--assignment", "hw4")
    assert done.returncode == 1
    assert all(f"{name} is missing" in done.stderr for name in HOMEWORK_4)


def test_empty_model_folder_is_noted(folder: Path) -> None:
    shutil.rmtree(folder / "model_checkpoints" / "assignment2-1-2")
    done = collect(folder, STUDENT)
    assert done.returncode == 0
    assert "model_checkpoints/ holds no file yet" in done.stdout


def test_linked_models_are_packed_themselves(folder: Path, tmp_path: Path) -> None:
    shutil.move(folder / "model_checkpoints", tmp_path / "drive")
    (folder / "model_checkpoints").symlink_to(tmp_path / "drive")
    assert collect(folder, STUDENT).returncode == 0
    with tarfile.open(folder / f"{STUDENT}.tar.gz") as archive:
        assert archive.getmember("model_checkpoints/assignment2-1-2/보고서 report.md").isfile()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "STUDENT-ID is missing"),
        (["2024-2000"], "'2024-2000' is no student ID"),
        (["2024-200011"], "is no student ID"),
        (["202420001"], "is no student ID"),
        (["2024-20001/../x"], "is no student ID"),
        (["２０２４-20001"], "is no student ID"),
        ([STUDENT, "2024-20002"], "got '2024-20001' and '2024-20002'"),
        ([STUDENT, "--assignment"], "--assignment needs a name"),
        ([STUDENT, "--assignment", "hw5"], "unknown assignment 'hw5'"),
        ([STUDENT, "--force"], "unknown option --force"),
    ],
)
def test_wrong_usage(folder: Path, arguments: str, says: str) -> None:
    before = files(folder)
    done = collect(folder, *arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Usage: sh CollectSubmission.sh STUDENT-ID" in done.stderr
    assert files(folder) == before


def test_help(folder: Path) -> None:
    done = collect(folder, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "model_checkpoints/" in done.stdout


@pytest.mark.parametrize(
    ("program", "body", "says"),
    [
        ("tar", 'echo half > "$2"; echo "tar: disk full" >&2; exit 2', "disk full"),
        ("tar", 'echo half > "$2"; kill -TERM $PPID', ""),
        ("tar", "exit 0", "packing produced nothing"),
        ("mv", "exit 1", "could not be put in place"),
        ("mktemp", "exit 1", "cannot be written to"),
    ],
    ids=["fails", "interrupted", "writes nothing", "cannot rename", "no scratch"],
)
def test_a_failure_leaves_nothing_and_keeps_the_old_archive(
    folder: Path, tmp_path: Path, program: str, body: str, says: str
) -> None:
    (folder / f"{STUDENT}.tar.gz").write_text("the archive of yesterday")
    before = files(folder)
    programs = tools(tmp_path)
    fake(programs, program, body)
    done = collect(folder, STUDENT, path=programs)
    assert done.returncode == 1
    assert says in done.stderr
    assert files(folder) == before
    assert (folder / f"{STUDENT}.tar.gz").read_text() == "the archive of yesterday"


def test_checkbashisms_finds_nothing() -> None:
    if not shutil.which("checkbashisms"):
        pytest.skip("checkbashisms is not installed")
    done = subprocess.run(["checkbashisms", ROOT / "CollectSubmission.sh"], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", SHELLS[1:], ids=["sh", "bash", "posix", "dash", "busybox"])
def test_without_a_terminal_the_old_archive_stays_beside_the_new(folder: Path, shell: tuple[str, ...]) -> None:
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    archive = folder / f"{STUDENT}.tar.gz"
    for number, content in enumerate((b"first", b"second", b"third"), 0):
        (folder / ASSIGNMENT_2[0]).write_bytes(content)
        done = collect(folder, STUDENT, cwd=folder, shell=shell)
        assert done.returncode == 0
        assert ("is now called" in done.stdout) == bool(number)
    for path, content in ((archive, b"third"), (folder / f"old-2-{STUDENT}.tar.gz", b"second")):
        with tarfile.open(path) as packed:
            assert content_of(packed, ASSIGNMENT_2[0]) == content


@pytest.mark.parametrize(("answer", "replaced"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False)])
def test_on_a_terminal_it_asks_before_it_replaces_an_archive(folder: Path, answer: str, replaced: bool) -> None:
    archive = folder / f"{STUDENT}.tar.gz"
    archive.write_bytes(b"of yesterday")
    ours, terminal = pty.openpty()
    os.write(ours, answer.encode())
    command = ["sh", str(folder / "CollectSubmission.sh"), STUDENT]
    done = subprocess.run(command, stdin=terminal, capture_output=True, text=True, timeout=60)
    for descriptor in (ours, terminal):
        os.close(descriptor)
    assert f"{archive.name} is there already. Replace it? [y/N]" in done.stdout
    assert done.returncode == (0 if replaced else 1)
    assert (archive.read_bytes() == b"of yesterday") is not replaced
    assert replaced or f"nothing was packed; {archive.name} stays as it is" in done.stderr
    assert not list(folder.glob("old-*"))


@pytest.mark.parametrize("program", ["sha256sum", "shasum", "openssl", ""])
def test_the_receipt_is_that_of_the_archive(folder: Path, tmp_path: Path, program: str) -> None:
    programs = tools(tmp_path)
    if program:
        if not (there := shutil.which(program)):
            pytest.skip(f"{program} is not installed")
        fake(programs, program, f'exec "{there}" "$@"')
        (programs / "wc").symlink_to(shutil.which("wc") or "/usr/bin/wc")
    done = collect(folder, STUDENT, path=programs)
    assert (done.returncode, done.stderr) == (0, "")
    content = (folder / f"{STUDENT}.tar.gz").read_bytes()
    receipt = f"Receipt: {STUDENT}.tar.gz, {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}"
    assert (receipt in done.stdout.splitlines()) == bool(program)


@pytest.mark.parametrize(
    ("checker", "says"),
    [
        ("echo 'one is odd'; echo 'two  is \\odd'; exit 1", ["Warning: one is odd", "Warning: two  is \\odd"]),
        ("echo Fine.", ["Fine."]),
        (
            "echo Traceback >&2; exit 1",
            ["Note: nothing was looked at, for the checker does not run here; see README.md."],
        ),
        ("echo half; exit 2", ["Note: nothing was looked at, for the checker does not run here; see README.md."]),
    ],
    ids=["warns", "is content", "is missing", "fails"],
)
def test_what_the_look_says_keeps_nothing_from_being_packed(
    folder: Path, tmp_path: Path, checker: str, says: list[str]
) -> None:
    (folder / "autograder").mkdir()
    programs = tools(tmp_path)
    fake(programs, "python3", f'[ "$*" = "-m autograder check . --assignment assignment2" ] || exit 3\n{checker}')
    done = collect(folder, STUDENT, path=programs)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1 : 1 + len(says)] == says
    assert (folder / f"{STUDENT}.tar.gz").is_file()


def test_folder_under_the_name_of_the_archive(folder: Path) -> None:
    (folder / f"{STUDENT}.tar.gz").mkdir()
    done = collect(folder, STUDENT)
    assert done.returncode == 1
    assert "is a folder" in done.stderr


KOREAN_FAULTS = {
    (): "학번(STUDENT-ID)이 없습니다",
    ("2024-2000",): "'2024-2000': 학번이 아닙니다. 기대한 형식: 숫자 4개, 하이픈, 숫자 5개",
    (STUDENT, "2024-20002"): "학번(STUDENT-ID)은 하나만 주세요. 받은 값: '2024-20001', '2024-20002'",
    (STUDENT, "--assignment"): "옵션 --assignment에는 이름이 필요합니다: assignment2, hw4",
    (STUDENT, "--assignment", "hw5"): "'hw5': 모르는 과제입니다. 다음 중 하나를 쓰세요: assignment2, hw4",
    (STUDENT, "--force"): "--force: 모르는 옵션입니다",
}


@pytest.fixture
def korean_folder(folder: Path) -> Path:
    """The folder with the script of a course in Korean."""
    write_script(folder, {name: in_korean(one) for name, one in load(ROOT).items()})
    return folder


@pytest.mark.parametrize("shell", SHELLS[1:], ids=["sh", "bash", "posix", "dash", "busybox"])
def test_every_word_is_korean_where_the_assignment_is(korean_folder: Path, shell: tuple[str, ...]) -> None:
    if not shutil.which(shell[0]):
        pytest.skip(f"{shell[0]} is not installed")
    for arguments, says in KOREAN_FAULTS.items():
        wrong = collect(korean_folder, *arguments, shell=shell)
        assert wrong.returncode == 2 and f"CollectSubmission.sh: {says}\n" in wrong.stderr
        assert english_in(wrong.stderr) == []
    (korean_folder / "notebooks").mkdir()
    (korean_folder / "notebooks" / ASSIGNMENT_2[0]).write_text("other")
    (korean_folder / f"{STUDENT}.tar.gz").write_text("old")
    done = collect(korean_folder, STUDENT, shell=shell)
    assert (done.returncode, done.stderr) == (0, "") and english_in(done.stdout) == []
    assert f"바깥의 {ASSIGNMENT_2[0]} 파일을 넣습니다" in done.stdout
    assert "압축했습니다(assignment2): " in done.stdout and f"새 이름: old-1-{STUDENT}.tar.gz" in done.stdout
    assert "파일 확인값: " in done.stdout
    (korean_folder / ASSIGNMENT_2[1]).write_text("")
    shutil.rmtree(korean_folder / "model_checkpoints")
    failed = collect(korean_folder, STUDENT, shell=shell)
    assert english_in(failed.stderr) == []
    assert f"\n  {ASSIGNMENT_2[1]}: 비어 있습니다\n  model_checkpoints/: 없습니다\n" in failed.stderr


def test_each_assignment_has_its_language(folder: Path) -> None:
    assignments = load(ROOT)
    write_script(folder, {"hw4": in_korean(assignments["hw4"], "both"), "assignment2": assignments["assignment2"]})
    assert "압축" not in collect(folder, STUDENT).stdout
    both = collect(folder, STUDENT, "--assignment", "hw4").stdout
    assert f"Packed for hw4: {folder}/{STUDENT}.zip\n압축했습니다(hw4): {folder}/{STUDENT}.zip\n" in both


def test_a_warning_of_the_look_is_korean(korean_folder: Path, tmp_path: Path) -> None:
    (korean_folder / "autograder").mkdir()
    programs = tools(tmp_path)
    fake(programs, "python3", "echo 이상합니다; exit 1")
    assert "\n경고: 이상합니다\n" in collect(korean_folder, STUDENT, path=programs).stdout
    fake(programs, "python3", "exit 2")
    assert english_in(collect(korean_folder, STUDENT, path=programs).stdout) == []


def test_checkbashisms_finds_nothing_in_korean(korean_folder: Path) -> None:
    if not shutil.which("checkbashisms"):
        pytest.skip("checkbashisms is not installed")
    script = korean_folder / "CollectSubmission.sh"
    done = subprocess.run(["checkbashisms", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert b"\r" not in script.read_bytes() and "학번" in script.read_text(encoding="utf-8")
