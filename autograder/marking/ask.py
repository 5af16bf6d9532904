"""Puts one check to a student's code."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from autograder.checks.case import Case
from autograder.checks.claims import Claims
from autograder.checks.mistakes import Mismatch, Ungraded, to_look_at
from autograder.checks.question import Check
from autograder.checks.rng import Rng
from autograder.course.course import Course
from autograder.marking import evidence
from autograder.marking.advice import advice
from autograder.marking.evidence import Evidence
from autograder.marking.sandboxes import process_limits
from autograder.marking.secrecy import hide_values
from autograder.marking.verdict import MAX_LINES, Diagnosis, State, Verdict
from autograder.messages import join, lines_of, say
from autograder.notebook.execution import Execution
from autograder.notebook.findings import BrokenRule
from autograder.notebook.functions import Function
from autograder.notebook.usage import reach
from autograder.protocol import operations
from autograder.protocol.faults import OURS, TRIES, Fault, StudentError, WorkerFailure
from autograder.protocol.inquiry import Inquiry, begin
from autograder.protocol.pasting import Shown, lines_to_paste
from autograder.protocol.recording import Unrecorded
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.protocol.transcript import Transcript

# Wall time that a run of the notebook in order may take of a check, beside what the check itself may take.
IN_ORDER_SECONDS = 30.0

_RAISED = (Fault.ERROR, Fault.MISSING, Fault.SYNTAX_ERROR, Fault.NOT_WRITTEN)
_LATE = (Fault.TIME_LIMIT, Fault.NO_CORE)
Diagnoses = dict[str, tuple[str, ...]]  # what the checks of each question found, by question


def ask(
    course: Course, session: Session, check: Check, earlier: Diagnoses, execution: Execution = Execution.LAZY
) -> Verdict:
    """Puts one check to the notebook of a session and returns the verdict; never raises for what the student did.

    This is the one way to put a check: with the limits of its question, the course's cases and seed. `earlier` holds
    the diagnoses of the questions that the check builds on. `execution` says how much of the notebook runs; in order,
    it runs in a fresh process.

    A check with cases runs once for each and earns what its worst case earns; parts that cost points are counted
    once. A broken rule outweighs everything but a failure of the code itself. The verdict carries what the fixture
    `claims` found, whatever the points.

    What fails for the sandbox's sake, or in a process that earlier questions may have spoilt, is asked again in a
    fresh one. The code of a question without side effects (see `notebook.side_effects`) spoils nothing for values and
    for errors that Python raises; for whatever a limit may have to do with, any earlier question counts. It is not
    asked again if the function that was called does nothing but raise, or if the check asks nothing of the process, as
    one of saved outputs. Raises Unrecorded if the session plays a recording that does not hold the answers.
    """
    limits = course.assignment.limits_of(check.question)
    in_order = execution is not Execution.LAZY
    session.allow(limits.seconds + (IN_ORDER_SECONDS if in_order else 0), process_limits(limits))
    if in_order:
        session.close()
    failures = 0
    while True:
        claims = Claims(session.outline.saved)
        fixtures = {"claims": claims, "earlier": {question: earlier[question] for question in check.after}}
        verdict, is_certain = _run_cases(course, session, check, fixtures, execution, may_retry=not failures)
        failures += verdict.diagnosis == Diagnosis.SANDBOX
        spoilt = session.reused and not is_certain and verdict.diagnosis not in _LATE
        if failures == TRIES or (verdict.diagnosis != Diagnosis.SANDBOX and not spoilt):
            break
        session.close()
    if in_order and verdict.state not in (State.PASS, State.UNGRADED) and session.is_open:
        verdict = _unless_unknown(session, verdict)
    return replace(verdict, figure=claims.figure, flags=(*verdict.flags, *claims.flags))


def _unless_unknown(session: Session, verdict: Verdict) -> Verdict:
    """A verdict after a run in order; UNGRADED instead if the answer uses a value that the run could not know."""
    try:
        unknown = session.exchange(operations.list_unknown_names())
    except (StudentError, WorkerFailure):
        return verdict
    used = sorted(
        reach(session.outline.usages, session.asked, session.given) & unknown.keys(),
        key=lambda name: (f"'{name}'" not in verdict.message, name),
    )
    if not used:
        return verdict
    lines = [
        say(
            "the value of `{name}` is not known here: what binds it trains, downloads, waits or needs Colab",
            name=used[0],
        ),
        _in(session.filename, session.outline.place(unknown[used[0]])),
        say("without it: {message}", message=lines_of(verdict.message)[0]) if verdict.message else "",
        say("a teaching assistant looks at this answer"),
    ]
    return Verdict.ungraded(verdict.question, verdict.max_points, Diagnosis.UNKNOWN_VALUE, _message(lines))


def _run_cases(
    course: Course,
    session: Session,
    check: Check,
    fixtures: dict[str, Any],
    execution: Execution,
    may_retry: bool,
) -> tuple[Verdict, bool]:
    """The verdict, and whether it is the same whatever ran in the process before."""
    cases = course.cases_for(check)
    inquiry = None
    try:
        inquiry = begin(session, check.rules, zlib.crc32(f"{course.seed}/{check.name}".encode()), may_retry, execution)
        fixtures["claims"].saved = session.outline.saved  # the notebook may have been read just now
        wrong, doubt = _put(course, check, fixtures, inquiry, cases)
        broken = inquiry.broken_rules()
    except StudentError as error:
        if error.diagnosis in OURS:
            return _doubted(check, session, _lacking(error)), False
        is_certain = inquiry is not None and (_only_raises(inquiry, error) or _is_own(error, session))
        return _failed(course, check, session, error), is_certain
    except WorkerFailure as failure:
        return Verdict.ungraded(check.question, check.points, Diagnosis.SANDBOX, str(failure)), False
    except Unrecorded:
        raise
    except Exception as error:  # a fault of the check: it must neither cost nor earn points, nor stop the class
        session.close()
        reason = f"{type(error).__name__}: {error}"[:500]
        return Verdict.ungraded(check.question, check.points, Diagnosis.GRADER_ERROR, reason), False
    verdict = _judged(course, check, inquiry, (wrong, doubt, broken), len(cases))
    return verdict, verdict.state is State.PASS or not inquiry.uses_process or not session.may_be_spoilt


def _is_own(error: StudentError, session: Session) -> bool:
    """Whether an error comes from the check's code alone: Python raised it, and no earlier code had side effects."""
    return error.diagnosis in _RAISED and not session.may_be_spoilt


