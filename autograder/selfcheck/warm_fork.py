"""The warm process of a check: a fork of the command, made before the command has read anything of the course."""

import gc
import os

from autograder.sandbox.connection import ONE_THREAD
from autograder.sandbox.own_fork import OwnFork

_WORKER = "autograder.worker.server"


def fork_with_torch() -> OwnFork:
    """Imports torch for this process and for a fork of it. Raises SandboxUnavailable."""
    return OwnFork([_WORKER], _import_torch)


def _import_torch() -> None:
    """The collector of garbage would walk through all that is there again and again, a seventh of the time in vain."""
    os.environ |= ONE_THREAD
    gc.disable()
    import torch  # noqa: F401

    gc.freeze()
    gc.enable()
