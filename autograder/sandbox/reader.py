"""A process that reads what strangers handed in: it holds no answer, is shut in where that works, and may be killed.

What reads files is our own code, and the files are not. So one process serves call after call, and only one that
exceeds a limit, or dies, is replaced. Its answers are JSON, and files that it wrote to a folder of its own.
"""

import contextlib
import errno
import json
import os
import pickle
import re
import select
import signal
import stat
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Self

from autograder.messages import say
from autograder.sandbox.connection import core_seconds, kept_environment, own_wait, start_command
from autograder.sandbox.temporary import make_folder, remove_folder

# What one call may take: of each time, a second more for so many bytes that it reads.
CPU_SECONDS = 10.0
WALL_SECONDS = 20.0  # without what the process and its caller wait for a core
BYTES_A_SECOND = 16 << 20
MEMORY_MIB = 1024
MAX_REPLY = 16 << 20  # bytes
TRIES = 2  # where no limit says why a process died
LENGTH = struct.Struct("<I")
_SLICE_SECONDS = 0.1
_CHUNK = 1 << 20


class ReaderEnded(Exception):
    """What was to be read is to blame that nothing came of it; the message says what it did."""


class _Died(Exception):
    """The process is gone, and no limit says why; `signal` ended it, 0 if none did."""

    def __init__(self, code: int) -> None:
        super().__init__(say("signal {number}", number=-code) if code < 0 else say("exit code {code}", code=code))
        self.signal = max(-code, 0)


