"""Questions that only people mark: read strictly, waiting until somebody marks them, shown with what they are about."""

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from marks import attempt_of, enter_marks
from review_class import HW4

from autograder.course.manifest import ManifestError, language_of, load
from autograder.course.manual import ManualQuestion, RubricItem, find_unknown_heading
from autograder.course.root import project_root
from autograder.desk.desk import Desk
from autograder.desk.review.cells import Wanted, answer_reading
from autograder.desk.review.queue import KINDS, queue_of
from autograder.desk.review.rendering import Renderer
from autograder.gradebook.gradebook import Gradebook
from autograder.intake.handout import NOTHING
from autograder.intake.source import source_at
from autograder.marking.verdict import Diagnosis, State, Verdict

TEXT = """
student_id = '[a-z]{2}'
[lab]
title = "Lab"
deadline = 2025-11-07T12:00:00
timezone = "Europe/Berlin"
archive = "{student_id}.zip"
points = 10
required = ["lab.ipynb", "report.md"]
[lab.notebooks]
"lab.ipynb" = ["lab"]
[lab.notebook_points]
"lab.ipynb" = 6
[lab.questions]
A = 6
[lab.limits]
seconds = 10
memory_mib = 2048
[lab.manual.C]
title = "The report"
points = 4
file = "report.md"
rubric = [{ text = "measures", points = 3 }, { text = "explains", points = 1 }]
"""
REPORT = ManualQuestion("Report", 4, (RubricItem("measures", 3), RubricItem("explains", 1)), file="report.md")


def written(folder: Path, text: str) -> Path:
    (folder / "assignments.toml").write_text(text, encoding="utf-8")
    return folder


def test_it_is_a_question_with_points_and_a_title(tmp_path: Path) -> None:
    lab = load(written(tmp_path, TEXT))["lab"]
    assert lab.questions == {"A": 6, "C": 4} and lab.points_in == 10 and lab.titles == {"C": "The report"}
    assert lab.manual_questions == {"C": replace(REPORT, title="The report")}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("points = 3", "points = 2", "rubric: expected points that add up to 4, got '3 points'"),
        ('file = "report.md"', 'file = "essay.md"', "file: expected a file of `required`, lab.ipynb, report.md"),
        ('file = "report.md"', 'cells_of = "Z"', "cells_of: expected a question of `questions`, A, got 'Z'"),
        ('file = "report.md"', "", "expected one of file, cells_of, text_under"),
        ("rubric = [", "rubric = []#", "rubric: expected a list of 1 to 9 items"),
        ("[{ text", "[3, { text", "rubric: expected items such as"),
        ('text = "explains"', 'words = "explains"', "item 2] words: expected no such key"),
        ("[lab.manual.C]", "[lab.manual.A]", "A: expected a label that does not stand in `questions`"),
        ("[lab.manual.C]", '[lab.manual."C d"]', "expected labels of letters"),
        ("= 6\n[lab.questions]", "= 10\n[lab.questions]", "notebook_points: expected 6 points over all the notebooks"),
    ],
)
def test_a_bad_one_is_refused_in_a_sentence(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(ManifestError, match=".") as raised:
        load(written(tmp_path, TEXT.replace(old, new)))
    assert says in str(raised.value)


def test_a_heading_that_is_not_there_is_named(tmp_path: Path) -> None:
    lab = load(written(tmp_path, TEXT.replace('file = "report.md"', 'text_under = "C. Words"')))["lab"]
    assert "'C. Words' is no heading of the notebooks; there are: none" in find_unknown_heading(tmp_path, lab)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "lab.ipynb").write_text(notebook("## C. Words (4 points)"), encoding="utf-8")
    assert find_unknown_heading(tmp_path, lab) == ""


def notebook(*texts: str) -> str:
    return json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": "markdown", "source": [text]} for text in texts]}, ensure_ascii=False
    )


def shown(folder: Path, wanted: Wanted, **files: bytes) -> list[str]:
    """What a reader tells of an archive with these files, where `_` stands for a dot."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    (folder / "ab.zip").write_bytes(content.getvalue())
    lab = load(written(folder, TEXT))["lab"]
    return [
        one["text"] for one in answer_reading(source_at(folder / "ab.zip", lab), lab, NOTHING, vars(wanted))["cells"]
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_a_report_is_text_in_whichever_encoding(tmp_path: Path, encoding: str) -> None:
    text = "협업: 없음 <script>alert(1)</script>"
    wanted = Wanted("", "C", (), (), file="report.md")
    assert shown(tmp_path, wanted, report_md=text.encode(encoding)) == [text]


def test_a_report_that_is_no_text_or_too_large_is_told(tmp_path: Path) -> None:
    wanted = Wanted("", "C", (), (), file="report.md")
    assert "is no text: 8 bytes" in shown(tmp_path, wanted, report_md=b"\x89PNG\0\0\0\1")[0]
    assert "report.md cannot be shown" in shown(tmp_path, wanted, report_md=b"x" * (11 << 20))[0]
    assert shown(tmp_path, wanted, other_md=b"x") == []


def test_text_under_a_heading_is_shown(tmp_path: Path) -> None:
    wanted = Wanted("", "C", (), (), text_under="C. Words")
    content = notebook("## B. Code", "no", "## C. Words (4 points)", "my answer").encode()
    assert shown(tmp_path, wanted, lab_ipynb=content) == ["## C. Words (4 points)", "my answer"]
    content = notebook("## C. Words", "제 답").encode("cp949")
    assert shown(tmp_path, wanted, lab_ipynb=content) == ["## C. Words", "제 답"]
    assert shown(tmp_path, wanted, lab_ipynb=b"{") == []


def test_every_kind_of_item_has_a_word_in_korean() -> None:
    page = Renderer(language_of(project_root(), "ko"))
    assert [kind for kind in KINDS if re.search("[A-Za-z]", page.kind_word(kind))] == []


def test_it_waits_in_the_queue_until_it_is_marked(tmp_path: Path) -> None:
    changed = {"questions": {**HW4.questions, "R": 4.0}, "manual_questions": {"R": REPORT}}
    with Gradebook(tmp_path, replace(HW4, **changed)) as gradebook:  # type: ignore[arg-type]
        gradebook.secret_seed(7)
        waits = Verdict.ungraded("R", 4, Diagnosis.WAITS, "A person marks this.")
        enter_marks(gradebook, attempt_of("2024-20001"), [waits], listed=True)
        (item,) = queue_of(gradebook).items
        assert item.kinds == ("manual",) and item.is_manual and item.is_open and item.shown == "? / 4"
        event = Desk(gradebook, "ta").mark("2024-20001", "R", 3, "3 of 3: measures; 0 of 1: explains")
        (item,) = queue_of(gradebook).items
        assert item.kinds == ("manual", "by hand") and not item.is_open and item.verdict.points == 3
        Desk(gradebook, "ta").undo(event.id)
        assert queue_of(gradebook).items[0].verdict.state is State.UNGRADED
