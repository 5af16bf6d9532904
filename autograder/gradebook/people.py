"""The people of a gradebook: its students, what each of them handed in, and what was decided about them."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from autograder.gradebook import rows
from autograder.gradebook.file import GradebookError, GradebookFile
from autograder.gradebook.rows import AttemptRow
from autograder.gradebook.schema import put
from autograder.intake.digests import KnownDigests
from autograder.intake.names import quoted
from autograder.intake.roster import Student
from autograder.messages import say
from autograder.notebook.text import one_line

_PAGE = 100  # attempts read at a time


@dataclass(frozen=True)
class Person:
    """A student of the gradebook: `number` is its key there, `excused` why there is no mark, "" for everybody else."""

    number: int
    student: Student
    on_roster: bool
    excused: str


@dataclass(frozen=True)
class Adjustment:
    """Points that a person gives or takes (below 0) by hand."""

    number: int
    points: Decimal
    reason: str


class PeopleFile(GradebookFile):
    """A gradebook's file, with its people. Methods raise GradebookError."""

    # Students

    def people(self) -> list[Person]:
        """Every student, by ID."""
        return [_to_person(row) for row in self.select("SELECT * FROM students ORDER BY student_id")]

    def has_roster(self) -> bool:
        """Whether any student stands on a roster."""
        return bool(self.select("SELECT 1 FROM students WHERE on_roster = 1 LIMIT 1"))

    def is_student(self, student_id: str) -> bool:
        """Whether there is a student with this ID."""
        return bool(self.select("SELECT 1 FROM students WHERE student_id = ?", student_id))

    def person(self, name: str) -> Person:
        """The student with this ID, number in the LMS or login. Raises GradebookError if there is none, or several."""
        for column in ("student_id", "lms_id", "login"):
            found = self.select(f"SELECT * FROM students WHERE {column} = ?", name) if name else []
            if len(found) == 1:
                return _to_person(found[0])
        alike = [one.student.student_id for one in self.people() if name and name in one.student.student_id]
        told = "{path}: has no student {name}; do you mean {alike}?" if alike else "{path}: has no student {name}"
        raise GradebookError(say(told, path=str(self.path), name=name, alike=quoted(alike)))

    def clear_roster(self) -> None:
        """Forgets who stands on the roster, before those on a new one are entered."""
        with self.transaction() as connection:
            connection.execute("UPDATE students SET on_roster = 0")

    def put_person(self, student: Student, on_roster: bool | None) -> int:
        """The number of a student, who is entered or brought up to date; known are they by LMS ID or student ID.

        None leaves it as it was whether they stand on the roster.
        """
        texts = {name: one_line(value, 200) for name, value in vars(student).items()}
        about: dict[str, object] = texts | {"on_roster": bool(on_roster)}
        with self.transaction() as connection:
            query = "SELECT person FROM students WHERE (lms_id != '' AND lms_id = ?) OR student_id = ? ORDER BY person"
            same = [row["person"] for row in connection.execute(query, (texts["lms_id"], texts["student_id"]))]
            if not same:
                query = f"INSERT INTO students ({', '.join(about)}, excused) VALUES ({', '.join('?' * len(about))}, '')"
                return int(connection.execute(query, tuple(about.values())).lastrowid or 0)
            number, *others = same
            for other in others:  # one person, once known by the LMS alone and once by the ID alone
                for table in ("attempts_of_students", "choices", "extensions", "adjustments"):
                    connection.execute(f"UPDATE OR IGNORE {table} SET person = ? WHERE person = ?", (number, other))
                connection.execute("DELETE FROM students WHERE person = ?", (other,))
            known = {key: value for key, value in about.items() if value != "" or on_roster}
            if on_roster is None:
                del known["on_roster"]
            changed = ", ".join(f"{column} = ?" for column in known)
            connection.execute(f"UPDATE students SET {changed} WHERE person = ?", (*known.values(), number))
            return int(number)

    # What they handed in

    def attempts(self) -> Iterator[AttemptRow]:
        """Every attempt recorded, by ID; a few at a time, so that a large class needs no more memory."""
        last = ""
        while True:
            query = f"{rows.ATTEMPTS} WHERE submission_id > ? ORDER BY submission_id LIMIT ?"
            page = self.select(query, last, _PAGE)
            if not page:
                return
            yield from map(rows.to_attempt, page)
            last = page[-1]["submission_id"]

    def attempt(self, submission_id: str) -> AttemptRow:
        """One attempt; raises GradebookError when it is not recorded."""
        found = self.select(f"{rows.ATTEMPTS} WHERE submission_id = ?", submission_id)
        if not found:
            raise GradebookError(f"{self.path}: has no attempt {submission_id}")
        return rows.to_attempt(found[0])

    def attempts_of(self, person: Person) -> list[AttemptRow]:
        """The attempts of a student that are there, in no order; that of nothing only where there is no other."""
        mine = "SELECT submission_id FROM attempts_of_students WHERE person = ?"
        found = self.select(f"{rows.ATTEMPTS} WHERE NOT gone AND submission_id IN ({mine})", person.number)
        attempts = [rows.to_attempt(row) for row in found]
        return [one for one in attempts if one.sources] or attempts

    def names_of_attempts(self) -> dict[int, list[str]]:
        """What the attempts are called that `attempts_of` gives for each student, by the student's number."""
        query = """
            SELECT person, submission_id, sources != '[]' FROM attempts_of_students JOIN attempts USING (submission_id)
            WHERE NOT gone
        """
        there: dict[int, list[str]] = {}
        with_files: dict[int, list[str]] = {}
        for person, name, has_files in self.select(query):
            there.setdefault(person, []).append(name)
            if has_files:
                with_files.setdefault(person, []).append(name)
        return there | with_files

    def attempts_called(self, name: str) -> list[AttemptRow]:
        """The attempts of this name, or with a file of this name, which may be gone; by ID."""
        has_file = "EXISTS (SELECT 1 FROM json_each(s.sources) WHERE value = ?1)"
        found = self.select(f"{rows.ATTEMPTS} WHERE submission_id = ?1 OR {has_file} ORDER BY submission_id", name)
        return [rows.to_attempt(row) for row in found]

    def unowned(self) -> list[AttemptRow]:
        """The attempts that are there and nobody's so far, by ID."""
        owned = "SELECT submission_id FROM attempts_of_students"
        query = f"{rows.ATTEMPTS} WHERE NOT gone AND submission_id NOT IN ({owned}) ORDER BY submission_id"
        return [rows.to_attempt(row) for row in self.select(query)]

    def doubtful(self) -> list[AttemptRow]:
        """The attempts that are there and ask whose they are, by ID."""
        query = f"{rows.ATTEMPTS} WHERE NOT gone AND open_questions != '[]' ORDER BY submission_id"
        return [rows.to_attempt(row) for row in self.select(query)]

    def students_of_attempts(self) -> dict[str, tuple[str, ...]]:
        """The IDs of who handed in each attempt, by ID."""
        query = "SELECT submission_id, student_id FROM attempts_of_students JOIN students USING (person) ORDER BY 2"
        students: dict[str, tuple[str, ...]] = {}
        for name, student_id in self.select(query):
            students[name] = (*students.get(name, ()), student_id)
        return students

    def people_of(self, submission_id: str) -> list[int]:
        """The numbers of who handed in an attempt."""
        found = self.select("SELECT person FROM attempts_of_students WHERE submission_id = ?", submission_id)
        return [row["person"] for row in found]

    def nothing_of(self, person: Person) -> str:
        """The attempt that says that a student handed in nothing, now or once; "" if there is none."""
        mine = "SELECT submission_id FROM attempts_of_students WHERE person = ?"
        query = f"SELECT submission_id FROM attempts WHERE sources = '[]' AND submission_id IN ({mine})"
        found = self.select(query, person.number)
        return str(found[0][0]) if found else ""

    def link(self, submission_id: str, people: list[int]) -> None:
        """Says who handed in an attempt, in place of what was said before."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM attempts_of_students WHERE submission_id = ?", (submission_id,))
            for person in people:
                put(connection, "attempts_of_students", person=person, submission_id=submission_id)

    def set_gone(self, submission_id: str, gone: bool) -> None:
        """Says whether an attempt is gone."""
        with self.transaction() as connection:
            query = "UPDATE attempts SET gone = ? WHERE submission_id = ?"
            connection.execute(query, (gone, submission_id))

    def erase(self, person: Person, attempts: Sequence[AttemptRow]) -> None:
        """Erases a student, these attempts and all that was decided about them; SQLite keeps nothing of it."""
        with self.transaction() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            for attempt in attempts:
                connection.execute("DELETE FROM attempts WHERE submission_id = ?", (attempt.submission_id,))
                connection.execute("DELETE FROM events WHERE about = ?", (attempt.submission_id,))
                connection.execute("DELETE FROM answers WHERE identity = ?", (attempt.identity,))
                for source in attempt.sources:
                    connection.execute("DELETE FROM digests WHERE path LIKE '%/' || ?", (source,))
            connection.execute("DELETE FROM students WHERE person = ?", (person.number,))
            connection.execute("DELETE FROM events WHERE about = ?", (person.student.student_id,))

    def digests(self) -> KnownDigests:
        """The digests of files, as they were learnt so far."""
        found = self.select("SELECT path, size, changed, inode, digest FROM digests")
        return KnownDigests({row[0]: ((row[1], row[2], row[3]), row[4]) for row in found})

    def size_of(self, digest: str) -> int | None:
        """The bytes of a file that was handed in, known by its SHA-256; None if no single file has it."""
        found = self.select("SELECT size FROM digests WHERE digest = ?", digest)
        return int(found[0][0]) if found else None

    def receipts(self, attempt: AttemptRow) -> list[tuple[str, int, str]]:
        """Name, bytes and SHA-256 of the files of an attempt, as CollectSubmission.sh tells them; none of a folder.

        Of several files, those whose name no other file has.
        """
        if len(attempt.sources) == 1:
            size = self.size_of(attempt.digest)
            return [] if size is None else [(attempt.sources[0], size, attempt.digest)]
        query = "SELECT DISTINCT size, digest FROM digests WHERE substr(path, -length(?1) - 1) = '/' || ?1"
        found = {name: self.select(query, name) for name in attempt.sources}
        return [(name, int(rows[0][0]), str(rows[0][1])) for name, rows in found.items() if len(rows) == 1]

    def keep_digests(self, digests: KnownDigests) -> None:
        """Keeps digests in place of all others."""
        with self.transaction() as connection:
            connection.execute("DELETE FROM digests")
            for path, ((size, changed, inode), digest) in digests.by_path.items():
                put(connection, "digests", path=path, size=size, changed=changed, inode=inode, digest=digest)

    # What was decided

    def answers(self) -> Mapping[str, str]:
        """The student IDs that people gave to identities."""
        return dict(map(tuple, self.select("SELECT identity, student_id FROM answers")))

    def choice(self, person: Person) -> str:
        """The attempt that somebody chose to count; "" if nobody did."""
        found = self.select("SELECT submission_id FROM choices WHERE person = ?", person.number)
        return str(found[0][0]) if found else ""

    def marked_by_hand(self) -> set[str]:
        """The attempts of which a question was marked by hand."""
        return {row[0] for row in self.select("SELECT DISTINCT submission_id FROM manual_marks")}

    def extension(self, person: Person) -> tuple[datetime | None, str]:
        """Until when a student has time by an extension, and why; None and "" without one."""
        found = self.select("SELECT until, reason FROM extensions WHERE person = ?", person.number)
        return (datetime.fromisoformat(found[0][0]), found[0][1]) if found else (None, "")

    def adjustments(self, person: Person) -> list[Adjustment]:
        """What was given or taken by hand."""
        found = self.select("SELECT id, points, reason FROM adjustments WHERE person = ? ORDER BY id", person.number)
        return [Adjustment(row[0], Decimal(row[1]), row[2]) for row in found]


def _to_person(row: sqlite3.Row) -> Person:
    columns = dict(row)
    number, on_roster, excused = columns.pop("person"), columns.pop("on_roster"), columns.pop("excused")
    about = {name: str(value) for name, value in columns.items()}
    return Person(int(str(number)), Student(**about), bool(on_roster), str(excused))
