"""Tokenizers: from a line of text to a list of tokens."""

import re
from collections.abc import Callable, Iterator, Sequence

__all__ = ["get_tokenizer", "ngrams_iterator"]

# applied one after the other to the line in lower case; spaces part tokens, so how many there are does not matter
_REPLACEMENTS = [
    ('"', ""),
    ("<br />", " "),
    (";", " "),
    (":", " "),
]
_APART = re.compile(r"['.,()!?]")  # each of these is a token of its own


def _basic_english(line: str) -> list[str]:
    line = line.lower()
    for old, new in _REPLACEMENTS:
        line = line.replace(old, new)
    return _APART.sub(r" \g<0> ", line).split()


def _split(line: str) -> list[str]:
    return line.split()


def get_tokenizer(
    tokenizer: str | Callable[[str], list[str]] | None, language: str = "en"
) -> Callable[[str], list[str]]:
    """The tokenizer of a name: "basic_english", or None for a split at white space; a callable is returned as it is.

    Raises ValueError for other names, and for "basic_english" with a language other than "en".
    """
    if tokenizer is None:
        return _split
    if callable(tokenizer):
        return tokenizer
    if tokenizer != "basic_english":
        raise ValueError(f"tokenizer {tokenizer!r} is not known here; there are 'basic_english', None and callables")
    if language != "en":
        raise ValueError(f"basic_english is a tokenizer for English (en), not for {language!r}")
    return _basic_english


def ngrams_iterator(token_list: Sequence[str], ngrams: int) -> Iterator[str]:
    """The tokens, then the pairs of neighbours joined by a space, and so on up to groups of `ngrams`."""
    yield from token_list
    for length in range(2, ngrams + 1):
        for start in range(len(token_list) - length + 1):
            yield " ".join(token_list[start : start + length])
