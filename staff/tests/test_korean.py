"""Where an assignment is in Korean, nothing of ours is English: pages, files that cannot be read, LMS comments."""

import gzip
import io
import re
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path

import pytest
from korean import english_in, in_korean
from marks import attempt_of, enter_marks

from autograder.course.late import LatePolicy
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.exports.comment import comment_lines
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.grades import grade_of
from autograder.intake.handout import NOTHING
from autograder.intake.source import source_at
from autograder.intake.submission import Submission
from autograder.intake.submission import load as read_submission
from autograder.intake.timing import Timing
from autograder.marking.evidence import Evidence, Excerpt
from autograder.marking.verdict import Verdict
from autograder.messages import Message, say
from autograder.models.measurement import Model, ModelScores
from autograder.models.ranks import Candidate, assign_tiers
from autograder.notebook.notebook import UnreadableNotebook, read
from autograder.pages.student_page import write_student_page
from autograder.protocol.grid import Grid

ROOT = project_root(Path(__file__).parent)
HW4, ASSIGNMENT2 = (in_korean(load(ROOT)[name]) for name in ("hw4", "assignment2"))
KOREAN = HW4.language
A = "2024-20001"
NOTEBOOK = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'
CODE = ("def f(x):", "    return x  # these are the words of a student")
EVIDENCE = Evidence(
    (Excerpt("1a. Batches", 4, 1, 2, CODE),), (("x", "(2, 3) float32"),), (Grid("the result", (3,), 1, ("002",)),)
)


def test_english_sentences_are_seen() -> None:
    assert english_in("값이 틀렸습니다: it is wrong here") == ["it is wrong here"]
    assert english_in("x.py: torch.nn.GRU, return x, (2, 3)", "return") == []
    assert english_in("mat1 shapes cannot be multiplied", "mat1 shapes cannot be multiplied") == []


# --- what was handed in ---


