"""The end of a relay in the container: start the warm process there, and carry on its conversation with the grader.

`connection` describes the warm process, which is the same inside as outside. The relay is not what children are forked
from, so what it reads of one student never lies in the memory of the next.
"""

import contextlib
import json
import os
import select
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from autograder.sandbox.connection import SandboxUnavailable, WarmProcess
from autograder.sandbox.container.frames import LOG, MESSAGE, REPLIES, REQUESTS, Frame, Frames
from autograder.sandbox.container.streams import Streams
from autograder.sandbox.control import Closed, Message
from autograder.sandbox.limits import Exit, Limits
from autograder.sandbox.paths import inside

if sys.platform == "linux":
    from autograder.sandbox.layers import kernel


def main() -> None:
    """Serve the grader over standard input and output until it hangs up."""
    if sys.platform == "linux":
        kernel.close_memory()  # children run as the same user
    frames = Frames(os.dup(0), os.dup(1))
    with Path(os.devnull).open() as null:
        os.dup2(null.fileno(), 0)
    os.dup2(2, 1)  # only frames may go where frames go
    with contextlib.suppress(Closed):
        try:
            config = json.loads(_first(frames).payload)
            with contextlib.closing(WarmProcess(config)) as warm:
                check_hidden(config, warm.layers)
                frames.say({"tier": warm.tier, "layers": warm.layers})
                Inside(frames, warm).serve()
        except SandboxUnavailable as error:
            frames.say({"error": str(error)[:4000]})
            _write_out(frames)


def check_hidden(config: Message, layers: Sequence[str]) -> None:
    """Raises SandboxUnavailable if the container shows a protected folder. Landlock, where it holds, was tried already.

    What is left of such a folder may be the way to one that was mounted.
    """
    mounted = [*config["read"], *config["import_path"]]
    for path in () if "landlock" in layers else config["protect"]:
        if Path(path).exists() and not any(inside(other, path) and other != path for other in mounted):
            raise SandboxUnavailable(f"{path} can be read in the container")


class Inside:
    """Serves the grader, whose frames are trusted, with one warm process."""

    def __init__(self, frames: Frames, warm: WarmProcess) -> None:
        self._frames = frames
        self._warm = warm
        # Children run as the user of the warm process: all that one may have left there ends with the container.
        self._once = not {"landlock", "seccomp"} <= set(warm.layers)
        self._ended = False
        self._number = 0
        self._streams: Streams | None = None  # of the child that lives

    def serve(self) -> None:
        """Go on until there can be no further child; raises Closed when the grader has gone."""
        while not self._ended:
            poll = select.poll()
            self._frames.register(poll)
            poll.register(self._warm, select.POLLIN)
            if self._streams:
                self._streams.register(poll)
            ready = dict(poll.poll())
            if self._streams:
                self._streams.serve(ready)
            if self._warm.fileno() in ready and (exit := self._warm.report(0.0)):
                self._end(exit)
            if self._frames.reading in ready:
                for frame in self._frames.take():
                    self._accept(frame)
            self._frames.flush()
        _write_out(self._frames)

    def _accept(self, frame: Frame) -> None:
        if frame.kind != MESSAGE:
            if self._streams:  # what comes for a child that has ended is late
                self._streams.accept(frame)
            return
        message = json.loads(frame.payload)
        if "fork" in message:
            self._fork(Limits(**message["limits"]))
        elif "kill" in message and self._streams:
            self._end(self._warm.kill(self._number))

    def _fork(self, limits: Limits) -> None:
        (requests, to_child), (from_child, replies), (log_from_child, log) = os.pipe(), os.pipe(), os.pipe()
        log_bytes = limits.log_kib << 10  # more is not kept, so it need not travel: a child may print without end
        inlets = {REPLIES: from_child, LOG: log_from_child}
        self._streams = Streams(self._frames, inlets, {REQUESTS: to_child}, log_bytes)
        try:
            self._number = self._warm.fork(limits, [requests, replies, log])
        finally:
            for descriptor in (requests, replies, log):
                os.close(descriptor)

    def _end(self, exit: Exit) -> None:
        """Tell the grader how the child ended, after all that it wrote."""
        self._ended = self._once or self._warm.fileno() < 0
        if not self._streams:
            return
        self._streams.finish()
        self._streams.close()
        self._streams = None
        self._frames.say({"exit": asdict(exit), "last": self._ended})


def _first(frames: Frames) -> Frame:
    while True:
        poll = select.poll()
        frames.register(poll)
        poll.poll()
        for frame in frames.take():
            return frame


def _write_out(frames: Frames) -> None:
    """Write all that is queued; raises Closed."""
    while not frames.idle:
        poll = select.poll()
        poll.register(frames.writing, select.POLLOUT)
        poll.poll()
        frames.flush()
