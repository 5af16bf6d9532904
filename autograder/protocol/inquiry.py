"""One check that is put to a notebook: what it forbids, what it supplies, and which names it has asked for."""

from collections.abc import Mapping
from typing import TypeVar

from autograder.notebook.execution import Execution
from autograder.notebook.findings import BrokenRule
from autograder.protocol import operations
from autograder.protocol.faults import OURS, StudentError
from autograder.protocol.operations import Request
from autograder.protocol.rules import Rules, find_forbidden
from autograder.protocol.session import Session
from autograder.protocol.transcript import Transcript

Answer = TypeVar("Answer")


class Inquiry:
    """A check that is being put to the notebook of `session`; made by `begin`.

    `at` is the name whose code, or whose module's, ran last, `method` the method of it that was called, "" for itself.
    `lack` is the first error that is not the student's fault: whatever a check made of it, only full marks stand.
    `flags` are what the check leaves to a person. `transcript` is what was asked with the present case. `uses_process`
    says whether anything was asked of the process for the check itself.
    """

    def __init__(self, session: Session, rules: Rules, may_retry: bool) -> None:
        self.session = session
        self.at = self.method = ""
        self.lack: StudentError | None = None
        self.uses_process = False
        self.flags: list[str] = []
        self.transcript = Transcript()
        self._rules = rules
        self._may_retry = may_retry
        session.asked, session.given = [], set()

    def exchange(self, request: Request[Answer]) -> Answer:
        """The answer to one request. Raises StudentError, WorkerFailure."""
        self.uses_process = True
        try:
            return self.session.exchange(request, self.at, self._may_retry)
        except StudentError as error:
            if error.diagnosis in OURS:
                self.lack = self.lack or error
            raise

    def stand_in(self, sources: Mapping[str, str]) -> None:
        """Defines names by Python source, stronger than the notebook's, until the next check."""
        self.session.given.update(sources)
        self.transcript.stand_ins = True
        self.exchange(operations.define_stand_ins(sources))

    def enter(self, name: str, method: str = "") -> None:
        """Notes whose code runs next, which method of it; stand-ins are nobody's."""
        if name not in self.session.asked:
            self.session.asked.append(name)
        if name not in self.session.given:
            self.at, self.method = name, method

    def enter_attribute(self, name: str) -> None:
        """Notes an attribute, perhaps a method, of what the notebook's code made."""
        if f".{name}" not in self.session.asked:
            self.session.asked.append(f".{name}")

    def broken_rules(self) -> list[BrokenRule]:
        """The broken rules of the code that this check used: in its text, then in what ran.

        The text was taken before any student code ran; what ran is told by the student's process, if it is still there
        and its last answer has not said that it knows of nothing.
        """
        asked = self.session.asked
        if not any(name.startswith(".") for name in asked):  # the check ended before it called what it had made
            asked = [*asked, ".__call__"]
        broken = find_forbidden(self.session.outline.usages, asked, self._rules, self.session.given)
        if not self.session.is_open or not self.session.has_evidence:
            return broken
        return broken + self.exchange(operations.report_broken_rules())


def begin(
    session: Session, rules: Rules, seed: int, may_retry: bool = False, execution: Execution = Execution.LAZY
) -> Inquiry:
    """Prepares a notebook's process for one check: a fresh namespace, random numbers, an empty record of calls.

    `execution` says how much of the notebook runs for a name.

    While `may_retry`, a process killed by nobody knows whom is the grader's fault. Raises StudentError, WorkerFailure.
    """
    session.open(may_retry)
    inquiry = Inquiry(session, rules, may_retry)
    threads = session.exchange(operations.begin_check(rules, seed, execution), may_retry=may_retry)
    if threads != 1 and session.reused:  # something that an earlier check started still runs
        session.close()
        return begin(session, rules, seed, may_retry, execution)
    return inquiry
