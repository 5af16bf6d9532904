"""In the student's process: the folders and programs of Colab that a sandbox lacks.

A path that the sandbox refuses, such as `/content/drive/MyDrive/log.txt` or `/tmp/last.pt`, leads to its twin, the same
path below the scratch folder, as soon as something is made there. A program that tells about the machine, such as
`nvidia-smi`, ends at once and says nothing. None of this widens what the process may do.
"""

import builtins
import functools
import io
import os
import re
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

# Folders of the system, and of no notebook.
_SYSTEM = frozenset({"bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "proc", "run", "sbin", "sys", "usr"})
# Programs that tell about the machine.
_TELLING = re.compile("date|df|free|git|hostname|ls|lscpu|nproc|nvcc|nvidia-smi|pip|ps|pwd|top|uname|uptime|which")
_LOOKING = ("stat", "lstat", "listdir", "scandir", "access", "remove", "unlink", "rmdir")
_CHANGING = ("chmod", "utime")  # a sandbox may say yes to these, whatever the path
_MOVING = ("rename", "replace", "link", "symlink")  # these take two paths


class _Twins:
    """Knows the twin of a path in the folder `scratch`, by the functions of `os` as they were."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch
        self._there = os.path.lexists
        self._make = os.makedirs

    def of(self, path: Any) -> str:
        """The twin of an absolute path; "" for one of the system or in scratch, and for what is no path."""
        if not isinstance(path, (str, bytes, os.PathLike)):
            return ""
        text = os.path.normpath(os.fsdecode(path))
        first = text.strip("/").split("/")[0]
        inside = f"{text}/".startswith(f"{self._scratch}/")
        return "" if not text.startswith("/") or inside or first in _SYSTEM else f"{self._scratch}{text}"

    def used(self, path: Any) -> Any:
        """The twin of a path if that is there, else the path."""
        twin = self.of(path)
        return twin if twin and self._there(twin) else path

    def made(self, path: Any) -> Any:
        """The twin of a path, whose folder is made; for a path without one, the path."""
        twin = self.of(path)
        if twin:
            self._make(os.path.dirname(twin), exist_ok=True)  # noqa: PTH120
        return twin or path

    def falling_back(
        self, function: Callable[..., Any], makes: Callable[..., bool] = lambda *_, **__: True, paths: int = 1
    ) -> Callable[..., Any]:
        """The function, on the twins of its first arguments where these are there, or where it may not make them."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            given, others = args[:paths], args[paths:]
            if not any(map(self.of, given)):
                return function(*args, **kwargs)
            try:
                return function(*map(self.used, given), *others, **kwargs)
            except OSError:  # no such folder, none that may be written, one on a disk that is for reading alone
                if not makes(*others, **kwargs):
                    raise
            return function(*map(self.made, given), *others, **kwargs)

        return call


def keep_files_in_scratch() -> None:
    """Makes the functions that take a path fall back on twins in the working folder."""
    twins = _Twins(Path.cwd())
    fall_back = twins.falling_back
    make_folder = os.makedirs
    builtins.open = io.open = fall_back(builtins.open, lambda mode="r", *_, **__: not {*mode}.isdisjoint("wax+"))
    os.open = fall_back(os.open, lambda flags=0, *_, **__: bool(flags & os.O_CREAT))
    for name in _LOOKING:
        setattr(os, name, fall_back(getattr(os, name), lambda *_, **__: False))
    for name in _CHANGING:
        setattr(os, name, fall_back(_of_what_is_there(getattr(os, name)), lambda *_, **__: False))
    for name in _MOVING:
        setattr(os, name, fall_back(getattr(os, name), paths=2))
    os.mkdir = fall_back(os.mkdir)
    change_folder = os.chdir

    def enter(path: Any) -> None:
        if twin := twins.of(path):
            make_folder(twin, exist_ok=True)
        change_folder(twin or path)

    os.chdir = enter
    with suppress(AttributeError, KeyError):  # NumPy keeps the function that it opens files with
        np.lib._datasource._file_openers._file_openers[None] = io.open  # type: ignore[attr-defined]
    save, load = torch.save, torch.load

    def save_by_python(obj: object, f: Any, *args: Any, **kwargs: Any) -> None:
        if not twins.of(f):
            return save(obj, f, *args, **kwargs)
        with Path(f).open("wb") as file:  # torch itself opens files beside Python
            return save(obj, file, *args, **kwargs)

    torch.save = save_by_python
    torch.load = lambda f, *args, **kwargs: load(twins.used(f), *args, **kwargs)


def _of_what_is_there(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function of a path, which raises FileNotFoundError where nothing is."""
    look = os.stat

    @functools.wraps(function)
    def call(path: Any, *args: Any, **kwargs: Any) -> Any:
        look(path)
        return function(path, *args, **kwargs)

    return call


class _Finished:
    """A program that is not started: it has ended well and said nothing."""

    pid, returncode = 0, 0

    def __init__(self, args: Any = (), *_: object, text: Any = None, **options: object) -> None:
        says_text = text or options.get("universal_newlines") or options.get("encoding")
        self.args = args
        self._nothing: Any = "" if says_text else b""
        self.stdin = io.StringIO() if says_text else io.BytesIO()
        self.stdout = self.stderr = io.StringIO() if says_text else io.BytesIO()

    def __enter__(self) -> "_Finished":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def communicate(self, *_: object, **__: object) -> tuple[Any, Any]:
        """Nothing on either stream."""
        return self._nothing, self._nothing

    def poll(self, *_: object, **__: object) -> int:
        """It has ended well."""
        return 0

    wait = poll
    kill = terminate = send_signal = poll


def stand_in_for_programs() -> None:
    """Makes starting a program that tells about the machine, and may not be started, look as if it had ended."""
    start: Any = subprocess.Popen

    class Program(start):  # type: ignore[misc]  # a class that is known at run time
        def __new__(cls, *args: Any, **kwargs: Any) -> Any:
            try:
                return start(*args, **kwargs)
            except OSError:
                command = args[0] if args else kwargs.get("args", "")
                words = command.split() if isinstance(command, str) else [*map(str, command)]
                if not words or not _TELLING.fullmatch(words[0]):
                    raise
                return _Finished(*args, **kwargs)

        def __init__(self, *_: object, **__: object) -> None:
            """It has been started already."""

    subprocess.Popen = Program  # type: ignore[misc]
