"""Several archives of one student: which one counts."""

from collections.abc import Mapping

import archives

from zoo.entry import HW4, RNN, SHEETS, THREE, VIT, WHO, ZIP, Entry, Row

NOBODY = "no student ID in the name of the archive or of a folder in it"
AGAIN = "handed in again: resubmission {}, as its name says"
LATE = "marked LATE by the LMS"


def each(*names: str, members: Mapping[str, bytes] = THREE) -> dict[str, bytes]:
    """Archives of these names with the same members."""
    return {name: archives.pack("x.zip", members) for name in names}


def called(name: str) -> str:
    """The note on an archive that is not called as the handout asks."""
    return f"the archive is called '{name}'; expected <student ID>.zip"


def entries() -> list[Entry]:
    """Numbers of systems, broken ones, archives that nothing tells apart."""
    first, again, last = "2024-20001", "2024-20001-1", "2024-20001-2"
    early, late = "student01_48211_991200_a", "student01_LATE_48211_991300_a"
    return [
        Entry(
            "resubmissions",
            "three archives of one student: the highest number counts",
            lambda: each(ZIP, f"{again}.zip", f"{last}.zip"),
            (
                Row(
                    again,
                    WHO,
                    HW4,
                    notes=(AGAIN.format(1),),
                    counts=False,
                ),
                Row(last, WHO, HW4, notes=(AGAIN.format(2),)),
                Row(first, WHO, HW4, counts=False),
            ),
        ),
        Entry(
            "resubmissions-of-canvas",
            "the later one is late, which costs all of it: the earlier one counts",
            lambda: each(f"{early}.zip", f"{late}.zip"),
            (
                Row(
                    early,
                    "48211",
                    HW4,
                    notes=(called("a.zip"),),
                    repairs=("archive name",),
                ),
                Row(
                    late,
                    "48211",
                    HW4,
                    notes=(LATE, called("a.zip")),
                    repairs=("archive name",),
                    counts=False,
                ),
            ),
        ),
        Entry(
            "resubmission-broken",
            "the later archive cannot be read, so the earlier one counts",
            lambda: {**each(ZIP), f"{again}.zip": b""},
            (
                Row(
                    again,
                    WHO,
                    notes=(AGAIN.format(1),),
                    error=f"'{again}.zip' cannot be read: it is empty (0 bytes)",
                    counts=False,
                ),
                Row(first, WHO, HW4),
            ),
        ),
        Entry(
            "two-archives",
            "two archives of one student, and nothing tells which is later",
            lambda: each(f"{WHO}_final.zip", f"{WHO}_final_final.zip"),
            (
                Row(
                    f"{WHO}_final",
                    WHO,
                    HW4,
                    notes=(called(f"{WHO}_final.zip"),),
                    repairs=("archive name",),
                    counts=False,
                ),
                Row(
                    f"{WHO}_final_final",
                    WHO,
                    HW4,
                    notes=(called(f"{WHO}_final_final.zip"),),
                    repairs=("archive name",),
                    question=f"which is later? Nothing tells of '{WHO}_final.zip', '{WHO}_final_final.zip'",
                ),
            ),
        ),
        Entry(
            "downloaded-twice",
            "a browser's number on the second of two archives of one student",
            lambda: {**each(ZIP, members={RNN: SHEETS[RNN], VIT: SHEETS[VIT]}), **each(f"{WHO} (1).zip")},
            (
                Row(
                    f"{WHO}-1",
                    WHO,
                    HW4,
                    notes=(called(f"{WHO} (1).zip"),),
                    repairs=("archive name",),
                ),
                Row(
                    WHO,
                    WHO,
                    (RNN, VIT),
                    (HW4[1],),
                    notes=(f"missing: {HW4[1]}",),
                    counts=False,
                ),
            ),
        ),
    ]
