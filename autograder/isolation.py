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
    return _open(root, PRELOAD, protect, Limits(memory_mib=assignment.limits.memory_mib), unsafe)


def _open(root: Path, preload: Sequence[str], protect: Sequence[Path], limits: Limits, unsafe: bool) -> Sandbox:
    hidden = [path for path in (root / "staff", root / "tests", *protect) if path.exists()]
    return Sandbox(entry=ENTRY, preload=preload, read=[root / "data"], protect=hidden, limits=limits, unsafe=unsafe)


def open_scoring_sandbox(
    root: Path, assignment: Assignment, imports: Sequence[str], protect: Sequence[Path] = (), unsafe: bool = False
) -> Sandbox:
    """A warm process for saved models of `assignment`, with the largest limits of its measured questions.

    `imports` are the modules that their checks need there. Raises SandboxUnavailable as `open_sandbox` does.
    """
    rules = assignment.measured.values()
    limits = Limits(
        cpu_seconds=int(max(rule.seconds for rule in rules)), memory_mib=max(rule.memory_mib for rule in rules)
    )
    return _open(root, [*PRELOAD, *imports], protect, limits, unsafe)


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
