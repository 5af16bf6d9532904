"""What fuzzing found once does not come back."""

import json
import struct
import tarfile
import zipfile
from pathlib import Path

import pytest

from autograder.course.manifest import load as load_manifest
from autograder.course.manifest import project_root
from autograder.intake.member import MAX_NAME
from autograder.intake.submission import load
from autograder.protocol import frames
from autograder.protocol.faults import StudentError
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import Exit, Sandbox

HW4 = load_manifest(project_root(Path(__file__).parent))["hw4"]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "Infinity", "NaN", "9" * 400, str(1 << 63), str(-(1 << 63))])
def test_no_number_of_a_reply_can_overflow_later(number: str) -> None:
    with pytest.raises(frames.MalformedFrame, match="not JSON"):
        frames.unpack(b'{"value": {"$reference": %s}}' % number.encode(), b"")


@pytest.mark.parametrize("number", [0, -1, (1 << 63) - 1, 1 - (1 << 63), 1.5, -1e300])
def test_other_numbers_of_a_reply_arrive(number: float) -> None:
    message, _ = frames.unpack(json.dumps({"value": number}).encode(), b"")
    assert message == {"value": number} and type(message["value"]) is type(number)


BEGUN = '{"threads": 1}'


class Replies:
    """A worker that sends these messages, whatever it is asked."""

    def __init__(self, *messages: str) -> None:
        self.rest = b"".join(frames.HEADER.pack(len(text), 0) + text.encode() for text in messages)

    def send(self, data: bytes, deadline: float) -> None:
        pass

    def receive(self, size: int, deadline: float) -> bytes:
        data, self.rest = self.rest[:size], self.rest[size:]
        return data

    def kill(self) -> Exit:
        return Exit("killed")


def told(definitions: str, cell: str = "1") -> str:
    unreadable = f'{{"cell": {cell}, "line": 1, "error": "", "text": "", "names": []}}'
    claims = '{"figures": [], "cells": [], "scalars": []}'
    rest = f'"unreadable": [{unreadable}], "usages": [], "claims": {claims}, "repairs": []'
    return f'{{"definitions": {definitions}, {rest}}}'


def session(*messages: str) -> Session:
    return Session(lambda *_: Replies(*messages), b"{}", "homework.ipynb", 1.0)  # type: ignore[arg-type, return-value]


def test_a_reader_that_tells_of_an_infinite_cell_is_malformed() -> None:
    with pytest.raises(StudentError, match="not JSON") as caught:
        session(told("{}", "Infinity")).open()
    assert caught.value.diagnosis == "malformed reply"


def test_a_name_that_no_cell_binds_is_not_defined() -> None:
    asked = session(
        told('{"gru_forwards": [], "gru": [2]}'), BEGUN, '{"error": {"kind": "missing", "message": "gru_forward"}}'
    )
    student = Student(begin(asked, Rules(), 0))
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
    missing = json.dumps({"error": {"kind": "missing", "message": "x" * 500}})
    asked = session(told(definitions), BEGUN, missing)
    student = Student(begin(asked, Rules(), 0))
    with pytest.raises(StudentError, match="is not defined in the notebook"):
        student.gru_forward()
    assert compared == [(80, 1000)]


def test_a_member_whose_name_is_very_long_is_noted_and_left(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("deep/" * 300 + "hw4_rnn.ipynb"))
        archive.addfile(tarfile.TarInfo("hw4_vit.ipynb"))
    found = load(path, "id", HW4)
    assert found.files == ["hw4_vit.ipynb"]
    (note,) = [note for note in found.notes if note.startswith("not read")]
    assert note.startswith("not read (its name is longer than 1,024 characters): 'deep/") and len(note) < MAX_NAME + 80


def test_a_member_without_a_name_costs_the_archive_nothing(tmp_path: Path) -> None:
    path = tmp_path / "2024-20001.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x", b"")
        archive.writestr("hw4_vit.ipynb", b"{}")
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    # The first entry of the list of files loses its name, of one byte.
    entry = content[directory : directory + 28] + struct.pack("<H", 0) + content[directory + 30 : directory + 46]
    end = content.index(b"PK\x05\x06")
    size = struct.unpack_from("<I", content, end + 12)[0] - 1
    shorter = content[end : end + 12] + struct.pack("<I", size) + content[end + 16 :]
    path.write_bytes(content[:directory] + entry + content[directory + 47 : end] + shorter)
    found = load(path, "id", HW4)
    assert (found.error, found.notebooks) == ("", {"hw4_vit.ipynb": b"{}"})
