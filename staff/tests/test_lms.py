"""What learning management systems write around the work that students hand in, and the IDs that students write."""

import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.course.student_ids import ids_in, squeezed
from autograder.intake.lms.forms import parse
from autograder.intake.lms.given import GivenName, LmsPerson, PartKind
from autograder.intake.lms.gradescope import MetadataError, given_names
from autograder.intake.lms.sakai import time_in
from autograder.notebook.text import one_line

ASSIGNMENTS = load(project_root(Path(__file__).parent))
HW4, ASSIGNMENT2 = ASSIGNMENTS["hw4"], ASSIGNMENTS["assignment2"]


def canvas(original: str, owner: str, late: bool, number: int, resubmission: int = 0) -> GivenName:
    person = LmsPerson("canvas 48211", "48211", name=owner)
    return GivenName(original, (person,), "Canvas", None, late, number, resubmission)


def moodle(original: str, owner: str, resubmission: int = 0, kind: PartKind = PartKind.FILE) -> GivenName:
    person = LmsPerson("moodle 48211", "48211", name=owner)
    return GivenName(original, (person,), "Moodle", resubmission=resubmission, kind=kind)


def blackboard(original: str, login: str, kind: PartKind = PartKind.FILE, identity: str = "") -> GivenName:
    person = LmsPerson(f"blackboard {identity or login}", login=login)
    return GivenName(original, (person,), "Blackboard", datetime(2024, 6, 14, 17, 59, 59), kind=kind)


def brightspace(original: str, time: datetime | None, name: str = "Student One") -> GivenName:
    return GivenName(original, (LmsPerson("brightspace 10001", "10001", name=name),), "Brightspace", time)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2024-20001.zip", GivenName("2024-20001.zip")),
        ("2024-20001-1.zip", GivenName("2024-20001.zip", resubmission=1)),
        ("student01_48211_991234_2024-20001.zip", canvas("2024-20001.zip", "student01", False, 991234)),
        ("student01_LATE_48211_991234_2024-20001-1.zip", canvas("2024-20001.zip", "student01", True, 991234, 1)),
        ("student_01_48211_991234_a_b.zip", canvas("a_b.zip", "student_01", False, 991234)),
        ("student01_48211_991234_hw4_vit-2.ipynb", canvas("hw4_vit.ipynb", "student01", False, 991234, 2)),
        ("student01_48211_991234_homework-2.zip", canvas("homework-2.zip", "student01", False, 991234)),
        ("team7_48211_991234_hw4.zip", canvas("hw4.zip", "team7", False, 991234)),
        ("hw-4.zip", GivenName("hw-4.zip")),
        ("kim_2024-20001.zip", GivenName("kim_2024-20001.zip")),
        ("2024-20001", GivenName("2024-20001")),
        ("homework_2024_20001_final.zip", GivenName("homework_2024_20001_final.zip")),
        ("submission_12", GivenName("submission_12")),
        ("submission_123456789", GivenName("", system="Gradescope", number=123456789)),
        ("submission_123456789.zip", GivenName("submission_123456789.zip")),
    ],
)
def test_names_of_downloads_are_taken_apart(name: str, expected: GivenName) -> None:
    assert parse(name, HW4) == expected


def test_two_numbers_are_canvas_even_if_an_id_has_such_parts() -> None:
    assert parse("one_4821_99123_2024-20001.zip", HW4).people == (LmsPerson("canvas 4821", "4821", name="one"),)
    assert parse("one_LATE_4821_99123_a.zip", HW4).people == (LmsPerson("canvas 4821", "4821", name="one"),)
    assert parse("one_4821_99123_a.zip", HW4).people == ()  # 4821-99123 may be an ID, and is for a person to say


def test_canvas_puts_its_number_before_the_last_extension() -> None:
    assert parse("2024-20001.tar-1.gz", ASSIGNMENT2) == GivenName("2024-20001.tar.gz", resubmission=1)


