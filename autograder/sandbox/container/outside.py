"""The end of a relay beside the grader: it looks like a warm process, and passes everything to one in a container.

It is a process of its own, so that what comes out of the container is taken apart where no answer lies. Nothing that
comes is believed: lengths, kinds and amounts are capped, messages are built anew from what they may hold.
"""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
from dataclasses import asdict, fields
from typing import get_args

from autograder.sandbox.container.frames import LOG, MESSAGE, REPLIES, REQUESTS, Frame, Frames, Malformed
from autograder.sandbox.container.streams import Streams
from autograder.sandbox.control import Closed, Control, Message
from autograder.sandbox.limits import Exit, Reason

_END_SECONDS = 20.0  # for a container to end by itself, and again for it to be removed
_KEPT = 4096  # bytes, the last ones, of what the runtime writes to stderr


def main() -> None:
    """Run a container for the grader, at standard input; the arguments are its name and the command that runs it."""
    name, *command = sys.argv[2:]
    control = Control(socket.socket(fileno=os.dup(0)))
    pipe = subprocess.PIPE
    container = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    outside = Outside(control, container)
    try:
        outside.serve()
    except Malformed as error:
        print(f"the container sent what it must not: {error}", file=sys.stderr)
        container.kill()  # nor is it given time
    except Closed:
        pass
    finally:
        outside.close()
        control.close()
        end(container, [command[0], "rm", "--force", name])
        sys.stderr.write(outside.errors.decode(errors="replace"))


def end(container: subprocess.Popen[bytes], removal: list[str]) -> None:
    """Wait for a container whose standard input is closed; remove it unless it ends well."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        if container.wait(_END_SECONDS) == 0:
            return
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(removal, timeout=_END_SECONDS, check=False, capture_output=True)
    container.kill()
    container.wait()


class Outside:
    """Passes messages and pipes between the grader's connection and a container's standard input and output."""

    def __init__(self, control: Control, container: subprocess.Popen[bytes]) -> None:
        assert container.stdin and container.stdout and container.stderr
        self.errors = b""  # the last of what the runtime wrote
        self._control = control
        self._pipes = (container.stdin, container.stdout, container.stderr)
        self._frames = Frames(container.stdout.fileno(), container.stdin.fileno())
        self._errors = container.stderr.fileno()
        self._errors_open = True
        self._gone = False  # whether the container has hung up
        self._started = False  # whether the warm process has said that it is there
        self._streams: Streams | None = None  # of the child that lives, or whose end is not told yet
        self._report: Message | None = None  # how it ended
        self._hurry = False  # whether the grader waits for nothing else
        os.set_blocking(self._errors, False)

    def serve(self) -> None:
        """Go on until either side hangs up, which raises Closed (Malformed if the container must not go on)."""
        while True:
            poll = select.poll()
            if not self._gone:
                self._frames.register(poll)
            poll.register(self._control, select.POLLIN)
            if self._errors_open:
                poll.register(self._errors, select.POLLIN)
            if self._streams:
                self._streams.register(poll)
            ready = {} if self._control.pending else dict(poll.poll())
            if self._errors in ready:
                self._read_errors()
            if self._control.pending or self._control.fileno() in ready:
                self._ask(*self._control.next())
            if self._streams:
                self._streams.serve(ready)
            self._exchange(self._frames.reading in ready)
            self._tell_end()
            if self._gone and not self._report:
                raise Closed

    def close(self) -> None:
        """Close the container's standard input, which ends it, and the child's pipes."""
        with contextlib.suppress(OSError):
            self._read_errors()
        for pipe in self._pipes:
            with contextlib.suppress(OSError):
                pipe.close()
        if self._streams:
            self._streams.close()

    def _exchange(self, readable: bool) -> None:
        """Take and send frames; a container that has ended may have left something to be told."""
        try:
            for frame in self._frames.take() if readable else []:
                self._accept(frame)
            self._frames.flush()
        except Malformed:
            raise
        except Closed:
            self._gone = True

    def _ask(self, message: Message, descriptors: list[int]) -> None:
        if "fork" in message:
            requests, replies, log = descriptors
            self._streams = Streams(self._frames, {REQUESTS: requests}, {REPLIES: replies, LOG: log})
            self._hurry = False
        elif "kill" in message:
            self._hurry = True
        self._frames.say(message)

    def _accept(self, frame: Frame) -> None:
        if frame.kind != MESSAGE:
            if self._streams and not self._report:
                self._streams.accept(frame)
            return
        message = checked(frame.payload)
        if "exit" not in message and not self._started:
            self._started = True
            self._control.send(message)
        elif "exit" in message and self._streams and not self._report:
            self._report = message
            self._streams.inlets[REQUESTS].close()  # else the grader would wait for room in it
        else:
            raise Malformed("a message out of turn")

    def _tell_end(self) -> None:
        """Pass on how the child ended, once its replies are in the grader's pipe, and what that takes of its log."""
        if not (self._streams and self._report):
            return
        for outlet in self._streams.outlets.values():
            outlet.flush()
        if self._hurry or self._streams.outlets[REPLIES].empty:
            self._streams.close()
            self._streams = None
            self._control.send(self._report)
            self._report = None

    def _read_errors(self) -> None:
        """Keep the end of what the runtime has written to stderr."""
        try:
            data = os.read(self._errors, 1 << 16)
        except BlockingIOError:
            return
        self._errors_open = bool(data)
        self.errors = (self.errors + data)[-_KEPT:]


def checked(payload: bytes) -> Message:
    """A message from the container with nothing in it but what the grader expects; raises Malformed."""
    try:
        message = json.loads(payload)
        if "error" in message:
            return {"error": str(message["error"])[:_KEPT]}
        if "tier" in message:
            return {"tier": 3, "layers": ["container", *(str(layer)[:40] for layer in message["layers"][:8])]}
        return {"exit": asdict(_checked_exit(message["exit"])), "last": message["last"] is True}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed(f"a message that makes no sense: {type(error).__name__}") from None


def _checked_exit(values: Message) -> Exit:
    """Raises ValueError or TypeError for what is no Exit."""
    exit = Exit(**values)
    for field in fields(exit):
        value = getattr(exit, field.name)
        allowed = (int, float) if field.type is float else (field.type,)
        if field.name != "reason" and type(value) not in allowed:
            raise TypeError(field.name)
    if exit.reason not in get_args(Reason):
        raise ValueError(exit.reason)
    return exit
