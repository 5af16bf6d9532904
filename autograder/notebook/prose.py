"""What is said in words, in a notebook or beside it: markdown, comments, and the people and sources in them."""

import re
from collections.abc import Collection, Iterable, Iterator

from autograder.notebook.raw import RawNotebook

_SOURCE = re.compile(
    r"협업|협력|함께 (?:풀|작성|공부)|참고|참조|출처|인용|collaborat|reference|worked with|with (?:the )?help|"
    r"credits?\b|stack ?overflow|chat ?gpt|copilot|gemini|claude|https?://\S+",
    re.IGNORECASE,
)
_LONGEST = 120


def prose_of(notebook: RawNotebook) -> str:
    """The markdown of a notebook, and the comments of its code."""
    return "\n".join([*(text for _, text in notebook.markdown), *comments_in(notebook.sources)])


def comments_in(code: Iterable[str]) -> list[str]:
    """The comments of some texts of code."""
    return [comment for text in code for comment in re.findall(r"#.*", text)]


def sources_named(prose: str, given: Collection[str]) -> Iterator[str]:
    """The lines that name collaborators or a source and are not `given` by the course, each cut to a table's width."""
    for line in prose.splitlines():
        text = line.strip()
        if text not in given and _SOURCE.search(text):
            yield text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def names_in(prose: str, names: Iterable[str]) -> list[str]:
    """Those of some IDs or names of people that stand in a text as words; Korean endings may follow."""
    return [name for name in names if len(name) > 1 and name in prose and re.search(_word(name), prose)]


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}" + (r"(?![A-Za-z0-9])" if name[-1].isascii() else "")
