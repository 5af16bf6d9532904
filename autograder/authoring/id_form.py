"""The form of a student ID, a regular expression of the manifest, as a shell's patterns and in words."""

import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice, product

from autograder.messages import join, say

_ATOM = re.compile(r"(\\d|\\w|\\[^\w\s]|\[[^\[\]^!'\\]+\]|[\w@#,:;=~% -])(?:\{(\d+)(?:,(\d+))?\}|(\?))?", re.ASCII)
_CLASSES = {  # one of them, and several
    string.digits: (say("digit"), say("digits")),
    string.ascii_lowercase: (say("small letter"), say("small letters")),
    string.ascii_uppercase: (say("capital letter"), say("capital letters")),
    string.ascii_uppercase + string.ascii_lowercase: (say("letter"), say("letters")),
}
_SIGNS = {"-": say("a hyphen"), "_": say("an underscore"), ".": say("a dot"), " ": say("a space")}
_NUMBERS = (
    *(say("no"), say("one"), say("two"), say("three"), say("four"), say("five"), say("six"), say("seven")),
    *(say("eight"), say("nine"), say("ten"), say("eleven"), say("twelve")),
)
_SAFE = string.ascii_letters + string.digits + "_.-"
_MOST_PATTERNS = 64


@dataclass(frozen=True)
class IdForm:
    """How a script recognises a student ID.

    `classes` maps names of shell variables to the pattern of one character that each stands for. An ID that one of the
    shell patterns `refused` matches is none; otherwise it has to match one of `accepted`. `words` describe it,
    `example` is made up ("" if there is none).
    """

    accepted: Sequence[str]
    words: str
    example: str = ""
    refused: Sequence[str] = ()
    classes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Atom:
    """One of some characters, so many times."""

    characters: str
    least: int
    most: int


def id_form(expression: str) -> IdForm:
    """The form of what a regular expression matches.

    One of characters, classes and counts is followed exactly. Of any other only the characters of a file's name are
    asked for, since a shell has no regular expressions.
    """
    atoms = list(_atoms(expression))
    count = 1
    for atom in atoms:
        count *= atom.most - atom.least + 1
    if not atoms or count > _MOST_PATTERNS:
        unsafe = _one_of(f"!{_SAFE}")
        return IdForm(["*"], say("letters, digits, hyphens, dots"), "", ["[-.]*", "*${unsafe}*"], {"unsafe": unsafe})
    several = dict.fromkeys(atom.characters for atom in atoms if len(atom.characters) > 1)
    names = {characters: f"class{number}" for number, characters in enumerate(several, start=1)}
    pieces = [[_piece(atom, names) * times for times in range(atom.least, atom.most + 1)] for atom in atoms]
    accepted = list(dict.fromkeys(map("".join, product(*pieces))))
    classes = {name: _one_of(characters) for characters, name in names.items()}
    return IdForm(accepted, join(_words(atoms), ", "), _example(atoms), (), classes)


def _atoms(expression: str) -> Iterator[_Atom]:
    """The parts of an expression; none if it has any other than characters, classes and counts."""
    found, place = [], 0
    while place < len(expression):
        match = _ATOM.match(expression, place)
        if match is None:
            return
        least = 0 if match[4] else int(match[2] or 1)
        found.append(_Atom(_characters(match[1]), least, 1 if match[4] else int(match[3] or least)))
        place = match.end()
    yield from found


def _characters(atom: str) -> str:
    if atom.startswith("["):
        shown = re.sub(r"(.)-(.)", lambda ends: "".join(map(chr, range(ord(ends[1]), ord(ends[2]) + 1))), atom[1:-1])
        return "".join(sorted(set(shown)))
    if atom == r"\w":
        return "".join(sorted(string.ascii_letters + string.digits + "_"))
    return string.digits if atom == r"\d" else atom.removeprefix("\\")


def _one_of(characters: str) -> str:
    """A shell's pattern of one of some characters; in brackets only a last hyphen is itself."""
    return f"[{characters.replace('-', '')}{'-' if '-' in characters else ''}]"


def _piece(atom: _Atom, names: dict[str, str]) -> str:
    if atom.characters in names:
        return f"${{{names[atom.characters]}}}"
    return atom.characters if re.fullmatch(r"[\w-]", atom.characters, re.ASCII) else f"\\{atom.characters}"


def _words(atoms: Sequence[_Atom]) -> Iterator[str]:
    literal = ""
    for atom in [*atoms, _Atom("", 0, 0)]:
        if len(atom.characters) == 1 and atom.least == atom.most and (literal or atom.characters not in _SIGNS):
            literal += atom.characters * atom.least
            continue
        if literal:
            yield f"'{literal}'"
            literal = ""
        if atom.characters in _SIGNS and atom.least == atom.most == 1:
            yield _SIGNS[atom.characters]
        elif atom.characters:
            yield _counted(atom)


def _counted(atom: _Atom) -> str:
    other = say("of {characters}", characters=_one_of(atom.characters))
    literal = f"'{atom.characters}'" if len(atom.characters) == 1 else other
    one, several = _CLASSES.get(atom.characters, (literal, literal))
    if (atom.least, atom.most) == (0, 1):
        return say("perhaps one {what}", what=one)
    what = several if atom.most > 1 else one
    least, most = (_NUMBERS[n] if n < len(_NUMBERS) else str(n) for n in (atom.least, atom.most))
    if least == most:
        return say("{count} {what}", count=most, what=what)
    return say("{least} to {most} {what}", least=least, most=most, what=what)


def _example(atoms: Sequence[_Atom]) -> str:
    """An ID that is made up by counting."""
    sources: dict[str, Iterator[str]] = {}
    parts: list[str] = []
    for atom in atoms:
        counting = "1234567890" if atom.characters == string.digits else atom.characters
        source = sources.setdefault(atom.characters, cycle(counting))
        parts += islice(source, max(1, atom.least))
    return "".join(parts)
