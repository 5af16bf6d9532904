"""assignments.toml: what students hand in, until when, and what each question is worth."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from autograder.course.late import Counts, LatePolicy, counts_in, late_policy_in
from autograder.course.limits import QuestionLimits, limits_in, question_limits_in
from autograder.course.manual import LABEL, ManualQuestion, manual_questions_in
from autograder.course.model_question import ModelQuestion, model_questions_in
from autograder.course.root import MANIFEST
from autograder.course.student_ids import ids_in
from autograder.course.toml_section import ManifestError as ManifestError
from autograder.course.toml_section import Section
from autograder.messages import ENGLISH, LANGUAGES, CatalogueError, Language, Message, join, load_language, say
from autograder.notebook.repair import Kind, Repair

ARCHIVE_SUFFIXES = (".zip", ".tar.gz", ".tgz", ".tar")
_PLACEHOLDER = "{student_id}"
_ASSIGNMENT_KEYS = {
    "title",
    "deadline",
    "timezone",
    "archive",
    "points",
    "required",
    "notebooks",
    "notebook_points",
    "questions",
    "limits",
    "measured",
    "repairs",
    "titles",
    "late",
    "counts",
    "appeals",
    "colab",
    "language",
    "manual",
}


class CourseError(ValueError):
    """Parts of a course contradict each other; the message names the file and what to correct."""


@dataclass(frozen=True)
class Assignment:
    """One assignment of the manifest.

    `required` holds file names, and folder names that end in a slash. `notebooks` maps a notebook's name to the topics
    in it, `notebook_points` the name to what it is worth once every question is in, `questions` a question to its
    points, `model_questions` those among these whose models are scored, `manual_questions` those that only people mark,
    which come last; all keep the manifest's order. `limits` are
    those of a question without its own in `question_limits`. `archive` is the archive's name with `{student_id}` in
    it, `student_id` a regular expression. `repairs` maps kinds of repairs to costs, `late` says what lateness costs
    (None: nothing), `counts` which attempt of a student counts, `appeals` how to ask for another look, `colab` where a
    notebook opens in Colab, with `{notebook}` for its name ("": nowhere), `language` what students read,
    `titles` what questions are about.
    """

    name: str
    title: str
    deadline: datetime
    archive: str
    points: float
    required: tuple[str, ...]
    notebooks: Mapping[str, tuple[str, ...]]
    notebook_points: Mapping[str, float]
    questions: Mapping[str, float]
    limits: QuestionLimits
    student_id: str
    model_questions: Mapping[str, ModelQuestion] = field(default_factory=dict)
    repairs: Mapping[str, float] = field(default_factory=dict)
    question_limits: Mapping[str, QuestionLimits] = field(default_factory=dict)
    late: LatePolicy | None = None
    counts: Counts = Counts.LAST
    appeals: str = ""
    titles: Mapping[str, str] = field(default_factory=dict)
    colab: str = ""
    language: Language = ENGLISH
    manual_questions: Mapping[str, ManualQuestion] = field(default_factory=dict)

    def limits_of(self, question: str) -> QuestionLimits:
        """What student code may use for one question."""
        return self.question_limits.get(question, self.limits)

    def with_seconds(self, seconds: float) -> "Assignment":
        """The assignment with another wall time for each question of code."""
        own = {question: replace(limits, seconds=seconds) for question, limits in self.question_limits.items()}
        return replace(self, limits=replace(self.limits, seconds=seconds), question_limits=own)

    @property
    def points_in(self) -> float:
        """Points of the questions that have a check so far, or that only people mark."""
        return sum(self.questions.values())

    def total_text(self, points: float) -> str:
        """A total as students read it: '35 of 100', or '35 of 60 (of 100)' while some questions have no check."""
        if self.points_in < self.points:
            parts = {"part": points_text(self.points_in), "whole": points_text(self.points)}
            return say("{points} of {part} (of {whole})", points=points_text(points), **parts)
        return say("{points} of {total}", points=points_text(points), total=points_text(self.points))

    def costs(self, repairs: Iterable[Repair]) -> list[tuple[str, float]]:
        """The note of each repair that costs points, and how many. A kind costs once, however often it occurs."""
        first = {repair.kind: repair.note for repair in reversed(list(repairs))}
        return [(first[kind], self.repairs[kind]) for kind in Kind if kind in first and kind in self.repairs]

    def with_costs(self, notes: Iterable[str], repairs: Iterable[Repair]) -> list[str]:
        """The notes on a submission; one about a repair that costs points says so."""
        costs = dict(self.costs(repairs))
        with_cost = "{note} (-{points})"
        return [say(with_cost, note=note, points=points_text(costs[note])) if note in costs else note for note in notes]

    def student_ids(self, text: str) -> list[str]:
        """The different student IDs that occur in a file's name, in order, as `student_ids.ids_in` finds them."""
        return ids_in(text, self.student_id)

    def is_archive_name(self, name: str) -> bool:
        """Whether an archive is named as the handout asks."""
        before, after = (re.escape(part) for part in self.archive.split(_PLACEHOLDER))
        return re.fullmatch(rf"{before}(?:{self.student_id}){after}", name, re.ASCII) is not None

    @property
    def archive_text(self) -> Message:
        """How the archive should be named, for messages: '<student ID>.zip'."""
        before, after = self.archive.split(_PLACEHOLDER)
        return join([before, say("<student ID>"), after], "")


