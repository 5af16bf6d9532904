"""Collects what is found in one submission, member by member, and words the notes about it."""

import unicodedata
from collections.abc import Sequence

from autograder.course.manifest import ARCHIVE_SUFFIXES, Assignment
from autograder.course.sizes import MAX_FILE
from autograder.intake.handout import Handout
from autograder.intake.lms.forms import parse
from autograder.intake.lms.given import PartKind
from autograder.intake.member import ArchiveError, Member, MemberError
from autograder.intake.names import BACKUPS, components, ignored, named, quoted
from autograder.intake.source import Source
from autograder.intake.substitutes import Substitute, Substitutes
from autograder.intake.wrapping import Opened
from autograder.messages import say
from autograder.notebook.repair import Kind, Repair
from autograder.notebook.text import one_line

MARKED_LATE = say("marked LATE by the LMS")
NO_ID = say("no student ID in the name of the archive or of a folder in it")
_FOR_A_PERSON = {
    PartKind.TEXT: say("it is a text, which a person has to look at"),
    PartKind.LINK: say("it is a link, which a person has to follow"),
}


class Contents:
    """What one submission holds. `notes` has a sentence for every oddity, `repairs` those that were repaired."""

    def __init__(self, source: Source, assignment: Assignment, handout: Handout) -> None:
        self.assignment = assignment
        self.name = one_line(unicodedata.normalize("NFC", source.name))
        self.given = source.given
        self.inner = ""
        self.notes: list[str] = []
        self.repairs: list[Repair] = []
        self.files: list[str] = []
        self.notebooks: dict[str, bytes] = {}
        self._folders: dict[str, None] = {}  # a set that keeps its order
        self._places: dict[str, str] = {}
        self._spare: list[str] = []
        self._unread: list[str] = []
        self._odd: dict[str, list[str]] = {}
        self._outside: list[str] = []
        self._substitutes = Substitutes(assignment.notebooks, handout)

    def note_given(self) -> None:
        """Notes what the name tells that an LMS gave."""
        if self.given.late:
            self.notes.append(MARKED_LATE)
        if self.given.resubmission:
            again = "handed in again: resubmission {number}, as its name says"
            self.notes.append(say(again, number=self.given.resubmission))

    def note_opening(self, opened: Opened) -> None:
        """Notes what the student's own name for the archive and its format tell."""
        self.inner, original, form = opened.inner, self.given.original, opened.outer
        if opened.inner and form == "folder":
            self.notes.append(say("the folder holds only the archive '{file}', which was opened", file=opened.inner))
            original, form = parse(opened.inner, self.assignment).original, opened.form
        if form == "notebook":
            bare = "a notebook without an archive around it; expected {archive}"
            self._mend(Kind.NO_ARCHIVE, say(bare, archive=self.assignment.archive_text))
        elif form != "folder":
            self._note_name(one_line(original), form)
        if opened.inner and opened.outer != "folder":
            wrapped = "the archive holds only another archive, '{file}', which was opened"
            self._mend(Kind.WRAPPING, say(wrapped, file=opened.inner))

    def take(self, member: Member) -> None:
        """Records one member, and reads it if it is, or may be, a notebook of the assignment."""
        parts, outside = components(member.name)
        if outside:
            self._outside.append("/".join(parts))
        if not parts or any(ignored(part) and part != BACKUPS for part in parts):
            return
        name = "/".join(parts)
        if BACKUPS in parts:
            if member.kind == "file":
                self._substitutes.offer(name, member)
            return
        self._folders.update(dict.fromkeys(parts if member.kind == "folder" else parts[:-1]))
        if member.kind == "folder":
            return
        if member.kind != "file":
            self._odd.setdefault(member.kind, []).append(name)
            return
        self.files.append(name)
        if notebook := named(parts[-1], self.assignment.notebooks):
            self._take_notebook(notebook, name, member)
        else:
            self._substitutes.offer(name, member)

    def finish(self, damage: str) -> str:
        """Notes about the submission as a whole; returns what kept all of it from being read, "" if something was.

        `damage` says what stopped the reading.
        """
        self._take_substitutes()
        if self.given.kind is not PartKind.FILE and not self.notebooks:
            return _FOR_A_PERSON[self.given.kind]
        if not damage and not self.files and not self.notebooks:
            damage = say("there is no file in it")
        if damage and self.notebooks:
            broken_off = "the archive was not read to its end: {damage}; what was read before is graded"
            self.notes.append(say(broken_off, damage=damage))
            return ""
        return damage

    def student_id(self) -> str:
        """The ID in the student's own names, else in what the LMS calls the student; "" if there is none."""
        inner = self.inner if self.given.system else parse(self.inner, self.assignment).original
        named_ids = [one for name in (self.given.original, inner) for one in self.assignment.student_ids(name)]
        wrapped = [one for folder in self._folders for one in self.assignment.student_ids(folder)]
        ids = list(dict.fromkeys(named_ids + wrapped))
        if not ids:
            if from_lms := self._ids_from_lms():
                return from_lms[0]
            if self.given.kind is PartKind.FILE:
                self.notes.append(NO_ID)
            return ""
        if not named_ids:
            from_folder = say("student ID {id} taken from the name of a folder in the archive", id=ids[0])
            self._mend(Kind.STUDENT_ID, from_folder)
        if len(ids) > 1:
            self.notes.append(say("several student IDs in the names: {ids}; the first was taken", ids=quoted(ids)))
        return ids[0]

    def _ids_from_lms(self) -> list[str]:
        people = self.given.people if len(self.given.people) == 1 else ()
        names = (name for person in people for name in (person.login, person.name))
        return [one for name in names for one in self.assignment.student_ids(name)]

    def missing(self) -> list[str]:
        """What is required and not there."""
        there = {
            name.rpartition("/")[2] for name in self.files if name.rpartition("/")[2] not in self.assignment.notebooks
        }
        there |= {f"{folder}/" for folder in self._folders} | set(self.notebooks)
        return [name for name in self.assignment.required if name not in there]

    def note_members(self, missing: list[str]) -> None:
        """Notes about the members, after all of them were taken."""
        if self._spare:
            spare = say("not graded, since there is another copy: {files}", files=quoted(self._spare))
            self._mend(Kind.COPIES, spare)
        if self._outside:
            outside = "names that point outside the archive were shortened: {files}"
            self._mend(Kind.PATHS, say(outside, files=quoted(self._outside)))
        for kind, names in self._odd.items():
            self.notes.append(say("not read ({kind}): {files}", kind=kind, files=quoted(names)))
        if not missing:
            return
        self.notes.insert(0, missing_note(missing))  # where a shortened note still shows it
        known = {*self._places.values(), *self._spare, *self._unread}
        others = [name for name in self.files if name.lower().endswith(".ipynb") and name not in known]
        if others:
            self.notes.append(say("other notebooks in it: {files}", files=quoted(others)))
        packed = [name for name in self.files if name.lower().endswith(ARCHIVE_SUFFIXES)]
        if packed:
            self.notes.append(say("archives inside the submission are not opened: {files}", files=quoted(packed)))

    def _mend(self, kind: Kind, note: str) -> None:
        self.notes.append(note)
        self.repairs.append(Repair(kind, note))

    def _note_name(self, name: str, form: str) -> None:
        suffixes = (".tar.gz", ".tgz") if form == "tar.gz" else (f".{form}",)
        if name.lower().endswith(ARCHIVE_SUFFIXES) and not name.lower().endswith(suffixes):
            other = "the archive is called '{file}' but is a {form} archive; it was read as one"
            self._mend(Kind.ARCHIVE_FORMAT, say(other, file=name, form=form))
        if not self.assignment.is_archive_name(name):
            named_otherwise = "the archive is called '{file}'; expected {archive}"
            self._mend(Kind.ARCHIVE_NAME, say(named_otherwise, file=name, archive=self.assignment.archive_text))

    def _take_notebook(self, notebook: str, name: str, member: Member) -> None:
        held = self._places.get(notebook)
        if held is not None and held != name and _rank(held, notebook) <= _rank(name, notebook):
            self._spare.append(name)
            return
        try:
            content = member.read(MAX_FILE)
        except ArchiveError:
            raise
        except MemberError as error:
            self._unread.append(name)
            self.notes.append(_problem(name, error))
            return
        except Exception as error:  # readers of damaged archives raise nearly anything; other members may be sound
            self._unread.append(name)
            self.notes.append(say("'{file}' is damaged ({reason}) and was not read", file=name, reason=reason(error)))
            return
        if held is not None:
            self._spare.append(held)
        self.notebooks[notebook], self._places[notebook] = content, name

    def _take_substitutes(self) -> None:
        for notebook, place in self._places.items():
            if place.rpartition("/")[2] != notebook:
                self._mend(Kind.NOTEBOOK_NAME, say("'{file}' was read as {notebook}", file=place, notebook=notebook))
        for notebook in self.assignment.notebooks:
            if notebook in self.notebooks:
                self._spare += [one.name for one in self._substitutes.of_kind(notebook, Kind.NOTEBOOK_RENAMED)]
                continue
            candidates = self._substitutes.of(notebook)
            if len(candidates) > 1:
                names = quoted([one.name for one in candidates])
                unsure = "not graded, since more than one may be {notebook}: {files}"
                self.notes.append(say(unsure, notebook=notebook, files=names))
            elif candidates:
                self._take_substitute(notebook, candidates[0])

    def _take_substitute(self, notebook: str, substitute: Substitute) -> None:
        try:
            self.notebooks[notebook], self._places[notebook] = substitute.as_notebook(), substitute.name
        except MemberError as error:
            self._unread.append(substitute.name)
            self.notes.append(_problem(substitute.name, error))
            return
        repair = substitute.repair(notebook)
        self._mend(repair.kind, repair.note)


def missing_note(missing: Sequence[str]) -> str:
    """The note about what is required and not there."""
    return say("missing: {names}", names=", ".join(missing))


def _problem(file: str, error: MemberError) -> str:
    return say("'{file}' {what}", file=file, what=str(error))


def reason(error: Exception) -> str:
    """The exception in words, without paths of this machine."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return one_line(text or type(error).__name__)


def _rank(name: str, notebook: str) -> tuple[bool, int]:
    """Of two copies the lower one is graded: rightly named first, then the less deeply buried."""
    return name.rpartition("/")[2] != notebook, name.count("/")
