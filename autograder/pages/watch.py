"""The grader watches itself: questions in which so many answers fail alike that the check itself deserves a look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.gradebook.gradebook import Gradebook
from autograder.marking.verdict import Verdict
from autograder.messages import Message, say
from autograder.pages.agreement import Answers, agreeing, answers_in
from autograder.pages.roll import Entry
from autograder.protocol.faults import UNNAMED, Fault

SHARE = 10  # percent of the class: above it, a question is a warning
FEWEST = 3  # students, so that two of a small class are none
_AT_ONCE = 100  # verdicts, whose messages are read
_CASES = "{place}; {count} of {total} cases fail"


@dataclass(frozen=True)
class CheckWarning:
    """Why a check deserves a look, whom it is about, and those of them whose answers agree with each other."""

    question: str
    reason: str
    entries: Sequence[Entry]
    alike: Sequence[Sequence[Entry]] = ()
    unknown: int = 0


def warnings_of(gradebook: Gradebook, entries: Sequence[Entry]) -> list[CheckWarning]:
    """The warnings of all questions, in the order of the manifest. Raises GradebookError."""
    counted = [entry for entry in entries if entry.counted]
    warnings: list[CheckWarning] = []
    for question in gradebook.assignment.questions:
        unnamed = [one for one in counted if _is_unnamed(one.verdicts[question])]
        ended = [one for one in counted if Fault.TIME_LIMIT in one.verdicts[question].diagnoses]
        torn = _torn(gradebook, question, unnamed)
        if _many(unnamed, counted):
            reason = "the answers of {count} students are wrong, and no known mistake explains them"
            warnings.append(_with_agreement(gradebook, question, say(reason, count=len(unnamed)), unnamed))
        if _many(ended, counted):
            reason = "the code of {count} students met the time limit"
            warnings.append(CheckWarning(question, say(reason, count=len(ended)), ended))
        if _many(torn, counted):
            reason = "some cases of {count} students pass and others fail, and no known mistake explains it"
            warnings.append(CheckWarning(question, say(reason, count=len(torn)), torn))
    return warnings


def _torn(gradebook: Gradebook, question: str, unnamed: Sequence[Entry]) -> list[Entry]:
    """Those of whose answers some cases fail and others pass."""
    torn: list[Entry] = []
    for start in range(0, len(unnamed), _AT_ONCE):
        some = unnamed[start : start + _AT_ONCE]
        verdicts = gradebook.verdicts_about(question, [one.grade.attempt for one in some])
        torn += [one for one in some if disagreeing_cases(verdicts[one.grade.attempt].message)]
    return torn


def disagreeing_cases(message: str) -> bool:
    """Whether a message says that some cases fail and others pass."""
    if not isinstance(message, Message):
        return False
    if message.template == _CASES:
        return 0 < int(message.arguments["count"]) < int(message.arguments["total"])
    return any(disagreeing_cases(part) for part in message.arguments.values() if isinstance(part, str))


def _is_unnamed(verdict: Verdict) -> bool:
    return any(one in UNNAMED for one in verdict.diagnoses)


def _many(some: Sequence[Entry], counted: Sequence[Entry]) -> bool:
    return len(some) >= FEWEST and 100 * len(some) > SHARE * len(counted)


def _with_agreement(gradebook: Gradebook, question: str, reason: str, entries: Sequence[Entry]) -> CheckWarning:
    """A warning with the groups of students whose recorded answers agree: what many find alike may well be right."""
    by_attempt = {entry.grade.attempt: entry for entry in entries}  # a group has one attempt, and agrees with itself
    unknown = 0

    def recorded() -> Iterator[tuple[str, Answers]]:
        nonlocal unknown
        for name in by_attempt:
            answers = answers_in(gradebook.recordings(name, question))
            if answers is None:
                unknown += 1
            else:
                yield name, answers

    alike = [[by_attempt[name] for name in group] for group in agreeing(recorded())]
    return CheckWarning(question, reason, entries, alike, unknown)
