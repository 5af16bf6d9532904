"""What learning management systems let a teacher download: of each form a plain class, later work, an odd name."""

from collections.abc import Callable, Mapping

import archives

from zoo.downloads import OTHER, THIRD, absent
from zoo.entry import HW4, RNN, SEQ2SEQ, SHEETS, THREE, VIT, WHO, ZIP, Entry, Row
from zoo.resubmissions import AGAIN, LATE, NOBODY, called, each

CANVAS = """Student,ID,SIS User ID,SIS Login ID,Section,Homework 4 (123456)
    Points Possible,,,,,100.00
"One, Student",48211,2024-20001,student01,A,
"O'Two, Stu-Dent",48212,2024-20002,student02,A,
"Student, Test",99999,,b1946ac92492d2347c6235b4d2611184,A,
"""
MOODLE = """Identifier,Full name,ID number,Email address,Status,Grade
Participant 48211,Student One,2024-20001,one@example.edu,Submitted,
Participant 48212,Student One,2024-20002,two@example.edu,Submitted,
"""
LOGINS = """Username,Last Name,First Name,Student ID
s001,One,Student,2024-20001
s002,Two,Student,2024-20002
"""
EMAILS = f"student_id,name,email\n{WHO},Student One,one@example.edu\n{OTHER},Student Two,TWO@example.edu\n"
TEXT = b"<p>see the attachment</p>"
RENAMED = ("archive name",)


def entries() -> list[Entry]:
    """System by system, then whole downloads."""
    return [*_canvas(), *_moodle(), *_blackboard(), *_brightspace(), *_gradescope(), *_sakai(), *_whole(), *_loose()]


def _pack() -> bytes:
    return archives.pack("x.zip", THREE)


def _by(who: str, name: str) -> str:
    return f"student ID {who} taken from the roster, by '{name}'"


def _whose(lms: str, own: str) -> str:
    return f"whose is it? The LMS says {lms}, the file's own name {own}"


def _renamed(submission: str, who: str, name: str, archive: str = "hw4.zip", counts: bool = True) -> Row:
    """The row of a whole archive that is not called as it should be."""
    return Row(submission, who, HW4, notes=(called(archive), _by(who, name)), repairs=RENAMED, counts=counts)


def _lying(submission: str, who: str, name: str, archive: str, said: str, *notes: str) -> Row:
    """The row of an archive whose own name says another student's ID."""
    notes = (*notes, called(archive), _by(who, name))
    return Row(submission, who, HW4, notes=notes, repairs=RENAMED, question=_whose(who, said))


def _for_a_person(submission: str, name: str, why: str, *notes: str, counts: bool = True) -> Row:
    """The row of a text or a link alone."""
    who = OTHER if "Two" in name else WHO
    return Row(submission, who, notes=notes, error=f"'{name}' cannot be read: it is {why}", counts=counts)


def _canvas() -> list[Entry]:
    lying = "ostudent_LATE_48212_991235_x_1_assignsubmission_file_2024-20001.zip"
    keys = ("LATE_anon_79kX4_100002_2024-20002", "anon_79kX3_100001_2024-20001-1", "anon_79kX3_99999_2024-20001")
    one = "onestudent_48211_991234_2024-20001"
    return [
        Entry(
            "canvas-gradebook",
            "Canvas's own export is the roster; names are squashed, in the order of the gradebook",
            lambda: each("onestudent_48211_991234_hw4.zip", "otwostudent_48212_991235_hw4.zip"),
            (
                _renamed("onestudent_48211_991234_hw4", WHO, "onestudent"),
                _renamed("otwostudent_48212_991235_hw4", OTHER, "otwostudent"),
            ),
            roster=CANVAS,
        ),
        Entry(
            "canvas-pages",
            "a text and a link, which replace no archive",
            lambda: {
                **each(f"{one}.zip"),
                "onestudent_48211_text.html": TEXT,
                "onestudent_LATE_48211_link.html": TEXT,
            },
            (
                Row(one, WHO, HW4),
                _for_a_person(
                    "onestudent_48211_text.html",
                    "onestudent_48211_text.html",
                    "a text, which a person has to look at",
                    _by(WHO, "onestudent"),
                    counts=False,
                ),
                _for_a_person(
                    "onestudent_LATE_48211_link.html",
                    "onestudent_LATE_48211_link.html",
                    "a link, which a person has to follow",
                    LATE,
                    _by(WHO, "onestudent"),
                    counts=False,
                ),
                absent(OTHER),
            ),
            roster=CANVAS,
        ),
        Entry(
            "canvas-anonymous",
            "nobody is named: the IDs of the files' own names are whose they are, the numbers say which is later",
            lambda: each(*(f"{key}.zip" for key in keys)),
            (
                Row(keys[0], OTHER, HW4, notes=(LATE,)),
                Row(keys[1], WHO, HW4, notes=(AGAIN.format(1),)),
                Row(keys[2], WHO, HW4, counts=False),
            ),
            roster=CANVAS,
        ),
        Entry(
            "canvas-imitates-moodle",
            "a file's own name has Moodle's mark and another student's ID",
            lambda: each(f"{one}.zip", lying),
            (
                Row(one, WHO, HW4),
                _lying(lying[:60], OTHER, "ostudent", "x_1_assignsubmission_file_2024-20001.zip", WHO, LATE),
            ),
            roster=CANVAS,
        ),
    ]


