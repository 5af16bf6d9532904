"""What each top-level statement of a notebook uses: extracted in the student's process before any student code runs.

The grader holds it against the rules later (see `rules`), so that nothing a student's code does can hide what its text
says.
"""

import ast
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from autograder.notebook.mentions import Methods, Reader, Reading
from autograder.notebook.notebook import Notebook
from autograder.notebook.statements import Statement
from autograder.notebook.syntax import walk
from autograder.notebook.wire import Wire


@dataclass(frozen=True, order=True)
class Use(Wire):
    """A dotted name that code uses: where it may come from, how it is spelled, its line in the cell and that line.

    One that is `merely_named` is an annotation, or something that a class is compared with.
    """

    origins: tuple[str, ...]
    spelled: str
    line: int
    text: str
    merely_named: bool = False


@dataclass(frozen=True)
class Usage(Wire):
    """A top-level statement: its code cell, the names that it makes up, what it asks for, and what it uses.

    `methods` says which part of it this is: the body of a method, or without any, all that runs with the statement.
    """

    cell: int
    names: tuple[str, ...]
    methods: tuple[str, ...]
    asks: tuple[str, ...]
    uses: tuple[Use, ...]


def reach(usages: Iterable[Usage], names: Iterable[str], given: AbstractSet[str] = frozenset()) -> set[str]:
    """Some names, and all those that what makes them up asks for, however deep, but for `given` ones."""
    asks: dict[str, set[str]] = {}
    for usage in usages:
        for name in usage.names:
            asks.setdefault(name, set()).update(usage.asks)
    found: set[str] = set()
    pending = set(names) - given
    while pending:
        name = pending.pop()
        found.add(name)
        pending |= asks.get(name, set()) - found - given
    return found


def usages(notebook: Notebook) -> list[Usage]:
    """Every statement that makes up some name of the notebook; superseded ones are left out."""
    reader = Reader(notebook.bindings)
    names: dict[Statement, list[str]] = {}
    read: dict[Statement, dict[Methods, Reading]] = {}
    pending, seen = list(notebook.definitions), set[str]()
    while pending:
        name = pending.pop()
        if name in seen:
            continue
        seen.add(name)
        for statement in notebook.bindings.of(name):
            names.setdefault(statement, []).append(name)
            if statement not in read:
                read[statement] = reader.read(statement.node)
                pending.extend(name for reading in read[statement].values() for name in sorted(reading.asked))
    return [
        Usage(statement.cell, tuple(made), methods, tuple(sorted(reading.asked)), _uses(reading, statement, notebook))
        for statement, made in names.items()
        for methods, reading in read[statement].items()
    ]


def _uses(reading: Reading, statement: Statement, notebook: Notebook) -> tuple[Use, ...]:
    """What a part of a statement mentions, with the lines."""
    source = notebook.numbered[statement.cell].text.split("\n")
    uses = {
        Use(
            tuple(sorted(mention.origins)),
            mention.spelled,
            mention.line,
            source[mention.line - 1].strip()[:160] if mention.line <= len(source) else "",
            mention.merely_named,
        )
        for mention in reading.mentions
    }
    return tuple(sorted(uses))


def attributes_by_class(trees: Iterable[ast.Module]) -> dict[str, list[str]]:
    """The names of all attributes that code spells, by the top-level class that it stands in; "" is all other code."""
    found: dict[str, set[str]] = {}
    for statement in (statement for tree in trees for statement in tree.body):
        spelled = {node.attr for node in walk(statement) if isinstance(node, ast.Attribute)}
        found.setdefault(statement.name if isinstance(statement, ast.ClassDef) else "", set()).update(spelled)
    return {name: sorted(attributes) for name, attributes in found.items()}
