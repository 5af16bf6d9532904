"""What the grader can ask: one builder and one method of the worker for each operation, and answers that are read."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.notebook.outline import Outline
from autograder.protocol import frames, operations
from autograder.protocol.faults import StudentError, WorkerFailure
from autograder.protocol.frames import HEADER, REQUEST_HEADER
from autograder.protocol.operation import Operation, operation_of
from autograder.protocol.operations import Request
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.sandbox import Exit
from autograder.worker.server import Worker

REQUESTS: list[Request[Any]] = [
    operations.read_notebook("homework.ipynb", b"{}"),
    operations.begin_check(Rules(), 0),
    operations.define_stand_ins({"encoder": "encoder = 1"}),
    operations.call("double", [1, torch.ones(2)], lambda value: None, lambda reference: reference),
    operations.get_attribute(0, "weight", lambda reference: reference),
    operations.list_modules(0),
    operations.load_parameters(0, {"weight": torch.ones(2)}, reshape=False),
    operations.restore_weights(0, {"weight": torch.ones(2)}),
    operations.set_training(0, training=True),
    operations.report_broken_rules(),
    operations.full_run(Path("data"), 1.0, ["ViT"]),
    operations.read_weights(b"PK", 1 << 20),
    operations.list_unknown_names(),
    operations.count_calls(["*conv*"]),
    operations.find_gradients(0, [torch.ones(2)], [torch.ones(2)]),
    operations.add_piece(b"PK"),
    operations.take_piece(0, 2),
    operations.read_again("homework.ipynb", b"{}"),
]


class Answers:
    """A worker that answers one message after the other, whatever it is asked."""

    def __init__(self, *messages: dict[str, Any], blob: bytes = b"") -> None:
        texts = [json.dumps(message).encode() for message in messages]
        blobs = [*[b""] * (len(texts) - 1), blob]
        pairs = zip(texts, blobs, strict=True)
        self.rest = b"".join(HEADER.pack(len(text), len(more)) + text + more for text, more in pairs)

    def send(self, data: bytes, deadline: float) -> None:
        pass

    def receive(self, size: int, deadline: float) -> bytes:
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def kill(self) -> Exit:
        return Exit("killed")


OUTLINE = Outline().to_wire()
Answered = Callable[..., Any]


@pytest.fixture
def answered() -> Answered:
    """What a session makes of a reply to a request."""

    def exchange(request: Request[Any], reply: dict[str, Any], blob: bytes = b"") -> Any:
        child = Answers(OUTLINE, reply, blob=blob)
        session = Session(lambda *_: child, b"{}", "homework.ipynb", 1.0)
        session.open()
        return session.exchange(request)

    return exchange


def test_every_operation_has_one_builder_and_one_method_of_the_worker() -> None:
    assert [request.operation for request in REQUESTS] == list(Operation)
    for operation in Operation:
        assert callable(getattr(Worker, operation.name.lower()))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.operation.name)
def test_a_request_bears_the_tag_of_its_operation_and_true_lengths(request_: Request[Any]) -> None:
    data = request_.to_bytes()
    tag, text, blob = REQUEST_HEADER.unpack_from(data)
    assert operation_of(data) is Operation(tag) is request_.operation
    assert len(data) == REQUEST_HEADER.size + text + blob
    assert isinstance(json.loads(data[REQUEST_HEADER.size :][:text]), dict)


def test_only_the_first_process_tells_the_outline() -> None:
    children = [Answers(Outline(python="3.11").to_wire()), Answers({"python": "3.9"})]
    sent: list[bytes] = []
    for child in children:
        child.send = lambda data, deadline: sent.append(data)  # type: ignore[method-assign]
    session = Session(lambda *_: children.pop(0), b"{}", "homework.ipynb", 1.0)
    session.open()
    session.close()
    session.open()
    assert [operation_of(data) for data in sent] == [Operation.READ_NOTEBOOK, Operation.READ_AGAIN]
    assert session.outline.python == "3.11"


def test_modules_that_the_code_may_import_are_not_told_to_it() -> None:
    data = operations.begin_check(Rules(("torch.gru*",), None, ("torch", "math")), 0).to_bytes()
    assert b"torch.gru*" in data and b"math" not in data


@pytest.mark.parametrize(
    ("operation", "reply"),
    [
        (Operation.BEGIN_CHECK, {}),
        (Operation.BEGIN_CHECK, {"threads": "many"}),
        (Operation.CALL, {"value": [1]}),
        (Operation.CALL, {"value": {"$tensor": "7"}}),
        (Operation.GET_ATTRIBUTE, {"value": {"$list": 5}}),
        (Operation.LIST_MODULES, {"inventory": [{"name": "", "kind": "ViT"}]}),
        (Operation.LIST_MODULES, {"inventory": [{"name": "", "kind": "ViT", "parameters": [["weight", 3]]}]}),
        (Operation.LIST_MODULES, {"inventory": 3}),
        (Operation.RESTORE_WEIGHTS, {}),
        (Operation.REPORT_BROKEN_RULES, {"findings": [{"cell": 1}]}),
        (Operation.REPORT_BROKEN_RULES, {"findings": [1]}),
        (Operation.FULL_RUN, {"stopped": False}),
        (Operation.LIST_UNKNOWN_NAMES, {"unknown": ["N"]}),
        (Operation.LIST_UNKNOWN_NAMES, {"unknown": {"N": "first"}}),
    ],
)
def test_an_answer_that_makes_no_sense_is_the_students(
    answered: Answered, operation: Operation, reply: dict[str, Any]
) -> None:
    (request,) = [one for one in REQUESTS if one.operation is operation]
    with pytest.raises(StudentError, match=f"sent {request.answer} that makes no sense") as caught:
        answered(request, reply)
    assert caught.value.diagnosis == "malformed reply"


@pytest.mark.parametrize("models", [{"$list": []}, {"$list": [{"$list": [{"$tuple": [5, True]}]}]}, {"$list": [5]}])
def test_a_run_whose_models_are_none_makes_no_sense(answered: Answered, models: dict[str, Any]) -> None:
    reply = {"stopped": False, "errors": [], "printed": [], "saved": OUTLINE["saved"], "models": models}
    with pytest.raises(StudentError, match="sent a report of the run that makes no sense"):
        answered(operations.full_run(Path("data"), 1.0, ["ViT"]), reply)


def test_weights_have_a_size_or_a_sentence(answered: Answered) -> None:
    request = operations.read_weights(b"PK", 1 << 20)
    assert answered(request, {"problem": "is damaged" + "!" * 1000}) == "is damaged" + "!" * 290
    assert answered(request, {"size": 12}) == 12


def test_a_piece_of_weights_is_as_long_as_was_asked_for(answered: Answered) -> None:
    def blob(piece: torch.Tensor) -> bytes:
        return frames.pack({}, {"0": piece})[HEADER.size + 2 :]

    reply = {"piece": {"$tensor": "0"}}
    piece = torch.tensor([7, 9], dtype=torch.uint8)
    assert answered(operations.take_piece(0, 2), reply, blob(piece)) == b"\x07\x09"
    for wrong in (piece[:1].clone(), piece.reshape(2, 1), piece.to(torch.int8)):
        with pytest.raises(StudentError, match="sent a piece of weights that makes no sense"):
            answered(operations.take_piece(0, 2), reply, blob(wrong))


def test_a_tensor_that_no_value_refers_to_is_refused(answered: Answered) -> None:
    request = operations.call("double", [], lambda value: None, lambda reference: reference)
    blob = frames.pack({}, {"0": torch.ones(2)})[HEADER.size + 2 :]
    assert torch.equal(answered(request, {"value": {"$tensor": "0"}}, blob), torch.ones(2))
    values: tuple[object, ...] = (None, {"$list": []})
    for value in values:
        with pytest.raises(StudentError, match="sent tensors that nothing refers to") as caught:
            answered(request, {"value": value}, blob)
        assert caught.value.diagnosis == "malformed reply"


def test_all_replies_to_one_check_share_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "MAX_CHECK_BYTES", 10_000)
    request = operations.call("double", [], lambda value: None, lambda reference: reference)
    session = Session(lambda *_: Answers(OUTLINE, *[{"value": "x" * 3000}] * 7), b"{}", "homework.ipynb", 1.0)
    session.open()
    for _ in range(2):
        session.allow(1.0, None)
        assert [session.exchange(request) for _ in range(3)] == ["x" * 3000] * 3
    with pytest.raises(StudentError, match="sent more than 0 MiB in answer to one check") as caught:
        session.exchange(request)
    assert caught.value.diagnosis == "malformed reply"


def test_answers_that_take_long_to_read_cost_the_check_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = iter([0.0, 0.1, 0.2, 1.3])
    monkeypatch.setattr(time, "thread_time", lambda: next(spent))
    request = operations.call("double", [], lambda value: None, lambda reference: reference)
    session = Session(lambda *_: Answers(OUTLINE, {"value": 1}), b"{}", "homework.ipynb", 1.0)
    session.open()
    assert session.exchange(request) == 1
    with pytest.raises(StudentError, match="take more than 1 seconds to read and to compare") as caught:
        session.require_time("double")
    assert caught.value.diagnosis == "time limit" and not session.is_open


def test_an_error_in_our_part_of_the_worker_is_named_by_what_was_asked(answered: Answered) -> None:
    error = {"error": {"kind": "KeyError", "message": "forbid"}}
    with pytest.raises(WorkerFailure, match="^the worker failed to begin check: KeyError: forbid$"):
        answered(operations.begin_check(Rules(), 0), error)
    with pytest.raises(StudentError, match="^KeyError: forbid$"):
        answered(operations.list_modules(0), error)


def test_an_operation_that_there_is_none_of_is_an_error() -> None:
    reply, _ = Worker().answer(99, b"{}", b"")
    assert reply["error"]["kind"] == "ValueError"