def _only_raises(inquiry: Inquiry, error: StudentError) -> bool:
    """Whether an error comes from the very function that the check called, whose text does nothing else."""
    name, method = inquiry.at, inquiry.method
    names = (f"{name}.{method or '__init__'}", name)
    functions = (one for one in inquiry.session.outline.functions if not one.digest and one.name in names)
    return any(one.cell == error.cell and one.first <= error.line <= one.last for one in functions)


def _judged(
    course: Course,
    check: Check,
    inquiry: Inquiry,
    found: tuple[list[Mismatch], Ungraded | None, list[BrokenRule]],
    total: int,
) -> Verdict:
    """The verdict on so many cases that ran to their end: what is wrong in them, what is doubtful, broken rules."""
    (wrong, doubt, broken), session = found, inquiry.session
    if certain := [rule for rule in broken if rule.certain]:
        return _broken(check, session, certain)
    if doubt:
        return _doubted(check, session, doubt)
    verdict = Verdict.scored(check.question, check.points, check.points)
    if wrong:
        verdict = _mismatched(check, inquiry, wrong, total)
    if not verdict.points and (unwritten := _unwritten(course, session, _called(inquiry, wrong))):
        return _not_written(check, session, unwritten)
    return _flagged(inquiry, verdict, broken) if verdict.points else verdict


def _put(
    course: Course,
    check: Check,
    fixtures: Mapping[str, Any],
    inquiry: Inquiry,
    cases: Sequence[tuple[int, Case | None]],
) -> tuple[list[Mismatch], Ungraded | None]:
    """What is wrong in the cases, and why the question may have to be left to a person. Raises as a check does."""
    wrong: list[Mismatch] = []
    doubt: Ungraded | None = None
    for number, case in cases:
        inquiry.transcript = Transcript(case.inputs, case.outputs) if case else Transcript()
        try:
            _run(check, fixtures, Student(inquiry), case, (course.seed, check.name, number))
        except Mismatch as mismatch:
            _show_case(course, check, inquiry, mismatch, case, number)
            wrong.append(mismatch)
        except Ungraded as raised:
            doubt = raised
        except StudentError as error:
            if inquiry.lack is None:
                _show_case(course, check, inquiry, error, case, number)
                raise
            return wrong, _lacking(inquiry.lack)
    inquiry.session.require_time(inquiry.at)
    return wrong, _lacking(inquiry.lack) if inquiry.lack and wrong else doubt


def _show_case(
    course: Course, check: Check, inquiry: Inquiry, raised: Mismatch | StudentError, case: Case | None, number: int
) -> None:
    """Gives what a check raised the lines that repeat the call, if the case is public; else hides what it was."""
    if case is not None and case.secret:
        hide_values(raised)
        return

    def parameters(target: tuple[str, str]) -> tuple[str, ...]:
        name, method = target
        names = (f"{name}.{method or '__init__'}", name)
        return next((one.parameters for one in inquiry.session.outline.functions if one.name in names), ())

    shown = Shown(raised)
    if isinstance(raised, Mismatch):
        if raised.got is ...:
            return
        shown = Shown(raised.got, raised.output, raised.want, raised.shows, raised.second)
    place = course.place_of_case(check, number) if case is not None else 0
    raised.to_paste = lines_to_paste(inquiry.transcript, check.question, place, parameters, shown)


