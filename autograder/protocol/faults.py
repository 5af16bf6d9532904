"""Whose fault it is that a question has no answer, and where in the notebook that shows.

Every error on the way from a child to a verdict. What stands below an error becomes that error in `Session`:

  the student's fault: FAIL, or points in part
  - StudentError            no value came: `diagnosis` says why
    x ChildTimeout            "time limit", unless it mostly waited for a core
    x ChildEnded              "crash", or the limit that ended it
    x MalformedFrame          "malformed reply"
  - Mismatch                a value came, and it is wrong
  the grader's fault, or nobody's: UNGRADED, never 0
  - WorkerFailure           asked again, TRIES times in all
    x SandboxUnavailable      no child can be had
    x ChildEnded              with the reason "setup", or killed although no limit says why
  - StudentError            of one of the kinds in OURS, such as "missing package"
  - Ungraded                the check cannot decide
  - Unrecorded              a regrade asks what no recording holds: the code has to run again

An error of any other kind in a check is the grader's fault, too. Before a class is graded, SandboxUnavailable ends the
command in one line, as do CourseError, CourseImportError and the errors of manifest, roster and gradebook.
"""

import difflib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum

from autograder.messages import say
from autograder.notebook.functions import UNWRITTEN
from autograder.notebook.listing import place_text
from autograder.notebook.outline import Outline
from autograder.notebook.text import one_line, plain
from autograder.notebook.wire import sentence
from autograder.protocol.operation import Operation
from autograder.sandbox import Exit

UNNAMED = ("wrong structure", "wrong shape", "wrong values")  # diagnoses of wrong answers that name no mistake
# How often a failing sandbox is tried: a warm process that is killed may first lose its child, then a fork, and is then
# started anew.
TRIES = 3
# Requests that run our code: an error in them that passed through no cell of the notebook is our fault.
_OUR_CODE = frozenset({
    *(Operation.READ_NOTEBOOK, Operation.BEGIN_CHECK, Operation.DEFINE_STAND_INS, Operation.REPORT_BROKEN_RULES),
    *(Operation.FULL_RUN, Operation.COUNT_CALLS),
})  # fmt: skip


class Fault(StrEnum):
    """Why a student's code gave no value, in the words of the reports."""

    UNREADABLE_NOTEBOOK = "unreadable notebook"
    SYNTAX_ERROR = "syntax error"
    MISSING = "missing"
    NOT_WRITTEN = "not written"
    ERROR = "error"
    TIME_LIMIT = "time limit"
    MEMORY_LIMIT = "memory limit"
    CRASH = "crash"
    MALFORMED_REPLY = "malformed reply"
    MISSING_PACKAGE = "missing package"
    MISSING_FILE = "missing file"
    NO_CORE = "waited for a core"
    NEWER_PYTHON = "newer Python"


# What a student's code lacks here and has on Colab, as far as is known: UNGRADED, and asked again by the next `grade`.
OURS = frozenset({Fault.MISSING_PACKAGE, Fault.MISSING_FILE, Fault.NO_CORE, Fault.NEWER_PYTHON})
_OF_COLAB = ("/content/", "/drive/", "/gdrive/")  # where a student's own files lie


class StudentError(Exception):
    """The student's code did not give a value: it is missing, raised, hung or crashed.

    `cell`, `line` and `text` say where in the notebook, when that is known, `heading` what the cell stands under;
    `kind` is the class of an exception, `variables` are names on its line with what they are, `binding` the lines that
    would give an unbound name a value, `to_paste` the lines that repeat the call, once these are known.
    """

    def __init__(self, message: str, diagnosis: Fault, cell: int = 0, line: int = 0, text: str = "") -> None:
        super().__init__(say(message))
        self.diagnosis = diagnosis
        self.cell = cell
        self.line = line
        self.text = text
        self.heading = ""
        self.kind = ""
        self.variables: Sequence[tuple[str, str]] = ()
        self.binding: Sequence[int] = ()
        self.to_paste: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the student's process ended with it, so that it answers nothing more in this question."""
        return self.diagnosis in {Fault.TIME_LIMIT, Fault.NO_CORE, Fault.CRASH, Fault.MALFORMED_REPLY}

    @property
    def place(self) -> str:
        """Where in the notebook, in words; "" if that is not known."""
        return place_text(self.heading, self.cell, self.line, self.text)


class WorkerFailure(Exception):
    """The sandbox or our part of the worker failed: the grader's fault, never the student's."""


def explain_exit(exit: Exit, cpu_seconds: int) -> tuple[str, Fault]:
    """What the student's code did that ended its process, which had so much CPU time: in words, and the diagnosis."""
    if exit.reason == "killed":
        return say("broke off its answer, or sent more than is allowed"), Fault.MALFORMED_REPLY
    if exit.out_of_memory:
        return say("used more memory than is allowed"), Fault.MEMORY_LIMIT
    # The kernel ends a process by a count in ticks, which on a busy machine is well above the time that it tells then.
    if exit.signal == "SIGKILL" and cpu_seconds and exit.cpu_seconds >= cpu_seconds / 2:
        return say("used more than {seconds} seconds of CPU time", seconds=cpu_seconds), Fault.TIME_LIMIT
    how = exit.signal if exit.reason == "signal" else say("exit code {code}", code=exit.code)
    return say("ended the Python process ({how})", how=how), Fault.CRASH


