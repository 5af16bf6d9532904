"""Whose it is: IDs, downloads from learning management systems, rosters."""

import archives

from zoo.entry import HW4, SHEETS, THREE, WHO, ZIP, Entry, Row, complete, zipped
from zoo.resubmissions import AGAIN, LATE, NOBODY, called, each

OTHER, THIRD = "2024-20002", "2024-20003"
ROSTER = """student_id,login,name
2024-20001,student01,학생 하나
2024-20002,student02,학생 둘
2024-20003,student03,학생 셋
"""


def entries() -> list[Entry]:
    """IDs, then downloads, then rosters."""
    return [*_ids(), *_downloads(), *_rosters()]


def absent(who: str) -> Row:
    """The row of a student who handed in nothing."""
    return Row(who, who, (), HW4, error="nothing was handed in")


def _ids() -> list[Entry]:
    return [
        Entry(
            "no-id",
            "no student ID anywhere",
            zipped(THREE, "최종 과제.zip"),
            complete(called("최종 과제.zip"), NOBODY, repairs=("archive name",), submission="최종-과제", student_id=""),
        ),
        Entry(
            "id-in-a-folder",
            "the student ID is on the folder alone",
            zipped({f"hw4/{WHO}_hong/{name}": SHEETS[name] for name in HW4}, "homework.zip"),
            complete(
                called("homework.zip"),
                f"student ID {WHO} taken from the name of a folder in the archive",
                repairs=("archive name", "student ID"),
                submission="homework",
            ),
        ),
        Entry(
            "two-ids",
            "the archive bears one student's ID, the folder another's",
            zipped({f"{OTHER}/{name}": SHEETS[name] for name in HW4}),
            complete(f"several student IDs in the names: '{WHO}', '{OTHER}'; the first was taken"),
        ),
        Entry(
            "digits-around-the-id",
            "a telephone number is no student ID",
            zipped(THREE, "82024-200010.zip"),
            complete(
                called("82024-200010.zip"), NOBODY, repairs=("archive name",), submission="82024-200010", student_id=""
            ),
        ),
    ]


def _downloads() -> list[Entry]:
    bare = {f"student01_48211_99123{number}_{name}": SHEETS[name] for number, name in enumerate(HW4)}
    return [
        Entry(
            "canvas",
            "Canvas: login, late marker, numbers, the student's own name, a number for what was handed in again",
            lambda: each(
                "student01_LATE_48211_991234_2024-20001-1.zip",
                "student02_48212_991200_2024-20002.zip",
                "student03_48213_991201_final.zip",
            ),
            (
                Row(
                    "student01_LATE_48211_991234_2024-20001-1",
                    WHO,
                    HW4,
                    notes=(LATE, AGAIN.format(1)),
                ),
                Row("student02_48212_991200_2024-20002", OTHER, HW4),
                Row(
                    "student03_48213_991201_final",
                    THIRD,
                    HW4,
                    notes=(called("final.zip"), f"student ID {THIRD} taken from the roster, by 'student03'"),
                    repairs=("archive name",),
                ),
            ),
            roster=ROSTER,
        ),
        Entry(
            "canvas-bare-notebooks",
            "Canvas: three files of one student without an archive",
            lambda: bare,
            (
                Row(
                    next(iter(bare))[:-6],
                    WHO,
                    HW4,
                    notes=(
                        "handed in as 3 files",
                        f"student ID {WHO} taken from the roster, by 'student01'",
                    ),
                ),
            ),
            roster=f"student_id,login\n{WHO},student01\n",
        ),
        Entry(
            "moodle",
            "Moodle: a folder for each student with the archive in it, told apart by names",
            lambda: {
                f"학생 하나_48211_assignsubmission_file_/{ZIP}": archives.pack("x.zip", THREE),
                "학생 둘_48212_assignsubmission_file_/homework.zip": archives.pack("x.zip", THREE),
                **{f"학생 셋_48213_assignsubmission_file_/{name}": SHEETS[name] for name in HW4},
            },
            (
                Row(
                    "학생-둘_48212_assignsubmission_file",
                    OTHER,
                    HW4,
                    notes=(
                        "the folder holds only the archive 'homework.zip', which was opened",
                        called("homework.zip"),
                        f"student ID {OTHER} taken from the roster, by '학생 둘'",
                    ),
                    repairs=("archive name",),
                ),
                Row(
                    "학생-셋_48213_assignsubmission_file",
                    THIRD,
                    HW4,
                    notes=(f"student ID {THIRD} taken from the roster, by '학생 셋'",),
                ),
                Row(
                    "학생-하나_48211_assignsubmission_file",
                    WHO,
                    HW4,
                    notes=(f"the folder holds only the archive '{ZIP}', which was opened",),
                ),
            ),
            roster=ROSTER,
        ),
    ]


def _rosters() -> list[Entry]:
    return [
        Entry(
            "roster",
            "one student handed in nothing, one is on no roster",
            lambda: each(ZIP, "2024-20009.zip", f"{THIRD}.zip"),
            (
                *complete(),
                Row(THIRD, THIRD, HW4),
                Row(
                    "2024-20009",
                    "2024-20009",
                    HW4,
                    question="whose is it? Student ID 2024-20009 is not on the roster",
                ),
                absent(OTHER),
            ),
            roster=ROSTER,
        ),
        Entry(
            "wrong-id",
            "a student mistypes the ID, so that it is another student's: the login decides",
            lambda: each("student01_48211_991200_2024-20001.zip", "student02_48212_991201_2024-20001.zip"),
            (
                Row("student01_48211_991200_2024-20001", WHO, HW4),
                Row(
                    "student02_48212_991201_2024-20001",
                    OTHER,
                    HW4,
                    notes=(f"student ID {OTHER} taken from the roster, by 'student02'",),
                    question=f"whose is it? The LMS says {OTHER}, the file's own name {WHO}",
                ),
                absent(THIRD),
            ),
            roster=ROSTER,
        ),
        Entry(
            "somebody-elses-id",
            "two logins use one ID and there is no roster: neither replaces the other",
            lambda: each("student01_48211_991200_2024-20001.zip", "student02_48212_991201_2024-20001.zip"),
            tuple(
                Row(
                    submission_id,
                    student,
                    HW4,
                    question=f"whose is it? '{WHO}' stands in the names of several people's files",
                )
                for submission_id, student in (
                    ("student01_48211_991200_2024-20001", "48211"),
                    ("student02_48212_991201_2024-20001", "48212"),
                )
            ),
        ),
    ]
