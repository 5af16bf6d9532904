"""What one student handed in: the assignment's notebooks, found in whatever archive or folder it came in."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum

from autograder.course.manifest import ARCHIVE_SUFFIXES, Assignment
from autograder.intake.contents import Contents, reason
from autograder.intake.digests import digest_of
from autograder.intake.handout import NOTHING, Handout
from autograder.intake.member import ArchiveError, is_full
from autograder.intake.source import Source
from autograder.intake.wrapping import opened
from autograder.messages import say
from autograder.notebook.repair import Repair

_NOTES = 20
MAX_LISTED = 1000  # names of files
_LONGEST_ID = 150  # bytes; reports are named by it, and most file systems end at 255
_CUT_ID = 140


class SubmissionState(StrEnum):
    """What came of a student: something that could be read, or not, or not be kept by the grader, or nothing."""

    READ = "read"
    UNREADABLE = "unreadable"
    UNKEPT = "unkept"
    ABSENT = "absent"


@dataclass(frozen=True)
class Submission:
    """What one file or folder holds that was handed in, with its notebooks in memory, or each read from a file.

    `submission_id` is made of its name, `student_id` the ID in its own names; `files` are the first names seen in it,
    `notebooks` the bytes of the assignment's notebooks under the manifest's names, `missing` the required things that
    could not be had, `notes` a sentence for every oddity and repair. `error` says why nothing at all could be read; it
    is empty if `state` is READ. `repairs` are those of the notes that say what was repaired. `digest` tells its content
    from others.
    """

    submission_id: str
    source: Source
    student_id: str
    notebooks: Mapping[str, bytes] = field(repr=False)
    files: list[str] = field(repr=False)
    missing: list[str]
    notes: list[str]
    error: str = ""
    state: SubmissionState = SubmissionState.READ
    repairs: tuple[Repair, ...] = ()
    digest: str = ""


def submission_ids(names: Sequence[str]) -> list[str]:
    """An ID for each of some files' names, as `free_id` makes them."""
    taken: set[str] = set()
    return [free_id(name, taken) for name in names]


def free_id(name: str, taken: set[str]) -> str:
    """An ID from a file's name, safe in file names, that is not in `taken`, and is then.

    One that is taken gets a mark of its full name. Upper and lower case are one, as on many file systems.
    """
    suffix = next((end for end in (*ARCHIVE_SUFFIXES, ".ipynb") if name.lower().endswith(end)), "")
    # Letters of any script are safe in file names; all else that could mean something to a system is not.
    composed = unicodedata.normalize("NFKC", name[: len(name) - len(suffix)])
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
    plain = _shortened(re.sub(r"[^\w.-]+", "-", composed)[:60].strip("-._"), mark)
    submission_id = plain or f"submission-{mark[:6]}"
    length = 6
    while submission_id.casefold() in taken:
        submission_id = f"{plain or 'submission'}-{mark[:length]}"
        length += 1
    taken.add(submission_id.casefold())
    return submission_id


def _shortened(plain: str, mark: str) -> str:
    """A name of at most _LONGEST_ID bytes; a longer one is cut at a character, and ends in a part of `mark`."""
    content = plain.encode()
    return plain if len(content) <= _LONGEST_ID else f"{content[:_CUT_ID].decode(errors='ignore')}~{mark[:8]}"


def load(
    source: Source, submission_id: str, assignment: Assignment, handout: Handout = NOTHING, digest: str = ""
) -> Submission:
    """Reads one submission into memory; whatever is wrong with it stands in its notes or its error.

    `handout` recognises notebooks that were renamed, `digest` is known already. Raises OSError when the grader's disk
    is full.
    """
    contents = Contents(source, assignment, handout)
    contents.note_given()
    damage = ""
    try:
        with opened(source.path, source.member) as package:
            contents.note_opening(package)
            with closing(package.members()) as inside:
                for member in inside:
                    # The name of a notebook that was handed in bare is without what an LMS put before it.
                    bare = package.form == "notebook"
                    contents.take(replace(member, name=contents.given.original) if bare else member)
    except ArchiveError as error:
        damage = str(error)
    except MemoryError:  # the reader's limit, which is the submission's doing
        raise
    except Exception as error:  # readers of damaged archives raise nearly anything, and every file must get a row
        if is_full(error):
            raise
        damage = say("it is damaged ({reason})", reason=reason(error))
    if damage and contents.inner:
        damage = say("the archive inside: {problem}", problem=damage)
    damage = contents.finish(damage)
    student_id = contents.student_id()
    missing = [] if damage else contents.missing()
    contents.note_members(missing)
    notes = contents.notes[:_NOTES]
    if len(contents.notes) > _NOTES:
        notes.append(say("and {count} more notes", count=len(contents.notes) - _NOTES))
    notebooks = {name: contents.notebooks[name] for name in assignment.notebooks if name in contents.notebooks}
    refusal = refusal_of(contents.name, damage) if damage else ""
    state = SubmissionState.UNREADABLE if damage else SubmissionState.READ
    repairs, files = tuple(contents.repairs), contents.files[:MAX_LISTED]
    about = (submission_id, source, student_id, notebooks, files, missing, notes, refusal, state, repairs)
    return Submission(*about, digest or _digest_of(source))


def refusal_of(name: str, damage: str) -> str:
    """Why a submission could not be read, as its row says it."""
    return say("'{file}' cannot be read: {damage}", file=name, damage=damage)


def _digest_of(source: Source) -> str:
    """What tells this content from others; of what cannot be read, its name."""
    try:
        return digest_of(source.path, source.member)
    except MemoryError:  # the reader's limit
        raise
    except Exception:  # readers of damaged archives raise nearly anything, and another reading has said so
        return digest_of_name(source.name)


def digest_of_name(name: str) -> str:
    """The digest of something that cannot be read, of which its name alone is known."""
    return hashlib.sha256(f"unread {name}".encode("utf-8", "surrogatepass")).hexdigest()


def unkept(submission: Submission, error: Exception) -> Submission:
    """The submission as one that the grader could not keep, which ends nobody else's grading."""
    return replace(submission, notebooks={}, error=unkept_reason(error), state=SubmissionState.UNKEPT)


def unkept_reason(error: Exception) -> str:
    """Why something could not be kept, for its row."""
    return say("could not be kept: {reason}", reason=reason(error))