def zipped(files: dict[str, bytes], level: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", level) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def tarball(*members: tuple[str, bytes, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name, kind, data in members:
            member = tarfile.TarInfo(name)
            member.type, member.size, member.linkname = kind, len(data), "elsewhere"
            archive.addfile(member, io.BytesIO(data))
    return content.getvalue()


SCRIPT = b"# In[1]:\nx = 1\n"
ODD = {
    "2024-20001.zip": zipped({
        "a/hw4_rnn (1).ipynb": NOTEBOOK,
        "b/c/hw4_rnn.ipynb": NOTEBOOK,
        "hw4_vit.py": SCRIPT,
        "../x.ipynb": NOTEBOOK,
        "inner.zip": b"x",
    }),  # fmt: skip
    "work.tar.gz": tarball(
        ("2024-20002/hw4_rnn.ipynb", tarfile.REGTYPE, NOTEBOOK),
        ("2024-20003/link", tarfile.SYMTYPE, b""),
        ("2024-20003/pipe", tarfile.FIFOTYPE, b""),
        (".ipynb_checkpoints/hw4_vit-checkpoint.ipynb", tarfile.REGTYPE, NOTEBOOK),
    ),
    "2024-20001-wrapped.zip": zipped({"2024-20001.zip": zipped({"hw4_rnn.ipynb": NOTEBOOK})}),
    "2024-20001 but tar.zip": tarball(("hw4_rnn.ipynb", tarfile.REGTYPE, NOTEBOOK)),
    "hw4_rnn.ipynb": NOTEBOOK,
    "half.zip": zipped({"hw4_rnn.ipynb": NOTEBOOK, "big": bytes(5000)}, zipfile.ZIP_STORED)[:3000],
    "cut.tar.gz": gzip.compress(gzip.decompress(tarball(("hw4_rnn.ipynb", tarfile.REGTYPE, NOTEBOOK * 99)))[:2000]),
    "empty.zip": b"",
    "no files.zip": zipped({}),
    "a.7z": b"7z\xbc\xaf\x27\x1c rest",
    "a.pdf": b"%PDF-1.4",
    "a.gz": gzip.compress(b"no tar"),
    "a.txt": b"hello",
}  # fmt: skip


def submission(path: Path) -> Submission:
    return read_submission(source_at(path, HW4), "a", HW4, NOTHING)


@pytest.mark.parametrize("name", ODD)
def test_what_is_said_of_a_file_is_korean(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(ODD[name])
    said = submission(path)
    lines = [*said.notes, *([said.error] if said.error else [])]
    assert lines, "nothing is odd"
    for line in lines:
        assert isinstance(line, Message), line
        shown = KOREAN.render(line)
        assert english_in(shown, name, "unexpected end of data") == [], shown  # as Python's tarfile says it
        assert re.search("[가-힣]", shown)


BROKEN_NOTEBOOKS = {
    "byte order mark": b"\xef\xbb\xbf" + NOTEBOOK,
    "encoded": NOTEBOOK.decode().encode("utf-16"),
    "format 3": b'{"nbformat": 3, "worksheets": [{"cells": []}]}',
    "slips": b'{"cells": [1, 1, {"cell_type": "code", "outputs": 1}]}',
    "cell type": b'{"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "def f():\\n    pass"}]}',
    "conflict": NOTEBOOK.replace(
        b"[]", b'[{"cell_type": "code", "source": "<<<<<<< a\\nx = 1\\n=======\\nx = 2\\n>>>>>>> b\\n", "outputs": []}]'
    ),
    "no cells": b'{"a": 1}',
    "empty": b"",
    "too many": b'{"nbformat": 4, "cells": [' + b"1," * 10_001 + b"1]}",
}


@pytest.mark.parametrize("name", BROKEN_NOTEBOOKS)
def test_what_is_said_of_a_notebook_is_korean(name: str) -> None:
    try:
        lines = [repair.note for repair in read(BROKEN_NOTEBOOKS[name]).repairs]
    except UnreadableNotebook as error:
        lines = [str(error)]
    assert lines, "nothing is odd"
    for line in lines:
        # the words of Python's own reader of JSON
        shown = KOREAN.render(line)
        assert english_in(shown, "Expecting value") == [] and re.search("[가-힣]", shown), shown


# --- pages ---


def visible(page: str) -> str:
    """The text of a page, its labels among it, without the student's code."""
    page = re.sub(r"<style>.*?</style>|<pre.*?</pre>|<code>.*?</code>", "", page, flags=re.DOTALL)
    labels = re.findall(r'aria-label="([^"]*)"', page)
    return unescape("\n".join([re.sub(r"<[^>]*>", "\n", page), *labels]))


def page_of(folder: Path, fill: Callable[[Gradebook], None], name: str = "hw4") -> str:
    late = LatePolicy(Decimal(10), 3, timedelta(0))
    with Gradebook(folder, replace({"hw4": HW4, "assignment2": ASSIGNMENT2}[name], late=late)) as gradebook:
        gradebook.start_run(2, [])
        gradebook.keep_sampling(10)
        fill(gradebook)
        return write_student_page(gradebook, "a").read_text(encoding="utf-8")


def late(gradebook: Gradebook, **changes: object) -> None:
    """Enters an attempt that is late, with a mistake, a note that costs points, and one that is right."""
    path = gradebook.folder / "2024-20001.zip"
    path.write_bytes(ODD["2024-20001.zip"])
    handed_in = gradebook.assignment.deadline + timedelta(days=1, hours=3)
    about = submission(path)
    attempt = attempt_of("a", A, notes=tuple(about.notes), repairs=about.repairs, timing=Timing(handed_in), **changes)
    wrong = Verdict.scored("1c", 4, 10, "gates exchanged", say("{what} is wrong", what=say("the result")))
    verdicts = [
        replace(wrong, evidence=EVIDENCE),
        Verdict.scored("1a", 0, 3, "not written", say("{name} is not written yet", name="f")),
        Verdict.ungraded("2c", 10, "unknown value", say("a teaching assistant looks at this answer")),
        Verdict.scored("1b", 2, 2),
    ]
    enter_marks(gradebook, attempt, verdicts)


def test_a_page_is_korean(tmp_path: Path) -> None:
    page = page_of(tmp_path, late)
    assert english_in(visible(page)) == []
    for shown in (
        "머신러닝과 딥러닝 I, 과제 4",
        "1일 3시간 늦게 제출",
        "1c. 순전파",
        "이 줄:",
        "결과: 값 3개 중 1개가 틀림",
    ):
        assert shown in page
    assert "hw4_rnn (1).ipynb" in page and "조교에게 알려 주세요" in page


def test_an_attempt_that_cannot_be_read_has_a_korean_page(tmp_path: Path) -> None:
    path = tmp_path / "half.zip"
    path.write_bytes(ODD["a.7z"])
    error = submission(path).error
    page = page_of(tmp_path / "grades", lambda book: enter_marks(book, attempt_of("a", A, error=error)))
    assert english_in(visible(page)) == [] and "zip이나 tar.gz 압축 파일을 기대했습니다" in page


def test_an_attempt_that_does_not_count_has_a_korean_page(tmp_path: Path) -> None:
    def twice(gradebook: Gradebook) -> None:
        first = datetime(2024, 6, 1, tzinfo=HW4.deadline.tzinfo)
        for name, time in (("a", first), ("b", first + timedelta(days=1))):
            enter_marks(gradebook, attempt_of(name, A, timing=Timing(time)))

    page = page_of(tmp_path, twice)
    assert english_in(visible(page)) == [] and "제출 2회 중 1회째" in page and "b.zip" not in english_in(page)


@pytest.mark.parametrize("rights", [(13,), (13, 12), (20, 19, 5, 4), (20, 19, 18, 1)])
def test_ranks_are_told_in_korean(rights: tuple[int, ...]) -> None:
    def candidate(name: str, right: int) -> Candidate:
        bits = ((1 << right) - 1) << (24 - right)
        return Candidate(name, bits.to_bytes(3, "big"), right, 24)

    places = assign_tiers([candidate(f"s{n}", right) for n, right in enumerate(rights)], 99, 0.4, 0.9)
    for place in places.values():
        for line in place.explain():
            assert english_in(KOREAN.render(line)) == [] and re.search("[가-힣]", KOREAN.render(line)), line


def test_models_and_ranks_have_a_korean_page(tmp_path: Path) -> None:
    def with_models(gradebook: Gradebook) -> None:
        enter_marks(gradebook, attempt_of("a", A))
        scores = ModelScores("2-1-2", (Model("gru", 13), Model("broken", None, say("is missing"))), 16, b"", 1)
        verdict = Verdict.ungraded("2-1-2", 20, "rank pending", say("no saved model was found"))
        gradebook.record_scores("a", verdict, scores)

    page = page_of(tmp_path, with_models, "assignment2")
    assert english_in(visible(page)) == [] and "영화평의 감성" in page


def test_a_comment_for_an_lms_is_korean(tmp_path: Path) -> None:
    with Gradebook(tmp_path, replace(HW4, late=LatePolicy(None, 0, timedelta(0)))) as gradebook:
        late(gradebook)
        (person,) = gradebook.people()
        grade = grade_of(gradebook, person)
        assert grade is not None
        lines = comment_lines(grade, Decimal(100), KOREAN)
    assert english_in("\n".join(lines)) == [] and lines[0].startswith("총점: ")
