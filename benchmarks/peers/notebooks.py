"""The homework as notebooks: as it is handed in, and as nbgrader's and Otter's authors write it."""

import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from benchmarks.peers.answers import GIVEN, IMPORTS, RIGHT, Homework

NAME = "homework.ipynb"
Cell = dict[str, Any]
Notebook = dict[str, Any]
Points = Mapping[str, Mapping[str, int]]  # of each check, by topic
_JUDGE = "from homework_checks import judge\njudge({name!r}, globals())"


def handed_in(homework: Homework) -> Notebook:
    """What one student hands in."""
    cells = [_text("# GRU, windows, attention"), _code(IMPORTS), _text("## Given"), _code(GIVEN)]
    for topic, source in homework.sources.items():
        cells += [_text(f"## {topic}"), _code(source)]
    return _notebook(cells)


def write_archives(folder: Path, students: Sequence[Homework]) -> None:
    """One tar.gz archive for each student."""
    folder.mkdir(parents=True)
    for student in students:
        content = json.dumps(handed_in(student)).encode()
        with tarfile.open(folder / f"{student.student_id}.tar.gz", "w:gz", compresslevel=1) as archive:
            member = tarfile.TarInfo(f"{student.student_id}/{NAME}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def write(path: Path, notebook: Notebook) -> None:
    """Writes a notebook, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook, indent=1))


def nbgrader_source(points: Points) -> Notebook:
    """What an author writes for nbgrader: solutions, and hidden tests behind each."""
    cells = [_text("# GRU, windows, attention"), _code(IMPORTS), _code(GIVEN)]
    for topic, checks in points.items():
        cells.append(
            _code(f"### BEGIN SOLUTION\n{RIGHT[topic]}\n### END SOLUTION", nbgrader=_role(topic, solution=True))
        )
        for name, worth in checks.items():
            hidden = f"# {name}\n### BEGIN HIDDEN TESTS\n{_JUDGE.format(name=name)}\n### END HIDDEN TESTS"
            cells.append(_code(hidden, nbgrader=_role(name, grade=True, locked=True, points=worth)))
    return _notebook(cells)


def otter_source(points: Points) -> Notebook:
    """What an author writes for `otter assign`."""
    config = "# ASSIGNMENT CONFIG\nname: homework\nexport_cell: false\ngenerate: true"
    cells = [_raw(f"{config}\nautograder_files:\n  - homework_checks.py"), _code(IMPORTS), _code(GIVEN)]
    for topic, checks in points.items():
        cells += [_raw(f"# BEGIN QUESTION\nname: {topic}"), _text(f"## {topic}"), _raw("# BEGIN SOLUTION")]
        cells += [_code(f"# BEGIN SOLUTION\n{RIGHT[topic]}\n# END SOLUTION"), _raw("# END SOLUTION")]
        cells.append(_raw("# BEGIN TESTS"))
        for name, worth in checks.items():
            about = f'""" # BEGIN TEST CONFIG\nname: {name}\nhidden: true\npoints: {worth}\n""" # END TEST CONFIG\n'
            cells.append(_code(about + _JUDGE.format(name=name)))
        cells += [_raw("# END TESTS"), _raw("# END QUESTION")]
    return _notebook(cells)


def filled(handout: Notebook, homework: Homework, is_answer: Callable[[Cell], bool]) -> Notebook:
    """A notebook that a grader made for students, with a student's answers in its answer cells, in order."""
    notebook = deepcopy(handout)
    places = [cell for cell in notebook["cells"] if is_answer(cell)]
    for cell, source in zip(places, homework.sources.values(), strict=True):
        cell["source"] = source
    return notebook


def _role(name: str, **role: Any) -> dict[str, Any]:
    return {
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
        "grade_id": name,
        "schema_version": 3,
    } | role


def _text(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _raw(text: str) -> Cell:
    return {"cell_type": "raw", "metadata": {}, "source": text}


def _code(source: str, **metadata: Any) -> Cell:
    return {"cell_type": "code", "metadata": metadata, "source": source, "outputs": [], "execution_count": None}


def _notebook(cells: Sequence[Cell]) -> Notebook:
    numbered = [{**cell, "id": f"cell-{number:03d}"} for number, cell in enumerate(cells)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    language = {"name": "python", "file_extension": ".py"}
    metadata = {"kernelspec": kernel, "language_info": language}
    return {"cells": numbered, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
