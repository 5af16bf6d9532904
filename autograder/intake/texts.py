"""Files of text that were handed in beside notebooks, such as report.md, in whichever encoding."""

import codecs
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import PurePosixPath

from autograder.course.sizes import MIB
from autograder.intake.member import Member, MemberError, decoded
from autograder.intake.source import Source
from autograder.intake.wrapping import opened

REPORT_FILE = "report.md"
_LARGEST = 10 * MIB


def texts_called(source: Source, name: str) -> Iterator[tuple[str, str]]:
    """The files of this name in a submission, in small letters or large: the place of each and its text.

    In brackets instead of a text stands why there is none. What is damaged ends it, as it did the first reading.
    """
    with (
        suppress(Exception),  # readers of damaged archives raise nearly anything
        opened(source.path, source.member) as package,
        closing(package.members()) as inside,
    ):
        for member in inside:
            if member.kind == "file" and PurePosixPath(member.name).name.casefold() == name.casefold():
                yield member.name, _text(member, name)


def _text(member: Member, name: str) -> str:
    try:
        content = member.read(_LARGEST)
    except MemberError as error:
        return f"({name} cannot be shown: it {error})"
    text = text_of(content)
    return f"({name} is no text: {len(content):,} bytes that a person has to look at)" if "\0" in text else text


def text_of(content: bytes) -> str:
    """Text in whichever encoding Korean systems write it."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    text = decoded(content, "utf-8-sig", "cp949")
    return content.decode("utf-8", "replace") if text is None else text
