"""A worker that lies: true replies were recorded, and forged ones take the place of some."""

import base64
import hashlib
import json
import struct
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from safetensors.torch import save

from autograder.protocol.frames import HEADER, MalformedFrame, Operation, operation_of, unpack
from autograder.sandbox import Child, ChildEnded, ChildTimeout, Exit, Limits

# Operations in which an error that the worker reports is taken for the grader's own, as `session` documents it.
OUR_OPERATIONS = frozenset({
    *(Operation.READ_NOTEBOOK, Operation.BEGIN_CHECK, Operation.DEFINE_STAND_INS, Operation.REPORT_BROKEN_RULES),
    Operation.FULL_RUN,
})  # fmt: skip
_CLAIMS = {
    "figures": [["accuracy", ["test"], 91.5, True, "test", 1, 1, "Test accuracy: 91.5%", True, "acc", "test"]],
    "cells": [[1, 1, ["loss"], "", 3, 3, 10, False]],
    "scalars": [[1, ["accuracy", "test"]]],
}
_USE = {"origins": ["torch.nn.Linear"], "spelled": "nn.Linear", "line": 3, "text": "nn.Linear(1, 2)"}
_READ = {
    "definitions": {"Attention": [1]},
    "unreadable": [{"cell": 2, "line": 1, "error": "invalid syntax", "text": "x =", "names": ["ViT"]}],
    "usages": [{"cell": 1, "names": ["Attention"], "asks": ["torch"], "uses": [_USE]}],
    "claims": _CLAIMS,
    "repairs": [{"kind": "encoding", "note": "was written in utf-16"}],
}
_FINDING = {"diagnosis": "forbidden call", "call": "torch.gru", "rule": "torch.gru*", "cell": 1, "line": 2, "text": "x"}
HANDLE = {"$reference": 0, "kind": "ViT"}
# What a worker answers where no true reply to the same request was recorded.
USUAL: dict[Operation, dict[str, Any]] = {
    Operation.READ_NOTEBOOK: _READ,
    Operation.BEGIN_CHECK: {"threads": 1},
    Operation.CALL: {
        "value": {"$list": [{"$tensor": "0"}, 1, {"$float": "nan"}, {"$dict": [["a", {"$tuple": []}]]}, HANDLE]}
    },
    Operation.GET_ATTRIBUTE: {"value": HANDLE},
    Operation.LIST_MODULES: {"inventory": [{"name": "", "kind": "ViT", "parameters": [["cls_token", [1, 1, 8]]]}]},
    Operation.RESTORE_WEIGHTS: {"misfit": ""},
    Operation.REPORT_BROKEN_RULES: {"findings": [_FINDING]},
    Operation.FULL_RUN: {
        "stopped": False, "errors": [[1, "x"]], "printed": [[1, "x"]], "claims": _CLAIMS,
        "models": {"$list": [{"$list": [{"$tuple": [HANDLE, True]}]}]},
    },
}  # fmt: skip


@dataclass
class Transcript:
    """True replies: by what was asked since the question began, and in order with the operation that each answers."""

    by_request: dict[bytes, bytes] = field(default_factory=dict)
    in_order: list[tuple[Operation, bytes]] = field(default_factory=list)


class RecordingChild:
    """A true worker, of which every reply goes into a transcript."""

    def __init__(self, child: Child, transcript: Transcript) -> None:
        self._child = child
        self._transcript = transcript
        self._request = b""
        self._asked = b""
        self._reply = b""

    def send(self, data: bytes, deadline: float) -> None:
        """Sends a request; the reply to the one before it is complete now."""
        self._keep()
        self._request, self._asked = data, asked_with(self._asked, data)
        self._child.send(data, deadline)

    def receive(self, size: int, deadline: float) -> bytes:
        """So many bytes of the reply."""
        data = self._child.receive(size, deadline)
        self._reply += data
        return data

    def kill(self) -> Exit:
        """Ends the worker."""
        self._keep()
        return self._child.kill()

    def _keep(self) -> None:
        if self._request:
            self._transcript.by_request[self._asked] = self._reply
            self._transcript.in_order.append((operation_of(self._request), self._reply))
        self._request = self._reply = b""


def asked_with(asked: bytes, request: bytes) -> bytes:
    """A hash of everything that was asked since a question began, `asked`, and of one request more."""
    begins = operation_of(request) in (Operation.READ_NOTEBOOK, Operation.BEGIN_CHECK)
    return hashlib.sha256((b"" if begins else asked) + request).digest()


