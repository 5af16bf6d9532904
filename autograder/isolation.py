"""How this project's notebooks are run: the sandbox with the project's own worker, folders and limits."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from autograder.manifest import Assignment
from autograder.sandbox import Limits, Sandbox, SandboxUnavailable

ENTRY = "autograder.worker.server:serve"
# Loaded once, before any fork. What else a notebook imports is imported when graded code asks for it.
PRELOAD = ("torch", "autograder.worker.server:warm_up")


def open_sandbox(root: Path, assignment: Assignment, *, protect: Sequence[Path] = (), unsafe: bool = False) -> Sandbox:
    """A warm process for notebooks of `assignment`. Their code may read `data/`, and never the folders in `protect`.

    Raises SandboxUnavailable when this machine offers no isolation, unless `unsafe`.
    """
    hidden = [path for path in (root / "staff", root / "tests", *protect) if path.exists()]
    return Sandbox(
        entry=ENTRY,
        preload=PRELOAD,
        read=[root / "data"],
        protect=hidden,
        limits=Limits(memory_mib=assignment.limits.memory_mib),
        unsafe=unsafe,
    )


@contextmanager
def in_background(open_one: Callable[[], Sandbox]) -> Iterator[Future[Sandbox]]:
    """Opens a sandbox while the block runs, and closes it at the block's end.

    Its process and this one each spend seconds on importing torch: let them overlap. The future's result raises
    SandboxUnavailable.
    """
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(open_one)
        try:
            yield opening
        finally:
            with suppress(SandboxUnavailable):
                opening.result().close()
