"""What a notebook calls: `check("...")` says how one answer stands, `check.all()` how all of them do."""

from collections.abc import Sequence

from autograder.course.manifest import load
from autograder.course.root import own_root
from autograder.messages import ENGLISH, Language, Message, lines_of, say
from autograder.selfcheck.live.homework import Homework
from autograder.selfcheck.live.marking import verdicts
from autograder.selfcheck.live.result import show
from autograder.selfcheck.table import Result


class NotebookCheck:
    """The check of one notebook, the one that has a topic. It prints a line instead of raising."""

    def __init__(self) -> None:
        self._homework: Homework | None = None
        self._reason: str = say("run the first code cell of the notebook, which sets it up")

    def of(self, topic: str) -> "NotebookCheck":
        """The check for the notebook of a topic."""
        try:
            self._homework = Homework.of(topic)
            self._homework.course  # noqa: B018  # loaded now, so that the first check is as fast as the others
        except Exception as error:
            self._homework, self._reason = None, _reason(error)
            self._say_why()
        return self

    def __call__(self, question: str) -> None:
        """Shows how an answer stands: its points on the public cases, and what is wrong."""
        self._show([question])

    def all(self) -> None:
        """Shows a table of all questions of the notebook, and says what is not measured here."""
        self._show(self._homework.questions if self._homework else [])

    def _show(self, questions: Sequence[str]) -> None:
        if self._homework is None:
            self._say_why()
            return
        homework, language = self._homework, self._homework.assignment.language
        if unknown := [one for one in questions if one not in homework.questions]:
            known = {"names": ", ".join(homework.questions), "notebook": homework.notebook}
            no_such = "{notebook} has no question '{question}', but {names}"
            print(language.render(say(no_such, question=unknown[0], **known)))
            return
        try:
            show(_results(homework, questions), language)
        except KeyboardInterrupt:
            print(language.render(say("the check was stopped")))
        except Exception as error:
            failed = "the check failed, and your answer is not to blame: {reason}"
            print(language.render(say(failed, reason=_reason(error))))

    def _say_why(self) -> None:
        """Says why there is no check."""
        print(_language().render(say("check is not here: {reason}", reason=self._reason)))


def _results(homework: Homework, questions: Sequence[str]) -> list[Result]:
    needs = {question: homework.not_measured(question) for question in questions}
    possible = [question for question in questions if not needs[question]]
    asked = {one.question: one for one in verdicts(homework, possible)} if possible else {}
    return [Result(one, asked.get(one), needs[one] or homework.note(one)) for one in questions]


def _language() -> Language:
    """What the course speaks whose notebook is not known; English where there is no course."""
    try:
        return max(load(own_root()).values(), key=lambda assignment: assignment.deadline).language
    except Exception:  # which is what there is no check for
        return ENGLISH


def _reason(error: Exception) -> str:
    text = next(iter(lines_of(str(error))), "")
    if isinstance(error, FileNotFoundError):
        return say("{problem}. Get the homework's folder again", problem=text)
    return text if isinstance(text, Message) else f"{type(error).__name__}: {text}"


check = NotebookCheck()
