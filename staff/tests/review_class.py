"""A class of sixty that was graded, with 25 things for a person to look at, for tests and measurements of a review."""

import base64
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from marks import attempt_of, enter_marks
from PIL import Image

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.roster import Student
from autograder.marking.evidence import Evidence, Excerpt
from autograder.marking.verdict import Verdict

HW4 = load(project_root())["hw4"]
STUDENTS = [f"2024-2{number:04d}" for number in range(1, 61)]
HOSTILE = STUDENTS[0]
UNGRADED, FLAGGED = "1c", "1f"  # ten and ten of them, in the order of STUDENTS, and five in 2a of the last ones
ALIKE = "unknown value"
FORWARD = "def collate_batch(batch):\n    lengths = [len(text) for _, text in batch]\n    return pad(batch), lengths\n"
SCRIPT = "<script>document.title = 'taken'; fetch('http://example.com/')</script>"
MARKUP = f"{SCRIPT}<style>* {{ display: none }}</style><img src=http://example.com/x.png onerror=alert(1)>"


def picture(colour: str = "teal", kind: str = "PNG") -> str:
    """A plot as a notebook saves it."""
    file = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


def cell(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    """A code cell with what it shows."""
    return {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": source, "outputs": list(outputs)}


def shows(**data: object) -> dict[str, Any]:
    """An output of these kinds: `png`, `jpeg`, `svg`, `html`, `text`."""
    kinds = {"png": "image/png", "jpeg": "image/jpeg", "svg": "image/svg+xml", "html": "text/html"}
    bundle = {kinds.get(name, "text/plain"): value for name, value in data.items()}
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def notebook(*cells: dict[str, Any]) -> bytes:
    """A notebook whose cells stand under a heading of a question each."""
    written: list[dict[str, Any]] = []
    for question, one in zip(("1c", "1f", "2a", "1d"), cells, strict=False):
        written += [{"cell_type": "markdown", "metadata": {}, "source": f"## {question}. A part"}, one]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": written}).encode()


def tame(number: int) -> bytes:
    """What a student with nothing to hide hands in."""
    stream = {
        "output_type": "stream",
        "name": "stdout",
        "text": f"Epoch 1 loss {number / 7:.3f}\nTest accuracy 61.2 %\n",
    }
    return notebook(cell(FORWARD + f"# {number}"), cell("evaluate(model, test)", stream, shows(png=picture())))


def hostile() -> bytes:
    """What somebody hands in who would rather mark themselves."""
    svg = '<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=1"><script>document.title=2</script></svg>'
    huge = {"output_type": "stream", "name": "stdout", "text": "x" * (10 << 20)}
    lines = {"output_type": "stream", "name": "stdout", "text": "</pre><b>line</b>\n" * 100_000}
    bad = shows(png=base64.b64encode(b"<script>alert(1)</script>").decode(), jpeg=picture(kind="JPEG"))
    text = f"{MARKUP}\n</pre>{SCRIPT}\n# {{{{ 7 * 7 }}}} \u202e backwards"
    return notebook(cell(text, shows(svg=svg, html=MARKUP), bad, huge), cell(f"'''{MARKUP}'''", lines))


def report(number: int) -> str:
    """What a student writes in words; the second names the third, and where something is from."""
    if not number:
        return MARKUP
    return "협업: Name of 2\n\nSee https://example.org/batches\n" if number == 1 else "I did all of it alone.\n"


def make_class(folder: Path, students: Sequence[str] = STUDENTS) -> Path:
    """Writes a class to `folder`/class and what it was graded to; the folder of the grades."""
    place, grades = folder / "class", folder / "grades"
    place.mkdir(parents=True)
    with Gradebook(grades, HW4) as gradebook:
        gradebook.secret_seed(7)
        gradebook.start_run(2, ["x"])
        gradebook.keep_submissions_place(place)
        for number, student in enumerate(students):
            with zipfile.ZipFile(place / f"{student}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("hw4_rnn.ipynb", hostile() if student == HOSTILE else tame(number))
                archive.writestr("report.md", report(number))
            attempt = attempt_of(student, students=(Student(student, name=f"Name of {number}"),))
            enter_marks(gradebook, attempt, [*_verdicts(number)], listed=True)
    return grades


def _verdicts(number: int) -> Sequence[Verdict]:
    """Everything right, but for what somebody has to look at."""
    marks = {question: Verdict.scored(question, most, most) for question, most in HW4.questions.items()}
    if number < 10:
        message = f"A value stands here that is known on Colab alone.\nin hw4_rnn.ipynb {MARKUP if not number else ''}"
        excerpt = Excerpt("1c. A part", 1, 1, 2, (SCRIPT, "weights = torch.load(drive)", "model(weights)"))
        doubted = Verdict.ungraded(UNGRADED, 10, ALIKE if number < 6 else "sandbox", message)
        marks[UNGRADED] = replace(doubted, evidence=Evidence((excerpt,), (("weights", "(3, 4) float32"),)))
    elif number < 20:
        marks[FLAGGED] = replace(marks[FLAGGED], figure="91.25 %").flagged("figure differs from that of training again")
    elif number >= 55:
        marks["2a"] = Verdict.scored("2a", 4, 10, "order of layers", "the layers are in another order").flagged("look")
    return list(marks.values())
