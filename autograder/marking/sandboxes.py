"""How a course's notebooks are run: the sandbox with our worker, the course's folders and its limits."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import fields
from functools import cache
from pathlib import Path

from autograder.course.data_package import data_folders, hidden_data, packages_in_data, readable_data
from autograder.course.limits import QuestionLimits
from autograder.course.manifest import Assignment
from autograder.messages import say
from autograder.sandbox import Limits, OwnFork, Sandbox, SandboxUnavailable, WarmProcess

NO_ISOLATION = say("Nothing isolates code on this machine: it runs in an ordinary process, with your own rights.")
ENTRY = "autograder.worker.server:serve"
# Loaded once, before any fork. What else a notebook imports is imported when graded code asks for it.
PRELOAD = ("torch", "autograder.worker.server:prepare")
# What comes on top where questions are asked, not where whole models run.
SMALL_TENSORS = "autograder.worker.machine:without_onednn"
WARM_UP = "autograder.worker.server:warm_up"
# What notebooks may say, and the modules whose first import would take a question's time: none of them starts a thread.
FIRST_IMPORTS = {
    # magics, in a notebook's JSON; a picture's "![" is none
    rb'(?:"|\\n)[ \t]*(?:[%?]|!(?!\[))|=[ \t]*[%!]': ("IPython.core.inputtransformer2",),
    rb"utils\.checkpoint": ("torch._dynamo",),  # which checkpointing imports when it is called
    rb"\beinops\b": ("einops.layers.torch",),
    rb"\bjaxtyping\b": ("jaxtyping",),
    rb"\bscipy\b": ("scipy.special", "scipy.linalg", "scipy.ndimage", "scipy.stats"),
    rb"\bpandas\b": ("pandas",),
    rb"\bsklearn\b": ("sklearn.metrics", "sklearn.preprocessing"),
}
# What training cells import.
TRAINING = ("matplotlib.pyplot", "torch.utils.tensorboard")


def first_imports(notebooks: Iterable[bytes]) -> list[str]:
    """The modules among FIRST_IMPORTS that notebooks speak of."""
    waiting = dict(FIRST_IMPORTS)
    named: list[str] = []
    for content in notebooks:
        for pattern in [pattern for pattern in waiting if re.search(pattern, content)]:
            named += waiting.pop(pattern)
    return named


def open_sandbox(
    root: Path,
    assignment: Assignment,
    *,
    protect: Sequence[Path] = (),
    unsafe: bool = False,
    notebooks: Iterable[bytes] = (),
    imports: Sequence[str] = (),
    begun: WarmProcess | None = None,
    few: bool = False,
) -> Sandbox:
    """A warm process for notebooks of `assignment`. Their code may read what `readable_data` names, never `protect`.

    What `notebooks`, those to be marked, import first is imported there if it takes long; `imports` are those modules
    where they are known already. `begun` is a warm process that was started before; the sandbox's `wait` comes after
    what else is to be done meanwhile. For a fork of this process, which is for one notebook alone, and for `few`
    notebooks, nothing is prepared that only the next ones would gain by.

    Raises SandboxUnavailable when this machine offers no isolation, unless `unsafe`.
    """
    every = [assignment.limits, *assignment.question_limits.values()]
    largest = QuestionLimits(*(max(getattr(one, field.name) for one in every) for field in fields(QuestionLimits)))
    imports = [*imports, *first_imports(notebooks)]
    preload = (*PRELOAD, SMALL_TENSORS) if isinstance(begun, OwnFork) else (*PRELOAD, SMALL_TENSORS, WARM_UP)
    few = few or isinstance(begun, OwnFork)
    return _open(root, preload, readable_data(root), protect, process_limits(largest), unsafe, imports, begun, few)


def isolation_warning(sandbox: Sandbox) -> str:
    """One line for machines where no tier holds, to be said before code runs; else nothing."""
    return "" if sandbox.tier in (1, 2) else NO_ISOLATION


@cache  # how many cores there are is read from a file
def process_limits(limits: QuestionLimits) -> Limits:
    """The limits of a process that answers one question after the other; wall time is the session's to watch."""
    return Limits(
        # The seconds that a session lets pass before it takes a fresh process, with each core at work, come on top.
        cpu_seconds=limits.cpu_seconds + (os.cpu_count() or 1),
        memory_mib=limits.memory_mib,
        scratch_mib=limits.scratch_mib,
        file_mib=min(Limits.file_mib, limits.scratch_mib),
        output_mib=limits.output_mib,
    )