@pytest.mark.parametrize(
    ("name", "identity", "late", "number", "kind", "original"),
    [
        ("one_48211_text.html", "canvas 48211", False, 0, PartKind.TEXT, ""),
        ("one_LATE_48211_link.html", "canvas 48211", True, 0, PartKind.LINK, ""),
        ("one_48211_991234_text.html", "canvas 48211", False, 991234, PartKind.FILE, "text.html"),
        ("anon_79kX3_99999_2024-20001.zip", "canvas anon 79kX3", False, 99999, PartKind.FILE, "2024-20001.zip"),
        ("LATE_anon_79kX4_100002_x.zip", "canvas anon 79kX4", True, 100002, PartKind.FILE, "x.zip"),
        ("LATE_anon_79kX4_text.html", "canvas anon 79kX4", True, 0, PartKind.TEXT, ""),
        ("anon_79kX3_99999_100_200_x.zip", "canvas anon 79kX3", False, 99999, PartKind.FILE, "100_200_x.zip"),
    ],
)
def test_canvas_has_texts_links_and_people_without_a_name(
    name: str, identity: str, late: bool, number: int, kind: PartKind, original: str
) -> None:
    says = parse(name, HW4)
    assert [one.identity for one in says.people] == [identity]
    assert (says.late, says.number, says.kind, says.original) == (late, number, kind, original)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("홍길동_48211_assignsubmission_file_", moodle("", "홍길동")),
        ("Gil Dong_48211_assignsubmission_file", moodle("", "Gil Dong")),
        ("홍길동_48211_assignsubmission_file_2024-20001.zip", moodle("2024-20001.zip", "홍길동")),
        ("홍길동_48211_assignsubmission_file_2024-20001-3.zip", moodle("2024-20001.zip", "홍길동", 3)),
        ("Gil_48211_assignsubmission_onlinetext_", moodle("", "Gil", kind=PartKind.TEXT)),
        ("Gil_48211_assignsubmission_onlinetext_onlinetext.html", moodle("", "Gil", kind=PartKind.TEXT)),
        ("Gil_48211_assignsubmission_onlinetext_a.png", moodle("a.png", "Gil", kind=PartKind.TEXT)),
        ("Gil_48211_assignsubmission_files", GivenName("Gil_48211_assignsubmission_files")),
        ("x_y_1_assignsubmission_file_z.zip", GivenName("x_y_1_assignsubmission_file_z.zip")),
    ],
)
def test_moodle_names_a_folder_or_puts_its_part_before_the_file(name: str, expected: GivenName) -> None:
    assert parse(name, HW4) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("HW4_s001_attempt_2024-06-14-17-59-59_2024-20001.zip", blackboard("2024-20001.zip", "s001")),
        ("Homework 4_s001_attempt_2024-06-14-17-59-59_a_b.zip", blackboard("a_b.zip", "s001")),
        ("HW4_s001_attempt_2024-06-14-17-59-59.txt", blackboard("", "s001", PartKind.TEXT)),
        ("HW_4_s001_attempt_2024-06-14-17-59-59_a.zip", blackboard("a.zip", "4_s001", identity="HW_4_s001")),
        ("A_2024_2412_attempt_2024-06-14-17-59-59_a", blackboard("a", "2024_2412", identity="A_2024_2412")),
        ("s001_attempt_2024-06-14-17-59-59_a.zip", GivenName("s001_attempt_2024-06-14-17-59-59_a.zip")),
    ],
)
def test_blackboard_writes_assignment_login_and_time(name: str, expected: GivenName) -> None:
    assert parse(name, HW4) == expected


def test_a_day_that_never_was_is_no_time() -> None:
    assert parse("HW4_s001_attempt_2024-02-31-10-00-00_a.zip", HW4).time is None
    assert parse("1-2 - A - Feb 31, 2024 559 PM - a.zip", HW4).time is None


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("Jun 14, 2024 559 PM", datetime(2024, 6, 14, 17, 59)),
        ("Jun 9, 2024 1000 PM", datetime(2024, 6, 9, 22)),
        ("June 9, 2024 1000 AM", datetime(2024, 6, 9, 10)),
        ("Sept 1, 2024 1205 AM", datetime(2024, 9, 1, 0, 5)),
        ("Sep 1, 2024 1205 PM", datetime(2024, 9, 1, 12, 5)),
        ("14 Jun, 2024 1759", datetime(2024, 6, 14, 17, 59)),
        ("14 May 2024 905", datetime(2024, 5, 14, 9, 5)),
        ("Jun 14, 2024 1359 PM", None),
        ("Juin 14, 2024 559 PM", None),
        ("6월 14, 2024 559 오후", None),
        ("2024년 6월 14일 오후 559 2024", None),
        ("Jun 14, 2024 2560", None),
    ],
)
def test_brightspace_writes_the_time_in_its_own_way(written: str, time: datetime | None) -> None:
    assert parse(f"10001-20002 - Student One - {written} - 2024-20001.zip", HW4) == brightspace("2024-20001.zip", time)


