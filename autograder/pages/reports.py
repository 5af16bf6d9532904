"""The reports of a gradebook, tables and pages: whoever changed something brings them up to what the history tells.

A change is on disk before its reports are. Who is killed in between leaves them to whoever comes next: the gradebook
keeps the last event that they tell of.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from filelock import FileLock

from autograder.gradebook.events import Action, Event
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.history import History
from autograder.gradebook.sheets import write_csv
from autograder.gradebook.snapshot import snapshot
from autograder.pages.class_files import class_file
from autograder.pages.roll import sections_of
from autograder.pages.student_page import write_student_page

_LOCK_NAME = ".reports.lock"


def write_reports(gradebook: Gradebook, submission_ids: Sequence[str] = ()) -> None:
    """Writes the tables, the page of the whole class, and those of these attempts. Raises GradebookError, OSError."""
    gradebook.keep_section("")
    with _still(gradebook) as still:
        _write_tables(still, submission_ids)
        _write_class_page(still)


def catch_up(gradebook: Gradebook) -> None:
    """Writes all reports that what people decided makes old, if there are any. Raises GradebookError, OSError.

    The page of the class is written where there is one.
    """
    if gradebook.reported >= History(gradebook).next_number() - 1:
        return
    with _still(gradebook) as still:
        events = History(still).events_since(gradebook.reported)
        _write_tables(still, sorted(_attempts_about(still, events)))
        if class_file(gradebook).exists():
            _write_class_page(still, still.section)


@contextmanager
def _still(gradebook: Gradebook) -> Iterator[Gradebook]:
    """The gradebook as it stands now, while nobody else writes reports; at the end they are known to tell of it."""
    with FileLock(gradebook.folder / _LOCK_NAME), snapshot(gradebook) as still:
        yield still
        gradebook.keep_reported(History(still).next_number() - 1)


def _write_tables(still: Gradebook, submission_ids: Sequence[str]) -> None:
    for submission_id in submission_ids:
        write_student_page(still, submission_id)
    write_csv(still)


def _write_class_page(still: Gradebook, section: str = "") -> None:
    from autograder.pages.class_page import try_class_page  # imports matplotlib, which marking does without

    try_class_page(still, section if section in sections_of(still) else "")


def _attempts_about(gradebook: Gradebook, events: Sequence[Event]) -> set[str]:
    """The attempts whose pages events change: all of whoever they are about, for another one may count then."""
    names, people = set[str](), set[int]()
    for event in events:
        names |= {name for _, name, _ in event.changes} if event.action is Action.REGRADE else set(event.thing[:1])
        people |= {int(event.person)} if event.person else set()
        if event.action is Action.OWNER:
            for _, links in (event.before, event.after):
                names |= links.keys()
                people |= {person for persons, _ in links.values() for person in persons}
    people |= {person for name in names for person in gradebook.people_of(name)}
    mine, known = gradebook.names_of_attempts(), {one.submission_id for one in gradebook.attempts()}
    return (names & known) | {name for person in people for name in mine.get(person, ())}