class Reader:
    """One such process, started at the first call. Not thread-safe: see `Readers`.

    `readable` are the files and folders that it may read, beside the libraries; `preload` names modules to import
    before, since it can read none of ours later.
    """

    def __init__(self, readable: Sequence[Path], preload: Sequence[str] = ()) -> None:
        self._readable = [str(path.resolve()) for path in readable]
        self._preload = preload
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._schedule = -1
        self._spent = (0.0, 0.0)  # what `_on_core` said before the present call
        self._begun = 0.0
        self._more_seconds = 0.0

    def call(self, function: str, *arguments: object, size: int = 0) -> Any:
        """What "module:function" returns there, which reads `size` bytes or so.

        Raises ReaderEnded, OSError for what is wrong on this machine.
        """
        self._more_seconds = size // BYTES_A_SECOND
        for left in reversed(range(TRIES)):
            try:
                return self._call(function, arguments)
            except _Died as died:
                self.close()
                if left:
                    continue
                if died.signal == signal.SIGKILL:  # by the machine: what is read has nothing to do with it
                    raise OSError(errno.EIO, "the process that reads it was killed, and no limit says why") from None
                raise ReaderEnded(say("it ends the process that reads it ({how})", how=str(died))) from None
            except BaseException:
                self.close()
                raise

    def take(self, name: str, destination: Path) -> None:
        """Moves a file that the last call has written to another place. Raises OSError."""
        if self._folder is None or not re.fullmatch(r"\w[\w.]*", name):
            raise OSError(f"no file of the reader: {name!r}")
        (self._folder / name).replace(destination)
        if not stat.S_ISREG(destination.lstat().st_mode):  # here, where the reader can change it no more
            destination.unlink()
            raise OSError(f"no plain file of the reader: {name!r}")

    def close(self) -> None:
        """Ends the process; the next call starts another."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
        if self._schedule >= 0:
            os.close(self._schedule)
            self._schedule = -1
        if self._folder is not None:
            remove_folder(self._folder)
            self._folder = None

    def _call(self, function: str, arguments: Sequence[object]) -> Any:
        process = self._process or self._start()
        assert process.stdin is not None and process.stdout is not None
        self._spent, self._begun = self._on_core(), time.monotonic()
        self._send(process.stdin.fileno(), pickle.dumps((function, arguments)))
        reply = json.loads(self._receive(process.stdout.fileno()))
        if "memory" in reply:
            raise ReaderEnded(say("reading it takes more than {size:,} MiB of memory", size=MEMORY_MIB))
        if "error" in reply:
            number, text = reply["error"]
            raise OSError(number, text)
        return reply["result"]

    def _start(self) -> subprocess.Popen[bytes]:
        self._folder = make_folder()
        self._process = process = subprocess.Popen(
            start_command("autograder.sandbox.inside.reader"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env={**kept_environment(), "LANG": "C.UTF-8", "PYTHONUTF8": "1", "TMPDIR": str(self._folder)},
            start_new_session=True,  # Ctrl-C is for the grader alone
        )
        assert process.stdin is not None and process.stdout is not None
        for pipe in (process.stdin, process.stdout):
            os.set_blocking(pipe.fileno(), False)
        with contextlib.suppress(OSError):
            self._schedule = os.open(f"/proc/{process.pid}/schedstat", os.O_RDONLY)
        self._spent, self._begun = self._on_core(), time.monotonic()
        self._send(process.stdin.fileno(), pickle.dumps((self._readable, str(self._folder), MEMORY_MIB, self._preload)))
        return process

    def _send(self, descriptor: int, content: bytes) -> None:
        unsent = memoryview(LENGTH.pack(len(content)) + content)
        while unsent:
            self._wait(descriptor, select.POLLOUT)
            try:
                unsent = unsent[os.write(descriptor, unsent[:_CHUNK]) :]
            except BrokenPipeError:
                raise _Died(self._end()) from None

    def _receive(self, descriptor: int) -> bytes:
        (size,) = LENGTH.unpack(self._exactly(descriptor, LENGTH.size))
        if size > MAX_REPLY:
            raise ReaderEnded(say("what is in it takes more than {size} MiB to list", size=MAX_REPLY >> 20))
        return self._exactly(descriptor, size)

    def _exactly(self, descriptor: int, size: int) -> bytes:
        received = bytearray()
        while len(received) < size:
            self._wait(descriptor, select.POLLIN)
            piece = os.read(descriptor, min(size - len(received), _CHUNK))
            if not piece:
                raise _Died(self._end())
            received += piece
        return bytes(received)

    def _wait(self, descriptor: int, event: int) -> None:
        """Until `descriptor` is ready. Raises ReaderEnded once the call has taken more than it may."""
        poll = select.poll()
        poll.register(descriptor, event)
        while not poll.poll(_SLICE_SECONDS * 1000):
            ran, waited = (now - before for now, before in zip(self._on_core(), self._spent, strict=True))
            cpu_seconds, wall_seconds = (most + self._more_seconds for most in (CPU_SECONDS, WALL_SECONDS))
            if ran > cpu_seconds:
                too_long = say("reading it takes more than {seconds:g} seconds of processor time", seconds=cpu_seconds)
                raise ReaderEnded(too_long)
            if time.monotonic() - self._begun - waited > wall_seconds:
                raise ReaderEnded(say("reading it takes more than {seconds:g} seconds", seconds=wall_seconds))

    def _on_core(self) -> tuple[float, float]:
        """Seconds that the process spent on a core, and that it and this thread waited for one, as far as is known."""
        try:
            ran, waited = core_seconds(os.pread(self._schedule, 100, 0))
        except (OSError, ValueError):
            ran = waited = 0.0
        return ran, waited + own_wait()

    def _end(self) -> int:
        """How the process ended, as `subprocess` says it."""
        assert self._process is not None
        return self._process.wait()


class Readers:
    """Readers for several threads: each borrows one, and none is started while one is idle."""

    def __init__(self, readable: Sequence[Path], preload: Sequence[str]) -> None:
        self._readable = readable
        self._preload = preload
        self._idle: SimpleQueue[Reader] = SimpleQueue()

    @contextlib.contextmanager
    def borrow(self) -> Iterator[Reader]:
        """A reader until the block's end."""
        try:
            reader = self._idle.get_nowait()
        except Empty:
            reader = Reader(self._readable, self._preload)
        try:
            yield reader
        finally:
            self._idle.put(reader)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Empty):
            while True:
                self._idle.get_nowait().close()
