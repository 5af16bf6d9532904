"""The warm process of a check: a fork of the command, made before the command has read anything of the course."""

import os

from autograder.marking.torch_import import import_torch
from autograder.sandbox.connection import ONE_THREAD
from autograder.sandbox.own_fork import OwnFork

WORKER = "autograder.worker.server"


def fork_with_torch() -> OwnFork:
    """Imports torch for this process and for a fork of it. Raises SandboxUnavailable."""
    os.environ |= ONE_THREAD
    return OwnFork([WORKER], import_torch)
