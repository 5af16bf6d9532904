"""Everything that the grader can ask of a worker, asked once: for workers that lie."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from autograder.protocol.frames import Reference
from autograder.protocol.inquiry import Inquiry, begin
from autograder.protocol.operations import full_run, read_weights
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session, StudentError, WorkerFailure
from autograder.protocol.student import Handle, Student

_RULES = Rules(forbid=("torch.gru*", "*.backward"), allow_modules=("torch",))

_VIT = Reference(0, "ViT")
_QUESTIONS: list[Callable[[Inquiry], object]] = [
    lambda inquiry: Student(inquiry).given(encoder="encoder = 1"),
    lambda inquiry: Student(inquiry).Attention(torch.ones(2, 3), [1, "x"]),
    lambda inquiry: Student(inquiry).infer("Attention", 1),
    lambda inquiry: Handle(inquiry, _VIT, "ViT").attention,
    lambda inquiry: Handle(inquiry, _VIT, "ViT")(torch.ones(2)),
    lambda inquiry: Handle(inquiry, _VIT, "ViT").inventory(),
    lambda inquiry: Handle(inquiry, _VIT, "ViT").load({"weight": torch.ones(2)}),
    lambda inquiry: Handle(inquiry, _VIT, "ViT").restore({"weight": torch.ones(2)}),
    lambda inquiry: Handle(inquiry, _VIT, "ViT").train(),
    lambda inquiry: inquiry.exchange(full_run(Path("data"), 1.0, ["ViT"])),
    lambda inquiry: inquiry.session.place("Attention"),
    lambda inquiry: inquiry.exchange(read_weights(b"x")),
]


def converse(fork: Callable[..., object], notebook: str) -> list[str]:
    """Asks each thing as a question of its own; returns the errors of the kinds that a session may raise, in words.

    Whatever else is raised, is raised here.
    """
    told: list[str] = []
    with Session(fork, b"{}", notebook, 1.0) as session:  # type: ignore[arg-type]
        for ask in _QUESTIONS:
            with _telling(told):
                inquiry = begin(session, _RULES, 0)
                inquiry.enter("Attention")
                with _telling(told):
                    ask(inquiry)
                inquiry.broken_rules()
    return told


@contextmanager
def _telling(told: list[str]) -> Iterator[None]:
    """Keeps the errors that a session may raise."""
    try:
        yield
    except (StudentError, WorkerFailure) as error:
        told.append(f"{type(error).__name__}: {error}")
