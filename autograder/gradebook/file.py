"""The SQLite file of a gradebook: opened by one grader at a time, written in transactions that survive its death."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from autograder.gradebook.migrations import FORMAT, format_of, migrate, problem_of
from autograder.gradebook.schema import TABLES, put

FILE_NAME = "gradebook.sqlite"
LOCK_NAME = ".grading.lock"
_PATIENCE_SECONDS = 60.0  # for another process's transaction
_APPLICATION = 0x67726164  # marks the file as a gradebook in its SQLite header


class GradebookError(Exception):
    """The gradebook cannot be used; the message says which file and why."""


class RecordError(GradebookError):
    """One record cannot be kept, such as one that is too large; the gradebook itself is sound."""


# What SQLite and its binding raise for a value, whatever the state of the file.
_OF_VALUES = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.InterfaceError, OverflowError, UnicodeError)


class GradebookFile:
    """The gradebook's file in a folder, made when there is none; safe to use from several threads.

    Who opens it `alone` refuses every other process that asks for that, until this one closes it or ends, however it
    ends. Marks by hand are given beside it, in short transactions.
    """

    def __init__(self, folder: Path, assignment: str, alone: bool = True) -> None:
        """Opens or creates `folder`/gradebook.sqlite.

        Raises GradebookError: it cannot be written, is in use, is no gradebook, or belongs to another assignment.
        """
        self.folder = folder
        self.path = folder / FILE_NAME
        self._mutex = threading.RLock()
        self._trying = self._within = False
        self._computed: dict[Callable[[Self], Any], tuple[tuple[int, int], Any]] = {}
        self._lock = FileLock(folder / LOCK_NAME, timeout=0)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # marks are nobody else's business
            if alone or not _is_current(self.path):
                self._lock.acquire()
            if not self.path.exists():
                self.path.touch(0o600)
            self._connection = sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS, check_same_thread=False)
        except Timeout:
            raise GradebookError(
                f"{folder} is in use by another grader; wait for its end, or use another folder"
            ) from None
        except (OSError, NotImplementedError, sqlite3.Error) as error:
            self._lock.release()
            raise GradebookError(f"{self.path}: cannot be opened or created: {error}") from error
        try:
            self._prepare(assignment)
        except BaseException:
            self.close()
            raise
        if not alone:
            self._lock.release()
            self._connection.execute("PRAGMA synchronous = FULL")  # what a person was told is done stays done

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; what was recorded is on disk already."""
        self._connection.close()
        self._lock.release()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The connection, for one thread at a time; committed at the end, or rolled back.

        Within another transaction of the same thread it is a part of that. Raises GradebookError, and RecordError for
        what is wrong with one record alone.
        """
        with self._mutex:
            is_part, self._within = self._within, True
            try:
                with nullcontext() if is_part or self._trying else self._connection:
                    yield self._connection
            except _OF_VALUES as error:
                raise RecordError(str(error)) from error
            except sqlite3.Error as error:
                raise GradebookError(f"{self.path}: cannot be read or written: {error}") from error
            finally:
                self._within = is_part

    def select(self, query: str, *values: object) -> list[sqlite3.Row]:
        """All rows that a query gives. Raises GradebookError."""
        with self.transaction() as connection:
            return connection.execute(query, values).fetchall()

    def computed(self, function: Callable[[Self], Any]) -> Any:
        """What a function of the gradebook alone gives; computed again once the file has changed, by anyone."""
        state = self.state()
        former = self._computed.get(function)
        if former is None or former[0] != state:
            former = self._computed[function] = state, function(self)
        return former[1]

    def is_computed(self, function: Callable[[Self], Any]) -> bool:
        """Whether `computed` has what it gives, since nothing has changed after the last time."""
        return self._computed.get(function, (None, None))[0] == self.state()

    def state(self) -> tuple[int, int]:
        """Another one after each change of the file: by this connection, by others."""
        with self.transaction() as connection:
            return connection.total_changes, connection.execute("PRAGMA data_version").fetchone()[0]

    def take_computed(self, other: Self) -> None:
        """Takes over what `computed` has at another connection, which sees the same as this one."""
        of_other, own = other.state(), self.state()
        with self._mutex:
            for function, (state, value) in list(other._computed.items()):
                if state == of_other:
                    self._computed[function] = own, value

    def _forget(self) -> None:
        """Computes everything again that is asked for."""
        self._computed.clear()

    @contextmanager
    def trial(self, keep: bool) -> Iterator[None]:
        """Makes one transaction of the whole block, for one thread alone, and undoes it at its end unless `keep`.

        Within another one it is a part of that.
        """
        if self._trying:
            yield
            return
        self._trying = True
        try:
            yield
            if keep:
                self._connection.commit()
        except sqlite3.Error as error:
            raise GradebookError(f"{self.path}: cannot be written: {error}") from error
        finally:
            self._trying = False
            self._connection.rollback()
            self._forget()  # what is undone counts as no change

    def _prepare(self, assignment: str) -> None:
        """Makes the tables of a new file, or brings those of an old one to the present format."""
        with self.transaction() as connection:
            connection.row_factory = sqlite3.Row
            empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
            if not empty and connection.execute("PRAGMA application_id").fetchone()[0] != _APPLICATION:
                raise GradebookError(f"{self.path}: is a database, but no gradebook; grade into another folder")
            # With a log beside it, a commit is one append; what a power cut takes is the last of them, never the file.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if empty:
                self._create(connection, assignment)
        self._check(assignment)
        with self.transaction() as connection:
            try:
                migrate(connection, self.path)
            except OSError as error:
                problem = "cannot be copied, which comes before it is changed"
                raise GradebookError(f"{self.path}: {problem}: {error}") from error
            connection.execute("PRAGMA foreign_keys = ON")

    def _create(self, connection: sqlite3.Connection, assignment: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {FORMAT}")
        for statement in TABLES.strip().split(";")[:-1]:
            connection.execute(statement)
        put(connection, "meta", key="assignment", value=assignment)
        put(connection, "meta", key="started", value=datetime.now(UTC).isoformat(timespec="seconds"))

    def _check(self, assignment: str) -> None:
        with self.transaction() as connection:
            problem = problem_of(connection)
        if not problem and (other := self.meta("assignment")) != assignment:
            problem = f"holds the marks of another assignment ({other}, not {assignment})"
        if problem:
            raise GradebookError(f"{self.path}: {problem}; grade into another folder")

    def meta(self, key: str) -> str:
        """A fact about the whole gradebook: such as assignment, started, secret_seed, limit_seconds; "" if not set."""
        found = self.select("SELECT value FROM meta WHERE key = ?", key)
        return str(found[0]["value"]) if found else ""


def assignment_of(folder: Path) -> str:
    """The name of the assignment whose gradebook lies in a folder. Raises GradebookError if there is none."""
    path = folder / FILE_NAME
    if not path.is_file():
        raise GradebookError(f"{path}: no such file; expected the folder that `autograder grade --out` named")
    try:
        with closing(sqlite3.connect(path)) as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = 'assignment'").fetchone()
    except sqlite3.Error as error:
        raise GradebookError(f"{path}: cannot be read: {error}") from error
    return str(row[0]) if row else ""


def _is_current(path: Path) -> bool:
    """Whether a file is there and has the present format, so that opening it changes nothing."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            return format_of(connection) == FORMAT
    except sqlite3.Error:
        return False
