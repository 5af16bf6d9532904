"""A student's notebook as an object in the grader: its calls cross into a sandboxed worker.

`Student` is what a check gets, and `Handle` stands for a module that lives in the worker. Everything that comes back is
untrusted data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from autograder import codec
from autograder.session import Session, StudentError


@dataclass(frozen=True)
class Entry:
    """One module of an inventory: its dotted name, its class, the shapes of the parameters that it owns itself."""

    name: str
    kind: str
    parameters: Mapping[str, tuple[int, ...]]


class Student:
    """What a check sees of a submission: `student.gru_forward(x)` calls the notebook's `gru_forward`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def given(self, **sources: str) -> None:
        """Supplies stand-ins for this question: Python source that defines each name, stronger than the notebook's."""
        self._session.stand_in(sources)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            if name not in self._session.asked:
                self._session.asked.append(name)
            return _call(self._session, {"op": "call", "name": name}, arguments)

        return call


class Handle:
    """A module in the student's process. Its attributes and results are copies, and untrusted."""

    def __init__(self, session: Session, number: int, kind: str) -> None:
        self._session = session
        self._number = number
        self._kind = kind

    def __repr__(self) -> str:
        return f"<{self._kind} of the student>"

    def __call__(self, *arguments: Any) -> Any:
        return _call(self._session, {"op": "call", "handle": self._number}, arguments)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _call(self._session, {"op": "attribute", "handle": self._number, "name": name}, ())

    def inventory(self) -> list[Entry]:
        """Every module inside, the root (named "") first, in the order of `named_modules`. Raises StudentError."""
        reply, _ = self._session.exchange({"op": "inventory", "handle": self._number})
        try:
            return [
                Entry(
                    str(entry["name"]),
                    str(entry["kind"]),
                    {str(name): tuple(int(n) for n in shape) for name, shape in entry["parameters"]},
                )
                for entry in reply["inventory"]
            ]
        except (KeyError, TypeError, ValueError):
            raise StudentError("the module's parameters cannot be listed", "malformed reply") from None

    def load(self, parameters: Mapping[str, torch.Tensor]) -> None:
        """Copies tensors into the parameters of these dotted names; the others stay. Raises StudentError."""
        _call(self._session, {"op": "load", "handle": self._number}, (dict(parameters),))

    def train(self) -> None:
        """Switches dropout and batch statistics on."""
        self._session.exchange({"op": "mode", "handle": self._number, "training": True})

    def eval(self) -> None:
        """Switches dropout and batch statistics off."""
        self._session.exchange({"op": "mode", "handle": self._number, "training": False})


def _call(session: Session, request: dict[str, Any], arguments: Sequence[Any]) -> Any:
    encoder = codec.Encoder()
    request["arguments"] = encoder.encode(list(arguments))
    reply, tensors = session.exchange(request, encoder.tensors)
    try:
        return _with_handles(session, codec.decode(reply.get("value"), tensors))
    except codec.MalformedFrame as error:
        raise StudentError(f"sent {error}", "malformed reply") from None


def _with_handles(session: Session, value: Any) -> Any:
    if isinstance(value, codec.Reference):
        return Handle(session, value.number, value.kind)
    if isinstance(value, (list, tuple)):
        return type(value)(_with_handles(session, item) for item in value)
    return value
