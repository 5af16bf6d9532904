"""When each student handed in, as a file of the LMS tells."""

import json
import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.intake import times as times_module
from autograder.intake.lms.dates import written_time
from autograder.intake.reading import RemoteIntake, times_of
from autograder.intake.times import HandIn, Times, TimesError, read_times
from autograder.sandbox.reader import Readers

EVENING = datetime(2024, 6, 14, 17, 59)


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "times.csv"
    path.write_bytes(text.encode(encoding))
    return path


def read(tmp_path: Path, text: str, encoding: str = "utf-8") -> Times:
    return read_times(written(tmp_path, text, encoding))


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Friday, 14 June 2024, 5:59 PM", EVENING),
        ("Friday, June 14, 2024, 5:59 PM", EVENING),
        ("14 June 2024, 17:59", EVENING),
        ("Jun 14, 2024 559 PM", EVENING),
        ("2024년 6월 14일 금요일, 오후 5:59", EVENING),
        ("2024년 06월 14일(금) 17:59:00", EVENING),
        ("2024년 6월 14일, 오전 12:05", datetime(2024, 6, 14, 0, 5)),
        ("Friday, 14 June 2024, 12:05 PM", datetime(2024, 6, 14, 12, 5)),
        ("Vendredi, 14 juin 2024, 17:59", None),
        ("Friday, 31 June 2024, 5:59 PM", None),
        ("Friday, 14 June 2024, 15:59 PM", None),
        ("14/06/2024 17:59", None),
        ("", None),
    ],
)
def test_times_as_people_read_them(text: str, time: datetime | None) -> None:
    assert written_time(text) == time