def _moodle() -> list[Entry]:
    one, two = "Student One_48211_assignsubmission_", "Student One_48212_assignsubmission_"
    lying = "x_LATE_48211_991234_2024-20001.zip"
    return [
        Entry(
            "moodle-namesakes",
            "two students of one name, told apart by the participant's number",
            lambda: {f"{one}file_/hw4.zip": _pack(), f"{two}file_hw4.zip": _pack()},
            (
                Row(
                    "Student-One_48211_assignsubmission_file",
                    WHO,
                    HW4,
                    notes=(
                        "the folder holds only the archive 'hw4.zip', which was opened",
                        called("hw4.zip"),
                        _by(WHO, "Student One"),
                    ),
                    repairs=RENAMED,
                ),
                _renamed("Student-One_48212_assignsubmission_file_hw4", OTHER, "Student One"),
            ),
            roster=MOODLE,
        ),
        Entry(
            "moodle-text",
            "a text of the same number belongs to the archive",
            lambda: {f"{one}file_/{ZIP}": _pack(), f"{one}onlinetext_/onlinetext.html": TEXT},
            (
                Row(
                    "Student-One_48211_assignsubmission_file",
                    WHO,
                    HW4,
                    notes=(f"the folder holds only the archive '{ZIP}', which was opened",),
                ),
                absent(OTHER),
            ),
            roster=MOODLE,
        ),
        Entry(
            "moodle-imitates-canvas",
            "a file's own name has Canvas's numbers and another student's ID",
            lambda: {f"{two}file_{lying}": _pack()},
            (
                _lying(f"{two}file_{lying}".replace(" ", "-")[:60].strip("-._"), OTHER, "Student One", lying, WHO),
                absent(WHO),
            ),
            roster=MOODLE,
        ),
    ]


def _blackboard() -> list[Entry]:
    first, second = "HW4_s001_attempt_2024-06-13-10-00-00", "HW4_s001_attempt_2024-06-14-17-59-59"
    in_time, late = "HW_4_s001_attempt_2024-06-14-17-59-59_a", "HW_4_s002_attempt_2024-06-14-18-00-01_a"
    lying = "HW4_s001_attempt_2024-06-14-10-00-00_2024-20001.zip"
    never = f"HW4_s002_attempt_2024-02-31-10-00-00_{lying}"
    return [
        Entry(
            "blackboard",
            "a text about each attempt; the later one counts, by its time",
            lambda: {
                **{f"{attempt}.txt": TEXT for attempt in (first, second)},
                **each(f"{first}_{ZIP}", f"{second}_{ZIP}"),
            },
            (Row(f"{first}_{WHO}", WHO, HW4, counts=False), Row(f"{second}_{WHO}", WHO, HW4), absent(OTHER)),
            roster=LOGINS,
        ),
        Entry(
            "blackboard-underscores",
            "underscores in the assignment's name; one attempt is late",
            lambda: each(f"{in_time}.zip", f"{late}.zip"),
            (_renamed(in_time, WHO, "4_s001", "a.zip"), _renamed(late, OTHER, "4_s002", "a.zip")),
            roster=LOGINS,
        ),
        Entry(
            "blackboard-imitates-an-attempt",
            "a file's own name imitates another login's attempt, and the time is a day that never was",
            lambda: each(never),
            (_lying(never[:60], OTHER, "s002", lying, WHO), absent(WHO)),
            roster=LOGINS,
        ),
    ]


