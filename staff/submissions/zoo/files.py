"""Oddities of a notebook's file: encodings, formats, conflicts, metadata. The code in it is right."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import archives

from zoo import course
from zoo.entry import HW4, SHEETS, VIT, ZIP, Entry, Reading, complete

CELLS = 21  # of code in the handout of the ViT, and what they define
DEFINES = {"Patchification": (4,), "Attention": (6,), "Block": (8,), "MLP": (8,), "ViT": (10,)}
AS_HANDED_OUT = Reading(CELLS, DEFINES)
OTHERS = {name: SHEETS[name] for name in HW4 if name != VIT}
LOST_OUTPUTS = {"3e": 0.0}
ALL_LOST = {"3a": 0.0, "3b": 0.0, "3c": 0.0, "3d": 0.0, "3e": 0.0}


def entries() -> list[Entry]:
    """Encodings, formats, conflicts, invalid files, and files that are none."""
    return [*_encodings(), *_formats(), *_conflicts(), *_invalid(), *_hopeless()]


def _entry(name: str, about: str, make: Callable[[], bytes], *repairs: tuple[str, str], **found: Any) -> Entry:
    """An archive of homework 4 with this file for the ViT's notebook; intake itself finds nothing odd."""
    reading = replace(AS_HANDED_OUT, **{"repairs": repairs} | found)
    return Entry(
        name,
        about,
        lambda: {ZIP: archives.pack("x.zip", {**OTHERS, VIT: make()})},
        complete(),
        readings={VIT: reading},
    )


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    notebook = course.content(VIT)
    change(notebook)
    return course.written(notebook)


def _encoded(encoding: str) -> bytes:
    return course.solved(VIT).decode().encode(encoding)


def _encodings() -> list[Entry]:
    return [
        _entry("solved", "everything right, as Colab saves it", lambda: course.solved(VIT)),
        _entry(
            "byte-order-mark",
            "an editor of Windows has put a mark before the file",
            lambda: _encoded("utf-8-sig"),
            ("encoding", "it begins with a byte order mark, which was dropped"),
        ),
        _entry(
            "utf-16",
            "an editor of Windows has saved the file as 'Unicode'",
            lambda: _encoded("utf-16"),
            ("encoding", "it is encoded in UTF-16, not in UTF-8, and was read as such"),
        ),
        _entry(
            "notebook-in-cp949",
            "an editor of Windows has saved the file as 'ANSI', with a Korean comment in it",
            lambda: course.solved(VIT).replace(b"# where t", "# 어디 t".encode()).decode().encode("cp949", "replace"),
            ("encoding", "it is encoded in cp949, not in UTF-8, and was read as such"),
        ),
        _entry(
            "stray-bytes",
            "bytes in no encoding among the text",
            lambda: course.solved(VIT).replace(b"Homework 4-3", b"Homework \xff\xff 4-3"),
            ("encoding", "it holds bytes that are in no known encoding; they were replaced"),
        ),
        _entry(
            "windows-lines",
            "ends of lines as Windows writes them, in the file and in the cells",
            lambda: json.dumps(course.content(VIT), indent=1).replace("\\n", "\\r\\n").replace("\n", "\r\n").encode(),
        ),
    ]


def _formats() -> list[Entry]:
    return [
        _entry(
            "format-2",
            "notebook format 2, of 2011",
            lambda: _old(2),
            ("notebook format", "it is of format 2, not of 4, and was read all the same"),
            lost=LOST_OUTPUTS,
        ),
        _entry(
            "format-3",
            "notebook format 3, of 2013",
            lambda: _old(3),
            ("notebook format", "it is of format 3, not of 4, and was read all the same"),
            lost=LOST_OUTPUTS,
        ),
        _entry("format-4.5", "format 4.5 as Jupyter saves it: every cell has an id", _with_ids),
        _entry(
            "format-5",
            "a format that does not exist yet",
            lambda: _changed(lambda notebook: notebook.update(nbformat=5)),
            ("notebook format", "it is of format 5, not of 4, and was read all the same"),
        ),
        _entry(
            "sources-as-text",
            "the source of every cell in one piece, which is valid",
            lambda: _changed(
                lambda notebook: [cell.update(source=course.source_of(cell)) for cell in notebook["cells"]]
            ),
        ),
    ]


