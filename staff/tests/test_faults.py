"""The tree of errors in faults.py names every error on the way from a child to a verdict, and no other."""

import ast
import re
from pathlib import Path

from autograder.protocol import faults

PACKAGE = Path(faults.__file__).parents[1]
PRIVATE = {"Closed", "Unavailable", "_Died"}  # of the sandbox: the grader and its processes, between each other
BEFORE = {"CourseImportError", "ReaderEnded"}  # raised before any student's code is asked


def errors(room: str) -> set[str]:
    """The exceptions that a room defines."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (PACKAGE / room).rglob("*.py")]
    classes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    bases = ("Exception", "AssertionError")
    return {node.name for node in classes if any(ast.unparse(base) in bases for base in node.bases)}


def test_tree_of_errors_is_complete() -> None:
    drawn = set(re.findall(r"^ +[-x] (\w+)", faults.__doc__ or "", re.MULTILINE))
    assert drawn == (errors("sandbox") | errors("protocol") | errors("checks")) - PRIVATE - BEFORE
