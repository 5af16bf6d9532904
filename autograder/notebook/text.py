"""Text that strangers wrote, made fit for a terminal, a spreadsheet and a page."""

import re

_TERMINAL_ESCAPE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor movements
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # window titles, links
    r"|\x1b[ -/]*[0-~]"  # any other escape
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
# C0 and C1 controls but tab and newline, line separators, and marks that reorder the text around them.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


def plain(text: str, limit: int = 4000) -> str:
    """The text without terminal escapes, control characters and lone surrogates, cut to `limit` characters.

    Tabs and newlines stay; a carriage return becomes a newline.
    """
    text = text[: 2 * limit].encode("utf-8", "replace").decode("utf-8")
    text = _TERMINAL_ESCAPE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _INVISIBLE.sub("", text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def one_line(text: str, limit: int = 80) -> str:
    """The text as `plain` gives it, with every run of white space made one blank, cut to `limit` characters."""
    text = " ".join(plain(text).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
