"""Templates of pages, and the styles and scripts in them, which a page allows by their hashes alone."""

import base64
import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

import jinja2
from markupsafe import Markup

from autograder import __version__
from autograder.course.fingerprints import PACKAGE, fingerprint, of_files
from autograder.course.manifest import points_text
from autograder.gradebook.replacing import replacing

TEMPLATES = Path(__file__).parent / "templates"
EXHIBITS = TEMPLATES / "exhibits.css"  # code with a marked line, lines to paste, grids of differences
BASE = TEMPLATES / "base.css"  # colours, fonts and highlighted code, the same for whatever people read


def write_if_changed(path: Path, parts: Iterable[object], render: Callable[[], Iterable[str]]) -> None:
    """Writes a page, unless the one that is there was made of the same parts by the same code. Raises OSError.

    `parts` are told from others by their repr. The last line of a page, a comment, holds their hash. The text comes in
    pieces, each of which is written as soon as it is there.
    """
    last_line = f"\n<!-- {fingerprint(_code_version(), *(fingerprint(repr(part)) for part in parts))} -->\n"
    if _ends_with(path, last_line.encode()):
        return
    with replacing(path) as file:
        file.writelines(render())
        file.write(last_line)


def _ends_with(path: Path, end: bytes) -> bool:
    """Whether a file is there and has this end."""
    try:
        with path.open("rb") as file:
            file.seek(-len(end), os.SEEK_END)
            return file.read() == end
    except OSError:  # it is not there, or is shorter
        return False


@cache
def _code_version() -> str:
    """The hash of the code and the templates of all pages, and of the sentences in them."""
    folders = (PACKAGE / "pages", PACKAGE / "messages")
    return fingerprint(__version__, of_files(path for one in folders for path in one.rglob("*.*") if path.is_file()))


def environment(folder: Path) -> jinja2.Environment:
    """What makes pages of the templates in a folder and of page.html; what fills them is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader([folder, TEMPLATES]),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["points"] = points_text
    return made


def template(path: Path, names: Mapping[str, object]) -> jinja2.Template:
    """A template that knows these names."""
    return environment(path.parent).get_template(path.name, globals=dict(names))


def inlined(*paths: Path) -> tuple[Markup, str]:
    """Styles or scripts as they stand in a page, one behind the other, and their hash as its policy names it."""
    text = joined(*paths)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"


def joined(*paths: Path) -> str:
    """The texts of files, one behind the other."""
    return "".join(path.read_text(encoding="utf-8") for path in paths)