MOODLE = """Identifier,Full name,ID number,Email address,Status,Last modified (submission),Last modified (grade)
Participant 48211,Student One,2024-20001,one@example.edu,Submitted,"Friday, 14 June 2024, 5:59 PM",-
Participant 48212,Student Two,2024-20002,two@example.edu,No submission,-,-
Participant 48213,Student Three,,three@example.edu,Submitted,"Saturday, 15 June 2024, 12:05 AM",-
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_moodles_worksheet_tells_the_time_of_the_submission(tmp_path: Path, encoding: str) -> None:
    times = read(tmp_path, MOODLE, encoding)
    assert times.by_lms_id == {"48211": HandIn(EVENING), "48213": HandIn(datetime(2024, 6, 15, 0, 5))}
    assert times.of("48211") == times.of("", "202420001") == HandIn(EVENING)
    assert times.of("48212", "2024-20002") is None


def test_canvas_api_tells_the_time_and_whether_it_is_late(tmp_path: Path) -> None:
    answer = [
        {"user_id": 48211, "submitted_at": "2024-06-14T08:59:59Z", "late": False, "attachments": []},
        {"user_id": 48212, "submitted_at": "2024-06-14T18:00:01+09:00", "late": True},
        {"user_id": 48213, "submitted_at": None, "late": True},
    ]
    times = read(tmp_path, json.dumps(answer))
    late = datetime(2024, 6, 14, 18, 0, 1, tzinfo=timezone(timedelta(hours=9)))
    assert times.of("48211") == HandIn(datetime(2024, 6, 14, 8, 59, 59, tzinfo=UTC))
    assert times.of("48212") == HandIn(late, late=True)
    assert times.of("48213") is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_file_of_ids_and_times_is_enough(tmp_path: Path, delimiter: str) -> None:
    text = "Student ID,submitted_at,late\n2024_20001,2024-06-14 17:59,no\n2024-20002,2024-06-14T18:01:00+09:00,yes\n"
    times = read(tmp_path, text.replace(",", delimiter))
    assert times.of("", "2024-20001") == HandIn(EVENING)
    two = times.of("", "unknown", "", "2024-20002")
    assert two is not None and two.late and two.time.utcoffset() == timedelta(hours=9)


def test_an_id_may_be_the_universitys_or_the_lmss(tmp_path: Path) -> None:
    times = read(tmp_path, "ID,submitted_at\n48211,2024-06-14 17:59\n2024-20002,2024-06-14 17:59\n")
    assert times.of("48211", "2024-20001") == times.of("48212", "2024-20002") == HandIn(EVENING)
    assert times.of("48213", "2024-20003") is None


def test_the_lms_number_decides(tmp_path: Path) -> None:
    text = "user_id,student_id,submitted_at\n48211,2024-20002,2024-06-14 17:59\n48212,2024-20001,2024-06-15 17:59\n"
    assert read(tmp_path, text).of("48211", "2024-20001") == HandIn(EVENING)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "times.csv: expected columns of an ID (student_id, user_id, Identifier) and submitted_at or"),
        ("student_id,when\n2024-20001,x\n", "in the first line, got student_id, when"),
        ("name,submitted_at\n", "in the first line, got name, submitted_at"),
        ("student_id,submitted_at\n", "times.csv: no times in it; expected one for everybody who handed in"),
        ("student_id,submitted_at\n2024-20001,-\n", "no times in it"),
        (
            "student_id,submitted_at\n\n2024-20001,vendredi 14 juin\n",
            "times.csv, line 3: expected a time such as 2024-06-14T17:59:59+09:00, 2024-06-14 17:59 or "
            "'Friday, 14 June 2024, 5:59 PM', got 'vendredi 14 juin'",
        ),
        (
            "student_id,submitted_at\n2024-20001,2024-06-14\n202420001,2024-06-15\n",
            "times.csv, line 3: 202420001 has a time in line 2 already",
        ),
        ("student_id,submitted_at\n,2024-06-14\n", "times.csv, line 2: a time of nobody; expected an ID beside it"),
        ('student_id,submitted_at\n"2024', "line 2: cannot be read as CSV"),
        ("[{", "times.csv: cannot be read as JSON: "),
        ("[" * 100_000, "times.csv: cannot be read as JSON: "),
        ('{"errors": []}', "expected a list of submissions, as Canvas's API answers, got dict"),
        ("[1]", "times.csv, submission 1: expected an object with user_id and submitted_at"),
        ('[{"submitted_at": "2024-06-14"}]', "submission 1: expected an object with user_id and submitted_at"),
        (
            '[{"user_id": 1, "submitted_at": "2024-06-14"}, {"user_id": 1, "submitted_at": "2024-06-14"}]',
            "submission 2: 1 has a time in submission 1 already",
        ),
        ('[{"user_id": 1, "submitted_at": ["x"]}]', "submission 1: expected a time such as"),
    ],
)
def test_a_file_of_times_that_cannot_be_used_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(TimesError) as caught:
        read_times(path)
    assert message in str(caught.value)
    with Readers([tmp_path], [RemoteIntake.__module__]) as readers, pytest.raises(TimesError) as told:
        times_of(readers, path)
    assert str(told.value) == str(caught.value)


def test_a_file_that_cannot_be_opened_or_is_too_large_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TimesError, match="nowhere.csv: No such file"):
        read_times(tmp_path / "nowhere.csv")
    monkeypatch.setattr(times_module, "_LARGEST", 10)
    with pytest.raises(TimesError, match="larger than"):
        read(tmp_path, MOODLE)


def test_readers_read_the_same_times(tmp_path: Path) -> None:
    path = written(tmp_path, MOODLE)
    with Readers([tmp_path], [RemoteIntake.__module__]) as readers:
        times, expected = times_of(readers, path), read_times(path)
        assert (times.by_lms_id, times.by_student_id) == (expected.by_lms_id, expected.by_student_id)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("autograder.sandbox.reader.CPU_SECONDS", -1.0)
            os.mkfifo(endless := tmp_path / "endless.csv")  # nothing writes into it, so that the limit is what ends it
            with pytest.raises(TimesError, match="endless.csv: reading it takes more than -1 seconds of processor"):
                times_of(readers, endless)