def _brightspace() -> list[Entry]:
    who = "10001-20002 - Student One"
    lying = "Two Student - Jun 1, 2024 100 AM - 2024-20002.zip"
    return [
        Entry(
            "brightspace",
            "June 14 is later than June 9; the page with all names is nobody's",
            lambda: {
                **each(f"{who} - Jun 14, 2024 559 PM - hw4.zip", f"{who} - Jun 9, 2024 1000 PM - hw4.zip"),
                "index.html": TEXT,
            },
            (
                _renamed("10001-20002---Student-One---Jun-14-2024-559-PM---hw4", WHO, "Student One"),
                _renamed("10001-20002---Student-One---Jun-9-2024-1000-PM---hw4", WHO, "Student One", counts=False),
                absent(OTHER),
            ),
            roster=LOGINS,
        ),
        Entry(
            "brightspace-in-another-language",
            "months of another language are no time; the other one is late",
            lambda: each(
                f"{who} - juin 14, 2024 1759 - hw4.zip", "10002-20002 - Two Student - 14 Jun, 2024 1801 - hw4.zip"
            ),
            (
                _renamed("10001-20002---Student-One---juin-14-2024-1759---hw4", WHO, "Student One"),
                _renamed("10002-20002---Two-Student---14-Jun-2024-1801---hw4", OTHER, "Two Student"),
            ),
            roster=LOGINS,
        ),
        Entry(
            "brightspace-imitates-a-time",
            "a file's own name has another name, time and ID",
            lambda: each(f"{who} - Jun 14, 2024 559 PM - {lying}"),
            (
                _lying(
                    "10001-20002---Student-One---Jun-14-2024-559-PM---Two-Student", WHO, "Student One", lying, OTHER
                ),
                absent(OTHER),
            ),
            roster=LOGINS,
        ),
    ]


def _export(*submissions: tuple[str, str, str]) -> Callable[[], Mapping[str, bytes]]:
    """Makes Gradescope's export of folders, each with its people and its time."""
    folder = "assignment_77_export"
    metadata = "".join(
        f"{name}:\n  :submitters: [{people}]\n  :created_at: {time}\n" for name, people, time in submissions
    )
    return lambda: {
        f"{folder}/submission_metadata.yml": metadata.encode(),
        **{f"{folder}/{name}/{notebook}": SHEETS[notebook] for name, _, _ in submissions for notebook in HW4},
    }


def _gradescope() -> list[Entry]:
    one = '{":name": Student One, ":sid": 2024-20001, ":email": one@example.edu}'
    two = '{":name": Student Two, ":sid": , ":email": two@example.edu}'
    return [
        Entry(
            "gradescope",
            "the people stand in a file beside the folders: by number, and by e-mail address",
            _export(
                ("submission_1001", one, "2024-06-14 08:59:59 Z"), ("submission_1002", two, "2024-06-14 08:00:00 Z")
            ),
            (
                Row("submission_1001", WHO, HW4),
                Row("submission_1002", OTHER, HW4, notes=(_by(OTHER, "Student Two"),)),
            ),
            roster=EMAILS,
        ),
        Entry(
            "gradescope-together",
            "two people share an attempt, and one of them hands in again after the deadline",
            _export(
                ("submission_1001", f"{one}, {two}", "2024-06-14 08:59:59 Z"),
                ("submission_1002", two, "2024-06-14 09:00:01 Z"),
            ),
            (
                Row(
                    "submission_1001",
                    f"{WHO}, {OTHER}",
                    HW4,
                    notes=(_by(WHO, "Student One"), _by(OTHER, "Student Two")),
                ),
                Row("submission_1002", OTHER, HW4, notes=(_by(OTHER, "Student Two"),), counts=False),
            ),
            roster=EMAILS,
        ),
        Entry(
            "gradescope-unknown",
            "somebody whom the roster does not know, and a folder of which nothing is told but a number like an ID",
            _export(
                ("submission_1001", '{":name": "", ":sid": 2024-20009}', "never"),
                ("submission_202420001", "", "2024-06-14 08:00:00 Z"),
            ),
            (
                Row("submission_1001", "", HW4, question="whose is it? '2024-20009' is not on the roster"),
                Row("submission_202420001", "", HW4, notes=(NOBODY,)),
                absent(WHO),
                absent(OTHER),
            ),
            roster=EMAILS,
        ),
    ]


