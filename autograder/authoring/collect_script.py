"""CollectSubmission.sh, with which students pack what they hand in: written from the manifest."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2

from autograder.authoring.id_form import id_form
from autograder.course.manifest import Assignment
from autograder.messages import Language, load_language, say, tidied

NAME = "CollectSubmission.sh"
_LINE = 94  # characters of the usage's list of files


@dataclass(frozen=True)
class _Packing:
    """How one assignment is packed, as the template reads it."""

    name: str
    archive: str
    required: tuple[str, ...]
    language: str

    @property
    def form(self) -> str:
        """zip, tar or tgz."""
        return next((form for form in ("zip", "tar") if self.archive.endswith(f".{form}")), "tgz")

    @property
    def contents(self) -> list[str]:
        """What is packed, in lines of the usage."""
        lines = [""]
        for name in self.required:
            if lines[-1] and len(lines[-1]) + len(name) > _LINE:
                lines.append("")
            lines[-1] += f"{', ' if lines[-1] else ''}{name}"
        return lines


def default_assignment(assignments: Mapping[str, Assignment]) -> str:
    """The name of the assignment that is packed where none is named: the one that is due last."""
    return max(assignments.values(), key=lambda assignment: assignment.deadline).name


def collect_script(assignments: Mapping[str, Assignment]) -> str:
    """The text of the script; the same manifest always gives the same."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    environment = jinja2.Environment(
        loader=loader,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    default = default_assignment(assignments)
    chosen = {default: assignments[default], **assignments}
    form, korean = id_form(assignments[default].student_id), load_language("ko")
    is_korean = any(one.language.name != "en" for one in chosen.values())
    spoken = [Language(), korean] if is_korean else [Language()]
    environment.filters["quote"] = shlex.quote
    environment.filters["both"] = lambda text: " ".join(_quoted(one.render(say(text))) for one in spoken)
    return environment.get_template(NAME).render(
        default=default,
        names=", ".join(chosen),
        id=form,
        no_student_id=say("'%s' is no student ID: {words} are expected", words=tidied(form.words, _unformatted)),
        assignments=[_Packing(name, one.archive, one.required, one.language.name) for name, one in chosen.items()],
        language=chosen[default].language.name,
        is_korean=is_korean,
        english=say,
        korean=lambda text, **parts: korean.render(say(text, **parts)),
    )


def _quoted(text: str) -> str:
    """A text as a word of a shell, in double quotes where that is easier to read."""
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else shlex.quote(text)


def _unformatted(text: str) -> str:
    """A text that stands in a format of printf as it is."""
    return text.replace("%", "%%")


def write_script(root: Path, assignments: Mapping[str, Assignment]) -> Path:
    """Writes the script into the course's folder; returns its path."""
    path = root / NAME
    path.write_text(collect_script(assignments), encoding="utf-8", newline="\n")
    path.chmod(0o755)
    return path


def is_fresh(root: Path, assignments: Mapping[str, Assignment]) -> bool:
    """Whether the script in the course's folder is the one that the manifest gives."""
    path = root / NAME
    return path.is_file() and path.read_bytes() == collect_script(assignments).encode()
