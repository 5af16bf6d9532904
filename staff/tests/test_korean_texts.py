"""Every text of a notebook has a Korean twin with the same numbers, code, formulas, links, figures and structure."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from korean import english_in, in_korean
from markdown_it import MarkdownIt

from autograder.authoring.build import read_sources, skeleton_notebook, solution_notebook
from autograder.authoring.readme import readme
from autograder.course.manifest import load
from autograder.course.root import project_root

ROOT = project_root()
TRANSLATED = ("rnn", "seq2seq", "vit", "gru", "imdb", "swin", "cifar10")  # scripts of staff/solutions/
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")
# What both languages share, taken out of a text in this order, so that the numbers are those of its sentences.
SHARED = {
    "code": re.compile(r"```.+?```|`[^`]+`", re.DOTALL),
    "formulas": re.compile(r"\$\$.+?\$\$|\$[^$]+\$", re.DOTALL),
    "words of the manifest": re.compile(r"\{\{.+?\}\}"),
    "figures and links": re.compile(r"(?<=\]\()[^)]+(?=\))"),
    "difficulty": re.compile(r"[●○]+"),
    "tildes": re.compile(r"~+"),  # two of them strike out what stands between them
    "numbers": re.compile(r"\d+(?:[.,]\d+)*"),
}
GATES = "## 1a. Gates [3 pts]\n\n●○ Open **two** of `gates` in 10,000 steps.\n\n- [$x$](https://a.org)\n- {{ late }}"
GATES_KO = (
    "## 1a. 게이트 [3점]\n\n●○ `gates` 가운데 **둘**을 10,000단계에 여세요.\n\n- [$x$](https://a.org)\n- {{ late }}"
)


def differences(english: str, korean: str) -> dict[str, tuple[list[str], list[str]]]:
    """By kind, what one of two texts has more often than the other: too little and too much in Korean."""
    kinds = {"structure": (Counter(structure(english)), Counter(structure(korean)))}
    for kind, pattern in SHARED.items():
        kinds[kind] = taken(pattern, english), taken(pattern, korean)
        english, korean = pattern.sub("", english), pattern.sub("", korean)
    kinds["Korean"] = Counter(["letters"]), Counter(["letters"] if re.search("[가-힣]", korean) else [])
    return {kind: (sorted(one - other), sorted(other - one)) for kind, (one, other) in kinds.items() if one != other}


def taken(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(" ".join(one.split()) for one in pattern.findall(text))


def structure(text: str) -> list[str]:
    """The tags of a text as it is shown: in Korean, bold words that end with a bracket do not end where they should."""
    return re.findall(r"<\w+", MARKDOWN.render(SHARED["formulas"].sub("", text)))


def texts(topic: str) -> Iterator[tuple[str, str]]:
    """Every text of a script with its twin, or with ""."""
    cells = skeleton_notebook(read_sources(ROOT, [topic])).cells
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if cell.cell_type == "markdown" and "lang" not in cell.metadata:
            has_twin = after is not None and after.metadata.get("lang") == "ko"
            yield cell.source, after.source if has_twin else ""


@pytest.mark.parametrize("topic", TRANSLATED)
def test_every_text_has_a_twin_that_says_the_same(topic: str) -> None:
    wrong = {english.splitlines()[0]: differences(english, korean) for english, korean in texts(topic)}
    assert len(wrong) > 3
    assert {text: what for text, what in wrong.items() if what} == {}


@pytest.mark.parametrize("topic", TRANSLATED)
def test_twins_move_nothing_else(topic: str) -> None:
    sources = read_sources(ROOT, [topic])
    alone = {topic: re.sub(r'^# %% \[markdown\] lang="ko"\n(#.*\n)+\n?', "", sources[topic], flags=re.MULTILINE)}
    assert len(alone[topic]) < len(sources[topic])
    english = [cell for cell in skeleton_notebook(sources).cells if "lang" not in cell.metadata]
    assert english == skeleton_notebook(alone).cells
    assert solution_notebook(sources) == solution_notebook(alone)


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("", "", []),
        ("10,000", "1000", ["numbers"]),
        ("[3점]", "[4점]", ["numbers"]),
        ("`gates`", "`gate`", ["code"]),
        ("$x$", "$y$", ["formulas"]),
        ("{{ late }}", "{{ limits }}", ["words of the manifest"]),
        ("a.org", "b.org", ["figures and links"]),
        ("## ", "", ["structure"]),
        ("**둘**을", "**(둘)**을", ["structure"]),
        ("게이트", "~게이트~", ["tildes"]),
        (GATES_KO, "", ["structure", *(kind for kind in SHARED if kind != "tildes"), "Korean"]),
        (GATES_KO, GATES, ["Korean"]),
    ],
)
def test_a_twin_that_says_something_else_is_seen(before: str, after: str, kinds: list[str]) -> None:
    assert list(differences(GATES, GATES_KO.replace(before, after))) == kinds


@pytest.mark.parametrize("name", load(ROOT))
def test_the_readme_of_a_bundle_has_a_korean_twin(name: str) -> None:
    assignment = load(ROOT)[name]
    english, korean = readme(assignment, ROOT), readme(in_korean(assignment), ROOT)
    words = re.compile(r"(?<=    # ).+|<.*>")  # in code: comments, and what stands for an ID
    assert differences(words.sub("", english), words.sub("", korean)) == {}
    assert english_in(SHARED["code"].sub("", korean)) == []
    both = readme(in_korean(assignment, "both"), ROOT)
    assert both == f"{english}\n{korean}"
