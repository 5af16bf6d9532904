"""Templates of pages, and the styles and scripts in them, which a page allows by their hashes alone."""

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path

import jinja2
from markupsafe import Markup

from autograder.course.manifest import points_text

_FOLDER = Path(__file__).parent / "templates"


def template(name: str, names: Mapping[str, object]) -> jinja2.Template:
    """A template that knows these names; what fills it is escaped."""
    loader = jinja2.FileSystemLoader(_FOLDER)
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["points"] = points_text
    environment.globals |= names
    return environment.get_template(name)


def inlined(*names: str) -> tuple[Markup, str]:
    """Styles or scripts as they stand in a page, one behind the other, and their hash as its policy names it."""
    text = "".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), f"sha256-{digest}"
