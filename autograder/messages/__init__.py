"""What people read, in English and in Korean: sentences that keep what they are made of, and their translations."""

from autograder.messages.language import ENGLISH, LANGUAGES, CatalogueError, Language, load_language
from autograder.messages.message import (
    Message,
    Part,
    from_json,
    from_wire,
    join,
    lines_of,
    say,
    tidied,
    to_json,
    to_wire,
)

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "CatalogueError",
    "Language",
    "Message",
    "Part",
    "from_json",
    "from_wire",
    "join",
    "lines_of",
    "load_language",
    "say",
    "tidied",
    "to_json",
    "to_wire",
]
