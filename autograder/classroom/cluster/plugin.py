"""The part of a run that lives in a Dask worker: a plugin that holds its judge, and the tasks that use it.

Tasks run in threads of a process that may be daemonic: they start programs, and set no signal handlers. The worker
itself imports neither torch nor a check, and cannot read what it hands on.
"""

import contextlib
import os
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distributed import Worker, WorkerPlugin, get_worker

from autograder.classroom.cluster import wire
from autograder.sandbox.connection import ONE_THREAD, start_command

_END_SECONDS = 10.0


class JudgeEnded(Exception):
    """The judge of a worker is gone; the message has its last words."""


class NoJudge(Exception):
    """A worker was given no judge for this run, or has lost it: another one may have come to its address."""


@dataclass(frozen=True)
class Start:
    """What a judge is started with: settings, the key of the run, the course's files, secret cases, any test sets."""

    settings: dict[str, Any]
    key: bytes = field(repr=False)
    blobs: tuple[bytes, ...] = field(repr=False)

    def to_bytes(self, protect: Path) -> bytes:
        """What is written to a judge; student code must not read the folder `protect`."""
        return wire.to_bytes({**self.settings, "protect": str(protect)}, [self.key, *self.blobs])


class JudgePlugin(WorkerPlugin):
    """Holds the judge of a worker, for as long as the cluster holds the value of the task `key`.

    A grader that ends or dies lets go of it. Student code must not read `folder`.
    """

    def __init__(self, name: str, key: Any, start: Start, folder: Path) -> None:
        self._name, self._key = name, key
        self._start = start.to_bytes(folder)
        self._longest = start.settings["longest"]
        self._busy = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._report = b""

    def setup(self, worker: Worker) -> None:
        """Remembers whose judge it is."""
        self._worker = worker

    def transition(self, key: Any, start: Any, finish: Any, **_: Any) -> None:  # noqa: ARG002  # Dask gives all four by name
        """Ends the judge once nobody holds its task's value any more."""
        if key == self._key and finish in ("released", "forgotten"):
            self._key = None
            self._worker.loop.add_callback(self._worker.plugin_remove, name=self._name)

    def teardown(self, worker: Any) -> None:  # noqa: ARG002  # Dask gives it by name
        """Ends the judge."""
        if self._process:
            self._process.kill()
            self._process.wait(_END_SECONDS)

    def open(self) -> bytes:
        """Starts the judge unless it runs; its report, sealed. Raises JudgeEnded."""
        with self._busy:
            self._ready()
        return self._report

    def answer(self, order: bytes) -> bytes:
        """What the judge answers to an order; both are sealed. A judge that has ended is started anew first.

        Raises JudgeEnded.
        """
        with self._busy:
            self._ready()
            return self._exchange(order)

    def _ready(self) -> None:
        if self._process and self._process.poll() is None:
            return
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the judge
        self._process = subprocess.Popen(
            start_command("autograder.classroom.cluster.judge"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=os.environ | ONE_THREAD,
            start_new_session=True,  # Ctrl-C is for the grader alone
        )
        self._report = self._exchange(self._start)

    def _exchange(self, message: bytes) -> bytes:
        """What the judge replies; one that takes too long is ended."""
        process = self._process
        assert process and process.stdin and process.stdout
        watch = threading.Timer(self._longest, process.kill)
        watch.start()
        try:
            with contextlib.suppress(BrokenPipeError):
                wire.send(process.stdin, message)
                if reply := wire.receive(process.stdout):
                    return reply
        finally:
            watch.cancel()
        process.kill()
        code = process.wait()
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").splitlines()[-3:]
        raise JudgeEnded("\n".join([f"its judge ended (exit code {code})", *words]))


def install(name: str, start: Start) -> bytes:
    """A task: gives the worker it runs on a judge, under the name of a run; its report, sealed.

    Raises JudgeEnded.
    """
    worker = get_worker()
    if name not in worker.plugins:
        # The folder that Dask spills to lies beside those of its other workers.
        folder = Path(worker.local_directory).resolve().parent
        plugin, added = JudgePlugin(name, worker.get_current_task(), start, folder), threading.Event()

        async def add() -> None:
            await worker.plugin_add(plugin, name=name)
            added.set()

        worker.loop.add_callback(add)
        added.wait()
    return _plugin_of(worker, name).open()


def mark(name: str, order: bytes) -> bytes:
    """A task: what the worker's judge answers to an order. Raises NoJudge, JudgeEnded."""
    return _plugin_of(get_worker(), name).answer(order)


def _plugin_of(worker: Worker, name: str) -> JudgePlugin:
    plugin = worker.plugins.get(name)
    if not isinstance(plugin, JudgePlugin):
        raise NoJudge(f"worker {worker.address} has no judge of this run")
    return plugin
