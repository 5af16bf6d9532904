"""What a student earns: one total for each person of a class, and each step that led to it."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from autograder.course.manifest import points_text
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.people import Person
from autograder.gradebook.rows import AttemptRow
from autograder.gradebook.standing import Deadlines, Standing, standing
from autograder.intake.contents import MARKED_LATE
from autograder.intake.roster import Student
from autograder.marking.evidence import Evidence
from autograder.marking.verdict import State, Verdict

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class StudentGrade:
    """One student's mark.

    `verdicts` are those of the attempt that counts, in the order of the manifest. `earned` is the sum of their points;
    `repairs`, `late` and `adjusted` are the points that each step takes (below 0) or gives; `reasons` are those of the
    last two. `open_questions` are for a person to answer, such as whose a file is. `attempt` names the attempt that
    counts, `sources` its files as they were downloaded, `tier` how its code was isolated, as in `AttemptRow`. Who is
    `excused` has no mark at all.
    """

    student: Student
    verdicts: Sequence[Verdict]
    earned: Decimal
    repairs: Decimal
    late: Decimal
    adjusted: Decimal
    total: Decimal
    reasons: tuple[tuple[str, Decimal], ...] = ()
    open_questions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    attempt: str = ""
    sources: tuple[str, ...] = ()
    excused: bool = False
    tier: int = 0

    @property
    def ungraded(self) -> int:
        """How many questions are UNGRADED."""
        return sum(verdict.state is State.UNGRADED for verdict in self.verdicts)

    @property
    def ready(self) -> bool:
        """Whether the mark may leave the house: nothing is UNGRADED, and no question is open."""
        return self.excused or (not self.ungraded and not self.open_questions)


def grades_of(gradebook: Gradebook) -> list[StudentGrade]:
    """The grade of every student who is on the roster or handed in something that is there, by student ID.

    Their verdicts are without messages and evidence: see `whole_grades`.
    """
    return list(gradebook.computed(_grades).values())  # tables, pages and questions all ask for them


def whole_grades(gradebook: Gradebook) -> Iterator[StudentGrade]:
    """The same grades with whole verdicts, one after the other: those of a large class do not fit into memory."""
    about = _About(gradebook.has_roster(), gradebook.marked_by_hand())
    for person in gradebook.people():
        if there := gradebook.attempts_of(person):
            yield _grade(gradebook, person, there, about)


def _grades(gradebook: Gradebook) -> dict[str, StudentGrade]:
    same: dict[Verdict, Verdict] = {}  # many students have the same verdicts, but for what is said about them
    grades: dict[str, StudentGrade] = {}
    for grade in whole_grades(gradebook):
        short = (replace(verdict, message="", evidence=Evidence()) for verdict in grade.verdicts)
        verdicts = tuple(same.setdefault(verdict, verdict) for verdict in short)
        grades[grade.student.student_id] = replace(grade, verdicts=verdicts)
    return grades


def grade_of(gradebook: Gradebook, person: Person) -> StudentGrade | None:
    """The grade of one student, whose verdicts may be without messages and evidence.

    None for somebody who is not on the roster and whose attempts are gone.
    """
    if gradebook.is_computed(_grades):
        grade: StudentGrade | None = gradebook.computed(_grades).get(person.student.student_id)
        return grade
    about = _About(gradebook.has_roster(), gradebook.marked_by_hand())
    there = gradebook.attempts_of(person)
    return _grade(gradebook, person, there, about) if there else None


def candidates_of(gradebook: Gradebook) -> set[str]:
    """The attempts that may count, which have to be graded: those that are nobody's so far among them."""
    counting = {one.submission_id for one in gradebook.unowned()}
    mine = gradebook.names_of_attempts()
    for person in gradebook.people():
        names = mine.get(person.number, [])
        if len(names) > 1:  # only then anything has to be read to tell
            standing = standing_of(gradebook, person, gradebook.attempts_of(person))
            names = [one.submission_id for one in standing.candidates]
        counting.update(names)
    return counting


