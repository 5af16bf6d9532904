"""A warm process that is a fork of the grader's own: for the check of one notebook, which imports torch once."""

import importlib
import json
import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.sandbox.connection import INSIDE, WarmProcess, require_forks
from autograder.sandbox.temporary import temporary_folder

_TIERS = "autograder.sandbox.inside.tiers"


class _Search:
    """Looks for what keeps layers from holding here, in a small fork of this process, which goes on meanwhile."""

    def __init__(self) -> None:
        self._answer, answer = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                with temporary_folder() as folder:
                    found = importlib.import_module(_TIERS).find_obstacles(str(folder.resolve()))
                os.write(answer, json.dumps(found).encode())
            finally:  # without an answer, the large fork looks itself
                os._exit(0)
        os.close(answer)

    def obstacles(self) -> dict[str, str] | None:
        """What was found, by layer; None if the fork has failed. Waits for its end."""
        with os.fdopen(self._answer, "rb") as pipe:
            content = pipe.read()
        os.waitpid(self._pid, 0)
        found: dict[str, str] | None = json.loads(content) if content else None
        return found


class OwnFork(WarmProcess):
    """A warm process that is a fork of this one and has what this one has imported: so that is imported once.

    Only for a process that has read nothing which student code must not see, and that runs one thread. `grow` is called
    before the fork, to import what both need: which layers hold here is tried meanwhile, while forks are cheap.
    """

    def __init__(self, imports: Sequence[str] = (), grow: Callable[[], object] | None = None) -> None:
        require_forks()
        self._obstacles: dict[str, str] | None = None
        if grow:
            search = _Search()
            grow()
            self._obstacles = search.obstacles()
        super().__init__(imports)

    def _start(self, control: int) -> None:
        self._fork = multiprocessing.get_context("fork").Process(target=self._live, args=(control,))
        self._fork.start()

    def _live(self, control: int) -> None:
        """The fork: becomes what the command would have started."""
        os.setsid()
        with Path(os.devnull).open("wb") as null:
            for source, target in ((control, 0), (null.fileno(), 1), (self._errors.fileno(), 2)):
                os.dup2(source, target)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # in a test they stand for other descriptors
        os.chdir("/")
        os.environ.clear()
        os.environ.update(self._environment)
        for module in self._imports:
            importlib.import_module(module)
        importlib.import_module(INSIDE).main(obstacles=self._obstacles)

    def stop(self) -> None:
        """End the process at once, from any thread."""
        self._fork.kill()

    def _has_ended(self, seconds: float | None) -> bool:
        self._fork.join(seconds)
        return self._fork.exitcode is not None
