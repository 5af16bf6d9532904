"""The relay between grader and container: its frames, its credit, and what it makes of a hostile container."""

import contextlib
import json
import os
import select
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import container_fake
import pytest
from sandbox_talk import soon, start

from autograder.sandbox import ChildEnded, Exit, SandboxUnavailable
from autograder.sandbox.container import outside
from autograder.sandbox.container.frames import (
    CREDIT,
    DATA,
    END,
    FRAME,
    LOG,
    MESSAGE,
    REPLIES,
    Frame,
    Frames,
    Malformed,
)
from autograder.sandbox.container.outside import checked
from autograder.sandbox.container.streams import OVERDRAFT, WINDOW, Inlet, Outlet
from autograder.sandbox.control import Closed

Pair = tuple[Frames, Frames]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two ends that talk to each other."""
    (to_there, from_here), (to_here, from_there) = os.pipe(), os.pipe()
    yield Frames(to_here, from_here), Frames(to_there, from_there)
    for descriptor in (to_there, from_here, to_here, from_there):
        with contextlib.suppress(OSError):  # a test may have done so
            os.close(descriptor)


def moved(sender: Frames, receiver: Frames) -> list[Frame]:
    """Everything that one end has queued, as it comes out at the other."""
    frames = []
    while True:
        sender.flush()
        new = receiver.take()
        frames += new
        if not new and sender.idle:
            return frames


def data_in(frames: list[Frame]) -> int:
    return sum(len(frame.payload) for frame in frames if frame.kind == DATA)


def grant(count: int) -> Frame:
    return Frame(CREDIT, LOG, struct.pack("!I", count))


# ---------------------------------------------------------------- frames


def test_frames_arrive_whole_and_in_order(pair: Pair) -> None:
    here, there = pair
    here.say({"fork": 1})
    here.put(DATA, REPLIES, bytes(FRAME))
    here.put(END, LOG)
    assert moved(here, there) == [
        Frame(MESSAGE, 0, b'{"fork": 1}'),
        Frame(DATA, REPLIES, bytes(FRAME)),
        Frame(END, LOG, b""),
    ]


@pytest.mark.parametrize("header", [(4, 0, 1), (MESSAGE, 3, 1), (DATA, REPLIES, FRAME + 1), (255, 255, 2**32 - 1)])
def test_what_is_no_frame_is_refused_before_it_is_read(pair: Pair, header: tuple[int, int, int]) -> None:
    here, there = pair
    os.write(there.writing, struct.pack("!BBI", *header))
    with pytest.raises(Malformed, match=f"{header[2]} bytes"):
        here.take()


def test_other_end_that_has_gone_is_noticed(pair: Pair) -> None:
    here, there = pair
    assert here.take() == []
    os.close(there.writing)
    with pytest.raises(Closed):
        here.take()
    os.close(there.reading)
    here.put(END)
    with pytest.raises(Closed):
        here.flush()


# ---------------------------------------------------------------- streams


def test_writer_waits_for_credit(pair: Pair) -> None:
    here, there = pair
    inlet = Inlet(here, LOG, os.open("/dev/zero", os.O_RDONLY))
    sent: list[Frame] = []
    for expected in (WINDOW, WINDOW // 2, WINDOW):
        while inlet.events is not None:
            inlet.serve(select.POLLIN)
            sent += moved(here, there)
        assert data_in(sent) == expected
        sent.clear()
        inlet.accept(Frame(CREDIT, LOG, b"no number"))
        assert inlet.events is None
        inlet.accept(grant(WINDOW // 2 if expected == WINDOW else 2**32 - 1))  # no more than a window at once
    inlet.close()


def test_what_nobody_keeps_is_read_and_dropped(pair: Pair) -> None:
    here, there = pair
    inlet = Inlet(here, LOG, os.open("/dev/zero", os.O_RDONLY), most=100_000)
    for _ in range(100):
        assert inlet.events == select.POLLIN
        inlet.serve(select.POLLIN)
    inlet.finish()
    assert data_in(moved(here, there)) == 100_000
    inlet.close()


def test_pipe_is_not_read_while_frames_pile_up(pair: Pair) -> None:
    here, there = pair
    inlet = Inlet(here, LOG, os.open("/dev/zero", os.O_RDONLY))
    while inlet.events is not None:
        inlet.serve(select.POLLIN)
    assert data_in(moved(here, there)) < WINDOW
    assert inlet.events == select.POLLIN
    inlet.close()


def test_rest_of_a_pipe_is_sent_without_credit_but_not_without_end(pair: Pair) -> None:
    here, there = pair
    inlet = Inlet(here, LOG, os.open("/dev/zero", os.O_RDONLY))
    inlet.finish()
    assert data_in(moved(here, there)) == OVERDRAFT
    inlet.close()


def test_stream_ends_where_its_pipe_does(pair: Pair) -> None:
    here, there = pair
    reader, writer = os.pipe()
    inlet = Inlet(here, LOG, reader)
    os.write(writer, b"last words")
    os.close(writer)
    inlet.finish()
    assert moved(here, there) == [Frame(DATA, LOG, b"last words"), Frame(END, LOG, b"")]
    assert not inlet.open


def test_credit_is_granted_for_what_reached_the_pipe(pair: Pair) -> None:
    here, there = pair
    reader, writer = os.pipe()
    outlet = Outlet(here, LOG, writer)
    for _ in range(WINDOW // FRAME):
        outlet.accept(Frame(DATA, LOG, bytes(FRAME)))
    assert moved(here, there) == []
    read = 0
    while not outlet.empty:
        read += len(os.read(reader, FRAME))
        outlet.serve(select.POLLOUT)
    granted = sum(struct.unpack("!I", frame.payload)[0] for frame in moved(here, there))
    assert read < WINDOW and WINDOW // 2 < granted <= WINDOW
    outlet.accept(Frame(END, LOG, b""))
    assert not outlet.open
    os.close(reader)


def test_stream_ends_after_its_last_byte(pair: Pair) -> None:
    reader, writer = os.pipe()
    outlet = Outlet(pair[0], LOG, writer)
    outlet.accept(Frame(DATA, LOG, bytes(FRAME)))
    outlet.accept(Frame(DATA, LOG, b"last words"))
    outlet.accept(Frame(END, LOG, b""))
    assert outlet.open
    assert os.read(reader, FRAME) == bytes(FRAME)
    outlet.serve(select.POLLOUT)
    assert os.read(reader, FRAME) == b"last words"
    assert os.read(reader, FRAME) == b""
    os.close(reader)


@pytest.mark.parametrize("writing", [True, False])
def test_reader_that_has_gone_is_told(pair: Pair, writing: bool) -> None:
    here, there = pair
    reader, writer = os.pipe()
    outlet = Outlet(here, LOG, writer)
    os.close(reader)
    if writing:
        outlet.accept(Frame(DATA, LOG, b"to nobody"))
    else:
        outlet.serve(select.POLLERR)
    assert moved(here, there) == [Frame(END, LOG, b"")]
    inlet = Inlet(here, LOG, os.open("/dev/zero", os.O_RDONLY))
    inlet.accept(Frame(END, LOG, b""))
    assert inlet.events is None


def test_more_than_the_credit_is_refused(pair: Pair) -> None:
    reader, writer = os.pipe()
    outlet = Outlet(pair[0], LOG, writer)
    with pytest.raises(Malformed, match="more than it may"):
        for _ in range((WINDOW + OVERDRAFT) // FRAME + 2):  # the pipe takes one of them
            outlet.accept(Frame(DATA, LOG, bytes(FRAME)))
    outlet.close()
    os.close(reader)


# ---------------------------------------------------------------- messages of the container

EXIT = asdict(Exit("signal", signal="SIGKILL", cpu_seconds=1.5))


def test_messages_are_built_anew() -> None:
    assert checked(b'{"tier": 1, "layers": ["limits"], "twin": 1}') == {"tier": 3, "layers": ["container", "limits"]}
    assert checked(json.dumps({"exit": EXIT, "last": False, "fork": 1}).encode()) == {"exit": EXIT, "last": False}
    assert len(checked(json.dumps({"error": "x" * 60000}).encode())["error"]) == 4096
    layers = checked(json.dumps({"tier": 1, "layers": ["x" * 1000] * 1000}).encode())["layers"]
    assert len(layers) == 9 and max(map(len, layers)) == 40


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff",
        b"5",
        b"null",
        b'"exit"',
        b"[" * 60000,
        b"{}",
        b'{"tier": 1}',
        b'{"tier": 1, "layers": 7}',
        b'{"tier": 1, "layers": {}}',
        b'{"exit": 5, "last": true}',
        b'{"exit": {"reason": "exited"}}',
        *(
            json.dumps({"exit": {**EXIT, **wrong}, "last": True}).encode()
            for wrong in (
                {"reason": "passed"},
                {"reason": ["exited"]},
                {"code": "0"},
                {"code": True},
                {"cpu_seconds": None},
                {"detail": {}},
                {"points": 60},
            )
        ),
        b'{"exit": {"reason": "exited", "code": ' + b"9" * 5000 + b'}, "last": true}',
    ],
)
def test_message_that_makes_no_sense_is_refused(payload: bytes) -> None:
    with pytest.raises(Malformed, match="makes no sense"):
        checked(payload)


HOSTILE = """
import json, os, struct, sys, time
def put(kind, stream, payload):
    data = struct.pack("!BBI", kind, stream, len(payload)) + payload
    while data:
        data = data[os.write(1, data):]