def explain_error(operation: Operation, error: Mapping[str, object], outline: Outline) -> StudentError | WorkerFailure:
    """Whose fault an error is that the student's process reports, and where in the notebook it came up."""
    kind, message = one_line(str(error.get("kind", ""))), plain(str(error.get("message", "")), 500)
    if kind == "missing":
        return _missing(message, outline)
    cell, line, text = error.get("cell"), error.get("line"), error.get("text")
    place = (cell if isinstance(cell, int) else 0, line if isinstance(line, int) else 0, str(text or "")[:160])
    if kind == "NotImplementedError" and place[2].startswith("raise ") and (not message or UNWRITTEN in message):
        name = message.partition(f" {UNWRITTEN}")[0]
        said = (
            say("{name} is not written yet", name=name or say("this part"))
            if UNWRITTEN in message or not name
            else message
        )
        return StudentError(said, Fault.NOT_WRITTEN, *place)
    if kind == "MemoryError" or "can't allocate memory" in message:
        return StudentError("used more memory than is allowed", Fault.MEMORY_LIMIT, *place)
    if package := _missing_package(error.get("module")):
        needs = say("needs the package {package}, which is not installed here", package=package)
        return StudentError(needs, Fault.MISSING_PACKAGE, *place)
    file = error.get("file")
    if isinstance(file, str) and file.startswith(_OF_COLAB):
        needs = say("needs the file {file}, which is not here", file=one_line(file, 200))
        return StudentError(needs, Fault.MISSING_FILE, *place)
    if kind == "UnreadableNotebook":
        return StudentError(_sentence(error.get("said"), message), Fault.UNREADABLE_NOTEBOOK)
    if operation in _OUR_CODE and not place[0]:
        words = operation.name.lower().replace("_", " ")
        failed = "the worker failed to {words}: {kind}: {message}"
        return WorkerFailure(say(failed, words=words, kind=kind, message=message))
    if kind == "NameError" and "'" in message:
        name = message.split("'")[1]
        if unreadable := _unreadable(name, outline):
            return unreadable
        near = "" if "Did you mean" in message else _near(name, outline)
        message = say("{message}{near}", message=message, near=near)
    raised = StudentError(say("{kind}: {message}", kind=kind, message=message), Fault.ERROR, *place)
    raised.kind, raised.variables, raised.binding = kind, _variables(error), _numbers(error.get("binding"))
    return raised


def _sentence(data: object, text: str) -> str:
    """What the reader says in a sentence of ours; the plain text where it is none."""
    try:
        return sentence(data)
    except (TypeError, ValueError, KeyError, AttributeError):
        return text


def _variables(error: Mapping[str, object]) -> list[tuple[str, str]]:
    pairs = error.get("variables")
    listed = pairs if isinstance(pairs, list) else []
    return [
        (one_line(str(one[0])), one_line(str(one[1]))) for one in listed[:8] if isinstance(one, list) and len(one) == 2
    ]


def _numbers(values: object) -> list[int]:
    return [value for value in values[:5] if type(value) is int] if isinstance(values, list) else []


def _missing_package(module: object) -> str:
    """The package of a module that could not be imported, unless it is installed and only lacks that module."""
    package = plain(module, 80).partition(".")[0] if isinstance(module, str) else ""
    if not package.isidentifier() or package in sys.stdlib_module_names:
        return ""
    return "" if package in sys.modules or importlib.util.find_spec(package) else package


def _missing(name: str, outline: Outline) -> StudentError:
    """Why a name is not there: its cell does not parse, it was renamed, or it was deleted."""
    said = say("{name} is not defined in the notebook{near}", name=name, near=_near(name, outline))
    return _unreadable(name, outline) or StudentError(said, Fault.MISSING)


def _unreadable(name: str, outline: Outline) -> StudentError | None:
    """The error of the cell that defines a name, if it does not parse; None if all that might define it do.

    It is ours if the notebook ran in a newer Python, where any cell that does not parse here may define it.
    """
    newer = outline.newer_python
    cells = [cell for cell in outline.unreadable if name in cell.names]
    if newer and not cells and name not in outline.definitions:
        cells = list(outline.unreadable)
    if not cells:
        return None
    place = (cells[0].cell, cells[0].line, cells[0].text)
    if newer:
        needs = "needs Python {newer}: the cell that defines {name} does not parse with an older one"
        return StudentError(say(needs, newer=newer, name=name), Fault.NEWER_PYTHON, *place)
    said = say("the cell that defines {name} does not parse: {error}", name=name, error=cells[0].error)
    return StudentError(said, Fault.SYNTAX_ERROR, *place)


def _near(name: str, outline: Outline) -> str:
    """A name of the notebook that may have been meant, as the end of a sentence."""
    # Comparing is slow, and a hostile process chooses the name.
    near = difflib.get_close_matches(name[:80], list(outline.definitions)[:1000], 1, 0.8)
    if not near:
        return ""
    return say("; did you mean {name} in code cell {cell}?", name=near[0], cell=outline.definitions[near[0]][-1])