def _sakai() -> list[Entry]:
    one, two = "Homework 4/One, Student(s001)", "Homework 4/Two, Student(s002)"
    stranger, attached = "Homework 4/One, Student(s009)", "Submission attachment(s)"
    return [
        Entry(
            "sakai",
            "what was attached lies one folder deeper, beside a time and the teacher's files",
            lambda: {
                f"{one}/{attached}/{ZIP}": _pack(),
                f"{one}/timestamp.txt": b"20240614175959123",
                f"{one}/comments.txt": b"",
                "Homework 4/grades.csv": b"Display ID,ID,Last Name\n",
            },
            (
                Row(
                    "One-Student-s001",
                    WHO,
                    HW4,
                    notes=(f"the folder holds only the archive '{ZIP}', which was opened",),
                ),
                absent(OTHER),
            ),
            roster=LOGINS,
        ),
        Entry(
            "sakai-late",
            "a late one, and a text without any file",
            lambda: {
                f"{one}/{attached}/{RNN}": SHEETS[RNN],
                f"{one}/timestamp.txt": b"20240614180001000",
                f"{two}/Two, Student(s002)_submissionText.html": TEXT,
                f"{two}/timestamp.txt": b"20240614170000000",
            },
            (
                Row(
                    "One-Student-s001",
                    WHO,
                    (RNN,),
                    (SEQ2SEQ, VIT),
                    (f"missing: {SEQ2SEQ}, {VIT}", _by(WHO, "One, Student")),
                ),
                _for_a_person(
                    "Two-Student-s002",
                    "Two, Student(s002)",
                    "a text, which a person has to look at",
                    _by(OTHER, "Two, Student"),
                ),
            ),
            roster=LOGINS,
        ),
        Entry(
            "sakai-oddities",
            "nothing attached, a time that is none, a name that the login contradicts",
            lambda: {
                f"{two}/feedbackText.html": b"",
                f"{stranger}/timestamp.txt": b"yesterday",
                f"{stranger}/{attached}/{VIT}": SHEETS[VIT],
            },
            (
                Row(
                    "One-Student-s009",
                    "",
                    (VIT,),
                    (RNN, SEQ2SEQ),
                    (f"missing: {RNN}, {SEQ2SEQ}", NOBODY),
                    question="whose is it? 'One, Student' is not on the roster",
                ),
                absent(WHO),
                absent(OTHER),
            ),
            roster=LOGINS,
        ),
    ]


def _whole() -> list[Entry]:
    one, two, again = (
        "onestudent_48211_991234_hw4.zip",
        "otwostudent_48212_991235_hw4.zip",
        "onestudent_LATE_48211_991299_hw4.zip",
    )
    loose = {f"otwostudent_48212_99123{number}_{name}": SHEETS[name] for number, name in enumerate(HW4)}
    hidden = ("otwostudent_48212_999999_hw4.zip", "x_48213_999999_hw4.zip")
    return [
        Entry(
            "whole-download",
            "everything that Canvas gives, as the one archive that it is",
            lambda: {"submissions.zip": archives.pack("x.zip", {**each(one), **loose})},
            (
                _renamed(one[:-4], WHO, "onestudent"),
                Row(
                    next(iter(loose))[:-6],
                    OTHER,
                    HW4,
                    notes=("handed in as 3 files", _by(OTHER, "otwostudent")),
                ),
            ),
            roster=CANVAS,
        ),
        Entry(
            "whole-download-of-archives",
            "two downloads, of nothing but archives; the second holds somebody's late work",
            lambda: {
                "submissions (1).zip": archives.pack("x.zip", each(again)),
                "submissions.zip": archives.pack(
                    "x.zip", {f"HW4/{name}": content for name, content in each(one, two).items()}
                ),
            },
            (
                Row(
                    again[:-4],
                    WHO,
                    HW4,
                    notes=(LATE, called("hw4.zip"), _by(WHO, "onestudent")),
                    repairs=RENAMED,
                    counts=False,
                ),
                _renamed(one[:-4], WHO, "onestudent"),
                _renamed(two[:-4], OTHER, "otwostudent"),
            ),
            roster=CANVAS,
        ),
        Entry(
            "download-inside-of-a-submission",
            "a student packs files that are named as if an LMS had, for others",
            lambda: {f"onestudent_48211_991234_{ZIP}": archives.pack("x.zip", each(*hidden))},
            (
                Row(
                    f"onestudent_48211_991234_{WHO}",
                    WHO,
                    (),
                    HW4,
                    (
                        f"missing: {', '.join(HW4)}",
                        f"archives inside the submission are not opened: '{hidden[0]}', '{hidden[1]}'",
                    ),
                ),
                absent(OTHER),
            ),
            roster=CANVAS,
        ),
    ]


def _loose() -> list[Entry]:
    names = {"202420001": WHO, "hw4_2024_20002_final": OTHER, "２０２４－２０００３": THIRD}
    return [
        Entry(
            "ids-without-separators",
            "the ID as people type it, in names that no LMS has touched",
            lambda: each(*(f"{name}.zip" for name in names)),
            tuple(
                Row(submission, who, HW4, notes=(called(f"{name}.zip"),), repairs=RENAMED)
                for submission, (name, who) in zip(
                    ("202420001", "hw4_2024_20002_final", "2024-20003"), names.items(), strict=True
                )
            ),
            roster=f"student_id\n{WHO}\n{OTHER}\n{THIRD}\n",
        ),
    ]
