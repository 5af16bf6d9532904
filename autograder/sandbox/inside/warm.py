"""The warm process: imports everything once, then forks one locked-down child after another.

`connection` starts it as `python -s -P -c ...` with the control connection as standard input. It never holds an
expected value, and no byte that a child sends passes through it.
"""

import contextlib
import gc
import importlib
import io
import os
import resource
import socket
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox.control import Closed, Control
from autograder.sandbox.inside.forks import Forks
from autograder.sandbox.inside.probe import Unavailable, enter_namespaces
from autograder.sandbox.inside.tiers import choose_lockdown, find_obstacles
from autograder.sandbox.packages import import_modules, import_package
from autograder.sandbox.paths import import_from_real_folders, keep_importable

if sys.platform == "linux":
    from autograder.sandbox.layers import kernel

_OPEN_FILES = 1024  # a bound, so that a child can close every descriptor there may be


def main(*imports: str, obstacles: Mapping[str, str] | None = None) -> None:
    """Answer the grader until it closes the connection.

    `imports` are modules to import before the grader says what to prepare, `obstacles` what `find_obstacles` found, if
    it has.
    """
    control = Control(socket.socket(fileno=os.dup(0)))
    with Path(os.devnull).open() as null:
        os.dup2(null.fileno(), 0)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(_OPEN_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # what a child printed before it was killed is worth reading
    sys.argv = sys.orig_argv = [sys.executable]
    with contextlib.suppress(Closed):
        try:
            forks = _prepare(control, imports, obstacles)
        except Unavailable as error:
            control.send({"error": str(error)})
        except Exception as error:
            traceback.print_exc()
            control.send({"error": f"the warm process could not start: {type(error).__name__}: {error}"})
        else:
            forks.serve()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # the grader waits for the end, and taking torch down in order takes as long as a question


def _prepare(control: Control, early: Sequence[str], obstacles: Mapping[str, str] | None) -> Forks:
    """Import what children need, find out which layers hold, and tell the grader."""
    gc.disable()  # the collector would walk through all that is imported again and again
    if early:
        obstacles = find_obstacles(tempfile.gettempdir())
    for name in early:
        load(name)
    config = control.next()[0]
    import_from_real_folders()
    if obstacles is None:
        obstacles = find_obstacles(config["scratch"], config["layers"])
    has_namespaces = "namespaces" in config["layers"] and not obstacles["namespaces"]
    namespaces = enter_namespaces() if has_namespaces else None
    sys.path[:0] = [folder for folder in config["import_path"] if folder not in sys.path]
    for folder in config["packages"]:
        import_package(Path(folder))
    for name in config["preload"]:
        found = load(name)
        if callable(found):
            found()
    for folder in config["packages"]:
        import_modules(Path(folder))
    for name in config["imports"]:
        with contextlib.suppress(Exception):  # it is missing or broken: so it will be in the child
            load(name)
    entry = load(config["entry"])
    _warm_up()
    lockdown = choose_lockdown(config, obstacles, namespaces, _warm_up)
    keep_importable(lockdown.readable)
    if sys.platform == "linux" and not lockdown.landlock:
        kernel.close_memory()  # children of the same user could change it through /proc
    control.send({"tier": lockdown.tier, "layers": lockdown.layers})
    gc.enable()
    if not config["few"]:
        gc.collect()
        if sys.platform == "linux":
            kernel.collapse_pages()
    gc.freeze()  # a collection in a child would touch, and so copy, every page of the heap
    return Forks(control, lockdown, entry)


def load(name: str) -> Any:
    """Import "module"; for "module:function", the function."""
    module, _, attribute = name.partition(":")
    found = importlib.import_module(module)
    return getattr(found, attribute) if attribute else found


def _warm_up() -> None:
    """Run a few operations, for what torch sets up at the first of each (it reads /proc/cpuinfo, say)."""
    if torch := sys.modules.get("torch"):
        recurrent = torch.nn.GRU(4, 4)
        recurrent(torch.ones(2, 2, 4))[0].sum().backward()
        torch.nn.Conv2d(1, 1, 3)(torch.ones(1, 1, 8, 8)).sum().backward()
        square = torch.ones(4, 4, dtype=torch.float64)
        torch.nn.functional.softmax(square @ square, dim=-1)
