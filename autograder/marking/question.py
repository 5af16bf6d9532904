"""Puts a question to a notebook: all its checks, in that execution of the notebook which earns most.

The truth is what the notebook gives when it is run from top to bottom. Reading it lazily gives the same for nearly
all, in a fraction of the time. Where it may not, and the answer does not pass, the notebook is run in order and the
checks are put again: with the state after the cell that defines the answer, then with the last state. An answer that
needs a value which no run here could know is left to a person.
"""

from collections.abc import Callable, Sequence

from autograder.checks.question import Check
from autograder.course.course import Course
from autograder.marking.ask import Diagnoses, ask
from autograder.marking.verdict import Diagnosis, State, Verdict, sum_verdicts
from autograder.notebook.execution import EVERYTHING, Execution
from autograder.notebook.outline import Outline
from autograder.notebook.usage import reach
from autograder.protocol.faults import UNNAMED, Fault
from autograder.protocol.session import Session

Put = Callable[[Course, Session, Check, Diagnoses, Execution], Verdict]


def ask_question(course: Course, session: Session, question: str, earlier: Diagnoses, put: Put = ask) -> Verdict:
    """The verdict of a question, from those of its checks; see `ask_checks`."""
    return sum_verdicts(ask_checks(course, session, question, earlier, put))


def ask_checks(course: Course, session: Session, question: str, earlier: Diagnoses, put: Put = ask) -> list[Verdict]:
    """The verdicts of all checks of a question, in order, in one execution of the notebook. Raises as `ask` does.

    The diagnoses are added to `earlier`. A question that it builds on and that is not there is asked now. `put` puts
    one check.
    """
    best = _ask_in_best_execution(course, session, question, earlier, put)
    earlier[question] = sum_verdicts(best).diagnoses
    return best


def _ask_in_best_execution(
    course: Course, session: Session, question: str, earlier: Diagnoses, put: Put
) -> list[Verdict]:
    checks = course.checks_by_question(session.filename)[question]
    for before in (before for check in checks for before in check.after):
        if before not in earlier:
            ask_question(course, session, before, earlier, put)
    parts, asked = [], []
    for check in checks:
        parts.append(put(course, session, check, earlier, Execution.LAZY))
        asked.append((session.asked, session.given))
    if _passes(parts):
        return parts
    reached = {name for names, given in asked for name in reach(session.outline.usages, names, given)}
    if not _may_differ(session.outline, reached, parts):
        return parts
    best = parts
    for execution in (Execution.TO_CELL, Execution.TO_END):
        other = [
            _decided(put(course, session, check, earlier, execution), lazy)
            for check, lazy in zip(checks, parts, strict=True)
        ]
        best = max(best, other, key=_worth)
        if _passes(best):
            break
    session.close()  # what a whole notebook ran in answers no further question
    return best


def _passes(parts: Sequence[Verdict]) -> bool:
    return all(part.state is State.PASS for part in parts)


def _decided(verdict: Verdict, lazy: Verdict) -> Verdict:
    """A verdict after a run in order; an unknown value leaves nothing open where the lazy reading found the mistake."""
    unnamed = (*Fault, *UNNAMED)
    open_still = lazy.state is State.UNGRADED or lazy.diagnosis in unnamed
    return lazy if verdict.diagnosis == Diagnosis.UNKNOWN_VALUE and not open_still else verdict


def _worth(parts: Sequence[Verdict]) -> tuple[bool, bool, float]:
    """What of several executions counts: one that passes, else one that leaves it to a person, else the points."""
    return _passes(parts), any(part.state is State.UNGRADED for part in parts), sum(part.points for part in parts)


def _may_differ(outline: Outline, reached: set[str], parts: Sequence[Verdict]) -> bool:
    """Whether a run in order may give an answer something else: it uses names whose value depends on the order."""
    if all(part.state is State.PASS or part.diagnosis == Fault.NOT_WRITTEN for part in parts):
        return False
    if any(part.diagnosis == Fault.MISSING for part in parts) or EVERYTHING in outline.order_sensitive:
        return True
    return not reached.isdisjoint(outline.order_sensitive)
