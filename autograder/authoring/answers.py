"""Answers to a topic's questions and the notebooks that hold them: mutants, variants, what sample students wrote."""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock

import nbformat

from autograder.authoring import build
from autograder.authoring.regions import placeholder

OUTSIDE = "outside of functions"
_HEADER = re.compile(r"#\s*(question|diagnosis|earns|region):\s*(.+?)\s*$")
_REGION = re.compile(r"^([ \t]*)### BEGIN SOLUTION\n(.*?)^[ \t]*### END SOLUTION\n", re.MULTILINE | re.DOTALL)
# Python 3.11 counts the depth of a syntax tree in one place for all threads: two that build at once may both fail.
_BUILDING = Lock()
_NAMES = re.compile("|".join(re.escape(placeholder(name)) for name in ("NAME", "")).replace("NAME", "(.+?)"))


class AnswerError(ValueError):
    """A mutant or variant that cannot be used; the message names the file and what is wrong with it."""


@dataclass(frozen=True)
class Expected:
    """What an answer must get in one question."""

    diagnosis: str = ""
    earns: float = 0.0


@dataclass(frozen=True)
class Answer:
    """A mutant or a variant: what each question gives for it, and how it differs from the solution.

    `regions` maps the names of solution regions to the code that stands there instead. `code` becomes a last cell,
    whose definitions win; "" adds none.
    """

    path: Path
    questions: Mapping[str, Expected]
    code: str
    regions: Mapping[str, str] = field(default_factory=dict)


def read_answer(path: Path) -> Answer:
    """Reads a file of `staff/mutants/` or `staff/variants/`: a header of comments, then code. Raises AnswerError.

    Each line with questions is followed by what these get. What stands below a line with a region is that region's.
    """
    questions: dict[str, Expected] = {}
    named: list[str] = []
    parts, region = {"": ""}, ""
    for line in path.read_text(encoding="utf-8").splitlines(keepends=True):
        match = _HEADER.match(line)
        if match is None:
            parts[region] += line
        elif match[1] == "region":
            region = match[2]
            parts[region] = ""
        elif match[1] == "question":
            named = [part.strip() for part in match[2].split(",")]
            questions |= dict.fromkeys(named, Expected())
        else:
            value = {"diagnosis": match[2]} if match[1] == "diagnosis" else {"earns": float(match[2])}
            questions |= {question: replace(questions[question], **value) for question in named}
    if not questions:
        raise AnswerError(f"{path}: the header needs a line such as `# question: LABEL`")
    code = parts.pop("")
    only_comments = all(not line.strip() or line.startswith("#") for line in code.splitlines())
    return Answer(path, questions, "" if only_comments else code, parts)


def answered_notebook(sources: Mapping[str, str], answer: Answer) -> bytes:
    """The solution notebook with an answer in it, as a file's content. Raises AnswerError for an unknown region.

    `sources` maps each topic to its percent script.
    """
    with _BUILDING:
        edited = sources
        if answer.regions:
            names = [name for topic, script in sources.items() for name in region_names(topic, script)]
            unknown = ", ".join(answer.regions.keys() - set(names))
            if unknown:
                raise AnswerError(f"{answer.path}: there is no solution region {unknown}, but {', '.join(names)}")
            edited = {topic: with_regions(topic, script, answer.regions) for topic, script in sources.items()}
        notebook = _solution(tuple(edited.items()))
    return build.notebook_with_cell(notebook, answer.code) if answer.code else build.to_bytes(notebook)


@lru_cache(maxsize=8)  # most answers are built on the same solution
def _solution(sources: tuple[tuple[str, str], ...]) -> nbformat.NotebookNode:
    return build.solution_notebook(dict(sources))


@cache
def region_names(topic: str, script: str) -> tuple[str, ...]:
    """The names of the solution regions of a percent script, in order; one that stands in no function is OUTSIDE."""
    skeleton = build.skeleton_notebook({topic: script})
    return tuple(name or OUTSIDE for cell in skeleton.cells for name in _NAMES.findall(cell.source))


def unwritten(name: str) -> str:
    """What stands in a region of this name when a student wrote nothing."""
    return placeholder("" if name == OUTSIDE else name)


def with_regions(topic: str, script: str, regions: Mapping[str, str]) -> str:
    """The percent script with other code inside the markers of the solution regions that are named."""
    names = iter(region_names(topic, script))

    def written(region: re.Match[str]) -> str:
        code = regions.get(next(names))
        if code is None:
            return region[0]
        indented = textwrap.indent(textwrap.dedent(code).strip("\n"), region[1])
        return f"{region[1]}### BEGIN SOLUTION\n{indented}\n{region[1]}### END SOLUTION\n"

    return _REGION.sub(written, script)