@dataclass(frozen=True)
class Forgery:
    """Bytes in place of the replies to one operation: to the `at`-th of a conversation, or to all if that is -1.

    `end` says what follows when more is asked for than there is: "timeout", or the reason of a process's end.
    """

    operation: Operation
    at: int
    reply: bytes
    end: str


@dataclass(frozen=True)
class Plan:
    """One input: the notebook whose conversation is replayed, and what is forged in it."""

    notebook: str
    forgeries: tuple[Forgery, ...]

    def to_bytes(self) -> bytes:
        """The plan as JSON."""
        listed = [asdict(one) | {"reply": base64.b64encode(one.reply).decode()} for one in self.forgeries]
        return json.dumps({"notebook": self.notebook, "forgeries": listed}).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> "Plan":
        """What `to_bytes` wrote."""
        told = json.loads(content)
        forgeries = [
            Forgery(Operation(one["operation"]), one["at"], base64.b64decode(one["reply"]), one["end"])
            for one in told["forgeries"]
        ]
        return cls(told["notebook"], tuple(forgeries))


class Liar:
    """Makes workers that answer as recorded, but for a plan's forgeries.

    `told_error` says whether a forged reply to an operation of the grader's own was a well-formed report of an error.
    """

    def __init__(self, plan: Plan, transcript: Transcript) -> None:
        self._plan = plan
        self._transcript = transcript
        self._count: dict[Operation, int] = {}
        self.told_error = False

    def fork(self, *limits: object) -> "LyingChild":
        """A fresh worker; no limits bind it."""
        return LyingChild(self)

    def reply(self, request: bytes, asked: bytes) -> tuple[bytes, str]:
        """The reply to a request and what follows behind it; `asked` is the hash of the question up to it."""
        operation = operation_of(request)
        number = self._count.get(operation, 0)
        self._count[operation] = number + 1
        for one in self._plan.forgeries:
            if one.operation == operation and one.at in (number, -1):
                self.told_error |= operation in OUR_OPERATIONS and _reports_error(one.reply)
                return one.reply, one.end
        return self._transcript.by_request.get(asked) or usual(operation), "timeout"


def _reports_error(reply: bytes) -> bool:
    try:
        message, _ = unpack(*halves(reply))
    except (struct.error, MalformedFrame):
        return False
    return "error" in message


class LyingChild:
    """The grader's end of a conversation with a worker that there is not; behaves as `sandbox.Child` does."""

    def __init__(self, liar: Liar) -> None:
        self._liar = liar
        self._waiting = b""
        self._asked = b""
        self._end = "timeout"

    def send(self, data: bytes, deadline: float) -> None:
        """Takes a request; its reply waits behind what is left of the one before."""
        self._asked = asked_with(self._asked, data)
        reply, self._end = self._liar.reply(data, self._asked)
        self._waiting += reply

    def receive(self, size: int, deadline: float) -> bytes:
        """Exactly so many bytes. Raises ChildEnded or ChildTimeout when there are not so many."""
        if size > Limits().output_mib << 20:
            raise ChildEnded(Exit("killed"))
        if len(self._waiting) < size:
            if self._end == "timeout":
                raise ChildTimeout
            raise ChildEnded(Exit("signal", signal="SIGSEGV") if self._end == "signal" else Exit("exited", code=1))
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def kill(self) -> Exit:
        """Nothing is there to be ended."""
        return Exit("killed")


def usual(operation: Operation) -> bytes:
    """A well-formed reply to any request for this operation."""
    blob = save({"0": torch.ones(2, 3)}) if operation in (Operation.CALL, Operation.GET_ATTRIBUTE) else b""
    return frame(json.dumps(USUAL.get(operation, {})).encode(), blob)


def refusal() -> Forgery:
    """Every notebook is none: for archives, of which nothing but the intake is tried."""
    error = {"error": {"kind": "UnreadableNotebook", "message": "The file is JSON but no notebook."}}
    return Forgery(Operation.READ_NOTEBOOK, -1, frame(json.dumps(error).encode(), b""), "timeout")


def frame(text: bytes, blob: bytes) -> bytes:
    """A reply with true lengths."""
    return HEADER.pack(len(text), len(blob)) + text + blob


def halves(reply: bytes) -> tuple[bytes, bytes]:
    """JSON and blob of a reply with true lengths."""
    size, _ = HEADER.unpack_from(reply)
    return reply[HEADER.size :][:size], reply[HEADER.size :][size:]