def _run(
    check: Check, fixtures: Mapping[str, Any], student: Student, case: Case | None, seed: tuple[object, ...]
) -> None:
    every = {**fixtures, "student": student, "case": case}
    if "rng" in check.fixtures:
        every["rng"] = Rng(*seed)
    check.function(**{name: every[name] for name in check.fixtures})


def _failed(course: Course, check: Check, session: Session, error: StudentError) -> Verdict:
    around = [
        one for one in session.outline.functions if one.cell == error.cell and one.first <= error.line <= one.last
    ]
    if error.diagnosis == Fault.ERROR and (unwritten := _unwritten(course, session, around)):
        return _not_written(check, session, unwritten)
    lines = [str(error), where(session, error), *advice(error, session.outline.definitions)]
    verdict = Verdict.scored(check.question, 0, check.points, error.diagnosis, _message(lines))
    return replace(verdict, evidence=evidence.of_error(session.outline, error))


def _unwritten(course: Course, session: Session, functions: Sequence[Function]) -> Function | None:
    """The first of some functions that does nothing, or no more than the handout's."""
    given = course.skeletons.get(session.filename, frozenset())
    return next((one for one in functions if not one.digest or (one.name, one.digest) in given), None)


def _not_written(check: Check, session: Session, function: Function) -> Verdict:
    lines = [
        say("{name} is not written yet", name=function.name),
        _in(session.filename, session.outline.place(function.cell, function.first)),
        to_look_at(say("{what}: returned, but never computed", what=function.gives)) if function.gives else "",
    ]
    verdict = Verdict.scored(check.question, 0, check.points, Fault.NOT_WRITTEN, _message(lines))
    return replace(verdict, evidence=Evidence(evidence.excerpt_of(session.outline, [function])))


def _broken(check: Check, session: Session, broken: Sequence[BrokenRule]) -> Verdict:
    first = min(broken, key=lambda rule: rule.call.startswith("(...)"))  # the one that is named best
    others = sorted({f.call for f in broken} - {first.call})
    lines = [
        say("{diagnosis}: {call}", diagnosis=say(first.diagnosis), call=first.call),
        where(session, first),
        say("also: {others}", others=", ".join(others[:5])) if others else "",
        to_look_at("the rules in the question's text; code that breaks them earns no points"),
    ]
    verdict = Verdict.scored(check.question, 0, check.points, first.diagnosis, _message(lines))
    return replace(verdict, evidence=evidence.of_rule(session.outline, first))


def _flagged(inquiry: Inquiry, verdict: Verdict, broken: Sequence[BrokenRule]) -> Verdict:
    """The verdict with what the check leaves to a person, and what looks like a broken rule and is no proof of one."""
    for reason in inquiry.flags:
        verdict = verdict.flagged(reason)
    if not broken:
        return verdict
    calls = ", ".join(dict.fromkeys(rule.call for rule in broken[:5]))
    return verdict.flagged(f"may break a rule: {calls} ({where(inquiry.session, broken[0])})")


def _doubted(check: Check, session: Session, doubt: Ungraded) -> Verdict:
    place = _in(session.filename, doubt.where) if doubt.where else ""
    message = _message([doubt.lines[0], place, *doubt.lines[1:]])
    return Verdict.ungraded(check.question, check.points, doubt.diagnosis, message)


def _lacking(lack: StudentError) -> Ungraded:
    """The doubt of a check whose code could not run for want of something here."""
    return Ungraded(str(lack), *advice(lack), diagnosis=lack.diagnosis, where=lack.place if lack.line else "")


def _called(inquiry: Inquiry, wrong: Sequence[Mismatch]) -> list[Function]:
    """The functions of the notebook that the last call of a check called first."""
    name, method = next((one.about for one in wrong if one.about), inquiry.at), inquiry.method
    names = (f"{name}.{method or '__init__'}", name)
    return [function for function in inquiry.session.outline.functions if function.name in names]


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
        lines[0] = say("{first} (wrong in some case: {names})", first=lines[0], names=", ".join(costs))
    session = inquiry.session
    place = _in(session.filename, worst.where) if worst.where else _in(session.place(worst.about or inquiry.at))
    failing = "{place}; {count} of {total} cases fail"
    lines.insert(1, say(failing, place=place, count=len(wrong), total=total) if total > 1 else place)
    points = max(0.0, min(earned, check.points - sum(costs.values())))
    verdict = Verdict.scored(check.question, points, check.points, worst.diagnosis, _message(lines))
    return replace(verdict, evidence=evidence.of_mismatch(session.outline, _called(inquiry, [worst]), worst))


def where(session: Session, found: StudentError | BrokenRule) -> str:
    """The notebook, and as much of heading, cell and line as is known."""
    place = session.outline.place(found.cell, found.line, found.text)
    return _in(session.filename, place)


def _in(*places: str) -> str:
    """The line of a message that says where: a file, and a place in it where that is known."""
    return say("in {place}", place=join([place for place in places if place], ", "))


def _message(lines: Sequence[str]) -> str:
    return join([line for line in lines if line][:MAX_LINES])
