"""Students' pages under the names by which an LMS hands them back to whom they are about."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.manifest import Assignment
from autograder.exports.filling import doubts
from autograder.exports.refusal import ExportError, require_none
from autograder.gradebook.grades import StudentGrade
from autograder.intake.lms.forms import parse


@dataclass(frozen=True)
class Feedback:
    """What goes back: `files` by their names in what is uploaded, and why other students get nothing."""

    files: Mapping[str, bytes]
    left_out: Sequence[str]


class _Undeliverable(Exception):
    """A student's page cannot go back; the message says why."""


def canvas_feedback(grades: Sequence[StudentGrade], pages: Path, assignment: Assignment, partial: bool) -> Feedback:
    """Each student's page out of the folder `pages`, under the name of a file that they handed in on Canvas.

    Canvas finds them by the two numbers of that name and keeps its type, so the page is packed in a file of this type;
    of several files one. Raises ExportError while a mark is not ready, unless `partial`.
    """

    def pack(grade: StudentGrade, page: Path) -> tuple[str, bytes]:
        given = [(name, parse(name, assignment)) for name in grade.sources]
        numbered = [name for name, says in given if says.system == "Canvas" and says.people and says.number]
        if not numbered:
            raise _Undeliverable("no name of its files has Canvas's two numbers")
        for types, packed in _PACKED:
            for name in numbered:
                if name.lower().endswith(types):
                    return name, packed(page)
        raise _Undeliverable(f"no page can be put into a file of its type: {numbered[0]}")

    return _feedback(grades, pages, pack, partial)


def moodle_feedback(grades: Sequence[StudentGrade], pages: Path, assignment: Assignment, partial: bool) -> Feedback:
    """Each student's page in a folder for Moodle: `<name>_<number>_assignfeedback_file_`, as in its download.

    Raises ExportError while a mark is not ready, unless `partial`.
    """

    def pack(grade: StudentGrade, page: Path) -> tuple[str, bytes]:
        for name in grade.sources:
            says = parse(name, assignment)
            if says.system == "Moodle" and says.people:
                person = says.people[0]
                return f"{person.name}_{person.lms_id}_assignfeedback_file_/{page.name}", page.read_bytes()
        raise _Undeliverable("no name of its files has Moodle's number")

    return _feedback(grades, pages, pack, partial)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    """A zip archive of files by their names; the same for the same files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in files.items():
            member = zipfile.ZipInfo(name)
            member.external_attr = 0o644 << 16
            archive.writestr(member, file, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _feedback(
    grades: Sequence[StudentGrade],
    pages: Path,
    pack: Callable[[StudentGrade, Path], tuple[str, bytes]],
    partial: bool,
) -> Feedback:
    unready = doubts(grades)
    require_none(unready, partial)
    files: dict[str, bytes] = {}
    left_out = unready
    for grade in grades:
        if not grade.ready or not grade.sources:  # or nothing was handed in
            continue
        try:
            name, content = pack(grade, pages / f"{grade.attempt}.html")
        except _Undeliverable as reason:
            left_out.append(f"{grade.student.student_id}: {reason}")
        except FileNotFoundError as error:
            left_out.append(f"{grade.student.student_id}: {error.filename}: no such page")
        else:
            files[name] = content
    if not files:
        raise ExportError(
            "\n  ".join(["there is no page to hand back:", *(left_out or ["nobody handed in anything"])[:4]])
        )
    return Feedback(files, left_out)


def _zipped(page: Path) -> bytes:
    return zip_of({page.name: page.read_bytes()})


def _tarball(page: Path) -> bytes:
    content, file = page.read_bytes(), io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        member = tarfile.TarInfo(page.name)
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return file.getvalue()


def _gzipped_tarball(page: Path) -> bytes:
    return gzip.compress(_tarball(page), mtime=0)


def _notebook(page: Path) -> bytes:
    """A notebook that shows the page: its output stands in for what a cell would print."""
    data = {"text/html": page.read_text(encoding="utf-8")}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "execution_count": None, "source": ""}
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell | {"outputs": [output]}]}
    ).encode()


# By the ends of names, from what is handed in most.
_PACKED: tuple[tuple[tuple[str, ...], Callable[[Path], bytes]], ...] = (
    ((".zip",), _zipped),
    ((".tar.gz", ".tgz", ".gz"), _gzipped_tarball),
    ((".tar",), _tarball),
    ((".ipynb",), _notebook),
    ((".html", ".htm"), Path.read_bytes),
)
