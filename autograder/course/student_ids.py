"""Student IDs as people write them: with other separators, or none, and with the digits of an Asian keyboard."""

import re
import unicodedata
from functools import lru_cache

_DASHES = "\u2010-\u2015\u2212"  # hyphens, dashes and the minus sign
_SEPARATOR = rf"\s?[-_.~{_DASHES}]?\s?"
_LITERAL_SEPARATORS = "-_. /"
_QUANTIFIERS = "?*+{"
# Two halves of an ID that the course writes in one piece; shorter ones are dates and numbers of attempts.
_HALVES = re.compile(rf"(?<![0-9])([0-9]{{3,}})[-_.\s{_DASHES}]([0-9]{{3,}})(?![0-9])")


def squeezed(student_id: str) -> str:
    """What is compared of an ID: without separators, case and the width of its letters."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", student_id).casefold() if letter.isalnum())


def ids_in(text: str, pattern: str) -> list[str]:
    """The different IDs in `text`, in order, as `pattern` (a regular expression) writes them.

    Where none is written so, those count that differ in their separators alone.
    """
    text = unicodedata.normalize("NFKC", text)
    exact = re.finditer(rf"(?<![0-9])(?:{pattern})(?![0-9])", text, re.ASCII)
    return list(dict.fromkeys(match[0] for match in exact)) or list(dict.fromkeys(_loose_ids(text, pattern)))


def _loose_ids(text: str, pattern: str) -> list[str]:
    pieces, separators = _pieces(pattern)
    if not separators:
        joined = (match[1] + match[2] for match in _HALVES.finditer(text))
        return [one for one in joined if re.fullmatch(pattern, one, re.ASCII)]
    form = _SEPARATOR.join(f"(?P<piece_{number}>{piece})" for number, piece in enumerate(pieces))
    found = []
    for match in re.finditer(rf"(?<![0-9]){form}(?![0-9])", text, re.ASCII):
        written = (match[f"piece_{number}"] for number in range(len(pieces)))
        found.append("".join(a + b for a, b in zip(written, (*separators, ""), strict=True)))
    return found


@lru_cache(maxsize=16)
def _pieces(pattern: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of an ID's pattern and the separators between them; one that has alternatives is a single piece."""
    pieces, separators, depth, in_class = [""], [], 0, False
    tokens = re.findall(r"\\.|.", pattern, re.DOTALL)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token == "|" and depth == 0:
            return (pattern,), ()
        in_class = (in_class or token == "[") and token != "]"
        depth += 0 if in_class else (token == "(") - (token == ")")
        literal = token.removeprefix("\\") if token != "." else ""  # a bare point means any letter
        if depth == 0 and not in_class and literal in tuple(_LITERAL_SEPARATORS) and following not in _QUANTIFIERS:
            separators.append(literal)
            pieces.append("")
        else:
            pieces[-1] += token
    return tuple(pieces), tuple(separators)
