"""What the grader may ask of a student's process: a builder for each operation, which knows how its answer is read.

Every answer is data from a stranger. A builder's `read` takes it apart and raises whatever that raises; the session
makes a malformed reply of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch

from autograder.notebook.execution import Execution
from autograder.notebook.findings import BrokenRule
from autograder.notebook.outline import Outline
from autograder.notebook.wire import Wire
from autograder.protocol import frames
from autograder.protocol.frames import Reference
from autograder.protocol.full_run import RunReport
from autograder.protocol.operation import Operation
from autograder.protocol.rules import Rules

Tensors = dict[str, torch.Tensor]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Request(Generic[Answer]):
    """One request: an operation, its arguments as JSON with tensors or with a file, and how the reply is read.

    `answer` is a noun for what comes back.
    """

    operation: Operation
    message: Mapping[str, Any]
    read: Callable[[dict[str, Any], Tensors], Answer]
    answer: str = "a reply"
    tensors: Tensors = field(default_factory=dict)
    file: bytes = b""

    def to_bytes(self) -> bytes:
        """The request's frame."""
        return frames.pack_request(self.operation, self.message, self.tensors, self.file)


@dataclass(frozen=True)
class Part(Wire):
    """One module of an inventory: its dotted name, its classes, the shapes of the parameters that it owns itself.

    `kinds` are its own class and those that it extends, to "torch.nn.Module"; a class of the notebook has a bare name.
    """

    name: str
    kinds: tuple[str, ...]
    parameters: Mapping[str, tuple[int, ...]]

    @property
    def kind(self) -> str:
        """Its own class."""
        return self.kinds[0] if self.kinds else ""

    def extends(self, kind: str) -> bool:
        """Whether it is of this class, or of one that extends it."""
        return kind in self.kinds


def read_notebook(filename: str, content: bytes) -> Request[Outline]:
    """Reads a notebook's bytes before any student code runs."""
    message = {"filename": filename}
    return Request(
        Operation.READ_NOTEBOOK, message, lambda reply, _: Outline.from_wire(reply), "an outline", file=content
    )


def read_again(filename: str, content: bytes) -> Request[None]:
    """Reads a notebook whose outline is known, in a fresh process."""
    return Request(Operation.READ_AGAIN, {"filename": filename}, _nothing, file=content)


def begin_check(rules: Rules, seed: int, execution: Execution = Execution.LAZY) -> Request[int]:
    """Prepares for a check: a fresh namespace, random numbers, an empty record of calls; how many threads there are."""
    layers = rules.allow_layers
    message = {"forbid": rules.forbid, "allow_layers": layers, "seed": seed, "execution": execution.value}
    return Request(Operation.BEGIN_CHECK, message, lambda reply, _: int(reply["threads"]), "a number of threads")


def define_stand_ins(sources: Mapping[str, str]) -> Request[None]:
    """Defines names by Python source, stronger than the notebook's, until the next check."""
    return Request(Operation.DEFINE_STAND_INS, {"sources": dict(sources)}, _nothing)


def call(
    target: str | int,
    arguments: Sequence[Any],
    number_of: Callable[[object], int | None],
    stand_for: Callable[[Reference], object],
    inference: bool = False,
) -> Request[Any]:
    """Calls a name of the notebook, or the object of a number, perhaps without what training needs; its value.

    `number_of` gives the number of an object that stays in the student's process, `stand_for` what stands for one here.
    """
    encoder = frames.Encoder(number_of, frames.MAX_REQUEST_BYTES)
    where = {"name": target} if isinstance(target, str) else {"handle": target}
    message = {**where, "inference": inference, "arguments": encoder.encode(list(arguments))}
    return Request(Operation.CALL, message, _value(stand_for), "a value", encoder.tensors)


def find_gradients(
    handle: int, weights: Sequence[torch.Tensor], arguments: Sequence[object]
) -> Request[dict[str, torch.Tensor | None]]:
    """Calls a module and goes back from the floating tensors in its result, each times its `weights`.

    The gradients of its parameters by dotted name, and of each floating argument under its number; None where none
    arrives.
    """
    encoder = frames.Encoder(most_bytes=frames.MAX_REQUEST_BYTES)
    message = {
        "handle": handle,
        "weights": encoder.encode(list(weights)),
        "arguments": encoder.encode(list(arguments)),
    }

    def read(reply: dict[str, Any], tensors: Tensors) -> dict[str, torch.Tensor | None]:
        found = frames.decode(reply["gradients"], tensors)
        if not isinstance(found, dict) or not all(isinstance(one, torch.Tensor | None) for one in found.values()):
            raise ValueError("no gradients by name")
        return found

    return Request(Operation.FIND_GRADIENTS, message, read, "gradients", encoder.tensors)


def get_attribute(handle: int, name: str, stand_for: Callable[[Reference], object]) -> Request[Any]:
    """The value of an attribute of the object of a number."""
    return Request(Operation.GET_ATTRIBUTE, {"handle": handle, "name": name}, _value(stand_for), "a value")


