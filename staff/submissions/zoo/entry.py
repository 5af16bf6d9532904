"""One entry of the zoo: what is handed in, and what must become of it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import archives

HW4 = ("hw4_rnn.ipynb", "hw4_seq2seq.ipynb", "hw4_vit.ipynb")
RNN, SEQ2SEQ, VIT = HW4
ASSIGNMENT2 = ("Assignment2-1_RNN.ipynb", "Assignment2-2_Transformers.ipynb")
GRU, SWIN = ASSIGNMENT2
CHECKPOINTS = "model_checkpoints/"
WHO = "2024-20001"
ZIP, TAR = f"{WHO}.zip", f"{WHO}.tar.gz"


def sheet(name: str, *cells: Mapping[str, object]) -> bytes:
    """A small valid notebook; `name` alone makes it differ from others."""
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"title": name}, "cells": list(cells)}
    return json.dumps(content, ensure_ascii=False).encode()


SHEETS = {name: sheet(name) for name in (*HW4, *ASSIGNMENT2)}
THREE = {name: SHEETS[name] for name in HW4}
BOTH = {**{name: SHEETS[name] for name in ASSIGNMENT2}, f"{CHECKPOINTS}report.md": b"# Report\n"}


@dataclass(frozen=True)
class Row:
    """What becomes of one attempt; `repairs` are kinds, whose sentences stand among the notes.

    `counts` is whether it is the one that counts, or nobody's; `question` is what a person has to answer first.
    """

    submission: str
    student_id: str
    notebooks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    error: str = ""
    counts: bool = True
    question: str = ""


@dataclass(frozen=True)
class Reading:
    """What the worker finds in a notebook, and what its code earns.

    `cells` counts the code cells, `defines` maps names to the cells that bind them, `unreadable` are cells that do not
    parse, `repairs` kinds and sentences. `lost` maps questions to what they earn instead of full marks. `error` is the
    diagnosis of a notebook that cannot be read at all.
    """

    cells: int = 0
    defines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unreadable: tuple[int, ...] = ()
    repairs: tuple[tuple[str, str], ...] = ()
    lost: Mapping[str, float] = field(default_factory=dict)
    error: str = ""


@dataclass(frozen=True)
class Entry:
    """One situation: a small class of submissions.

    `make` gives the files of the class folder by their paths, `links` symbolic links in it and what they point to.
    `rows` are in the order of the table. `contents` maps notebooks to the bytes that must be taken for them, where
    these are not SHEETS's; those in `readings` are judged by what the worker finds. `roster` is a CSV file, if any.
    """

    name: str
    about: str
    make: Callable[[], Mapping[str, bytes]]
    rows: tuple[Row, ...]
    assignment: str = "hw4"
    links: Mapping[str, str] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)
    roster: str = ""


def zipped(members: Mapping[str, bytes], name: str = ZIP, code_page: str = "utf-8") -> Callable[[], dict[str, bytes]]:
    """Makes one zip archive, whatever its name."""
    return lambda: {name: archives.pack("x.zip", members, code_page)}


def tarred(members: Mapping[str, bytes], name: str = TAR) -> Callable[[], dict[str, bytes]]:
    """Makes one tar.gz archive, whatever its name."""
    return lambda: {name: archives.pack("x.tar.gz", members)}


def complete(*notes: str, repairs: tuple[str, ...] = (), **changes: object) -> tuple[Row, ...]:
    """The row of a student of homework 4 with all three notebooks, and with these notes."""
    row = Row(WHO, WHO, HW4, notes=notes, repairs=repairs)
    return (replace(row, **changes),)  # type: ignore[arg-type]


def without(*missing: str, notes: tuple[str, ...] = (), repairs: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """The row of a student of homework 4 who lacks some notebooks."""
    left = tuple(name for name in HW4 if name not in missing)
    return (Row(WHO, WHO, left, missing, (f"missing: {', '.join(missing)}", *notes), repairs),)


def unreadable(reason: str, *notes: str, repairs: tuple[str, ...] = (), name: str = ZIP) -> tuple[Row, ...]:
    """The row of a submission of which nothing can be read."""
    return (Row(WHO, WHO, notes=notes, repairs=repairs, error=f"'{name}' cannot be read: {reason}"),)


def complete2(*notes: str, repairs: tuple[str, ...] = ()) -> tuple[Row, ...]:
    """The row of a student of assignment 2 with everything."""
    return (Row(WHO, WHO, ASSIGNMENT2, notes=notes, repairs=repairs),)
