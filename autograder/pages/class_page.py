"""The page of a class, for those who teach it: what needs a person, how the questions went, and all students."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import jinja2

from autograder import __version__
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import open_questions
from autograder.gradebook.replacing import going_on_without, replacing
from autograder.messages import Language, say
from autograder.models.measurement import percent
from autograder.pages.class_figures import DiagnosedGroup, mistakes_made, model_figures, question_figures, totals_of
from autograder.pages.class_files import class_file
from autograder.pages.roll import Entry, roll_of
from autograder.pages.statistics import spread_of
from autograder.pages.student_page import student_page
from autograder.pages.template import BASE, EXHIBITS, TEMPLATES, inlined, template, write_if_changed
from autograder.pages.watch import warnings_of

_MOST_MISTAKES = 40


def write_class_page(gradebook: Gradebook, section: str = "", anonymous: bool = False) -> Path:
    """Writes class.html of a section, or of all, beside the students' pages, if it is not up to date; its path.

    Without names, it goes into anonymous/, with a page for each student. Raises GradebookError, OSError.
    """
    entries = roll_of(gradebook, section, anonymous)
    path = class_file(gradebook, anonymous)
    if anonymous:
        _write_anonymous(gradebook, entries, path.parent / "students")
    parts = _parts(gradebook, entries, section, anonymous)
    # The repr of an entry tells no more than who it is, since the parts name most entries several times.
    told = chain([gradebook.assignment], (entry.facts for entry in entries), parts.values())
    write_if_changed(path, told, lambda: _render(gradebook, parts))
    return path


def try_class_page(gradebook: Gradebook, section: str = "") -> None:
    """`write_class_page`, without a page where it cannot be written. Raises OSError when the disk is full."""
    with going_on_without():
        write_class_page(gradebook, section)


def _write_anonymous(gradebook: Gradebook, entries: Sequence[Entry], folder: Path) -> None:
    """Writes the page of each student under the pseudonym, and deletes those of earlier times."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for page in folder.glob("*.html"):
        page.unlink()
    for entry in entries:
        with replacing(folder / f"{entry.page}.html") as file:
            file.write(student_page(gradebook, entry.grade.attempt, entry.shown))


def _parts(gradebook: Gradebook, entries: Sequence[Entry], section: str, anonymous: bool) -> dict[str, Any]:
    """All that the page shows of the gradebook."""
    mistakes = mistakes_made(entries)
    return {
        "section": section,
        "entries": entries,
        "open_questions": [] if anonymous or section else open_questions(gradebook),
        "doubtful": [entry for entry in entries if entry.grade.open_questions],
        "ungraded": _ungraded(entries, gradebook.assignment.language),
        "flagged": [entry for entry in entries if entry.flags],
        "warnings": warnings_of(gradebook, entries),
        "figures": question_figures(gradebook, entries),
        "seconds": spread_of([entry.seconds for entry in entries if entry.counted]),
        "mistakes": mistakes[:_MOST_MISTAKES],
        "rarer": len(mistakes[_MOST_MISTAKES:]),
        "models": model_figures(gradebook, entries),
        "lists": _lists(entries),
        "anonymous": anonymous,
    }


def _render(gradebook: Gradebook, parts: Mapping[str, Any]) -> Iterator[str]:
    from autograder.pages.plots import points_plot, totals_plot  # imports matplotlib, which takes most of a second

    assignment, language = gradebook.assignment, gradebook.assignment.language
    figures, totals = parts["figures"], totals_of(parts["entries"])
    return _template().generate(
        **parts,
        assignment=assignment,
        totals=spread_of(totals),
        totals_plot=totals_plot(totals, assignment.points_in) if totals and assignment.points_in else None,
        points_plot=points_plot(figures) if any(one.spread for one in figures) else None,
        remarks=lambda entry: _remarks(entry, language),
        version=__version__,
        language=language,
        t=lambda template, **parts: language.word(say(template, **parts)),
    )


def _ungraded(entries: Sequence[Entry], language: Language) -> list[DiagnosedGroup]:
    """Who has to be marked by a person, by question and reason, the most frequent first."""
    who: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        for verdict in entry.ungraded:
            who.setdefault((verdict.question, language.diagnosis(verdict.diagnosis)), []).append(entry)
    return sorted((DiagnosedGroup(*about, some) for about, some in who.items()), key=lambda one: -len(one.entries))


_KINDS: dict[str, Callable[[Entry], object]] = {
    say("late"): lambda entry: entry.grade.late or entry.late,
    say("with an extension"): lambda entry: entry.extended,
    say("adjusted by hand"): lambda entry: entry.grade.adjusted,
    say("repaired"): lambda entry: entry.repaired,
    say("excused"): lambda entry: entry.grade.excused,
    say("not read"): lambda entry: entry.error and not entry.absent,
    say("nothing was handed in"): lambda entry: entry.absent,
}


def _lists(entries: Sequence[Entry]) -> list[tuple[str, list[Entry]]]:
    """Students about whom something was decided or is odd, by what it is."""
    return [(word, some) for word, is_one in _KINDS.items() if (some := [one for one in entries if is_one(one)])]


def _remarks(entry: Entry, language: Language) -> list[str]:
    """What the line of a student says beside the points."""
    looks = {say("open question"): entry.grade.open_questions, say("flagged"): entry.flags}
    words = [*(word for word, there in looks.items() if there), *(word for word, one in _KINDS.items() if one(entry))]
    return [language.word(word) for word in words]


@cache
def _template() -> jinja2.Template:
    style, style_hash = inlined(BASE, EXHIBITS, TEMPLATES / "student.css", TEMPLATES / "class.css")
    script, script_hash = inlined(TEMPLATES / "class.js")
    names = {"style": style, "style_hash": style_hash, "script": script, "script_hash": script_hash}
    return template(TEMPLATES / "class.html", {**names, "percent": percent, "say": say})
