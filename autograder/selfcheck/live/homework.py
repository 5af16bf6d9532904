"""The course as a kernel sees it: one notebook's questions, and the folder that they came from."""

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from autograder.course.course import Course, load_public
from autograder.course.manifest import Assignment, CourseError, load
from autograder.course.root import MANIFEST, own_root
from autograder.messages import say


@dataclass(frozen=True)
class Homework:
    """A notebook of the course in the folder `root`."""

    root: Path
    assignment: Assignment
    notebook: str

    @classmethod
    def of(cls, topic: str) -> "Homework":
        """The notebook with a topic. Raises CourseError or ManifestError."""
        root = own_root()
        for assignment in load(root).values():
            for notebook, topics in assignment.notebooks.items():
                if topic in topics:
                    return cls(root, assignment, notebook)
        unknown = "{manifest} knows no topic {topic}: is it the folder of another homework?"
        raise CourseError(say(unknown, manifest=str(root / MANIFEST), topic=topic))

    @cached_property
    def course(self) -> Course:
        """The questions and the public cases. Raises FileNotFoundError, CourseError, CourseImportError."""
        return load_public(self.root, self.assignment, self.notebook)

    @property
    def questions(self) -> list[str]:
        """Every question of the notebook, in order."""
        return list(dict.fromkeys(check.question for check in self.course.questions[self.notebook]))

    @property
    def file(self) -> Path | None:
        """The notebook as it was last saved, if it lies where a kernel or the course has its folder."""
        session = os.environ.get("JPY_SESSION_NAME", "")
        named = [Path(session)] if session.endswith(self.notebook) else []
        return next((one for one in (*named, Path(self.notebook), self.root / self.notebook) if one.is_file()), None)

    def reads_outputs(self, question: str) -> bool:
        """Whether a question is about what the notebook's saved outputs show."""
        checks = self.course.checks_by_question(self.notebook).get(question, [])
        return any("claims" in check.fixtures for check in checks)

    def not_measured(self, question: str) -> str:
        """What a question needs that is not there, or that only the grader has; "" if it can be asked now."""
        if models := self.assignment.model_questions.get(question):
            number = sum(path.is_file() for path in Path(models.folder).glob(models.models))
            found = "measured by the grader; your model: found {number} in {folder}"
            if models.distinct > 1:
                found = "measured by the grader; your {count} models: found {number} in {folder}"
            return say(found, count=models.distinct, number=number, folder=models.folder)
        if self.reads_outputs(question) and self.file is None:
            return say(
                "taken from the saved outputs of {notebook}, which is not in this folder: "
                "train, save it, and run `python -m autograder check {notebook}`",
                notebook=self.notebook,
            )
        return ""

    def note(self, question: str) -> str:
        """What to know about a verdict: from when the outputs are that it comes from."""
        if not self.reads_outputs(question) or self.file is None:
            return ""
        saved = datetime.fromtimestamp(self.file.stat().st_mtime)
        outputs = "from the outputs of {file} as it was saved at {time}: save it after training"
        return say(outputs, file=self.file.name, time=f"{saved:%H:%M}")
