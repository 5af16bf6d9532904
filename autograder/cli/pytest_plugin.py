"""pytest glue: every function marked with `@question` becomes one test item that grades a notebook.

`pytest tests/test_TOPIC.py --notebook PATH` grades that notebook; without the option each topic's notebook is looked
for in the course's `notebooks/` folder and at its top.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from autograder.checks.question import Check
from autograder.cli.common import prepare_process
from autograder.course.course import Course, load_course
from autograder.course.manifest import Assignment, CourseError, ManifestError, load, points_text
from autograder.course.root import is_students_copy, project_root
from autograder.marking.ask import Diagnoses
from autograder.marking.question import ask_checks
from autograder.marking.sandboxes import isolation_warning, open_sandbox
from autograder.marking.verdict import State, Verdict
from autograder.messages import Language, say
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox, SandboxUnavailable

_PROPERTY = "question"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds --notebook and --unsafe."""
    parser.addoption("--notebook", metavar="PATH", help="the notebook to grade instead of the one in notebooks/")
    parser.addoption("--unsafe", action="store_true", help="run it beside the answers even if nothing isolates")


def pytest_configure(config: pytest.Config) -> None:
    """Prepares the process, and keeps the workers of this run in one place, so that they end with it."""
    prepare_process()
    config.pluginmanager.register(_Workers(config), "autograder-workers")


def pytest_pycollect_makeitem(
    collector: pytest.Module, name: str, obj: object
) -> pytest.Item | list[pytest.Item] | None:
    """A marked test function is collected as a question, one about saved models not at all, all else as usual."""
    if isinstance(obj, type) and obj.__module__.startswith("autograder."):
        return []  # the type TestSet is no class of tests
    found = getattr(obj, "question", None)
    if not isinstance(found, Check) or not name.startswith("test"):
        return None
    if found.about_models:
        return []
    item: pytest.Item = QuestionItem.from_parent(collector, name=name, check=found)
    return item


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """One line per question with its points, in place of a dot."""
    line = dict(getattr(report, "user_properties", ())).get(_PROPERTY)  # a failed collection has none
    if report.when != "call" or line is None:
        return None
    return report.outcome, f"\n  {line}", str(line)


class Failed(Exception):
    """A question that earned less than its points."""


class QuestionItem(pytest.Item):
    """One check function, run on every public case."""

    def __init__(self, *, check: Check, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.check = check

    def runtest(self) -> None:
        """Grades the question. Raises Failed unless it earns all its points."""
        workers: Any = self.config.pluginmanager.get_plugin("autograder-workers")
        verdict, language = workers.ask(self.path, self.check)
        points, total = f"{points_text(verdict.points):>3}", points_text(verdict.max_points)
        score = language.word(say("{points} of {total}", points=points, total=total))
        diagnosis = f"  ({language.diagnosis(verdict.diagnosis)})" if verdict.diagnosis else ""
        self.user_properties.append((_PROPERTY, f"{verdict.question:<7} {score:<9} {verdict.state}{diagnosis}"))
        if verdict.state is not State.PASS:
            raise Failed(language.render(verdict.message))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The message alone; a traceback of the grader's helps no student."""
        if isinstance(excinfo.value, (Failed, pytest.UsageError)):
            return str(excinfo.value)
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, None, str]:
        """The heading above a message."""
        return self.path, None, f"{self.check.question} ({self.name})"


@dataclass
class _Notebook:
    """One notebook of a run: its session, and what was found in it so far."""

    session: Session
    earlier: Diagnoses = field(default_factory=dict)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)

    def ask(self, course: Course, check: Check) -> Verdict:
        """The verdict of one check; all checks of its question are put at once, in one execution of the notebook."""
        if check.question not in self.verdicts:
            self.verdicts[check.question] = ask_checks(course, self.session, check.question, self.earlier)
        names = [one.name for one in course.checks_by_question(self.session.filename)[check.question]]
        return self.verdicts[check.question][names.index(check.name)]


class _Workers:
    """The sandbox and the sessions of one pytest run, made when the first question asks for them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._option = config.getoption("--notebook")
        self._courses: dict[Path, Course] = {}
        self._sandboxes: dict[str, Sandbox] = {}
        self._notebooks: dict[str, _Notebook] = {}

    def ask(self, checks: Path, check: Check) -> tuple[Verdict, Language]:
        """The verdict of one question of the file `checks`, and the language in which it is read."""
        try:
            root = project_root(checks.parent)
            course, name = self._course(root, checks)
        except (ManifestError, CourseError) as error:
            raise pytest.UsageError(str(error)) from None
        if name not in self._notebooks:
            self._notebooks[name] = _Notebook(self._session(root, course, name))
        return self._notebooks[name].ask(course, check), course.assignment.language

    @pytest.hookimpl(wrapper=True)
    def pytest_unconfigure(self) -> Iterator[None]:
        """Ends the workers."""
        for notebook in self._notebooks.values():
            notebook.session.close()
        for sandbox in self._sandboxes.values():
            sandbox.close()
        return (yield)

    def _course(self, root: Path, checks: Path) -> tuple[Course, str]:
        topic = checks.stem.removeprefix("test_")
        for assignment in load(root).values():
            for name, topics in assignment.notebooks.items():
                if topic in topics:
                    if root / assignment.name not in self._courses:
                        self._courses[root / assignment.name] = load_course(root, assignment)
                    return self._courses[root / assignment.name], name
        raise pytest.UsageError(f"assignments.toml has no notebook with the topic {topic!r}")

    def _session(self, root: Path, course: Course, name: str) -> Session:
        path = self._path(root, name)
        if course.assignment.name not in self._sandboxes:
            self._sandboxes[course.assignment.name] = self._open(root, course.assignment)
        fork = self._sandboxes[course.assignment.name].fork
        return Session(fork, path.read_bytes(), name, course.assignment.limits.seconds)

    def _open(self, root: Path, assignment: Assignment) -> Sandbox:
        """A sandbox, and a line before any code runs if nothing isolates; without --unsafe, the run ends there."""
        unsafe = self._config.getoption("--unsafe") or is_students_copy(root)
        plugins: Any = self._config.pluginmanager
        with plugins.get_plugin("capturemanager").global_and_fixture_disabled():
            try:
                sandbox = open_sandbox(root, assignment, unsafe=unsafe)
            except SandboxUnavailable as error:
                pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
            if note := isolation_warning(sandbox):
                plugins.get_plugin("terminalreporter").write_line(assignment.language.render(note))
        return sandbox

    def _path(self, root: Path, name: str) -> Path:
        if self._option:
            path = Path(self._option)
            if not path.is_file():
                raise pytest.UsageError(f"--notebook {path}: no such file")
            return path
        for path in (root / "notebooks" / name, root / name):
            if path.is_file():
                return path
        raise pytest.UsageError(
            f"{name} is neither in {root / 'notebooks'} nor in {root}; --notebook PATH names another"
        )
