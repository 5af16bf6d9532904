"""A class as it was downloaded, unpacked or as one archive: whose is what, and what is in it."""

import os
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from packers import HW4, NOTEBOOKS, unpacked, wrapped, zipped

from autograder.intake import archive, download
from autograder.intake.classlist import readers_of
from autograder.intake.handout import NOTHING
from autograder.intake.lms.given import PartKind
from autograder.intake.reading import RemoteIntake
from autograder.intake.roster import RosterError
from autograder.intake.source import Source, find, linked_paths
from autograder.intake.submission import Submission, load
from autograder.models.reading import take_models
from autograder.models.saved_files import SavedFile, save_models

Make = Callable[[Path, Mapping[str, bytes]], Path]
TEXT = b"<p>see the attachment</p>"
METADATA = b"""
submission_1001:
  :submitters:
  - {":name": Student One, ":sid": 2024-20001, ":email": one@example.edu}
  - {":name": Student Two, ":sid": 2024-20002, ":email": two@example.edu}
  :created_at: 2024-06-14 08:59:59 Z
"""


def bytes_of(files: Mapping[str, bytes], folder: Path) -> bytes:
    return zipped(folder / "bytes.zip", files).read_bytes()


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An archive with all the notebooks."""
    return bytes_of(NOTEBOOKS, tmp_path_factory.mktemp("packed"))


def layouts(packed: bytes) -> dict[str, dict[str, bytes]]:
    rnn = NOTEBOOKS["hw4_rnn.ipynb"]
    sakai = "Homework 4/One, Student(s001)"
    return {
        "canvas": {
            "one_LATE_48211_991234_2024-20001.zip": packed,
            "two_48212_991235_hw4_rnn.ipynb": rnn,
            "two_48212_text.html": TEXT,
        },
        "moodle-folders": {
            "학생 하나_48211_assignsubmission_file_/hw4.zip": packed,
            **wrapped("Two Student_48212_assignsubmission_file_/"),
            "Two Student_48212_assignsubmission_onlinetext_/onlinetext.html": TEXT,
        },
        "moodle-files": {"학생 하나_48211_assignsubmission_file_2024-20001.zip": packed},
        "blackboard": {
            "HW4_s001_attempt_2024-06-14-17-59-59.txt": b"Name: Student One (s001)",
            "HW4_s001_attempt_2024-06-14-17-59-59_hw4.zip": packed,
        },
        "brightspace": {
            "10001-20002 - Student One - Jun 14, 2024 559 PM - hw4.zip": packed,
            "index.html": b"<html>",
        },
        "gradescope": {
            "assignment_77_export/submission_metadata.yml": METADATA,
            **wrapped("assignment_77_export/submission_1001/"),
            **wrapped("assignment_77_export/submission_1002/", {"hw4_vit.ipynb": NOTEBOOKS["hw4_vit.ipynb"]}),
        },
        "sakai": {
            "Homework 4/grades.csv": b"x",
            f"{sakai}/Submission attachment(s)/2024-20001.zip": packed,
            f"{sakai}/timestamp.txt": b"20240614175959123",
            f"{sakai}/comments.txt": b"",
            "Homework 4/Three, Student(s003)/timestamp.txt": b"never",
            "Homework 4/Three, Student(s003)/Three, Student(s003)_submissionText.html": TEXT,
            "Homework 4/Four, Student(s004)/feedbackText.html": b"",
        },
    }


EVENING = datetime(2024, 6, 14, 17, 59, 59)
FOUND = {
    "canvas": [
        ("one_LATE_48211_991234_2024-20001.zip", ["canvas 48211"], None, PartKind.FILE, 3),
        ("two_48212_991235_hw4_rnn.ipynb", ["canvas 48212"], None, PartKind.FILE, 1),
        ("two_48212_text.html", ["canvas 48212"], None, PartKind.TEXT, 0),
    ],
    "moodle-folders": [
        ("Two Student_48212_assignsubmission_file_", ["moodle 48212"], None, PartKind.FILE, 3),
        ("Two Student_48212_assignsubmission_onlinetext_", ["moodle 48212"], None, PartKind.TEXT, 0),
        ("학생 하나_48211_assignsubmission_file_", ["moodle 48211"], None, PartKind.FILE, 3),
    ],
    "moodle-files": [
        ("학생 하나_48211_assignsubmission_file_2024-20001.zip", ["moodle 48211"], None, PartKind.FILE, 3)
    ],
    "blackboard": [
        ("HW4_s001_attempt_2024-06-14-17-59-59.txt", ["blackboard s001"], EVENING, PartKind.TEXT, 0),
        ("HW4_s001_attempt_2024-06-14-17-59-59_hw4.zip", ["blackboard s001"], EVENING, PartKind.FILE, 3),
    ],
    "brightspace": [
        (
            "10001-20002 - Student One - Jun 14, 2024 559 PM - hw4.zip",
            ["brightspace 10001"],
            EVENING.replace(second=0),
            PartKind.FILE,
            3,
        )
    ],
    "gradescope": [
        (
            "submission_1001",
            ["gradescope 2024-20001", "gradescope 2024-20002"],
            datetime(2024, 6, 14, 8, 59, 59, tzinfo=UTC),
            PartKind.FILE,
            3,
        ),
        ("submission_1002", [], None, PartKind.FILE, 1),
    ],
    "sakai": [
        ("One, Student(s001)", ["sakai s001"], EVENING, PartKind.FILE, 3),
        ("Three, Student(s003)", ["sakai s003"], None, PartKind.TEXT, 0),
    ],
}


def described(source: Source) -> tuple[object, ...]:
    read = load(source, "x", HW4)
    given = source.given
    return source.name, [one.identity for one in given.people], given.time, given.kind, len(read.notebooks)


@pytest.mark.parametrize("make", [unpacked, zipped])
@pytest.mark.parametrize("system", FOUND)
def test_a_download_is_read_as_it_is(tmp_path: Path, packed: bytes, system: str, make: Make) -> None:
    path = make(tmp_path / ("class.zip" if make is zipped else "class"), layouts(packed)[system])
    assert [described(source) for source in find(path, HW4)] == FOUND[system]


@pytest.mark.parametrize("system", FOUND)
def test_packed_or_not_a_submission_is_the_same(tmp_path: Path, packed: bytes, system: str) -> None:
    files = layouts(packed)[system]

    def read(source: Source) -> tuple[object, ...]:
        one = load(source, "x", HW4)
        return one.student_id, dict(one.notebooks), sorted(one.files), one.missing, one.notes, one.repairs, one.error

    folder, whole = unpacked(tmp_path / "class", files), zipped(tmp_path / "class.zip", files)
    assert [read(one) for one in find(whole, HW4)] == [read(one) for one in find(folder, HW4)]


@pytest.mark.parametrize("system", ["gradescope", "sakai", "moodle-folders"])
def test_readers_find_and_read_the_same(tmp_path: Path, packed: bytes, system: str) -> None:
    for path in (
        zipped(tmp_path / "class.zip", layouts(packed)[system]),
        unpacked(tmp_path / "class", layouts(packed)[system]),
    ):
        with readers_of(path, ()) as readers:
            sources = find(path, HW4, readers)
            assert sources == find(path, HW4)
            intake = RemoteIntake(readers, HW4, NOTHING, tmp_path / f"{path.name}-notebooks")
            taken = [intake.take_in(source, f"s{number}") for number, source in enumerate(sources)]
        expected = [load(source, "x", HW4) for source in sources]
        assert [parts_of(one) for one in taken] == [parts_of(one) for one in expected]


def parts_of(one: Submission) -> tuple[object, ...]:
    return one.source, one.student_id, dict(one.notebooks), one.notes, one.error


def names(path: Path) -> list[str]:
    return [source.member for source in find(path, HW4)]


@pytest.mark.parametrize(
    ("name", "members", "is_class"),
    [
        # What an LMS has named is a class, whatever it is.
        ("submissions.zip", ["one_48211_991234_hw4.zip", "two_48212_991235_hw4.zip"], True),
        ("submissions.zip", ["one_48211_991234_hw4_rnn.ipynb", "one_48211_991235_hw4_vit.ipynb"], True),
        ("submissions.zip", ["one_48211_991234_hw4.zip"], True),
        ("submissions.zip", ["HW4/one_48211_991234_hw4.zip", "HW4/two_48212_991235_hw4.zip"], True),
        ("x.zip", ["2024-20001.zip", "2024-20002.zip", "notes.txt"], True),
        ("x.zip", ["kim.zip", "lee.zip"], True),
        # One student's, in whatever archives.
        ("x.zip", ["hw4_rnn.zip", "hw4_seq2seq.zip", "hw4_vit.zip"], False),
        ("x.zip", ["HW4_RNN (1).zip", "others.zip"], False),
        ("x.zip", ["Vit.zip", "data.zip"], False),
        ("x.zip", ["2024-20001.zip", "2024-20001-1.zip"], False),
        ("2024-20001.zip", ["part1.zip", "part2.zip"], False),
        ("one_48211_991234_hw4.zip", ["part1.zip", "part2.zip"], False),
        # A student imitates an LMS inside of an own archive.
        ("2024-20001.zip", ["two_48212_991235_hw4.zip", "three_48213_991235_hw4.zip"], False),
        ("one_48211_991234_hw4.zip", ["two_48212_991235_hw4.zip"], False),
        ("x.zip", ["hw4_rnn.ipynb", "hw4_vit.ipynb", "hw4_seq2seq.ipynb", "x_123_456_y.py"], False),
        ("x.zip", ["data.zip", "hw4_rnn.ipynb"], False),
        ("x.zip", ["2024-20001.zip"], False),
        ("x.zip", [], False),
    ],
)
def test_a_zip_is_a_class_by_the_names_in_it(tmp_path: Path, name: str, members: list[str], is_class: bool) -> None:
    path = zipped(tmp_path / name, dict.fromkeys(members, b"{}"))
    expected = [] if not is_class else [member for member in sorted(members) if member != "notes.txt"]
    assert [one for one in names(path) if one not in ("", "notes.txt")] == expected
    assert is_class or find(path, HW4) == [source for source in find(path, HW4) if not source.member]


def test_a_folder_may_hold_the_whole_download(tmp_path: Path, packed: bytes) -> None:
    files = layouts(packed)["canvas"]
    folder = unpacked(tmp_path / "inbox", {})
    zipped(folder / "submissions.zip", files)
    assert names(folder) == sorted(files)
    zipped(folder / "submissions (1).zip", {"three_48213_991299_hw4.zip": packed})
    assert names(folder) == ["three_48213_991299_hw4.zip", *sorted(files)]
    (folder / "roster.csv").write_bytes(b"student_id\n")
    assert [source.name for source in find(folder, HW4)][-2:] == [max(files), "roster.csv"]
    (folder / "roster.csv").unlink()
    (folder / "2024-20009.zip").write_bytes(packed)  # now they are what students handed in
    assert names(folder) == ["", "", ""]


def test_what_one_student_packed_is_no_class_in_a_folder_of_others(tmp_path: Path, packed: bytes) -> None:
    folder = unpacked(tmp_path / "inbox", {})
    for name in ("kim.zip", "lee.zip"):
        zipped(folder / name, {"part1.zip": packed, "part2.zip": packed})
    assert [(source.name, source.member) for source in find(folder, HW4)] == [("kim.zip", ""), ("lee.zip", "")]
    zipped(folder / "an.zip", {"kim_48211_991234_hw4.zip": packed})
    zipped(folder / "bae.zip", {"submission_metadata.yml": b"a: [", "submission_1001/hw4_rnn.ipynb": b"{}"})
    assert names(folder) == ["", "", "", ""]


def test_one_students_folder_of_a_download_is_one_submission(tmp_path: Path, packed: bytes) -> None:
    for system, name in {
        "moodle-folders": "학생 하나_48211_assignsubmission_file_",
        "sakai": "Homework 4/One, Student(s001)",
    }.items():
        folder = unpacked(tmp_path / system, layouts(packed)[system])
        (source,) = find(folder / name, HW4)
        assert source.name == Path(name).name and source.given.people and len(load(source, "x", HW4).notebooks) == 3


def test_gradescopes_list_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    files = {"submission_metadata.yml": b"a: [", **wrapped("submission_1001/")}
    for path in (unpacked(tmp_path / "class", files), zipped(tmp_path / "class.zip", files)):
        with pytest.raises(RosterError, match=f"{path.name}: submission_metadata.yml is no valid YAML"):
            find(path, HW4)
        with readers_of(path, ()) as readers, pytest.raises(RosterError, match="is no valid YAML"):
            find(path, HW4, readers)


def test_gradescopes_list_has_to_be_a_file(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "class", {"submission_metadata.yml/x": b"", **wrapped("submission_1001/")})
    with pytest.raises(RosterError, match="class: submission_metadata.yml is no plain file"):
        find(folder, HW4)


def test_a_list_of_people_that_expands_without_end_ends_nothing(tmp_path: Path) -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 30))
    content = f"l0: &l0 [x]\n{levels}submission_1001:\n  :submitters: *l29\n".encode()
    folder = unpacked(tmp_path / "class", {"submission_metadata.yml": content, **wrapped("submission_1001/")})
    with readers_of(folder, ()) as readers:
        (source,) = find(folder, HW4, readers)
    assert source.given.people == ()


def test_a_reader_that_dies_leaves_an_archive_to_its_own_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "class.zip", {"one_48211_991234_hw4.zip": b""})
    monkeypatch.setattr(download, "answer_names", os._exit)
    with readers_of(path, ()) as readers:
        assert [source.member for source in find(path, HW4, readers)] == [""]


def test_links_in_a_folder_point_elsewhere(tmp_path: Path, packed: bytes) -> None:
    elsewhere = tmp_path / "2024-20001.zip"
    elsewhere.write_bytes(packed)
    folder = unpacked(tmp_path / "class", {"2024-20002.zip": packed})
    (folder / "2024-20003.zip").symlink_to(elsewhere)
    (folder / "2024-20004.zip").symlink_to(folder / "2024-20002.zip")
    assert linked_paths(folder) == [elsewhere.resolve()] and linked_paths(elsewhere) == []
    with pytest.raises(FileNotFoundError, match="no such file or folder"), readers_of(tmp_path / "nowhere", ()):
        pass


# What is read of one member of a class's archive


def member_of(path: Path, name: str) -> Submission:
    (source,) = (source for source in find(path, HW4) if source.name == name)
    return load(source, "x", HW4)


def content_of(file: SavedFile) -> bytes:
    return file.path.read_bytes() if file.path else b""


def test_models_are_taken_out_of_a_member(tmp_path: Path) -> None:
    model = bytes_of({"models/a/one.pt": b"weights"}, tmp_path)
    path = zipped(
        tmp_path / "class.zip",
        {"one_48211_991234_hw4.zip": model, "Two_48212_assignsubmission_file_/models/a/two.pt": b"others"},
    )
    one, two = sorted(find(path, HW4), key=lambda source: source.given.people[0].identity)
    (tmp_path / "to").mkdir()
    found = save_models(path, {"models/a": 512}, tmp_path / "to", one.member)["models/a"]
    assert list(found) == ["one.pt"] and content_of(found["one.pt"]) == b"weights"
    with readers_of(path, (), [take_models.__module__]) as readers:
        found = take_models(readers, two, {"models/a": 512}, tmp_path / "to")["models/a"]
    assert list(found) == ["two.pt"] and content_of(found["two.pt"]) == b"others"


def test_a_member_that_is_damaged_is_its_own_trouble(tmp_path: Path, packed: bytes) -> None:
    good, bad = "one_48211_991234_hw4.zip", "two_48212_991235_hw4.zip"
    path = zipped(tmp_path / "class.zip", {good: packed, bad: b"PK\3\4 broken", "three_48213_991236_hw4.zip": b""})
    assert len(member_of(path, good).notebooks) == 3
    assert "it is a damaged or incomplete zip archive" in member_of(path, bad).error
    assert "it is empty (0 bytes)" in member_of(path, "three_48213_991236_hw4.zip").error
    content = path.read_bytes()
    place = content.index(good.encode()) + len(good) + 20
    path.write_bytes(content[:place] + b"\xff\xff" + content[place + 2 :])
    found = member_of(path, good)
    assert found.error.startswith(f"'{good}' cannot be read: it is damaged (")


def test_what_a_class_has_lost_is_said(tmp_path: Path, packed: bytes) -> None:
    path = zipped(tmp_path / "class.zip", layouts(packed)["canvas"])
    sources = find(path, HW4)
    zipped(path, {"two_48212_text.html": b""})
    assert "it is no longer in the archive of the class" in load(sources[0], "x", HW4).error


def test_a_member_is_read_under_caps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "class.zip", {"one_48211_991234_a.zip": bytes(17 << 20), "two_48212_991235_a.zip": b""})
    assert "more than 200 times its size" in member_of(path, "one_48211_991234_a.zip").error
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as packed:
        packed.writestr("one_48211_991234_a.zip", b"x")
    assert "it is compressed by an unusual method" in member_of(path, "one_48211_991234_a.zip").error
    files = {"one_48211_991234_a.zip": b"", **{f"Two_4_assignsubmission_file_/{n}.txt": b"" for n in range(9)}}
    zipped(path, files)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 5)
    assert "it holds more than 5 files" in member_of(path, "Two_4_assignsubmission_file_").error
    assert "it is empty" in member_of(path, "one_48211_991234_a.zip").error  # others' files are none of its


def test_of_two_members_of_one_name_the_last_is_read(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w") as written, pytest.warns(UserWarning, match="Duplicate name"):
        written.writestr("one_48211_991234_hw4.zip", b"")
        written.writestr("one_48211_991234_hw4.zip", packed)
        written.writestr("./../two_48212_991235_hw4.zip", packed)
    assert names(path) == ["one_48211_991234_hw4.zip", "two_48212_991235_hw4.zip"]
    assert [len(load(source, "x", HW4).notebooks) for source in find(path, HW4)] == [3, 3]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("one_48211_text.html", TEXT, "a text, which a person has to look at"),
        ("one_48211_link.html", b"", "a link, which a person has to follow"),
        ("HW4_s001_attempt_2024-06-14-17-59-59.txt", b"x", "a text, which a person has to look at"),
        ("One_48211_assignsubmission_onlinetext_onlinetext.html", TEXT, "a text, which a person has to look at"),
        ("One_48211_assignsubmission_onlinetext_/onlinetext.html", TEXT, "a text, which a person has to look at"),
    ],
)
def test_a_text_is_for_a_person(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    unpacked(tmp_path / "class", {name: content})
    (source,) = find(tmp_path / "class", HW4)
    read = load(source, "x", HW4)
    assert (read.error, read.missing, read.notes) == (f"'{source.name}' cannot be read: it is {why}", [], [])


def test_a_notebook_beside_a_text_is_read(tmp_path: Path) -> None:
    folder = wrapped("One_48211_assignsubmission_onlinetext_/", {"onlinetext.html": TEXT, **NOTEBOOKS})
    (source,) = find(unpacked(tmp_path / "class", folder), HW4)
    assert len(load(source, "x", HW4).notebooks) == 3


# The student's own part of a name


@pytest.mark.parametrize(
    ("name", "student_id"),
    [
        ("one_48211_991234_202420001.zip", "2024-20001"),
        ("one_48211_991234_hw_2024_20001.zip", "2024-20001"),
        ("２０２４－２０００１.zip", "2024-20001"),
        ("two2024-20002_48211_991234_2024-20001.zip", "2024-20001"),  # the own part first, for a person to see
        ("two202420002_48211_991234_hw4.zip", "2024-20002"),  # what the LMS calls the student
        ("HW4_2024-20001_attempt_2024-06-14-17-59-59_hw4.zip", "2024-20001"),
        ("x_202420001_20242_hw4.zip", ""),  # Canvas's numbers are no ID
        ("one_48211_991234_hw4.zip", ""),
    ],
)
def test_an_id_is_looked_for_in_the_students_own_part(
    tmp_path: Path, packed: bytes, name: str, student_id: str
) -> None:
    (tmp_path / name).write_bytes(packed)
    (source,) = find(tmp_path / name, HW4)
    assert load(source, "x", HW4).student_id == student_id
