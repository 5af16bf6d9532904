"""How the console script starts and ends: what takes longest begins first, and what ends anyway is not taken down."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.sandbox.own_fork import OwnFork


def main() -> None:
    """Runs the command of this process's arguments, and ends the process."""
    try:
        with _fork_for(sys.argv[1:]) as own_fork:
            from autograder.cli.app import app  # while the fork imports what it needs

            app(obj=own_fork)
    except SystemExit as end:
        _end_at_once(end.code)
        raise


@contextmanager
def _fork_for(words: Sequence[str]) -> Iterator["OwnFork | None"]:
    """For the check of a file, torch and the fork that becomes its warm process; nothing for another command."""
    if not _checks_a_file(words):
        yield None
        return
    from autograder.sandbox.connection import SandboxUnavailable
    from autograder.selfcheck.warm_fork import fork_with_torch

    with ExitStack() as at_end:
        own_fork = None
        with suppress(SandboxUnavailable):  # which the check says, when it tries again
            own_fork = fork_with_torch()
            at_end.callback(own_fork.close)
        yield own_fork


def _checks_a_file(words: Sequence[str]) -> bool:
    return words[:1] == ["check"] and "--help" not in words and any(Path(word).is_file() for word in words[1:])


def _end_at_once(code: object) -> None:
    """Ends the process where torch was imported: Python needs a quarter of the import's time to take it down.

    Does nothing if there is a message to print, or if what was printed cannot be written.
    """
    if "torch" not in sys.modules or not isinstance(code, int | None):
        return
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        return
    os._exit(code or 0)
