"""What a notebook calls: `check("...")` says how one answer stands, `check.all()` how all of them do."""

from collections.abc import Sequence

from autograder.selfcheck.live.homework import Homework
from autograder.selfcheck.live.marking import verdicts
from autograder.selfcheck.live.result import show
from autograder.selfcheck.table import Result


class NotebookCheck:
    """The check of one notebook, the one that has a topic. It prints a line instead of raising."""

    def __init__(self) -> None:
        self._homework: Homework | None = None
        self._reason = "run the first code cell of the notebook, which sets it up"

    def of(self, topic: str) -> "NotebookCheck":
        """The check for the notebook of a topic."""
        try:
            self._homework = Homework.of(topic)
            self._homework.course  # noqa: B018  # loaded now, so that the first check is as fast as the others
        except Exception as error:
            self._homework, self._reason = None, _reason(error)
            print("check is not here:", self._reason)
        return self

    def __call__(self, question: str) -> None:
        """Shows how an answer stands: its points on the public cases, and what is wrong."""
        self._show([question])

    def all(self) -> None:
        """Shows a table of all questions of the notebook, and says what is not measured here."""
        self._show(self._homework.questions if self._homework else [])

    def _show(self, questions: Sequence[str]) -> None:
        if self._homework is None:
            print("check is not here:", self._reason)
            return
        if unknown := [one for one in questions if one not in self._homework.questions]:
            known = ", ".join(self._homework.questions)
            print(f"{self._homework.notebook} has no question {unknown[0]!r}, but {known}")
            return
        try:
            show(_results(self._homework, questions), self._homework.assignment.language)
        except KeyboardInterrupt:
            print("the check was stopped")
        except Exception as error:
            print(f"the check failed, and your answer is not to blame: {_reason(error)}")


def _results(homework: Homework, questions: Sequence[str]) -> list[Result]:
    needs = {question: homework.not_measured(question) for question in questions}
    possible = [question for question in questions if not needs[question]]
    asked = {one.question: one for one in verdicts(homework, possible)} if possible else {}
    return [Result(one, asked.get(one), needs[one] or homework.note(one)) for one in questions]


def _reason(error: Exception) -> str:
    text = str(error).splitlines()[0] if str(error) else ""
    missing = isinstance(error, FileNotFoundError)
    return f"{text}. Get the homework's folder again" if missing else f"{type(error).__name__}: {text}"


check = NotebookCheck()
