"""Gradescope: folders `submission_<number>`; `submission_metadata.yml` beside them says who handed each of them in."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import yaml

from autograder.course.manifest import Assignment
from autograder.intake.lms.given import GivenName, LmsPerson, Mark
from autograder.notebook.text import one_line

METADATA = "submission_metadata.yml"
_FORM = re.compile(r"submission_(?P<number>\d{3,18})")


class MetadataError(ValueError):
    """The file about the submissions cannot be read; the message says why."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # its types are not installed
    """Takes objects of Ruby for the plain data that they are written as."""


def _plain(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!ruby/", _plain)


def mark_in(name: str, _assignment: Assignment) -> Mark | None:
    """What Gradescope has written into a name, which is not who it is; None if it has not."""
    match = _FORM.fullmatch(name)
    return Mark(0, GivenName("", system="Gradescope", number=int(match["number"]))) if match else None


def given_names(metadata: bytes) -> dict[str, GivenName]:
    """What `submission_metadata.yml` says of each folder, by the folder's name. Raises MetadataError."""
    try:
        content = yaml.load(metadata, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MetadataError(f"{METADATA} is no valid YAML: {one_line(str(error), 120)}") from None
    if not isinstance(content, Mapping):
        raise MetadataError(f"{METADATA}: expected a line for each folder, got {type(content).__name__}")
    return {str(folder): _given(str(folder), about) for folder, about in content.items()}


def _given(folder: str, about: Any) -> GivenName:
    says = about if isinstance(about, Mapping) else {}
    submitters = says.get(":submitters")
    people = [_person(one) for one in submitters if isinstance(one, Mapping)] if isinstance(submitters, list) else []
    match = _FORM.fullmatch(folder)
    number = int(match["number"]) if match else 0
    return GivenName("", tuple(filter(None, people)), "Gradescope", _time(says.get(":created_at")), number=number)


def _person(submitter: Mapping[Any, Any]) -> LmsPerson | None:
    login, email, name = (_text(submitter.get(key)) for key in (":sid", ":email", ":name"))
    identity = login or email or name
    return LmsPerson(f"gradescope {identity}", login=login, name=name, email=email) if identity else None


def _text(value: object) -> str:
    return one_line(str(value)) if isinstance(value, str | int) else ""


def _time(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
