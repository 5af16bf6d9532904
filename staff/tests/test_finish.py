"""What is put into a built notebook last: the manifest's words, the figures, the badge."""

import base64
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import nbformat
import pytest

from autograder.authoring import build
from autograder.authoring.finish import finish, late_text
from autograder.authoring.regions import BuildError
from autograder.course.late import LatePolicy
from autograder.course.manifest import Assignment, language_of, load
from autograder.course.root import project_root
from autograder.messages import Language

ROOT = project_root()
COURSE = load(ROOT)
ALL_AT_ONCE = LatePolicy(None, 0, COURSE["hw4"].deadline - COURSE["hw4"].deadline)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    for name in ("gate", "open_in_colab"):
        (tmp_path / "images" / f"{name}.png").write_bytes(f"picture of {name}".encode())
    return tmp_path


def finished(root: Path, script: str, assignment: Assignment = COURSE["hw4"]) -> list[nbformat.NotebookNode]:
    notebook = finish(build.skeleton_notebook({"gate": script}), root, assignment, "hw4_rnn.ipynb")
    nbformat.validate(notebook)
    cells: list[nbformat.NotebookNode] = notebook.cells
    return cells


def test_a_figure_becomes_an_attachment_with_its_words(root: Path) -> None:
    (cell,) = finished(root, "# %% [markdown]\n# Before.\n#\n# ![A gate,\n# open](images/gate.svg)\n#\n# After.\n")
    assert cell.source == "Before.\n\n![A gate, open](attachment:gate.png)\n\nAfter."
    assert base64.b64decode(cell.attachments["gate.png"]["image/png"]) == b"picture of gate"


def test_a_cell_without_figures_has_no_attachments(root: Path) -> None:
    markdown, code = finished(
        root, '# %% [markdown]\n# $x_{{n}}$\n\n# %%\nx = "![a](images/gate.svg) {{ deadline }}"\n'
    )
    assert "attachments" not in markdown and markdown.source == "$x_{{n}}$"
    assert code.source == 'x = "![a](images/gate.svg) {{ deadline }}"'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("![words](images/door.svg)", "images/door.png is missing; draw it beside images/door.svg"),
        ("![ ](images/gate.svg)", "images/gate.svg needs words in [ ] that say what it shows"),
        ("{{ weather }}", "no words for {{ weather }}, but for title, deadline, late, "),
    ],
)
def test_what_cannot_be_finished_names_the_cell(root: Path, text: str, says: str) -> None:
    with pytest.raises(BuildError) as caught:
        finished(root, f"# %% [markdown]\n# Hello\n\n# %% [markdown]\n# {text}\n")
    assert str(caught.value).startswith(f"cell gate-02: {says}")


def test_the_manifest_gives_dates_and_limits(root: Path) -> None:
    (cell,) = finished(root, "# %% [markdown]\n# {{ deadline }}. {{ late }} {{ seconds }} s, {{ memory_mib }} MiB.\n")
    assert cell.source == "2024-06-14 (Fri) 18:00, Asia/Seoul. Late work earns nothing. 10 s, 2048 MiB."


@pytest.mark.parametrize(
    ("policy", "text", "korean"),
    [
        (None, "The course announces what late work costs.", "늦은 제출의 감점은 수업에서 공지합니다."),
        (ALL_AT_ONCE, "Late work earns nothing.", "늦게 제출하면 점수를 받지 못합니다."),
        (
            replace(ALL_AT_ONCE, per_day=Decimal("12.5"), most=3),
            "Each day late takes 12.5 % of the points; after 3 days nothing is left.",
            "하루 늦을 때마다 점수의 12.5 %가 깎이고, 3일 뒤에는 점수가 남지 않습니다.",
        ),
        (
            replace(ALL_AT_ONCE, per_day=Decimal(50), most=1),
            "Each day late takes 50 % of the points; after one day nothing is left.",
            "하루 늦을 때마다 점수의 50 %가 깎이고, 하루 뒤에는 점수가 남지 않습니다.",
        ),
    ],
)
def test_what_lateness_costs_is_a_sentence(policy: LatePolicy | None, text: str, korean: str) -> None:
    assert late_text(policy) == text
    assert language_of(ROOT, "ko").render(late_text(policy)) == korean


def test_the_badge_stands_below_the_title_if_there_is_an_address(root: Path) -> None:
    script = "# %% [markdown]\n# # Gates\n#\n# The first cell leads.\n\n# %% [markdown]\n# # Again\n"
    assert [cell.source for cell in finished(root, script)] == ["# Gates\n\nThe first cell leads.", "# Again"]
    assignment = replace(COURSE["hw4"], colab="https://colab.research.google.com/x/{notebook}")
    first, second = finished(root, script, assignment)
    badge = "[![Open in Colab](attachment:open_in_colab.png)](https://colab.research.google.com/x/hw4_rnn.ipynb)"
    assert first.source == f"# Gates\n\n{badge}\n\nThe first cell leads."
    assert base64.b64decode(first.attachments["open_in_colab.png"]["image/png"]) == b"picture of open_in_colab"
    assert second.source == "# Again" and "attachments" not in second


TWINS = """\
# %% [markdown]
# # Gates
#
# An idea.

# %% [markdown] lang="ko"
# # 게이트
#
# 생각 하나.

# %%
x = 1

# %% [markdown]
# English alone.
"""


@pytest.mark.parametrize(
    ("language", "ids"),
    [
        ("en", ["gate-01", "gate-02", "gate-03"]),
        ("ko", ["gate-01-ko", "gate-02", "gate-03"]),
        ("both", ["gate-01", "gate-01-ko", "gate-02", "gate-03"]),
    ],
)
def test_a_text_has_a_korean_twin(root: Path, language: str, ids: list[str]) -> None:
    assignment = replace(COURSE["hw4"], language=Language(language), colab="https://x.org/{notebook}")
    cells = finished(root, TWINS, assignment)
    assert [cell.id for cell in cells] == ids
    assert ("Open in Colab" in cells[0].source) and ("게이트" in cells[0].source) is (language == "ko")


WORDS = "{{ deadline }}. {{ late }} {{ seconds }} s, `{{ archive }}`\n#\n# {{ limits }}"
FILLED = {
    "en": "2024-06-14 (Fri) 18:00, Asia/Seoul. Late work earns nothing. 10 s, `<student ID>.zip`\n\n**Limits.** What",
    "ko": "2024-06-14 (금) 18:00, Asia/Seoul. 늦게 제출하면 점수를 받지 못합니다. 10 s, `<학번>.zip`\n\n**제한.**",
}


@pytest.mark.parametrize(("language", "shown"), [("en", ["en"]), ("ko", ["ko", "en"]), ("both", ["en", "ko", "en"])])
def test_what_is_put_into_a_korean_twin_is_korean(root: Path, language: str, shown: list[str]) -> None:
    script = f'# %% [markdown]\n# {WORDS}\n\n# %% [markdown] lang="ko"\n# {WORDS}\n'
    alone = f"\n# %% [markdown]\n# {WORDS}\n" if "ko" in shown else ""
    assignment = replace(COURSE["hw4"], language=language_of(ROOT, language))
    cells = finished(root, script + alone, assignment)
    assert [cell.source.startswith(FILLED[one]) for cell, one in zip(cells, shown, strict=True)] == [True] * len(shown)
    assert ["seconds" in cell.source for cell in cells] == [one == "en" for one in shown]
