"""What the checks say of saved models before they are measured: of their files, and whether they fit their own class.

The class is made in the sandbox, as it is when the models are graded; the models are read in this process. The data
are not looked at. Importing this needs PyTorch.
"""

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import torch

from autograder.checks.mistakes import Mismatch
from autograder.checks.question import Check
from autograder.course.course import load_public
from autograder.course.manifest import Assignment
from autograder.course.root import is_students_copy
from autograder.marking.sandboxes import open_scoring_sandbox
from autograder.messages import join, say
from autograder.models.checkpoint import Checkpoint
from autograder.models.saved_files import SavedFile
from autograder.protocol.faults import OURS, Fault, StudentError, WorkerFailure
from autograder.protocol.inquiry import begin
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import Sandbox, SandboxUnavailable

_UNTRIED = "whether your models fit was not looked at: {error}"


@dataclass(frozen=True)
class SavedModels:
    """The models of a question by name, and all the files beside them by theirs."""

    names: list[str]
    files: dict[str, Path]


class _BeyondTheFiles(Exception):
    """A check has seen all that is looked at here; `own` says whether it wants what the notebook defines."""

    def __init__(self, own: bool = False) -> None:
        super().__init__()
        self.own = own


class _Data:
    """Stands for the data, which nobody looks at here."""

    def __getattr__(self, name: str) -> NoReturn:
        raise _BeyondTheFiles


class _Notebook:
    """Stands for the student's code while the files are looked at."""

    def __getattr__(self, name: str) -> NoReturn:
        raise _BeyondTheFiles(own=name != "given")  # else the check supplies the class itself


class _Files(Checkpoint):
    """The files of a model, of which weights may be as they were saved."""

    def tensors(self, file: str) -> dict[str, torch.Tensor]:
        """The weights in a file, by key."""
        if not file.endswith(".pt"):
            return super().tensors(file)
        path = self._path(file)
        try:
            weights: dict[str, torch.Tensor] = torch.load(path, map_location="cpu", weights_only=True)
        except Exception:  # what torch raises for a damaged file is not documented
            raise self.wrong(file, "is damaged, or holds more than tensors; save model.state_dict()") from None
        return weights


@dataclass(frozen=True)
class _Untried:
    """A model whose files are right, and whose class is in a notebook."""

    check: Check
    model: _Files
    notebook: str


def check_faults(
    root: Path, assignment: Assignment, notebooks: Mapping[str, bytes], saved: Mapping[str, SavedModels]
) -> Iterator[str]:
    """A line for everything that is wrong with the files of the models of each question, and for models that misfit."""
    untried: list[_Untried] = []
    for name in (name for name, topics in assignment.notebooks.items() if topics):
        for notebook, check in load_public(root, assignment, name).model_checks:
            models, folder = saved[check.question], assignment.model_questions[check.question].folder
            files = {file: SavedFile(path) for file, path in models.files.items()}
            for model in (_Files(one, folder, files) for one in models.names):
                try:
                    check.function(student=_Notebook(), checkpoint=model, data=_Data())
                except Mismatch as error:
                    yield _about(check, error.lines[0])
                except _BeyondTheFiles as end:
                    untried += [_Untried(check, model, notebook)] if end.own and notebook in notebooks else []
                except Exception as error:  # a check may do anything with what a file holds
                    yield _about(check, model.unusable(error).lines[0])
    if untried:
        yield from _misfits(root, assignment, notebooks, untried)


def _about(check: Check, fault: str) -> str:
    return say("{question}: {what}", question=check.question, what=fault)


def _misfits(
    root: Path, assignment: Assignment, notebooks: Mapping[str, bytes], untried: list[_Untried]
) -> Iterator[str]:
    try:
        with open_scoring_sandbox(root, assignment, [], unsafe=is_students_copy(root)) as sandbox:
            for one in untried:
                if fault := _fault(sandbox, assignment, notebooks[one.notebook], one):
                    yield _about(one.check, fault)
    except SandboxUnavailable as error:
        yield say(_UNTRIED, error=str(error))


def _fault(sandbox: Sandbox, assignment: Assignment, content: bytes, one: _Untried) -> str:
    """Why a model does not fit its class; "" if it does."""
    seconds = assignment.model_questions[one.check.question].seconds
    fixtures: dict[str, Any] = {"checkpoint": one.model, "data": _Data()}
    with Session(sandbox.fork, content, one.notebook, seconds) as session:
        try:
            inquiry = begin(session, one.check.rules, zlib.crc32(one.model.name.encode()))
            one.check.function(student=Student(inquiry), **fixtures)
        except _BeyondTheFiles:
            return ""
        except Mismatch as error:
            return join(error.lines[:2], ": ")
        except StudentError as error:
            if error.diagnosis is Fault.UNREADABLE_NOTEBOOK:  # which is told of the notebook itself
                return ""
            unknown = "whether your models fit cannot be said: {error}"
            return say(_UNTRIED if error.diagnosis in OURS else unknown, error=str(error))
        except WorkerFailure as failure:
            return say(_UNTRIED, error=str(failure))
    return ""
