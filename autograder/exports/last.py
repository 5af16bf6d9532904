"""What was exported last, for each student and target, out of the history of a gradebook."""

from collections.abc import Mapping

from autograder.gradebook.events import Action
from autograder.gradebook.history import History


def last_marks(history: History, target: str) -> dict[str, str]:
    """By student, what the last export to this target wrote."""
    events = (event for event in history.events() if event.action is Action.EXPORT)
    return {event.thing[0]: str(event.after) for event in events if event.thing[1] == target}


def note_marks(history: History, target: str, marks: Mapping[str, str], last: Mapping[str, str]) -> None:
    """Adds to the history what was written for each student, where it is not what stood there."""
    for student_id, mark in marks.items():
        if last.get(student_id) != mark:
            history.note(Action.EXPORT, (student_id, target), last.get(student_id), mark, student_id)