def _open(
    root: Path,
    preload: Sequence[str],
    read: Sequence[Path],
    protect: Sequence[Path],
    limits: Limits,
    unsafe: bool,
    imports: Sequence[str] = (),
    begun: WarmProcess | None = None,
    few: bool = False,
) -> Sandbox:
    hidden = [path for path in (root / "staff", root / "tests", *hidden_data(root), *protect) if path.exists()]
    packages = data_folders(root)
    return Sandbox(
        entry=ENTRY,
        preload=preload,
        read=read,
        protect=hidden,
        limits=limits,
        unsafe=unsafe,
        packages=packages,
        imports=imports,
        begun=begun,
        few=few,
    )


def open_scoring_sandbox(
    root: Path, assignment: Assignment, imports: Sequence[str], protect: Sequence[Path] = (), unsafe: bool = False
) -> Sandbox:
    """A warm process for saved models of `assignment`, with the largest limits of its measured questions.

    `imports` are the modules that their checks need there. Raises SandboxUnavailable as `open_sandbox` does.
    """
    rules = assignment.model_questions.values()
    limits = Limits(
        cpu_seconds=int(max(rule.seconds for rule in rules)), memory_mib=max(rule.memory_mib for rule in rules)
    )
    return _open(root, [*PRELOAD, WARM_UP, *imports], readable_data(root), protect, limits, unsafe)


def open_retraining_sandbox(
    root: Path, directory: Path, seconds: float, protect: Sequence[Path] = (), unsafe: bool = False
) -> Sandbox:
    """A warm process for whole notebooks, which may write files and read one data directory.

    Of the course's own `data/` they have what it has imported, and can read packages inside of it, but nothing else.
    `seconds` is the wall time of a run; asking its models may take as long. Raises SandboxUnavailable as
    `open_sandbox` does.
    """
    limits = Limits(cpu_seconds=int(2 * seconds), memory_mib=6144, scratch_mib=2048, file_mib=1024)
    readable = [*packages_in_data(root), directory]
    return _open(root, [*PRELOAD, WARM_UP, *TRAINING], readable, protect, limits, unsafe)


@contextmanager
def in_background(open_one: Callable[[], Sandbox]) -> Iterator[Future[Sandbox]]:
    """Opens a sandbox while the block runs, and closes it at the block's end.

    Its process and this one each spend seconds on importing torch: let them overlap. The future's result raises
    SandboxUnavailable.
    """
    with ThreadPoolExecutor(1) as pool:
        opening = pool.submit(_ready, open_one)
        try:
            yield opening
        finally:
            with suppress(SandboxUnavailable):
                opening.result().close()


def _ready(open_one: Callable[[], Sandbox]) -> Sandbox:
    """The sandbox, once it can be used. Raises SandboxUnavailable."""
    sandbox = open_one()
    sandbox.wait()
    return sandbox


def most_children(jobs: int, sandbox: Sandbox) -> int:
    """How many children there may be, of which `jobs` work and the others wait: twice as many, if memory allows it.

    Each may take what its limit allows, and only where a child is isolated is all known that it runs.
    """
    memory_mib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    room = memory_mib // sandbox.limits.memory_mib if sandbox.tier in (1, 2) else 0
    return max(jobs, min(2 * jobs, room))


@contextmanager
def with_twins(first: Sandbox, number: int) -> Iterator[list[Sandbox]]:
    """A sandbox and so many twins that they are `number` together; all are closed at the block's end."""
    with ExitStack() as sandboxes:
        sandboxes.enter_context(first)
        yield [first, *(sandboxes.enter_context(first.twin()) for _ in range(number - 1))]
