"""How the console script starts and ends: what takes longest begins first, and what ends anyway is not taken down."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.sandbox.connection import WarmProcess

_CLUSTERS = ("--scheduler", "--local-cluster", "--slurm")  # whose machines have warm processes of their own


def main() -> None:
    """Runs the command of this process's arguments, and ends the process."""
    try:
        with _warm_process_for(sys.argv[1:]) as begun:
            from autograder.cli.app import app  # while that process imports what it needs

            app(obj=begun)
    except SystemExit as end:
        _end_at_once(end.code)
        raise


@contextmanager
def _warm_process_for(words: Sequence[str]) -> Iterator["WarmProcess | None"]:
    """For the check of a file and for a new class the warm process; nothing for another command."""
    checks = _checks_a_file(words)
    if not checks and not _grades_a_new_class(words):
        yield None
        return
    from autograder.sandbox.connection import SandboxUnavailable, WarmProcess, require_forks
    from autograder.selfcheck.warm_fork import WORKER, fork_with_torch

    with ExitStack() as at_end:
        begun = None
        with suppress(SandboxUnavailable):  # which the command says, when it tries again
            require_forks()
            begun = fork_with_torch() if checks else WarmProcess(["torch", WORKER])
            at_end.callback(begun.close)
        yield begun


def _checks_a_file(words: Sequence[str]) -> bool:
    return words[:1] == ["check"] and "--help" not in words and any(Path(word).is_file() for word in words[1:])


def _grades_a_new_class(words: Sequence[str]) -> bool:
    """Whether `--out` names a folder that holds nothing yet: then there is something to mark, and on this machine."""
    if words[:1] != ["grade"] or "--help" in words or any(word.startswith(_CLUSTERS) for word in words):
        return False
    out = [word.partition("=")[2] or following for word, following in pairwise([*words, ""]) if _is_out(word)]
    return bool(out and out[-1]) and not any(Path(out[-1]).glob("*"))


def _is_out(word: str) -> bool:
    return word.partition("=")[0] == "--out"


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
