"""Every entry of the zoo becomes exactly the row that it says, and its code earns what it should."""

import pytest

from autograder.case import load_module
from autograder.intake import submission
from autograder.intake.classlist import survey
from autograder.intake.handout import Handout
from autograder.intake.roster import read_roster
from autograder.manifest import load, project_root

ROOT = project_root()
build = load_module(ROOT / "staff" / "submissions" / "zoo" / "build.py", "zoo_build")
zoo = load_module(ROOT / "staff" / "submissions" / "zoo" / "entry.py", "zoo_entry")
ASSIGNMENTS = load(ROOT)
HANDOUT = Handout.read(ROOT / "notebooks")
READINGS = [(entry, name) for entry in build.ENTRIES for name in entry.readings]


def of_name(entry):
    return entry.name


def surveyed(entry, folder):
    assignment = ASSIGNMENTS[entry.assignment]
    place = build.write(entry, folder)
    students = read_roster(build.roster_of(entry, folder), assignment) if entry.roster else None
    return survey(submission.find(place, assignment), assignment, HANDOUT, students)


def row_of(found, assignment):
    there = () if found.error else tuple(name for name in assignment.notebooks if name not in found.missing)
    kinds = tuple(repair.kind.value for repair in found.repairs)
    notes = tuple(found.notes)
    return zoo.Row(
        found.stem, found.student_id, there, tuple(found.missing), notes, kinds, found.error, found.replaced_by
    )


@pytest.mark.parametrize("entry", build.ENTRIES, ids=of_name)
def test_every_entry_becomes_its_row(entry, tmp_path):
    found = surveyed(entry, tmp_path)
    rows = [row_of(one, ASSIGNMENTS[entry.assignment]) for one in found]
    assert [vars(row) for row in rows] == [vars(row) for row in entry.rows]
    for one in found:
        assert all(repair.note in one.notes for repair in one.repairs)
        assert not any(str(tmp_path) in text for text in (*one.notes, one.error))
