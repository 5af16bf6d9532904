"""Templates of pages, and the styles and scripts in them, which a page allows by their hashes alone."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

import jinja2
from markupsafe import Markup

from autograder.course.manifest import points_text

TEMPLATES = Path(__file__).parent / "templates"
BASE = TEMPLATES / "base.css"  # colours, fonts and highlighted code, the same for whatever people read


def environment(folder: Path) -> jinja2.Environment:
    """What makes pages of the templates in a folder; what fills them is escaped."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
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
