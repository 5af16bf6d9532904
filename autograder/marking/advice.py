"""What a student whose code gave no value should look at: by the kind of the error, with what it worked on."""

import builtins
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from autograder.checks.mistakes import to_look_at
from autograder.messages import join, say
from autograder.protocol.faults import Fault, StudentError
from autograder.protocol.session import PRINTED

_BY_FAULT = {
    Fault.MISSING: say("was it renamed or deleted? The name must be the one that the handout gives"),
    Fault.SYNTAX_ERROR: say("this line and the one before it; the other cells were graded"),
    Fault.TIME_LIMIT: say("loops that do not end, and Python loops over what tensors can do at once"),
    Fault.CRASH: say("calls that end the process (exit, quit) and very deep recursion"),
    Fault.MALFORMED_REPLY: say("code that writes to files or pipes which it did not open"),
    Fault.MISSING_PACKAGE: say("install it beside the grader and grade again, which asks this question anew"),
    Fault.MISSING_FILE: say("whether the question needs it; what graded code reads has to be made by the notebook"),
    Fault.NEWER_PYTHON: say("the Python that the grader runs; grade with the newer one, which asks this question anew"),
    Fault.NO_CORE: say("how busy the machine is; grade again with fewer jobs, which asks this question anew"),
    Fault.MEMORY_LIMIT: say("the sizes of the tensors that are made, and lists that grow in a loop"),
}
_ABOUT_TYPES = re.compile(r"dtype|expected scalar type|same type|(Float|Double|Long|Int|Half|Bool)Tensor", re.I)
_ABOUT_SHAPES = re.compile(
    r"shape|size|dimension|broadcast|mat1|mat2|must match|expand|invalid for input|same number of|batch1|vector|stack"
    r"|ndim|numel|elements|cannot be multiplied|axis",
    re.I,
)
_TORCH_ERRORS = ("RuntimeError", "ValueError", "IndexError")


def advice(error: StudentError, definitions: Mapping[str, Sequence[int]] = MappingProxyType({})) -> list[str]:
    """Lines for a student: the variables on the line of the error where they tell something, and what to look at.

    `definitions` are the names that the notebook binds, with the code cells.
    """
    if error.diagnosis == Fault.TIME_LIMIT and PRINTED in str(error):
        return [to_look_at("what it prints, and how often: printing may take longer than the work itself")]
    if error.diagnosis != Fault.ERROR:
        hint = _BY_FAULT.get(error.diagnosis, "")
        return [to_look_at(hint)] if hint else []
    if hidden := _hidden_builtins(error, definitions):
        return hidden
    for applies, advise in _KINDS:
        if applies(error):
            return advise(error)
    return [to_look_at("this line")]


def _hidden_builtins(error: StudentError, definitions: Mapping[str, Sequence[int]]) -> list[str]:
    """What to look at where a name of Python's own means something else in the notebook: `len = 3`."""
    if error.kind != "TypeError" or not str(error).endswith("is not callable"):
        return []
    called = re.findall(r"([^\W\d]\w*)\s*\(", error.text)
    return [
        to_look_at(
            say(
                "code cell {cell}, which gives {name} another meaning than Python's own",
                cell=definitions[name][-1],
                name=name,
            )
        )
        for name in dict.fromkeys(called)
        if name in definitions and hasattr(builtins, name)
    ]


def _look_at(hint: str) -> Callable[[StudentError], list[str]]:
    return lambda _: [to_look_at(hint)]


def _of_kind(*kinds: str) -> Callable[[StudentError], bool]:
    return lambda error: error.kind in kinds


def _unbound(error: StudentError) -> list[str]:
    name = (re.findall(r"'([^']+)'", str(error)) or ["it"])[0]
    lines = ", ".join(map(str, error.binding))
    unrun = "line {lines} of the cell, which did not run: a branch or loop around it"
    where = say(unrun, lines=lines) if lines else say("no line at all")
    return [to_look_at(say("where {name} gets its value: {where}", name=name, where=where))]


def _nothing(error: StudentError) -> list[str]:
    names = [name for name, description in error.variables if description == "None"]
    held = say("{names}, which is None here", names=" and ".join(names)) if names else ""
    what = held or say("what is None on this line")
    return [to_look_at(say("{what}: is a return statement missing where it comes from?", what=what))]


def _shapes(error: StudentError) -> list[str]:
    known = [f"{name} {description}" for name, description in error.variables]
    held = say("there: {known}", known=", ".join(known)) if known else ""
    return [*filter(None, [held]), to_look_at("this line, and the shapes and types of what it works on")]


def _types(error: StudentError) -> list[str]:
    known = [
        say("{name} is {description}", name=name, description=description) for name, description in error.variables
    ]
    held = say("there: {known}", known=join(known, ", ")) if known else ""
    return [*filter(None, [held]), to_look_at("this line: what is called with what, and what kind each value is of")]


def _about_nothing(error: StudentError) -> bool:
    return error.kind in ("AttributeError", "TypeError") and "NoneType" in str(error)


def _about_shapes(error: StudentError) -> bool:
    about = _ABOUT_SHAPES.search(str(error)) or _ABOUT_TYPES.search(str(error))
    return error.kind in _TORCH_ERRORS and about is not None and "unpack" not in str(error)


_KINDS: Sequence[tuple[Callable[[StudentError], bool], Callable[[StudentError], list[str]]]] = (
    (_of_kind("UnboundLocalError"), _unbound),
    (_of_kind("NameError"), _look_at("the spelling of this name, and the cell that should define it")),
    (_of_kind("ModuleNotFoundError", "ImportError"), _look_at("the spelling of what is imported")),
    (_of_kind("RecursionError"), _look_at("a function that calls itself: what ends that?")),
    (
        _of_kind("FileNotFoundError", "PermissionError", "IsADirectoryError", "NotADirectoryError"),
        _look_at("which files graded code reads or writes; there are only those that the notebook itself makes"),
    ),
    (_about_nothing, _nothing),
    (_about_shapes, _shapes),
    (_of_kind("TypeError"), _types),
    (
        lambda error: "is missing the required" in str(error),
        _look_at("the class: has it a method forward, spelt and indented like the others?"),
    ),
    (_of_kind("AttributeError"), _look_at("the spelling of this attribute, and where it is set: in __init__?")),
    (_of_kind("KeyError", "IndexError"), _look_at("what is looked up on this line, and what there is")),
    (_of_kind("ValueError", "RuntimeError", "NotImplementedError"), _types),
)  # fmt: skip
