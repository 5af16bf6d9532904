"""A student's notebook as an object in the grader: its calls cross into a sandboxed worker.

`Session` speaks the protocol and survives the worker's end; `Student` is what a check gets, and `Handle` stands for a
module that lives in the worker. Everything that comes back is untrusted data.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from autograder import codec
from autograder.sandbox import Child, ChildEnded, ChildTimeout


class StudentError(Exception):
    """The student's code did not give a value: it is missing, raised, hung or crashed.

    `diagnosis` is a short key; `cell`, `line` and `text` say where in the notebook, when that is known.
    """

    def __init__(self, message: str, diagnosis: str, cell: int = 0, line: int = 0, text: str = "") -> None:
        super().__init__(message)
        self.diagnosis = diagnosis
        self.cell = cell
        self.line = line
        self.text = text


class WorkerFailure(Exception):
    """The sandbox could not set a worker up: the grader's fault, never the student's."""


@dataclass(frozen=True)
class Finding:
    """A broken rule: the call, layer or module, and where it stands (0 when that is not known)."""

    diagnosis: str
    call: str
    rule: str
    cell: int
    line: int
    text: str


@dataclass(frozen=True)
class Unreadable:
    """A code cell that does not parse, and the names that its text seems to define."""

    number: int
    line: int
    error: str
    text: str
    names: list[str]


@dataclass(frozen=True)
class Entry:
    """One module of an inventory: its dotted name, its class, the shapes of the parameters that it owns itself."""

    name: str
    kind: str
    parameters: Mapping[str, tuple[int, ...]]


class Session:
    """A worker that has read one notebook, replaced by a fresh one after an abnormal end.

    `fork` starts a worker; `seconds` is the wall time that each question may take. After `open`, `definitions` maps names
    to the code cells that bind them, and `unreadable` lists cells that do not parse.
    """

    def __init__(self, fork: Callable[[], Child], notebook: bytes, filename: str, seconds: float) -> None:
        self.filename = filename
        self.definitions: dict[str, list[int]] = {}
        self.unreadable: list[Unreadable] = []
        self.asked: list[str] = []
        self._fork = fork
        self._notebook = notebook
        self._seconds = seconds
        self._deadline = 0.0
        self._child: Child | None = None

    def open(self) -> None:
        """Starts a worker that reads the notebook, unless one is alive. Raises StudentError for an unreadable notebook."""
        self._deadline = time.monotonic() + self._seconds
        if self._child is not None:
            return
        self._child = self._fork()
        reply, _ = self.exchange({"op": "read", "filename": self.filename}, raw=self._notebook)
        try:
            self.definitions = {str(k): [int(n) for n in cells] for k, cells in reply["definitions"].items()}
            self.unreadable = [
                Unreadable(
                    int(c["cell"]), int(c["line"]), str(c["error"]), str(c["text"]), [str(name) for name in c["names"]]
                )
                for c in reply["unreadable"]
            ]
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._abnormal("its reader sent a reply that makes no sense", "malformed reply") from None

    def begin(self, rules: Mapping[str, Any], seed: int) -> None:
        """Resets the worker for one question: fresh namespace, random numbers, record. Raises StudentError."""
        self.open()
        self.asked = []
        self.exchange({"op": "begin", "rules": dict(rules), "seed": seed})

    def findings(self) -> list[Finding]:
        """The broken rules of the code that this question used. A worker that is gone has none to tell."""
        if self._child is None:
            return []
        reply, _ = self.exchange({"op": "findings", "names": self.asked})
        try:
            return [
                Finding(str(f["diagnosis"]), str(f["call"]), str(f["rule"]), int(f["cell"]), int(f["line"]), str(f["text"]))
                for f in reply["findings"]
            ]
        except (KeyError, TypeError, ValueError):
            raise self._abnormal("its worker sent findings that make no sense", "malformed reply") from None

    def exchange(
        self, request: dict[str, Any], tensors: dict[str, torch.Tensor] | None = None, raw: bytes = b""
    ) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
        """One request and its reply. Raises StudentError when the student's code or process failed."""
        if self._child is None:
            raise StudentError("the student's process has ended", "crash")
        try:
            self._child.send(codec.pack(request, tensors, raw), self._deadline)
            text, blob = codec.lengths(self._child.receive(codec.HEADER.size, self._deadline))
            body = self._child.receive(text + blob, self._deadline)
            reply, received = codec.unpack(body[:text], body[text:])
        except ChildTimeout:
            raise self._abnormal(f"did not finish within {self._seconds:g} seconds", "time limit") from None
        except ChildEnded as end:
            if end.exit.reason == "setup":
                self.close()
                raise WorkerFailure(f"the sandbox failed: {end.exit.detail}") from None
            raise self._abnormal(f"ended the Python process ({_plain(end)})", "crash") from None
        except codec.MalformedFrame as error:
            raise self._abnormal(f"sent {error}", "malformed reply") from None
        if "error" in reply:
            raise self._error(reply["error"])
        return reply, received

    def close(self) -> None:
        """Ends the worker."""
        if self._child is not None:
            self._child.kill()
            self._child = None

    def place(self, name: str) -> str:
        """Where `name` is defined: the notebook, and the last code cell that binds it."""
        cells = self.definitions.get(name)
        return f"{self.filename}, code cell {cells[-1]} ({name})" if cells else self.filename

    def _abnormal(self, what: str, diagnosis: str) -> StudentError:
        self.close()
        name = self.asked[-1] if self.asked else "the notebook"
        cells = self.definitions.get(name, [0])
        return StudentError(f"{name} {what}", diagnosis, cells[-1])

    def _error(self, error: Any) -> StudentError:
        if not isinstance(error, dict):
            return self._abnormal("sent an error that makes no sense", "malformed reply")
        kind, message = str(error.get("kind", ""))[:80], str(error.get("message", ""))[:500]
        if kind == "missing":
            return self._missing(message)
        cell, line, text = error.get("cell"), error.get("line"), error.get("text")
        place = (cell if isinstance(cell, int) else 0, line if isinstance(line, int) else 0, str(text or "")[:160])
        if kind == "NotImplementedError":
            return StudentError(message or "this part is not written yet", "not written", *place)
        if kind == "MemoryError":
            return StudentError("used more memory than is allowed", "memory limit", *place)
        if kind == "UnreadableNotebook":
            return StudentError(message, "unreadable notebook")
        return StudentError(f"{kind}: {message}", "error", *place)

    def _missing(self, name: str) -> StudentError:
        """Why a name is not there: its cell does not parse, it was renamed, or it was deleted."""
        for cell in self.unreadable:
            if name in cell.names:
                message = f"the cell that defines {name} does not parse: {cell.error}"
                return StudentError(message, "syntax error", cell.number, cell.line, cell.text)
        return StudentError(f"{name} is not defined in the notebook", "missing")


def _plain(end: ChildEnded) -> str:
    return end.exit.signal if end.exit.reason == "signal" else f"exit code {end.exit.code}"


class Student:
    """What a check sees of a submission: `student.gru_forward(x)` calls the notebook's `gru_forward`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def given(self, **sources: str) -> None:
        """Supplies stand-ins for this question: Python source that defines each name, stronger than the notebook's."""
        self._session.exchange({"op": "stand_in", "sources": sources})

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
