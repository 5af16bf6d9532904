"""What the app's pages are made of: templates and the words in them, pictures, their style and script."""

import hashlib
import re
from collections import OrderedDict
from pathlib import Path
from typing import Any

from autograder.desk.review.cells import MOST_LINES, Cell
from autograder.desk.review.marks import action_word
from autograder.desk.review.queue import APPEAL, BY_HAND, FLAGGED, MANUAL, UNGRADED, WHOSE
from autograder.marking.evidence import Excerpt
from autograder.messages import Language, say
from autograder.models.measurement import percent
from autograder.pages.exhibits import code, picture, values
from autograder.pages.template import BASE, EXHIBITS, environment, joined

_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPT, _STYLE = _TEMPLATES / "review.js", _TEMPLATES / "review.css"
_MOST_PICTURES = 200
_KIND_WORDS = {
    UNGRADED: say("ungraded"),
    FLAGGED: say("flagged"),
    MANUAL: say("for a person"),
    APPEAL: say("appeal"),
    WHOSE: say("Whose is it?"),
    BY_HAND: say("by hand"),
}


class Renderer:
    """Makes pages that speak a language, and keeps the pictures in them for a while."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._environment = environment(_TEMPLATES)
        script = _SCRIPT.read_text(encoding="utf-8")
        self._environment.globals |= {
            "language": language,
            "t": lambda template, **parts: language.word(say(template, **parts)),
            "kind_word": self.kind_word,
            "action_word": lambda event: language.word(action_word(event)),
            "say": say,
            "words": {sentence: language.word(sentence) for sentence in re.findall(r'\bt\("([^"]+)"', script)},
            "code": code,
            "grid": picture,
            "values": values,
            "percent": percent,
            "picture_of": self._keep_picture,
            "most_lines": MOST_LINES,
        }
        self._environment.filters["listing"] = _listing

    def render(self, template: str, **values: Any) -> str:
        """The page of a template."""
        return self._environment.get_template(template).render(**values)

    def kind_word(self, kind: str) -> str:
        """What the pages call a kind of items."""
        return self._language.word(_KIND_WORDS[kind])

    def picture(self, name: str) -> bytes | None:
        """A picture of one of the last pages, by its name."""
        return self._pictures.get(name)

    def _keep_picture(self, content: bytes) -> str:
        """The address of a picture."""
        name = hashlib.sha256(content).hexdigest()[:32]
        self._pictures[name] = content
        self._pictures.move_to_end(name)
        while len(self._pictures) > _MOST_PICTURES:
            self._pictures.popitem(last=False)
        return f"/picture/{name}.png"


def own_file(name: str) -> tuple[str, str] | None:
    """The type and the text of a file of the pages' own; None for another name."""
    own = {"review.js": ("text/javascript", (_SCRIPT,)), "review.css": ("text/css", (BASE, EXHIBITS, _STYLE))}
    kind, paths = own.get(name, ("", ()))
    return (kind, joined(*paths)) if paths else None


def _listing(cell: Cell) -> Excerpt:
    """A whole cell as lines with numbers."""
    return Excerpt(cell.heading, cell.number, 1, 0, tuple(cell.text.split("\n")))
