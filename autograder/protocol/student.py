"""A student's notebook as an object in the grader: its calls cross into a sandboxed worker.

`Student` is what a check gets, and `Handle` stands for an object that lives in the worker: a module, one of its
methods, or an instance of a stand-in's class. Handles may be passed on as arguments. Everything that comes back is
untrusted data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from autograder.protocol import frames
from autograder.protocol.faults import StudentError
from autograder.protocol.session import Session


@dataclass(frozen=True)
class Part:
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

    def infer(self, name: str, *arguments: Any) -> Any:
        """A call of the notebook's or a stand-in's function `name` without anything that training needs."""
        self._session.enter(name)
        return _call(self._session, {"op": "call", "name": name, "inference": True}, arguments, name)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)

        def call(*arguments: Any) -> Any:
            self._session.enter(name)
            return _call(self._session, {"op": "call", "name": name}, arguments, name)

        return call


class Handle:
    """An object in the student's process. What its attributes and calls yield are copies or handles, and untrusted."""

    def __init__(self, session: Session, number: int, kind: str, made_by: str) -> None:
        self._session = session
        self._number = number
        self._kind = kind
        self._made_by = made_by  # the name that was called for it, or for what it is a part of

    @staticmethod
    def number_of(value: object) -> int | None:
        """The number by which the student's process knows the object of a handle; None for any other value."""
        return value._number if isinstance(value, Handle) else None

    def __repr__(self) -> str:
        return f"<{self._kind} of the student>"

    @staticmethod
    def kind_of(value: "Handle") -> str:
        """The class name of the object. No attribute, as these are the student's."""
        return value._kind

    def __call__(self, *arguments: Any) -> Any:
        self._session.enter(self._made_by)
        return _call(self._session, {"op": "call", "handle": self._number}, arguments, self._made_by)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return _call(self._session, {"op": "attribute", "handle": self._number, "name": name}, (), self._made_by)

    def inventory(self) -> list[Part]:
        """Every module inside, the root (named "") first, in the order of `named_modules`. Raises StudentError."""
        reply, _ = self._session.exchange({"op": "inventory", "handle": self._number})
        try:
            return [
                Part(
                    str(entry["name"]),
                    str(entry["kind"]),
                    {str(name): tuple(int(n) for n in shape) for name, shape in entry["parameters"]},
                )
                for entry in reply["inventory"]
            ]
        except (KeyError, TypeError, ValueError):
            raise StudentError("the module's parameters cannot be listed", "malformed reply") from None

    def load(self, parameters: Mapping[str, torch.Tensor], reshape: bool = False) -> None:
        """Copies tensors into the parameters of these dotted names; the others stay. Raises StudentError.

        With `reshape` the parameters take the tensors' shapes; otherwise they must have them.
        """
        request = {"op": "load", "handle": self._number, "reshape": reshape}
        _call(self._session, request, (dict(parameters),), self._made_by)

    def restore(self, weights: Mapping[str, torch.Tensor]) -> str:
        """Puts saved weights into the parameters and buffers of the same keys, if all of them fit.

        Returns the first key that is missing, unknown or of another shape, in words; "" if there is none.
        """
        found = _call(self._session, {"op": "restore", "handle": self._number}, (dict(weights),), self._made_by)
        return str(found)[:300]

    def infer(self, *arguments: Any) -> Any:
        """A call without anything that training needs."""
        self._session.enter(self._made_by)
        request = {"op": "call", "handle": self._number, "inference": True}
        return _call(self._session, request, arguments, self._made_by)

    def train(self) -> None:
        """Switches dropout and batch statistics on."""
        self._session.exchange({"op": "mode", "handle": self._number, "training": True})

    def eval(self) -> None:
        """Switches dropout and batch statistics off."""
        self._session.exchange({"op": "mode", "handle": self._number, "training": False})


def attempt(call: Callable[..., Any], *arguments: Any) -> Any:
    """What a call into the student's process yields, or the StudentError that it raised.

    Raises the error if the process ended with it, since every further call would fail for that.
    """
    try:
        return call(*arguments)
    except StudentError as error:
        if error.ended:
            raise
        return error


def _call(session: Session, request: dict[str, Any], arguments: Sequence[Any], name: str) -> Any:
    encoder = frames.Encoder(Handle.number_of, frames.MAX_REQUEST_BYTES)
    request["arguments"] = encoder.encode(list(arguments))
    reply, tensors = session.exchange(request, encoder.tensors)
    try:
        return frames.decode(reply.get("value"), tensors, lambda found: Handle(session, found.number, found.kind, name))
    except frames.MalformedFrame as error:
        raise StudentError(f"sent {error}", "malformed reply") from None