def list_modules(handle: int) -> Request[list[Part]]:
    """Every module inside one, the root (named "") first, in the order of `named_modules`."""

    def read(reply: dict[str, Any], _: Tensors) -> list[Part]:
        return [Part.from_wire(part) for part in reply["inventory"]]

    return Request(Operation.LIST_MODULES, {"handle": handle}, read, "a list of modules")


def load_parameters(handle: int, parameters: Mapping[str, torch.Tensor], reshape: bool) -> Request[None]:
    """Copies tensors into the parameters of these dotted names, which take their shapes if `reshape`."""
    encoder = frames.Encoder(most_bytes=frames.MAX_REQUEST_BYTES)
    message = {"handle": handle, "parameters": encoder.encode(dict(parameters)), "reshape": reshape}
    return Request(Operation.LOAD_PARAMETERS, message, _nothing, tensors=encoder.tensors)


def restore_weights(handle: int, weights: Mapping[str, torch.Tensor]) -> Request[str]:
    """Puts saved weights into a module if all of them fit; the first that does not, in words, or ""."""
    encoder = frames.Encoder(most_bytes=frames.MAX_REQUEST_BYTES)
    message = {"handle": handle, "weights": encoder.encode(dict(weights))}
    return Request(
        Operation.RESTORE_WEIGHTS, message, lambda reply, _: str(reply["misfit"])[:300], tensors=encoder.tensors
    )


def set_training(handle: int, training: bool) -> Request[None]:
    """Switches a module between training and evaluation."""
    return Request(Operation.SET_TRAINING, {"handle": handle, "training": training}, _nothing)


def count_calls(patterns: Sequence[str]) -> Request[int]:
    """How many calls of functions and layers the last call made whose dotted names match a pattern."""
    message = {"patterns": list(patterns)}
    return Request(Operation.COUNT_CALLS, message, lambda reply, _: int(reply["number"]), "a number of calls")


def report_broken_rules() -> Request[list[BrokenRule]]:
    """What the record of calls and the layers of modules say about broken rules."""

    def read(reply: dict[str, Any], _: Tensors) -> list[BrokenRule]:
        return [BrokenRule.from_wire(finding) for finding in reply["findings"]]

    return Request(Operation.REPORT_BROKEN_RULES, {}, read, "evidence")


def list_unknown_names() -> Request[dict[str, int]]:
    """The names that a run in order left without the value which a full run gives them, each with a cell."""

    def read(reply: dict[str, Any], _: Tensors) -> dict[str, int]:
        return {str(name)[:80]: int(cell) for name, cell in reply["unknown"].items()}

    return Request(Operation.LIST_UNKNOWN_NAMES, {}, read, "a list of names")


def full_run(directory: Path, seconds: float, kinds: Sequence[str]) -> Request[RunReport]:
    """Runs the whole notebook on a data directory; its names answer calls afterwards, until the next check.

    `seconds` is the wall time after which the run is interrupted; the session needs some more. `kinds` are names of
    classes whose instances are asked for.
    """
    message = {"data": str(directory), "seconds": seconds, "kinds": list(kinds)}
    return Request(
        Operation.FULL_RUN, message, lambda reply, _: RunReport.from_wire(reply, kinds), "a report of the run"
    )


def add_piece(content: bytes) -> Request[None]:
    """Gives the process a piece of the file whose last one `read_weights` gives."""
    return Request(Operation.ADD_PIECE, {}, _nothing, file=content)


def read_weights(content: bytes, most: int) -> Request[int | str]:
    """Reads a `.pt` file, which ends in `content`; for a process in which no student code has run.

    The bytes that its tensors take as safetensors, for `take_piece`; or in words why it has none. They may have `most`
    bytes together.
    """

    def read(reply: dict[str, Any], _: Tensors) -> int | str:
        return str(reply["problem"])[:300] if "problem" in reply else int(reply["size"])

    return Request(Operation.READ_WEIGHTS, {"most": most}, read, "weights", file=content)


def take_piece(begin: int, size: int) -> Request[bytes]:
    """So many bytes of the weights that were read, as safetensors."""

    def read(reply: dict[str, Any], tensors: Tensors) -> bytes:
        piece = frames.decode(reply["piece"], tensors)
        if not isinstance(piece, torch.Tensor) or piece.dtype is not torch.uint8 or piece.shape != (size,):
            raise ValueError("another piece")
        return piece.numpy().tobytes()

    return Request(Operation.TAKE_PIECE, {"begin": begin, "size": size}, read, "a piece of weights")


def _nothing(reply: dict[str, Any], tensors: Tensors) -> None:
    """Reads a reply that says no more than that it was done."""


def _value(stand_for: Callable[[Reference], object]) -> Callable[[dict[str, Any], Tensors], Any]:
    return lambda reply, tensors: frames.decode(reply.get("value"), tensors, stand_for)
