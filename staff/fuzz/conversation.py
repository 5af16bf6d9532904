"""Everything that the grader can ask of a worker, asked once: for workers that lie."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import torch

from autograder import codec
from autograder.rerun import run_again
from autograder.session import Session, StudentError, WorkerFailure
from autograder.student import Handle, Student

_RULES = {"forbid": ["torch.gru*", "*.backward"], "allow_layers": None, "allow_modules": ["torch"]}


def converse(fork: Callable[[], object], notebook: str) -> list[str]:
    """Asks everything, each in a session that is alive; returns what went wrong, in the grader's words.

    Whatever else than StudentError and WorkerFailure is raised, is raised here.
    """
    told: list[str] = []
    with Session(fork, b"{}", notebook, 1.0) as session:  # type: ignore[arg-type]
        student = Student(session)
        handle = Handle(session, 0, "ViT", "ViT")
        questions: tuple[Callable[[], object], ...] = (
            lambda: student.given(encoder="encoder = 1"),
            lambda: student.Attention(torch.ones(2, 3), [1, "x"]),
            lambda: student.infer("Attention", 1),
            lambda: handle.attention,
            lambda: handle(torch.ones(2)),
            handle.inventory,
            lambda: handle.load({"weight": torch.ones(2)}),
            lambda: handle.restore({"weight": torch.ones(2)}),
            handle.train,
            session.findings,
            lambda: run_again(session, Path("data"), 1.0, ["ViT"]),
            lambda: session.place("Attention"),
            lambda: session.exchange({"op": "unpickle"}, raw=b"x"),
        )
        for question in questions:
            try:
                session.begin(_RULES, 0)
                session.enter("Attention")
                question()
            except (StudentError, WorkerFailure) as error:
                told.append(f"{type(error).__name__}: {error}")
                str(error).encode("utf-8", "replace")
            with suppress(StudentError, WorkerFailure, codec.MalformedFrame):
                session.findings() if session.asked else None
    return told