def test_brightspace_needs_a_time_where_it_writes_one() -> None:
    assert parse("10001-20002 - Student One - final.zip", HW4).people == ()
    name = "10001-20002 - Student - One - Jun 14, 2024 559 PM - a - Jun 1, 2024 100 AM - b.zip"
    expected = brightspace("a - Jun 1, 2024 100 AM - b.zip", datetime(2024, 6, 14, 17, 59), "Student - One")
    assert parse(name, HW4) == expected


def test_sakai_names_a_folder_by_name_and_login() -> None:
    person = LmsPerson("sakai s001", login="s001", name="One, Student")
    assert parse("One, Student(s001)", HW4) == GivenName("", (person,), "Sakai")
    assert parse("One, Stu (Dent)(s001)", HW4).people[0].name == "One, Stu (Dent)"
    for name in ("homework(1)", "One, Student (1)", "One, Student(s001).zip", "One, Student()"):
        assert parse(name, HW4) == GivenName(name)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("20240614175959123\n", datetime(2024, 6, 14, 17, 59, 59)),
        ("20240614175959", datetime(2024, 6, 14, 17, 59, 59)),
        ("20240231175959123", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_sakais_timestamp(text: str, time: datetime | None) -> None:
    assert time_in(text) == time


@pytest.mark.parametrize(
    ("name", "identity", "original"),
    [
        # A student's own name imitates another system, whose mark comes later.
        (
            "student02_LATE_48212_991235_x_1_assignsubmission_file_2024-20001.zip",
            "canvas 48212",
            "x_1_assignsubmission_file_2024-20001.zip",
        ),
        ("Gil_1_assignsubmission_file_x_48212_991235_a.zip", "moodle 1", "x_48212_991235_a.zip"),
        ("HW4_s001_attempt_2024-06-14-17-59-59_x_48212_991235_a.zip", "blackboard s001", "x_48212_991235_a.zip"),
        (
            "one_48212_991235_HW4_s001_attempt_2024-06-14-17-59-59_a.zip",
            "canvas 48212",
            "HW4_s001_attempt_2024-06-14-17-59-59_a.zip",
        ),
        ("1-2 - A - Jun 14, 2024 559 PM - x_48212_991235_a.zip", "brightspace 1", "x_48212_991235_a.zip"),
        ("x_48212_991235_1-2 - A - Jun 1, 2024 559 PM - a", "canvas 48212", "1-2 - A - Jun 1, 2024 559 PM - a"),
    ],
)
def test_the_first_mark_is_the_systems(name: str, identity: str, original: str) -> None:
    says = parse(name, HW4)
    assert ([one.identity for one in says.people], says.original) == ([identity], original)


OWN = st.from_regex(
    r"(x_1_assignsubmission_file_|x_48212_991235_|HW4_s1_attempt_2024-06-14-17-59-59_|1-2 - A - Jun 1, 2024 100 PM - )?"
    r"[a-z0-9가 ._-]{1,12}(\.zip|\.tar-1\.gz|-2\.zip)?",
    fullmatch=True,
)
PREFIXES = {
    "one_48211_991234_": "canvas 48211",
    "one_LATE_48211_991234_": "canvas 48211",
    "anon_79kX3_991234_": "canvas anon 79kX3",
    "LATE_anon_79kX3_991234_": "canvas anon 79kX3",
    "One Student_48211_assignsubmission_file_": "moodle 48211",
    "HW4_s001_attempt_2024-06-14-17-59-59_": "blackboard s001",
    "10001-20002 - Student One - Jun 14, 2024 559 PM - ": "brightspace 10001",
}


@settings(derandomize=True, deadline=None)
@given(st.sampled_from(sorted(PREFIXES)), OWN)
def test_no_name_of_a_students_changes_who_it_is(prefix: str, own: str) -> None:
    own = one_line(unicodedata.normalize("NFC", own))
    assume(own)
    says = parse(prefix + own, HW4)
    assert [one.identity for one in says.people] == [PREFIXES[prefix]]
    assert says.original == parse(own, HW4).original if not parse(own, HW4).system else own.endswith(says.original)


@pytest.mark.slow
@settings(derandomize=True, deadline=None)
@given(
    st.from_regex(
        r"[a-z가_]{0,4}_?(LATE_)?[0-9_-]{0,12}(_assignsubmission_file_)?.{0,12}(\.zip|\.tar-1\.gz)?", fullmatch=True
    )
)
def test_any_name_is_taken_apart_without_losing_the_students_own(name: str) -> None:
    given_name = parse(name, HW4)
    name = one_line(unicodedata.normalize("NFC", name), 255)
    own = given_name.original.rpartition(".")[0]
    assert name.startswith(given_name.owner) and own in name
    assert given_name.number >= 0 and given_name.resubmission >= 0


def test_what_a_name_says_can_be_shown() -> None:
    says = parse("o\x1b[31mne_48211_991234_a\nb\u202e.zip", HW4)
    assert (says.people[0].name, says.original) == ("one", "a b.zip")


# Gradescope's metadata

METADATA = b"""---
submission_123456789:
  :submitters:
  - :name: Student One
    :sid: 2024-20001
    :email: one@example.edu
  - :name: Student Two
    :sid: 202420002
    :email: two@example.edu
  :created_at: 2024-06-14 17:59:59.5 Z
  :score: !ruby/object:BigDecimal 27:0.1e3
submission_123456790:
  :submitters:
  - :name: Student Three
    :sid: !!null
    :email: three@example.edu
  - :role: none
  :created_at: yesterday
submission_123456791: no data
"""


def test_gradescope_says_who_handed_a_folder_in_and_when() -> None:
    given = given_names(METADATA)
    one = LmsPerson("gradescope 2024-20001", "", "2024-20001", "Student One", "one@example.edu")
    two = LmsPerson("gradescope 202420002", "", "202420002", "Student Two", "two@example.edu")
    three = LmsPerson("gradescope three@example.edu", "", "", "Student Three", "three@example.edu")
    time = datetime(2024, 6, 14, 17, 59, 59, 500_000, UTC)
    assert given == {
        "submission_123456789": GivenName("", (one, two), "Gradescope", time, number=123456789),
        "submission_123456790": GivenName("", (three,), "Gradescope", number=123456790),
        "submission_123456791": GivenName("", (), "Gradescope", number=123456791),
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [", "is no valid YAML"),
        (b"a: !!python/object/apply:os.system ['true']", "is no valid YAML"),
        (b"- a\n- b", "expected a line for each folder, got list"),
        (b"a: 2024-13-45", "is no valid YAML"),
        (b"[" * 5000, "is no valid YAML"),
    ],
)
def test_metadata_that_cannot_be_read_says_why(content: bytes, message: str) -> None:
    with pytest.raises(MetadataError, match=f"submission_metadata.yml.*{message}"):
        given_names(content)


# Student IDs


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("2024-30302_2024-30303.zip", ["2024-30302", "2024-30303"]),
        ("202430302.zip", ["2024-30302"]),
        ("hw_2024_30302_kim.zip", ["2024-30302"]),
        ("2024 - 30302", ["2024-30302"]),
        ("2024.30302", ["2024-30302"]),
        ("２０２４－３０３０２", ["2024-30302"]),
        ("２０２４３０３０２", ["2024-30302"]),
        ("2024–30302", ["2024-30302"]),
        ("2024-30302 and 202430303", ["2024-30302"]),
        ("82024-303020", []),
        ("48211_991234", []),
    ],
)
def test_ids_are_what_they_are_without_separators(text: str, ids: list[str]) -> None:
    assert HW4.student_ids(text) == ids


@pytest.mark.parametrize(
    ("pattern", "text", "ids"),
    [
        (r"\d{9}", "2024-30302.zip", ["202430302"]),
        (r"\d{9}", "20240614_1.zip", []),
        (r"[a-z]{2}_\d{4}", "x ab-1234.zip", ["ab_1234"]),
        (r"\d{4}\.\d{2}-\d{3}", "202430302", ["2024.30-302"]),
        (r"\d{4}-?\d{5}", "202430302", ["202430302"]),
        (r"s\d{4}|t-\d{4}", "t1234 s-1234", []),
        (r"[-a]\d{4}(-\d)?", "a1234-1", ["a1234-1"]),
    ],
)
def test_any_form_of_ids_is_read(pattern: str, text: str, ids: list[str]) -> None:
    assert ids_in(text, pattern) == ids


def test_ids_are_compared_without_separators() -> None:
    assert (
        squeezed("2024-30302") == squeezed("２０２４＿３０３０２") == squeezed(" 202430302") != squeezed("2024-30303")
    )
