"""The given first cell of a notebook with checks, in the language of its assignment."""

import re
from pathlib import Path

from autograder.messages import ENGLISH, Language, say

_TEXT = (Path(__file__).parent / "templates" / "set_up.txt").read_text(encoding="utf-8")
_SENTENCE = re.compile(r"\{\{ (.+?) \}\}")
_TOPIC = re.compile(r"^check = set_up_check\(\"(\w+)\"\)$", re.MULTILINE)

SENTENCES = tuple(_SENTENCE.findall(_TEXT))  # in English, the names of what fills them in braces


def set_up_cell(topic: str, language: Language = ENGLISH) -> str:
    """The source of the cell for the notebook with a topic."""
    return _SENTENCE.sub(lambda sentence: language.word(say(sentence[1])), _TEXT).replace("TOPIC", topic).rstrip("\n")


def topic_of(source: str) -> str:
    """The topic of a set-up cell, "" for any other cell."""
    call = _TOPIC.search(source)
    return call[1] if call else ""
