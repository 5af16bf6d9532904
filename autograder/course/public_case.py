"""A public case in a student's own kernel: `x, h = example = case("convolve", 3)`, with what a right answer gives.

The lines that a message or a page offers for pasting use nothing else of this project.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, Self, cast

import torch
from torch import nn

from autograder.checks import parameters
from autograder.checks.case import PUBLIC_SEED, Case, load_cases
from autograder.checks.question import Check
from autograder.checks.rng import Rng
from autograder.course.course import load_checks
from autograder.course.manifest import load
from autograder.course.root import own_root
from autograder.messages import say
from autograder.notebook.stand_ins import stand_ins
from autograder.protocol.operations import Part
from autograder.protocol.student import Handle

_MAIN = "__main__"  # where a kernel keeps the notebook's names
_ABSENT = object()


class PublicCase(tuple[Any, ...]):
    """The inputs of a case, to be unpacked; `expected` has what a right answer gives, by name.

    As a context it puts the names that the grader supplies for this question in the place of the notebook's own.
    """

    expected: Mapping[str, torch.Tensor]

    _stand_ins: Mapping[str, str]
    _own: Mapping[str, object]

    @classmethod
    def of(cls, case: Case, sources: Mapping[str, str]) -> Self:
        """A case, and the names that are supplied with it, each with the source that defines it."""
        made = cls(case.inputs)
        made.expected, made._stand_ins, made._own = case.outputs, sources, {}
        return made

    def __enter__(self) -> Self:
        names = vars(sys.modules[_MAIN])
        made = stand_ins(self._stand_ins)
        self._own = {name: names.get(name, _ABSENT) for name in made}
        names.update(made)
        return self

    def __exit__(self, *_: object) -> None:
        names = vars(sys.modules[_MAIN])
        for name, value in self._own.items():
            if value is _ABSENT:
                names.pop(name, None)
            else:
                names[name] = value

    @staticmethod
    def assign(module: nn.Module, values: Mapping[str, torch.Tensor | float]) -> nn.Module:
        """The module, with values in its parameters of these names, as they are or transposed; square ones as others.

        Where it lacks one of the names, it gets the case's values whatever its parts are called. Raises Mismatch.
        """
        local = _Local(module)
        own = dict(module.named_parameters())
        tensors = {name: torch.as_tensor(value) for name, value in values.items()}
        if own.keys() >= tensors.keys():
            turned = any(_is_turned(own[name], value) for name, value in tensors.items())
            local.load({name: _as_stored(own[name], value, turned) for name, value in tensors.items()})
        else:
            parameters.assign(type(module).__name__, cast(Handle, local), tensors)
        return module

    @staticmethod
    def number_parts(module: nn.Module, kind: str) -> nn.Module:
        """The module; `number` of each module of this class inside is its place among them, from 0."""
        parts = [one for one in module.modules() if type(one).__name__ == kind]
        with torch.no_grad():
            for place, part in enumerate(parts):
                part.get_parameter("number").fill_(place)
        return module

    @staticmethod
    def part(values: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
        """Those of a case's parameters whose names begin so, without that."""
        return {name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)}


def case(question: str, number: int) -> PublicCase:
    """The public case of a question, counted from 1 as messages do. Raises LookupError for one that there is not."""
    root = own_root()
    checks = _checks(root, question)
    cases = [one for name in dict.fromkeys(check.cases for check in checks) for one in load_cases(_folder(root, name))]
    if not 1 <= number <= len(cases):
        missing = "{question} has {count} public cases; there is no case {number}"
        raise LookupError(_shown(root, question, say(missing, question=question, count=len(cases), number=number)))
    chosen = cases[number - 1]
    return PublicCase.of(chosen, {name: source for check in checks for name, source in _given(check, chosen).items()})


def _folder(root: Path, name: str) -> Path:
    return root / "tests" / "cases" / name


def _checks(root: Path, question: str) -> list[Check]:
    """The checks of a question that have cases. Raises LookupError."""
    for assignment in load(root).values():
        for topic in (topic for topics in assignment.notebooks.values() for topic in topics):
            if question in assignment.questions and (root / "tests" / f"test_{topic}.py").is_file():
                found = [check for check in load_checks(root, topic) if check.question == question and check.cases]
                if found:
                    return found
    raise LookupError(
        _shown(root, question, say("there is no question {question} with public cases", question=question))
    )


def _shown(root: Path, question: str, message: str) -> str:
    """A message in the language of the assignment that has the question, or else of the course's last one."""
    assignments = sorted(load(root).values(), key=lambda one: (question in one.questions, one.deadline))
    return assignments[-1].language.render(message)


class _Asked(BaseException):
    """The check has supplied what it supplies, and calls the notebook's code."""


class _Listener:
    """Takes a student's place, to hear what a check supplies."""

    def __init__(self) -> None:
        self.sources: dict[str, str] = {}

    def given(self, **sources: str) -> None:
        """Notes stand-ins."""
        self.sources |= sources

    def __getattr__(self, name: str) -> NoReturn:
        raise _Asked(name)


def _given(check: Check, chosen: Case) -> dict[str, str]:
    """The stand-ins that a check supplies with a case, by the name that each defines."""
    listener = _Listener()
    fixtures = {
        "student": listener,
        "case": chosen,
        "rng": Rng(PUBLIC_SEED, check.name, 0),
        "earlier": dict.fromkeys(check.after, ()),
    }
    try:
        check.function(**{name: fixtures[name] for name in check.fixtures})
    except _Asked:
        return listener.sources
    return listener.sources


def _is_turned(parameter: torch.Tensor, value: torch.Tensor) -> bool:
    """Whether a parameter holds a matrix transposed, by their shapes, which square ones do not tell."""
    return value.dim() == 2 and parameter.squeeze().shape != value.squeeze().shape


def _as_stored(parameter: torch.Tensor, value: torch.Tensor, turned: bool) -> torch.Tensor:
    """A value as a parameter holds it: transposed, or with sides of length 1."""
    is_square = value.dim() == 2 and value.shape[0] == value.shape[1]
    return (value.T if _is_turned(parameter, value) or (turned and is_square) else value).reshape(parameter.shape)


class _Local:
    """A module of this process in the place of one of a student's process."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module

    def inventory(self) -> list[Part]:
        """Every module inside, the root first."""
        return [
            Part(
                name,
                (type(module).__name__,),
                {key: tuple(value.shape) for key, value in module.named_parameters(recurse=False)},
            )
            for name, module in self._module.named_modules()
        ]

    def load(self, values: Mapping[str, torch.Tensor], **_: object) -> None:
        """Copies tensors into parameters."""
        own = dict(self._module.named_parameters())
        with torch.no_grad():
            for name, value in values.items():
                own[name].copy_(value)
