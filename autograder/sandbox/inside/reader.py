"""Inside the process of `sandbox.reader`: shuts itself in, then calls one function after the other."""

import contextlib
import errno
import json
import os
import pickle
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox.inside.warm import load
from autograder.sandbox.paths import DEVICES, library_paths, real_paths
from autograder.sandbox.reader import LENGTH

if sys.platform == "linux":
    from autograder.sandbox.layers import kernel, landlock, seccomp

_LONGEST_SECONDS = 600  # of a call, if the grader has gone; while it is there, it watches


def main() -> None:
    """Answers until the grader closes the connection."""
    requests, replies = os.dup(0), os.dup(1)
    with Path(os.devnull).open("r+b") as null:
        for descriptor in (0, 1):
            os.dup2(null.fileno(), descriptor)
    readable, folder, mib, preload = pickle.loads(_receive(requests))
    for name in preload:
        load(name)
    tempfile.tempdir = folder
    _shut_in(readable, folder, mib)
    while content := _receive(requests):
        _empty(Path(folder))
        with contextlib.suppress(OSError):  # a filter may refuse it
            signal.alarm(_LONGEST_SECONDS)
        reply = json.dumps(_answer(*pickle.loads(content))).encode()
        _send(replies, LENGTH.pack(len(reply)) + reply)


def _answer(function: str, arguments: Sequence[Any]) -> dict[str, Any]:
    try:
        return {"result": load(function)(*arguments)}
    except OSError as error:
        return {"error": [error.errno or errno.EIO, error.strerror or str(error)]}
    except MemoryError:
        return {"memory": True}
    except Exception as error:
        return {"error": [errno.EIO, f"{type(error).__name__}: {error}"[:300]]}


def _shut_in(readable: Sequence[str], folder: str, mib: int) -> None:
    """As far as this machine can: the files of one class alone, no network, no programs, so much memory."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (mib << 20, mib << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        kernel.forbid_new_privileges()
        landlock.restrict([*library_paths(), *real_paths(readable)], [str(Path(folder).resolve())], DEVICES)
    with contextlib.suppress(OSError):
        seccomp.restrict()


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _receive(descriptor: int) -> bytes:
    """The next message, none at the end."""
    head = _exactly(descriptor, LENGTH.size)
    return _exactly(descriptor, LENGTH.unpack(head)[0]) if head else b""


def _exactly(descriptor: int, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        piece = os.read(descriptor, size - len(received))
        if not piece:
            return b""
        received += piece
    return bytes(received)


def _send(descriptor: int, content: bytes) -> None:
    unsent = memoryview(content)
    while unsent:
        unsent = unsent[os.write(descriptor, unsent) :]