def points_text(points: float) -> str:
    """Points with at most two decimals and no needless zeros: 10, 7.5, 3.33."""
    return f"{points:.2f}".rstrip("0").rstrip(".")


def language_of(root: Path, name: str) -> Language:
    """A language of LANGUAGES as a course speaks it. Raises ManifestError if its catalogue cannot be read."""
    try:
        return load_language(name, root / "tests" / "messages")
    except CatalogueError as error:
        raise ManifestError(str(error)) from None


def load(root: Path) -> dict[str, Assignment]:
    """Every assignment of `root`/assignments.toml by name, in the file's order.

    Raises ManifestError if the file is missing, is not TOML, or a value in it is not what is expected.
    """
    path = root / MANIFEST
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ManifestError(f"{path}: no such file; expected the manifest of the assignments") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ManifestError(f"{path}: cannot be read as TOML: {error}") from None
    top = Section(path, "", data)
    student_id = top.pattern("student_id")
    sections = {name: top.section(name) for name in data if name != "student_id"}
    if not sections:
        top.fail("", "at least one assignment, such as [homework1]", data)
    return {name: _assignment(name, section, student_id) for name, section in sections.items()}


def _assignment(name: str, section: Section, student_id: str) -> Assignment:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        section.fail("", "a name of letters, digits, - and _", name)
    section.only(_ASSIGNMENT_KEYS)
    late, manual = late_policy_in(section), manual_questions_in(section)
    by_hand = {label: question.points for label, question in manual.items()}
    assignment = Assignment(
        name=name,
        title=section.text("title"),
        deadline=section.deadline(),
        archive=_archive(section),
        points=section.number("points"),
        required=section.names("required", r"[^/\\]+/?", "file names, or folder names that end in /"),
        notebooks=_notebooks(section),
        notebook_points=_points_of(section.section("notebook_points")),
        questions=_points_of(section.section("questions"), LABEL) | by_hand,
        limits=limits_in(section.section("limits"), {}),
        student_id=student_id,
        model_questions=model_questions_in(section) if "measured" in section.values else {},
        question_limits=question_limits_in(section),
        repairs=_repairs(section.section("repairs")) if "repairs" in section.values else {},
        late=late,
        counts=counts_in(section, late),
        appeals=section.text("appeals") if "appeals" in section.values else "",
        titles=_titles(section) | {label: question.title for label, question in manual.items()},
        colab=_colab(section) if "colab" in section.values else "",
        language=_language(section) if "language" in section.values else ENGLISH,
        manual_questions=manual,
    )
    if assignment.points_in > assignment.points:
        section.fail("questions", f"at most {points_text(assignment.points)} points", points_text(assignment.points_in))
    parts, in_notebooks = assignment.notebook_points, assignment.points - sum(by_hand.values())
    if parts.keys() != assignment.notebooks.keys() or sum(parts.values()) != in_notebooks:
        section.fail("notebook_points", f"{points_text(in_notebooks)} points over all the notebooks", dict(parts))
    return assignment


def _archive(section: Section) -> str:
    archive = section.text("archive")
    if archive.count(_PLACEHOLDER) != 1 or not archive.endswith(ARCHIVE_SUFFIXES):
        section.fail("archive", f"a name such as '{_PLACEHOLDER}.zip' or '{_PLACEHOLDER}.tar.gz'", archive)
    return archive


def _colab(section: Section) -> str:
    address = section.text("colab")
    before, name, after = address.partition("{notebook}")
    if not re.fullmatch(r"https://[^\s{}()]+", before) or not name or re.search(r"[\s{}()]", after):
        section.fail("colab", "an address such as 'https://colab.research.google.com/.../{notebook}'", address)
    return address


def _language(section: Section) -> Language:
    name = section.text("language")
    if name not in LANGUAGES:
        section.fail("language", f"one of {', '.join(LANGUAGES)}", name)
    return language_of(section.path.parent, name)


def _notebooks(section: Section) -> dict[str, tuple[str, ...]]:
    table = section.section("notebooks")
    notebooks = {name: table.names(name, r"[a-z][a-z0-9_]*", "topics such as 'convolution'") for name in table.values}
    seen: set[str] = set()
    for name, topics in notebooks.items():
        if not name.endswith(".ipynb") or name not in section.get("required", "expected a list of names"):
            table.fail(name, "a notebook that stands in `required` too", name)
        if seen & set(topics):
            table.fail(name, "topics that no other notebook has", list(topics))
        seen |= set(topics)
    return notebooks


def _points_of(table: Section, form: str = r".+") -> dict[str, float]:
    for name in table.values:
        if not re.fullmatch(form, name):
            table.fail("", "labels of letters, digits, - and .", name)
    return {name: table.number(name) for name in table.values}


def _repairs(table: Section) -> dict[str, float]:
    if "late" in table.values:  # until lateness had a table of its own
        table.fail("late", "what lateness costs in a table `late` beside this one", table.values["late"])
    table.only({str(kind) for kind in Kind})
    return {kind: table.number(kind) for kind in table.values}


def _titles(section: Section) -> dict[str, str]:
    if "titles" not in section.values:
        return {}
    table = section.section("titles")
    table.only({*section.section("questions").values})
    return {question: table.text(question) for question in table.values}
