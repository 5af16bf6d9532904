"""Puts one check to a student's code."""

import zlib
from collections.abc import Sequence
from dataclasses import replace

from autograder.checks.case import Case
from autograder.checks.claims import Claims
from autograder.checks.expect import Mismatch, Ungraded
from autograder.checks.question import Check
from autograder.checks.rng import Rng
from autograder.marking.verdict import MAX_LINES, Diagnosis, State, Verdict
from autograder.notebook.findings import BrokenRule
from autograder.protocol.faults import TRIES, Fault, StudentError, WorkerFailure
from autograder.protocol.inquiry import Inquiry, begin
from autograder.protocol.recording import Unrecorded
from autograder.protocol.session import Session
from autograder.protocol.student import Student


def ask(check: Check, session: Session, cases: Sequence[Case], seed: object) -> Verdict:
    """Puts one check to a student's code and returns the verdict; never raises for what the student did.

    A check with cases runs once for each and earns what its worst case earns; parts that cost points are counted
    once. A broken rule outweighs everything but a failure of the code itself. `seed` seeds the `rng` fixture and the
    worker's random numbers. The verdict carries what the fixture `claims` found, whatever the points; the session
    remembers its diagnosis for later questions.

    What fails for the sandbox's sake, or in a process that earlier questions may have spoilt, is asked again in a
    fresh one. Raises Unrecorded if the session plays a recording that does not hold the answers.
    """
    failures = 0
    while True:
        verdict, claims = _attempt_once(check, session, cases, seed, may_retry=not failures)
        failures += verdict.diagnosis == Diagnosis.SANDBOX
        spoilt = session.reused and verdict.state is not State.PASS and verdict.diagnosis != Fault.TIME_LIMIT
        if failures == TRIES or (verdict.diagnosis != Diagnosis.SANDBOX and not spoilt):
            break
        session.close()
    session.diagnoses.setdefault(check.question, []).append(verdict.diagnosis)
    return replace(verdict, figure=claims.figure, flags=tuple(claims.flags))


def _attempt_once(
    check: Check, session: Session, cases: Sequence[Case], seed: object, may_retry: bool
) -> tuple[Verdict, Claims]:
    claims = Claims(session.outline.saved, session.diagnoses)
    return _run_cases(check, session, cases, seed, claims, may_retry), claims


def _run_cases(
    check: Check, session: Session, cases: Sequence[Case], seed: object, claims: Claims, may_retry: bool
) -> Verdict:
    wrong: list[Mismatch] = []
    doubt: Ungraded | None = None
    try:
        inquiry = begin(session, check.rules, zlib.crc32(f"{seed}/{check.name}".encode()), may_retry)
        claims.saved = session.outline.saved  # the notebook may have been read just now
        for number, case in enumerate(cases if check.cases else [None]):
            try:
                _run(check, Student(inquiry), case, claims, (seed, check.name, number))
            except Mismatch as mismatch:
                wrong.append(mismatch)
            except Ungraded as raised:
                doubt = raised
        broken = inquiry.broken_rules()
    except StudentError as error:
        return _failed(check, session, error)
    except WorkerFailure as failure:
        return Verdict.ungraded(check.question, check.points, Diagnosis.SANDBOX, str(failure))
    except Unrecorded:
        raise
    except Exception as error:  # a fault of the check: it must neither cost nor earn points, nor stop the class
        session.close()
        reason = f"{type(error).__name__}: {error}"[:500]
        return Verdict.ungraded(check.question, check.points, Diagnosis.GRADER_ERROR, reason)
    if broken:
        return _broken(check, session, broken)
    if doubt:
        return Verdict.ungraded(check.question, check.points, doubt.diagnosis, str(doubt))
    if wrong:
        return _mismatched(check, inquiry, wrong, len(cases) if check.cases else 1)
    return Verdict.scored(check.question, check.points, check.points)


def _run(check: Check, student: Student, case: Case | None, claims: Claims, seed: tuple[object, ...]) -> None:
    fixtures: dict[str, object] = {"student": student, "case": case, "claims": claims}
    if "rng" in check.fixtures:
        fixtures["rng"] = Rng(*seed)
    check.function(**{name: fixtures[name] for name in check.fixtures})


def _failed(check: Check, session: Session, error: StudentError) -> Verdict:
    lines = [str(error), where(session, error), _ADVICE.get(error.diagnosis, "")]
    return Verdict.scored(check.question, 0, check.points, error.diagnosis, _message(lines))


_ADVICE = {
    Fault.MISSING: "look at: was it renamed or deleted? The name must be the one that the handout gives",
    Fault.SYNTAX_ERROR: "look at: this line and the one before it; the other cells were graded",
    Fault.TIME_LIMIT: "look at: loops that do not end, and Python loops over what tensors can do at once",
    Fault.CRASH: "look at: calls that end the process (exit, quit) and very deep recursion",
    Fault.ERROR: "look at: this line, and the shapes and types of what it works on",
    Fault.MALFORMED_REPLY: "look at: code that writes to files or pipes which it did not open",
    Fault.MEMORY_LIMIT: "look at: the sizes of the tensors that are made, and lists that grow in a loop",
}


def _broken(check: Check, session: Session, broken: Sequence[BrokenRule]) -> Verdict:
    first = min(broken, key=lambda rule: rule.call.startswith("(...)"))  # the one that is named best
    others = sorted({f.call for f in broken} - {first.call})
    lines = [
        f"{first.diagnosis}: {first.call}",
        where(session, first),
        f"also: {', '.join(others[:5])}" if others else "",
        "look at: the rules in the question's text; code that breaks them earns no points",
    ]
    return Verdict.scored(check.question, 0, check.points, first.diagnosis, _message(lines))


def _mismatched(check: Check, inquiry: Inquiry, wrong: Sequence[Mismatch], total: int) -> Verdict:
    costs: dict[str, float] = {}
    earned = check.points
    for mismatch in wrong:
        costs.update(mismatch.costs)
        if not mismatch.costs:
            earned = min(earned, mismatch.earns)
    worst = min(wrong, key=lambda m: (m.earns, -sum(m.costs.values())))
    lines = list(worst.lines)
    if costs and worst.costs.keys() != costs.keys():
        lines[0] += f" (wrong in some case: {', '.join(costs)})"
    session = inquiry.session
    where = f"{session.filename}, {worst.where}" if worst.where else session.place(worst.about or inquiry.at)
    lines.insert(1, f"in {where}" + (f"; {len(wrong)} of {total} cases fail" if total > 1 else ""))
    points = max(0.0, min(earned, check.points - sum(costs.values())))
    return Verdict.scored(check.question, points, check.points, worst.diagnosis, _message(lines))


def where(session: Session, found: StudentError | BrokenRule) -> str:
    """The notebook, and as much of cell and line as is known."""
    place = f"in {session.filename}" + (f", code cell {found.cell}" if found.cell else "")
    return place + (f", line {found.line}: {found.text.strip()}" if found.line else "")


def _message(lines: Sequence[str]) -> str:
    return "\n".join([line for line in lines if line][:MAX_LINES])
