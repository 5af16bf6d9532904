"""In the student's process: an error in the form in which the grader is told of it."""

import ast
import builtins
import difflib
import linecache
import re
from traceback import walk_tb
from types import FrameType
from typing import Any

import torch

from autograder.messages import to_json
from autograder.notebook.raw import UnreadableNotebook
from autograder.worker.namespace import STUDENT_FILE, locate

_MOST_VARIABLES = 8  # of one line
_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'|#.*")


def explain(error: BaseException) -> dict[str, Any]:
    """What went wrong and where, of an error whose own methods may fail."""
    told: dict[str, Any] = {"kind": type(error).__name__[:80], "message": ""}
    try:
        told["message"] = " ".join(_message(error).split())[:400]
        if isinstance(error, UnreadableNotebook):
            told["said"] = to_json(str(error))
        told["own"] = type(error).__module__ == "__main__"
        if isinstance(error, ModuleNotFoundError):
            told["module"] = str(error.name)[:80]
        if isinstance(error, FileNotFoundError):
            told["file"] = str(error.filename)[:200]
        place = locate(error)
        if place is not None:
            told |= {"cell": place.cell, "line": place.line, "text": place.text[:160]}
            told |= _around(error)
    except BaseException:
        return told
    return told


def _message(error: BaseException) -> str:
    """The error's text, with another name that may have been meant, as newer Pythons suggest it."""
    name = getattr(error, "name", None)
    if isinstance(error, NameError) and isinstance(name, str):
        frame = list(walk_tb(error.__traceback__))[-1][0]
        known = [*frame.f_locals, *frame.f_globals, *vars(builtins)]
    elif isinstance(error, AttributeError) and isinstance(name, str):
        known = dir(error.obj)[:2000]
    else:
        return str(error)
    near = difflib.get_close_matches(name[:80], [*map(str, known)], 1, 0.7)
    return f"{error}. Did you mean: {near[0]!r}?" if near else str(error)


def _around(error: BaseException) -> dict[str, Any]:
    """What the variables are on the line of an error, and where a local variable without a value would get one."""
    frames = [(frame, line) for frame, line in walk_tb(error.__traceback__)]
    for frame, line in reversed(frames):
        if STUDENT_FILE.fullmatch(frame.f_code.co_filename):
            text = linecache.getline(frame.f_code.co_filename, line)
            told: dict[str, Any] = {"variables": _variables(frame, text)}
            if isinstance(error, UnboundLocalError):
                told["binding"] = _binding_lines(frame, line, str(error).split("'")[1])
            return told
    return {}


def _variables(frame: FrameType, text: str) -> list[list[str]]:
    """The names on a line with what is bound to each: the shape of a tensor, None, a number, a type."""
    found: dict[str, str] = {}
    for dotted in _DOTTED.findall(_STRING.sub("", text)):
        name, *attributes = dotted.split(".")
        if name not in frame.f_locals or len(found) == _MOST_VARIABLES:
            continue
        value = frame.f_locals[name]
        while attributes and value is not None and not isinstance(value, torch.Tensor):
            name, value = f"{name}.{attributes[0]}", getattr(value, attributes.pop(0), None)
        if not callable(value):
            found[name[:60]] = _describe(value)
    return [[name, description] for name, description in found.items()]


def _describe(value: object) -> str:
    if isinstance(value, torch.Tensor):
        return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"[:60]
    if value is None or type(value) in (int, float, bool):
        return str(value)[:60]
    if type(value) in (list, tuple, dict, str):
        return f"{type(value).__name__} of {len(value)}"  # type: ignore[arg-type]
    return type(value).__name__[:60]


def _binding_lines(frame: FrameType, line: int, name: str) -> list[int]:
    """The lines of a function that give a local variable a value."""
    code = frame.f_code
    tree = ast.parse("".join(linecache.getlines(code.co_filename)))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == code.co_name]
    return sorted({
        node.lineno
        for function in functions
        if function.lineno <= line <= (function.end_lineno or 0)
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)
    })[:5]  # fmt: skip
