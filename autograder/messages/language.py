"""Display in a language: English, Korean, or both; translations are gettext catalogues, read line by line."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter

from autograder.messages.message import Message, join

LANGUAGES = ("en", "ko", "both")
_CATALOGUE = "ko.po"


class CatalogueError(ValueError):
    """A catalogue cannot be read; the message names the file and what to correct."""


@dataclass(frozen=True)
class Language:
    """How texts are shown. `translations` maps an English template to the Korean one.

    What has no translation stays English, as do names of code and the words of Python and PyTorch.
    """

    name: str = "en"
    translations: Mapping[str, str] = field(default_factory=dict, repr=False)

    def render(self, text: str) -> str:
        """A text as it is shown; where both languages are, the Korean lines stand below the English ones."""
        return self._shown(text, "\n")

    def word(self, text: str) -> str:
        """A heading, a word of a table or a diagnosis; where both languages are, they stand side by side."""
        return self._shown(text if isinstance(text, Message) else Message(text), " · ")

    def diagnosis(self, text: str) -> str:
        """The diagnosis of a verdict, each of its parts in the language."""
        return self.word(self.as_message(text))

    def as_message(self, diagnosis: str) -> Message:
        """A diagnosis as a message: of several, which commas or plus signs join, each is one."""
        if diagnosis in self.translations:
            return Message(diagnosis)
        pieces = diagnosis.split(", ")
        for size in range(len(pieces) - 1, 0, -1):  # there are commas inside of diagnoses, too
            first, rest = ", ".join(pieces[:size]), ", ".join(pieces[size:])
            if size == 1 or first in self.translations:
                return join([self.as_message(first), self.as_message(rest)], ", ")
        at_once = diagnosis.split(" + ")
        return join(map(Message, at_once), " + ") if len(at_once) > 1 else Message(diagnosis)

    def _shown(self, text: str, between: str) -> str:
        english = str.__str__(text)
        if self.name == "en":
            return english
        korean = self._korean(text)
        return korean if self.name == "ko" or korean == english else f"{english}{between}{korean}"

    def _korean(self, text: str) -> str:
        if not isinstance(text, Message):
            return text
        lines = text.template.split("\n")
        return "\n".join(text.filled(self.translations.get(line, line), self._korean) for line in lines)


ENGLISH = Language()


def load_language(name: str, *folders: Path) -> Language:
    """A language of LANGUAGES with the translations of the package and of those folders that hold a catalogue.

    Raises CatalogueError.
    """
    if name == "en":
        return ENGLISH
    translations: dict[str, str] = {}
    for folder in (Path(__file__).parent, *folders):
        if (folder / _CATALOGUE).is_file():
            translations |= read_catalogue(folder / _CATALOGUE)
    return Language(name, translations)


def read_catalogue(path: Path) -> dict[str, str]:
    """The translations of a .po file. Raises CatalogueError where one has other placeholders than its template."""
    translations: dict[str, str] = {}
    for english, korean in _entries(path):
        if placeholders(english) != placeholders(korean):
            raise CatalogueError(f"{path}: the translation of {english!r} has other placeholders: {korean!r}")
        translations[english] = korean
    return translations


def placeholders(template: str) -> set[str]:
    """The names of a template's placeholders. Raises ValueError for one that cannot be filled."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def _entries(path: Path) -> Iterable[tuple[str, str]]:
    """Templates and their translations; the header, and what is not translated yet, is left out."""
    texts: dict[str, str] = {}
    key = ""
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), 'msgid ""'], start=1):
        if not line.strip() or line.startswith("#"):
            continue
        keyword, _, _ = line.partition('"')
        if keyword.strip() == "msgid":
            if texts.get("msgid") and texts.get("msgstr"):
                yield texts["msgid"], texts["msgstr"]
            texts = {}
        key = keyword.strip() or key
        try:  # a string of C is one of Python
            texts[key] = texts.get(key, "") + str(ast.literal_eval(line[len(keyword) :]))
        except (SyntaxError, ValueError):
            raise CatalogueError(f"{path}, line {number}: no string in quotes") from None