def say(**message):
    put(0, 0, json.dumps(message).encode())
EXIT = dict(reason="exited", code=0, signal="", cpu_seconds=0.0, peak_mib=0.0, detail="")
os.read(0, 65536)
say(tier=1, layers=["limits"])
"""


@pytest.mark.parametrize(
    ("deed", "complaint"),
    [
        ("os.write(1, bytes(range(256)) * 64)", "no frame"),
        ("say(tier=1, layers=['limits'])", "a message out of turn"),
        ("say(exit=EXIT, last=False); say(exit=EXIT, last=False)", "a message out of turn"),
        ("put(0, 0, b'[' * 60000)", "a message that makes no sense: RecursionError"),
        ("put(1, 1, bytes(65536))\n" * 64, "stream 1 brings more than it may"),
    ],
)
def test_hostile_container_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, complaint: str
) -> None:
    container_fake.install(tmp_path, monkeypatch)
    (tmp_path / "script").write_text(f"{HOSTILE}\nos.read(0, 65536)\nput(1, 1, bytes(65536))\n{deed}\ntime.sleep(600)")
    with start(2, container="docker") as sandbox:
        child = sandbox.fork()
        outside: Any = sandbox._warm
        outside._process.wait()
        outside._errors.seek(0)
        assert complaint in outside._errors.read().decode()
        with pytest.raises(ChildEnded) as caught:
            child.receive(1 << 20, soon())
        assert caught.value.exit.reason == "setup" or "exit=EXIT" in deed
        assert container_fake.calls(tmp_path, "rm")


def test_message_before_its_time_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container_fake.install(tmp_path, monkeypatch)
    (tmp_path / "script").write_text(HOSTILE.replace("say(tier", "say(exit=EXIT, last=False)\nsay(tier"))
    with pytest.raises(SandboxUnavailable, match="sent what it must not: a message out of turn"):
        start(2, container="docker")


def test_flood_of_the_runtime_s_complaints_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container_fake.install(tmp_path, monkeypatch)
    (tmp_path / "script").write_text("import sys\nsys.stderr.write('a mess\\n' * (1 << 20) + 'the reason\\n')")
    with pytest.raises(SandboxUnavailable, match="the reason$") as caught:
        start(2, container="docker")
    assert len(str(caught.value)) < 5000


# ---------------------------------------------------------------- the container's end


def test_container_that_does_not_end_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "_END_SECONDS", 2.0)
    container = subprocess.Popen(["/bin/sleep", "600"])
    outside.end(container, ["/bin/touch", str(tmp_path / "removed")])
    assert container.returncode == -9
    assert (tmp_path / "removed").exists()


def test_removal_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "_END_SECONDS", 0.2)
    container = subprocess.Popen(["/bin/sleep", "600"])
    outside.end(container, ["/bin/sleep", "600"])
    assert container.returncode == -9


def test_container_that_ended_well_is_not_removed(tmp_path: Path) -> None:
    outside.end(subprocess.Popen([sys.executable, "-c", ""]), ["/bin/touch", str(tmp_path / "removed")])
    assert not (tmp_path / "removed").exists()
