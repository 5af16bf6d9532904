"""What fuzzing found once does not come back."""

import json
import sys
from pathlib import Path

import pytest

from autograder.course.manifest import load as load_manifest
from autograder.course.root import project_root
from autograder.intake.member import MAX_NAME
from autograder.intake.source import source_at
from autograder.intake.submission import load
from autograder.notebook.claims.model import SavedOutputs
from autograder.protocol import frames
from autograder.protocol.faults import StudentError
from autograder.protocol.inquiry import begin
from autograder.protocol.operation import Operation
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import Sandbox

ROOT = project_root(Path(__file__).parent)
HW4 = load_manifest(ROOT)["hw4"]
sys.path.insert(0, str(ROOT / "staff"))

from fuzz.archives import Member, pack_tar, pack_zip  # noqa: E402
from fuzz.liar import Forgery, Liar, frame  # noqa: E402


@pytest.mark.parametrize(
    "number",
    ["1e999", "-1.5E+309", "0.2e0400", "Infinity", "NaN", "9" * 400, "9" * 400 + ".5", str(1 << 63), str(-(1 << 63))],
)
def test_no_number_of_a_reply_can_overflow_later(number: str) -> None:
    with pytest.raises(frames.MalformedFrame, match="not JSON"):
        frames.unpack(b'{"value": {"$reference": %s}}' % number.encode(), b"")


@pytest.mark.parametrize("number", [0, -1, (1 << 63) - 1, 1 - (1 << 63), 1.5, -1e300])
def test_other_numbers_of_a_reply_arrive(number: float) -> None:
    message, _ = frames.unpack(json.dumps({"value": number}).encode(), b"")
    assert message == {"value": number} and type(message["value"]) is type(number)


def session(definitions: str, missing: str = "", cell: str = "1") -> Session:
    """A conversation about a notebook with such definitions and an unreadable cell; calls find a name missing."""
    unreadable = f'{{"cell": {cell}, "line": 1, "error": "", "text": "", "names": []}}'
    claims = json.dumps(SavedOutputs().to_wire())
    rest = f'"unreadable": [{unreadable}], "usages": [], "saved": {claims}, "repairs": [], "order_sensitive": []'
    rest += ', "functions": [], "attributes": {}, "python": "", "cells": [], "impure": []'
    error = json.dumps({"error": {"kind": "missing", "message": missing}})
    replies = {
        Operation.READ_NOTEBOOK: f'{{"definitions": {definitions}, {rest}}}',
        Operation.BEGIN_CHECK: '{"threads": 1}',
        Operation.CALL: error,
    }
    liar = Liar([Forgery(operation, -1, frame(reply.encode())) for operation, reply in replies.items()], {})
    return Session(liar.fork, b"{}", "homework.ipynb", 1.0)


def test_a_reader_that_tells_of_an_infinite_cell_is_malformed() -> None:
    with pytest.raises(StudentError, match="not JSON") as caught:
        session("{}", cell="Infinity").open()
    assert caught.value.diagnosis == "malformed reply"


def test_a_name_that_no_cell_binds_is_not_defined() -> None:
    student = Student(begin(session('{"gru_forwards": [], "gru": [2]}', "gru_forward"), Rules(), 0))
    with pytest.raises(StudentError, match="^gru_forward is not defined in the notebook$") as caught:
        student.gru_forward()
    assert caught.value.diagnosis == "missing"


def test_a_figure_beyond_all_floats_costs_nothing(sandbox: Sandbox) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": "Test accuracy: 1e999\nTest accuracy: 91.2%\n"}
    cell = {"cell_type": "code", "source": "print('Test accuracy:', x)", "outputs": [output]}
    notebook = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}).encode()
    with Session(sandbox.fork, notebook, "homework.ipynb", 30.0) as opened:
        opened.open()
        assert [figure.value for figure in opened.outline.saved.figures] == [91.2]


def test_names_are_compared_with_few_others_and_not_in_their_whole_length(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def close_matches(name: str, others: list[str], *_: object) -> list[str]:
        compared.append((len(name), len(others)))
        return []

    monkeypatch.setattr("autograder.protocol.faults.difflib.get_close_matches", close_matches)
    definitions = json.dumps({f"name{number}": [1] for number in range(5000)})
    student = Student(begin(session(definitions, "x" * 500), Rules(), 0))
    with pytest.raises(StudentError, match="is not defined in the notebook"):
        student.gru_forward()
    assert compared == [(80, 1000)]


def test_a_member_whose_name_is_very_long_is_noted_and_left(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    path.write_bytes(pack_tar([Member(b"deep/" * 300 + b"hw4_rnn.ipynb"), Member(b"hw4_vit.ipynb")]))
    found = load(source_at(path, HW4), "2024-20001", HW4)
    assert found.files == ["hw4_vit.ipynb"]
    (note,) = [note for note in found.notes if note.startswith("not read")]
    assert note.startswith("not read (its name is longer than 1,024 characters): 'deep/") and len(note) < MAX_NAME + 80


def test_a_member_without_a_name_costs_the_archive_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.zip"
    path.write_bytes(pack_zip([Member(b""), Member(b"hw4_vit.ipynb", b"{}")]))
    found = load(source_at(path, HW4), "2024-20001", HW4)
    assert (found.error, found.notebooks) == ("", {"hw4_vit.ipynb": b"{}"})
