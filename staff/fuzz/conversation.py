"""Everything that the grader can ask of a worker, asked once: for workers that lie."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from autograder.protocol.frames import Reference
from autograder.protocol.operations import full_run, read_weights
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session, StudentError, WorkerFailure
from autograder.protocol.student import Handle, Student

_RULES = Rules(forbid=("torch.gru*", "*.backward"), allow_modules=("torch",))


def converse(fork: Callable[..., object], notebook: str) -> list[str]:
    """Asks each thing as a question of its own; returns the errors of the kinds that a session may raise, in words.

    Whatever else is raised, is raised here.
    """
    told: list[str] = []
    with Session(fork, b"{}", notebook, 1.0) as session:  # type: ignore[arg-type]
        for ask in _questions(session):
            with _telling(told):
                session.begin(_RULES, 0)
                session.enter("Attention")
                with _telling(told):
                    ask()
                session.broken_rules()
    return told


def _questions(session: Session) -> list[Callable[[], object]]:
    student, handle = Student(session), Handle(session, Reference(0, "ViT"), "ViT")
    return [
        lambda: student.given(encoder="encoder = 1"),
        lambda: student.Attention(torch.ones(2, 3), [1, "x"]),
        lambda: student.infer("Attention", 1),
        lambda: handle.attention,
        lambda: handle(torch.ones(2)),
        handle.inventory,
        lambda: handle.load({"weight": torch.ones(2)}),
        lambda: handle.restore({"weight": torch.ones(2)}),
        handle.train,
        lambda: session.exchange(full_run(Path("data"), 1.0, ["ViT"])),
        lambda: session.place("Attention"),
        lambda: session.exchange(read_weights(b"x")),
    ]


@contextmanager
def _telling(told: list[str]) -> Iterator[None]:
    """Keeps the errors that a session may raise."""
    try:
        yield
    except (StudentError, WorkerFailure) as error:
        told.append(f"{type(error).__name__}: {error}")