def _old(number: int) -> bytes:
    """The notebook in a former format, which kept sources under `input` and outputs in another form."""
    cells = [
        {"cell_type": "code", "input": cell["source"], "language": "python", "outputs": [], "collapsed": False}
        if cell["cell_type"] == "code"
        else {"cell_type": "markdown", "source": cell["source"]}
        for cell in course.content(VIT)["cells"]
    ]
    return course.written(
        {"nbformat": number, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    )


def _with_ids() -> bytes:
    def change(notebook: dict[str, Any]) -> None:
        notebook["nbformat_minor"] = 5
        for number, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{number}"

    return _changed(change)


def _conflicts() -> list[Entry]:
    return [
        _entry(
            "conflict-in-the-file",
            "git has left both sides of a conflict in the file",
            _with_conflict,
            ("merge conflict", "the first side of 2 merge conflicts in it was taken"),
        ),
        _entry(
            "conflict-in-a-cell",
            "both sides of a conflict in one cell",
            lambda: _with_conflict_in_a_cell(),
            ("merge conflict", "the first side of 1 merge conflict in code cell 10 was taken"),
        ),
    ]


def _with_conflict() -> bytes:
    lines = course.written(course.content(VIT)).decode().splitlines()
    for text, theirs in (
        ('"class MLP(nn.Module):\\n"', '    "class Mlp:\\n",'),
        ('"execution_count": 6', '   "execution_count": 99,'),
    ):
        (place,) = (number for number, line in enumerate(lines) if text in line)
        lines[place : place + 1] = ["<<<<<<< HEAD", lines[place], "=======", theirs, ">>>>>>> 1a2b3c4 (tidy up)"]
    return "\n".join(lines).encode()


def _with_conflict_in_a_cell() -> bytes:
    def change(notebook: dict[str, Any]) -> None:
        cell = notebook["cells"][course.place_of(notebook["cells"], "class ViT")]
        source = course.source_of(cell)
        cell["source"] = f"<<<<<<< local\n{source}\n=======\nclass ViT:\n    pass\n>>>>>>> remote\n"

    return _changed(change)


def _invalid() -> list[Entry]:
    def slip(text: str, more: str = "") -> tuple[str, str]:
        return "invalid notebook", f"it is not valid: {text}{more}; it was read all the same"

    def of_code(notebook: dict[str, Any]) -> list[dict[str, Any]]:
        return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]

    return [
        _entry(
            "no-outputs",
            "a tool has stripped the notebook of its outputs, and of the key",
            lambda: _changed(lambda notebook: [cell.pop("outputs") for cell in of_code(notebook)]),
            slip("code cell 1 has no outputs", " (and 20 more of this kind)"),
            lost=LOST_OUTPUTS,
        ),
        _entry(
            "ids-twice",
            "copied cells kept their ids",
            lambda: _changed(lambda notebook: [cell.update(id="a") for cell in notebook["cells"][:2]]),
            slip("cell 2 has the id of another"),
        ),
        _entry(
            "junk-among-cells",
            "things that are no cells, a cell without type, one without source",
            lambda: _changed(lambda notebook: notebook["cells"].extend([None, 3, "x", {}, {"cell_type": "code"}])),
            slip("cell 35 is no cell", " (and 5 more of this kind)"),
            cells=CELLS + 1,
        ),
        _entry(
            "no-metadata",
            "no metadata anywhere, and no format",
            lambda: course.written(
                {"cells": [{k: v for k, v in cell.items() if k != "metadata"} for cell in course.content(VIT)["cells"]]}
            ),
            ("invalid notebook", "it does not say which notebook format it has"),
        ),
        _entry(
            "large-metadata",
            "10 MiB of the state of widgets in the metadata",
            lambda: _changed(lambda notebook: notebook["metadata"].update(widgets={"state": "학습" * (5 << 19)})),
        ),
    ]


def _hopeless() -> list[Entry]:
    files: dict[str, tuple[str, Callable[[], bytes]]] = {
        "notebook-empty": ("a notebook of nothing", lambda: b""),
        "notebook-cut-off": ("a notebook whose saving broke off", lambda: course.solved(VIT)[:9000]),
        "notebook-of-no-cells": ("JSON, but no notebook", lambda: b'{"title": "hw4"}'),
        "notebook-nested": ("lists in lists, 100,000 deep", lambda: b"[" * 100_000),
        "notebook-conflict": (
            "a conflict of which no side is a notebook",
            lambda: b"<<<<<<< HEAD\n{\n=======\n[\n>>>>>>> theirs\n",
        ),
    }
    return [
        _entry(name, about, make, cells=0, defines={}, error="unreadable notebook", lost=ALL_LOST)
        for name, (about, make) in files.items()
    ]
