"""A student's process that is this one: a session's requests are answered on the spot, by the worker's own code."""

import io
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.notebook.claims.model import SavedOutputs
from autograder.notebook.execution import EVERYTHING
from autograder.notebook.notebook import Notebook
from autograder.notebook.outline import Outline
from autograder.protocol import frames
from autograder.sandbox import ChildTimeout, Exit
from autograder.selfcheck.live.namespace import KernelNamespace
from autograder.selfcheck.live.switches import Switches, entered_modes
from autograder.worker.server import Reply, Worker

_AGAIN_SECONDS = 0.1  # a loop may catch what ends it
_MUCH_TEXT = 256 << 10  # characters, as much as a sandbox keeps


class TimeOver(BaseException):
    """The time of a check is over."""


class KernelWorker(Worker):
    """Answers from definitions that a kernel has run.

    `saved` is what its notebook's file shows, `attributes` what code uses that may not have run yet, by class.

    Made in an `untouched` block, since it watches every layer and every backward of the process.
    """

    def __init__(
        self,
        notebook: Notebook,
        kernel: Mapping[str, Any],
        saved: SavedOutputs,
        attributes: Mapping[str, Sequence[str]],
    ) -> None:
        super().__init__()
        self._defined = notebook
        self._kernel = kernel
        self._saved = saved
        self._attributes = attributes
        self.recorder.watch()

    def take_in(self, filename: str, _: bytes) -> None:
        """Takes the definitions in the place of a file; the kernel has run them in the order that is true."""
        self.filename, self.notebook = filename, self._defined

    def read_notebook(self, request: dict[str, Any], content: bytes) -> Reply:
        """Tells the outline of the definitions, with what the file alone shows."""
        self.take_in(request["filename"], content)
        outline = Outline.of(self.notebook)
        names = {**outline.attributes, **self._attributes} if self._attributes else {}
        attributes = {name: [*outline.attributes.get(name, ()), *self._attributes.get(name, ())] for name in names}
        outline = replace(outline, saved=self._saved, attributes=attributes, order_sensitive=(), impure=(EVERYTHING,))
        return outline.to_wire(), {}

    def _fresh_namespace(self) -> KernelNamespace:
        return KernelNamespace(self.notebook, self.given, self.filename, self._kernel)


class KernelChild:
    """A child as a session knows it. What its code prints is counted and dropped.

    What its code switches in torch holds for it alone, and not for the checks that run in the same process.
    """

    def __init__(self, worker: KernelWorker) -> None:
        self._worker = worker
        self._replies = bytearray()
        self._switches, self._modes = Switches.now(), entered_modes()

    def send(self, data: bytes, deadline: float) -> None:
        """Answers a request. Raises ChildTimeout after the deadline, KeyboardInterrupt if the student wants it."""
        header, body = data[: frames.REQUEST_HEADER.size], data[frames.REQUEST_HEADER.size :]
        operation, text, _ = frames.REQUEST_HEADER.unpack(header)
        printed = _Printed()
        with redirect_stdout(printed), redirect_stderr(printed), self._own_switches(), _ending(deadline) as ended:
            reply = self._worker.answer(operation, body[:text], body[text:])
        if KeyboardInterrupt in ended:
            raise KeyboardInterrupt
        if TimeOver in ended:
            raise ChildTimeout(0.0, printed.size >= _MUCH_TEXT)
        self._replies += frames.pack(*reply)

    @contextmanager
    def _own_switches(self) -> Iterator[None]:
        ours = Switches.now()
        self._switches.put(self._modes)
        try:
            yield
        finally:
            self._switches = Switches.now()
            ours.put(self._modes)

    def receive(self, size: int, _: float) -> bytes:
        """The next bytes of the answer."""
        data = bytes(self._replies[:size])
        del self._replies[:size]
        return data

    def kill(self) -> Exit:
        """Nothing is to be ended."""
        return Exit("killed")


class _Printed(io.TextIOBase):
    """Counts the characters that are written."""

    size = 0

    def write(self, text: str) -> int:
        """Takes text of any length."""
        self.size += len(text)
        return len(text)


@contextmanager
def _ending(deadline: float) -> Iterator[list[type[BaseException]]]:
    """Raises TimeOver in the block at a time of time.monotonic(), and KeyboardInterrupt when the student stops it.

    Yields a list of what was raised, since the code that runs in the block may catch it. Only the main thread can be
    ended so; in any other, a block takes as long as it takes. What it waits for a core does not count.
    """
    raised: list[type[BaseException]] = []
    if threading.current_thread() is not threading.main_thread():
        yield raised
        return

    waited_before = _waited_for_a_core()

    def end(number: int, _: object) -> None:
        if number == signal.SIGALRM and time.monotonic() < deadline + _waited_for_a_core() - waited_before:
            return
        raised.append(KeyboardInterrupt if number == signal.SIGINT else TimeOver)
        if is_running:
            raise raised[-1]

    is_running = True
    before = {number: signal.signal(number, end) for number in (signal.SIGALRM, signal.SIGINT)}
    timer = signal.setitimer(signal.ITIMER_REAL, max(deadline - time.monotonic(), _AGAIN_SECONDS), _AGAIN_SECONDS)
    try:
        yield raised
    except (TimeOver, KeyboardInterrupt):
        pass  # struck on the way out of the block
    finally:
        is_running = False
        signal.setitimer(signal.ITIMER_REAL, *timer)
        for number, handler in before.items():
            signal.signal(number, handler)


def _waited_for_a_core() -> float:
    """Seconds in which this thread could have run and had no core; 0 where the system does not tell."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9
    except OSError:
        return 0.0
