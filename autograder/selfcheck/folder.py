"""What `CollectSubmission.sh` packs of a folder, and everything about it that its author should know."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from autograder.course.manifest import Assignment
from autograder.intake.archive import members
from autograder.intake.contents import Contents, missing_note
from autograder.intake.handout import NOTHING
from autograder.intake.member import Member
from autograder.intake.names import ignored, named
from autograder.intake.source import source_at
from autograder.messages import say
from autograder.selfcheck.notebooks import notebook_faults, statement_faults
from autograder.selfcheck.saved_models import model_faults

NOTEBOOKS = "notebooks"  # where CollectSubmission.sh looks for what does not lie beside it


def assignment_of(folder: Path, assignments: Mapping[str, Assignment]) -> Assignment:
    """The assignment of which most lies in a folder; of equals, the one that is due last."""
    latest_first = sorted(assignments.values(), key=lambda assignment: assignment.deadline, reverse=True)
    return max(latest_first, key=lambda assignment: sum(_holds(folder, name) for name in assignment.required))


def folder_faults(root: Path, folder: Path, assignment: Assignment, assignments: Mapping[str, Assignment]) -> list[str]:
    """One line for everything that is missing, odd or unfinished in what the folder hands in. Raises OSError."""
    contents = Contents(source_at(folder, assignment), assignment, NOTHING)
    for member in packed(folder, assignment):
        contents.take(member)
    contents.finish("")
    missing = contents.missing()
    contents.note_members([])
    faults = [missing_note([name]) for name in missing]
    faults += contents.notes
    faults += _foreign(contents.files, assignment, assignments)
    for name, content in contents.notebooks.items():
        faults += notebook_faults(root, assignment, name, content)
    faults += statement_faults(contents.notebooks)
    faults += model_faults(root, folder, assignment, contents.notebooks)
    return list(dict.fromkeys(faults))


def packed(folder: Path, assignment: Assignment) -> Iterator[Member]:
    """The members of the archive that the folder gives, and the notebooks beside them."""
    for place in (folder, folder / NOTEBOOKS):
        for path in sorted(place.iterdir()) if place.is_dir() else ():
            if path.is_file() and (path.suffix.lower() == ".ipynb" or path.name in assignment.required):
                for member in members(path, "notebook"):
                    yield replace(member, name=path.relative_to(folder).as_posix())
    for name in (name for name in assignment.required if name.endswith("/") and (folder / name).is_dir()):
        yield Member(name, "folder", lambda _: iter(()))
        for member in members(folder / name, "folder"):
            yield replace(member, name=f"{name}{member.name}")


def _holds(folder: Path, name: str) -> bool:
    return any((place / name).exists() for place in (folder, folder / NOTEBOOKS))


def _foreign(files: list[str], assignment: Assignment, assignments: Mapping[str, Assignment]) -> Iterator[str]:
    """Notebooks that are another assignment's."""
    for file in files:
        base = file.rpartition("/")[2]
        for other in assignments.values():
            if not ignored(base) and other.name != assignment.name and named(base, other.notebooks):
                titles = {"other": say(other.title), "title": say(assignment.title)}
                yield say("'{file}' is a notebook of {other}, and not handed in for {title}", file=file, **titles)