def open_questions(gradebook: Gradebook) -> list[str]:
    """What a person has to answer, each with the name of the file, or of the student, that it is about."""
    asked = [(one.source, one.open_questions) for one in gradebook.unowned()]
    asked += [(grade.student.student_id, grade.open_questions) for grade in grades_of(gradebook)]
    return [f"{about}: {question}" for about, questions in asked for question in questions]


@dataclass(frozen=True)
class _About:
    """What is known of the class: whether it has a roster, and which attempts were marked by hand."""

    has_roster: bool
    marked_by_hand: Container[str]


def standing_of(gradebook: Gradebook, person: Person, attempts: Sequence[AttemptRow]) -> Standing:
    """Which of a student's attempts counts, of those that are there."""
    deadlines = Deadlines(gradebook.assignment, *gradebook.extension(person))

    def points_of(attempt: AttemptRow) -> Decimal:
        return _Steps(gradebook, attempt, deadlines.lateness(attempt)[0]).after_lateness

    return standing(attempts, deadlines, gradebook.choice(person), points_of)


class _Steps:
    """The steps from what an attempt earns to what is left after lateness."""

    def __init__(self, gradebook: Gradebook, attempt: AttemptRow, late_percent: Decimal) -> None:
        self.verdicts = gradebook.verdicts(attempt.submission_id)
        self.earned = _rounded(_sum(verdict.points for verdict in self.verdicts))
        cost = _sum(points for _, points in gradebook.assignment.costs(attempt.repairs))
        self.repairs = -_rounded(min(self.earned, cost))
        self.late = -_rounded((self.earned + self.repairs) * late_percent / 100)
        self.after_lateness = self.earned + self.repairs + self.late


def _grade(gradebook: Gradebook, person: Person, attempts: Sequence[AttemptRow], about: _About) -> StudentGrade:
    where = standing_of(gradebook, person, attempts)
    attempt, steps = where.attempt, _Steps(gradebook, where.attempt, where.late_percent)
    adjustments = gradebook.adjustments(person)
    adjusted = sum((one.points for one in adjustments), Decimal(0))
    unlisted = about.has_roster and not person.on_roster
    said = {MARKED_LATE} if where.late_reason else set[str]()
    notes = [
        *([f"excused: {person.excused}"] if person.excused else []),
        *([where.late_reason] if where.late_reason else []),
        *(f"{_signed(one.points)} by hand: {one.reason}" for one in adjustments),
        *([f"student ID {person.student.student_id} is not on the roster"] if unlisted else []),
        *([attempt.error] if attempt.error else []),
        *gradebook.assignment.with_costs([note for note in attempt.notes if note not in said], attempt.repairs),
        *_notes_on_others(attempt, attempts, about.marked_by_hand, gradebook.nothing_of(person)),
    ]
    return StudentGrade(
        person.student,
        steps.verdicts,
        steps.earned,
        steps.repairs,
        steps.late,
        adjusted,
        max(Decimal(0), steps.after_lateness + adjusted),
        ((where.late_reason, steps.late), *((one.reason, one.points) for one in adjustments)),
        tuple(dict.fromkeys((*where.open_questions, *(q for one in attempts for q in one.open_questions)))),
        tuple(dict.fromkeys(notes)),
        attempt.submission_id,
        attempt.sources,
        bool(person.excused),
        attempt.tier,
    )


def _notes_on_others(
    counting: AttemptRow, attempts: Sequence[AttemptRow], marked: Container[str], nothing: str
) -> list[str]:
    """What a person should know of the attempts that do not count, of which `nothing` is the one of nothing."""
    others = [one for one in attempts if one.submission_id != counting.submission_id]
    notes = [f"{len(attempts)} attempts: '{counting.source}' counts"] if others else []
    notes += [f"a mark by hand on '{one.source}' does not count" for one in others if one.submission_id in marked]
    if nothing in marked and nothing != counting.submission_id:
        notes.append("a mark by hand from before anything was handed in does not count")
    return notes


def _sum(points: Iterable[float]) -> Decimal:
    return sum((Decimal(str(one)) for one in points), Decimal(0))


def _rounded(points: Decimal) -> Decimal:
    return points.quantize(_CENT, ROUND_HALF_UP)


def _signed(points: Decimal) -> str:
    return f"{'+' if points > 0 else ''}{points_text(float(points))}"
