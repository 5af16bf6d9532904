"""One question of one attempt on one case: what `python -m autograder.desk.review.case_process` asks, and answers.

It reads an order from its standard input and writes the outcome, both as JSON; a problem is one line and exit code 2.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from autograder.course.manifest import Assignment, CourseError, load
from autograder.course.root import project_root
from autograder.intake.classlist import readers_of
from autograder.intake.handout import Handout
from autograder.intake.reading import RemoteIntake
from autograder.intake.source import find
from autograder.marking.evidence import Evidence
from autograder.marking.sandboxes import open_sandbox, process_limits
from autograder.marking.verdict import State, Verdict
from autograder.messages import from_json, to_json
from autograder.sandbox import SandboxUnavailable
from autograder.sandbox.temporary import temporary_folder


@dataclass(frozen=True)
class CaseOrder:
    """What is asked: of the files `sources` at `place`, the `question` on case `number` of those called `cases`.

    `cases` is "" for checks without any. `earlier` has the diagnoses of other questions; None as `seconds` leaves the
    assignment's own limits.
    """

    assignment: str
    place: str
    sources: list[str]
    question: str
    cases: str
    number: int
    seed: int
    seconds: float | None
    earlier: dict[str, list[str]]


@dataclass(frozen=True)
class Outcome:
    """A verdict `about` a case, "" for all of a question, and the seconds that it took."""

    verdict: Verdict
    about: str
    seconds: float

    def to_wire(self) -> dict[str, Any]:
        """What `from_wire` reads."""
        one = self.verdict
        points = [one.question, one.points, one.max_points, one.state.value, one.diagnosis]
        return {
            "points": points,
            "message": to_json(one.message),
            "case": list(one.evidence.case),
            "about": to_json(self.about),
            "seconds": self.seconds,
        }

    @classmethod
    def from_wire(cls, told: dict[str, Any]) -> Self:
        """The outcome of `to_wire`."""
        question, points, most, state, diagnosis = told["points"]
        shown = Evidence(case=tuple(told["case"]))
        message = from_json(told["message"])
        verdict = Verdict(question, points, most, State(state), diagnosis, message, evidence=shown)
        return cls(verdict, from_json(told["about"]), told["seconds"])


def main() -> int:
    """Answers one order; returns the exit code."""
    sys.setswitchinterval(0.0005)
    try:
        print(json.dumps(_answer(CaseOrder(**json.load(sys.stdin))).to_wire()))
    except (CourseError, SandboxUnavailable, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _answer(order: CaseOrder) -> Outcome:
    root = project_root()
    assignment = load(root)[order.assignment]
    if order.seconds:
        assignment = assignment.with_seconds(order.seconds)
    with temporary_folder() as folder:
        notebooks = _notebooks(root, assignment, order, folder)
        with open_sandbox(root, assignment, protect=[Path(order.place), folder], notebooks=notebooks.values()) as box:
            from autograder.course.course import load_course  # imports torch, while the sandbox does
            from autograder.marking.one_case import ask_case, with_case
            from autograder.marking.questions import unreadable
            from autograder.protocol.session import Session

            course = load_course(root, assignment, order.seed)
            course, case = with_case(course, order.question, order.cases, order.number)
            name = next((one for one in course.questions if order.question in course.checks_by_question(one)), "")
            if name not in notebooks:
                raise CourseError(f"{name or order.question} is not in what was handed in")
            box.wait()
            limits = assignment.limits
            with Session(box.fork, notebooks[name], name, limits.seconds, process_limits(limits), True) as session:
                unread = [one for one in unreadable(course, session) if one.question == order.question]
                started = time.monotonic()
                earlier = {question: tuple(found) for question, found in order.earlier.items()}
                (verdict,) = unread or [ask_case(course, session, order.question, earlier)]
    return Outcome(verdict, case, time.monotonic() - started)


def _notebooks(root: Path, assignment: Assignment, order: CaseOrder, folder: Path) -> dict[str, bytes]:
    """The notebooks in the files of an order."""
    place, found = Path(order.place), dict[str, bytes]()
    with readers_of(place, ()) as readers:
        sources = {source.name: source for source in find(place, assignment, readers)}
        intake = RemoteIntake(readers, assignment, Handout.read(root / "notebooks"), folder)
        for number, name in enumerate(order.sources):
            if name not in sources:
                raise FileNotFoundError(f"{name} is not in {place} any more")
            submission = intake.take_in(sources[name], str(number))
            found |= {one: submission.notebooks[one] for one in submission.notebooks}
    return found


if __name__ == "__main__":
    sys.exit(main())
