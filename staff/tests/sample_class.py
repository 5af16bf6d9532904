"""A class made up by counting: its marks, mistakes, flags and names are the same on every run."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from marks import attempt_of

from autograder.course.manifest import Assignment
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.rows import from_verdict
from autograder.gradebook.schema import put
from autograder.intake.roster import Student
from autograder.intake.timing import Timing
from autograder.marking.verdict import Verdict
from autograder.models.measurement import Model, ModelScores

MISTAKES = ("gates exchanged", "not written", "wrong values", "time limit", "last step for every row")
HOSTILE = ("<script>alert(1)</script>", "\u202eמשה כהן", "A" * 120, "김하늘 <b>&amp;", "=cmd|'/c calc'!A1")


def enter_class(gradebook: Gradebook, size: int) -> None:
    """Enters a class of `size` students, all on the roster, in two sections."""
    chance = random.Random(size)
    gradebook.start_run(2, ["x"])
    for number in range(size):
        student_id = f"2024-{20001 + number}"
        name = HOSTILE[number] if number < len(HOSTILE) else f"Student {number}"
        student = Student(student_id, name=name, section=f"00{1 + number % 2}")
        timing = Timing(datetime(2024, 6, 9, 12, number % 60, tzinfo=UTC))
        attempt = attempt_of(student_id, timing=timing, students=(student,))
        gradebook.enter(attempt)
        gradebook.link(student_id, [gradebook.put_person(student, True)])
        gradebook.add_seconds(student_id, 1 + number % 7)
        verdicts = _verdicts(gradebook.assignment, chance)
        with gradebook.transaction() as connection:
            for place, verdict in enumerate(verdicts, 1):
                row = {**from_verdict(verdict), "seconds": 0.04 * place * (1 + number % 9)}
                put(connection, "verdicts", submission_id=student_id, **row, key="", run=1)


def _verdicts(assignment: Assignment, chance: random.Random) -> list[Verdict]:
    """The verdicts of one student, who is as able as chance has it."""
    able = chance.random()
    return [_verdict(question, most, able, chance) for question, most in assignment.questions.items()]


def _verdict(question: str, most: float, able: float, chance: random.Random) -> Verdict:
    if chance.random() < 0.3 + 0.6 * able:
        return Verdict.scored(question, most, most)
    if chance.random() < 0.03:
        return Verdict.ungraded(question, most, "unknown value", "A teaching assistant looks at this.")
    mistake = MISTAKES[chance.randrange(len(MISTAKES))]
    verdict = Verdict.scored(question, round(most * chance.choice((0, 0.4, 0.8))), most, mistake, f"it is {mistake}")
    return replace(verdict, flags=("the curve has a gap",)) if chance.random() < 0.05 else verdict


def scores_of(question: str, right: Sequence[bool]) -> ModelScores:
    """A saved model's answers, one for each test example."""
    return ModelScores(question, (Model("model", sum(right)),), len(right), np.packbits(right).tobytes(), 5)


def write_class(folder: Path, assignment: Assignment, size: int) -> None:
    """A gradebook with such a class in a new folder."""
    with Gradebook(folder, assignment) as gradebook:
        enter_class(gradebook, size)
