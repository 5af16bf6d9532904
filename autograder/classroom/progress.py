"""How far a class is: a bar where somebody watches, and a plain line now and then in a log."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from autograder.marking.verdict import State, Verdict

_SECONDS = 30.0  # between two lines of a log


class ClassProgress:
    """One phase of a class: `what` is done to `total` attempts. Safe to use from several threads.

    `clock` tells the time in seconds.
    """

    def __init__(self, what: str, total: int, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._total = total
        self._console = console
        self._clock = clock
        self._started = self._last_line = clock()
        self._done = self._ungraded = 0
        self._at_work: dict[str, None] = {}  # a set that keeps its order
        self._mutex = threading.Lock()
        columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        self._bar = _Bar(TextColumn("{task.description}"), *columns, console=console, transient=True)
        self._task = self._bar.add_task(what, total=total)

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Shows the progress until the block's end."""
        if self._console.is_terminal:
            with self._bar:
                yield
        else:
            yield
            self._print(f"{self.counts} in {self._time()}")

    def begin(self, name: str) -> None:
        """Somebody's work is taken up."""
        with self._mutex:
            self._at_work[name] = None
            self._show()

    def end(self, name: str, verdicts: Sequence[Verdict]) -> None:
        """Somebody's work is done, with these verdicts."""
        with self._mutex:
            self._at_work.pop(name, None)
            self._done += 1
            self._ungraded += sum(verdict.state is State.UNGRADED for verdict in verdicts)
            self._show()

    @property
    def counts(self) -> str:
        """How many are done, and how many questions are ungraded."""
        return f"{self._what}: {self._done} of {self._total}, {self._ungraded} ungraded"

    @property
    def at_work(self) -> str:
        """Whose work is being done; "" if nobody's is."""
        return f"at work: {', '.join(self._at_work)}" if self._at_work else ""

    def _show(self) -> None:
        self._bar.line = self.at_work
        self._bar.update(self._task, completed=self._done, description=f"{self._what}, {self._ungraded} ungraded")
        now = self._clock()
        if not self._console.is_terminal and now - self._last_line >= _SECONDS:
            self._last_line = now
            self._print("; ".join(filter(None, [f"{self.counts} after {self._time()}", self.at_work])))

    def _print(self, line: str) -> None:
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def _time(self) -> str:
        return str(timedelta(seconds=round(self._clock() - self._started)))


class _Bar(Progress):
    """A bar, and a line below it that is cut where the terminal ends."""

    line = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """What is shown."""
        yield self.make_tasks_table(self.tasks)
        yield Text(self.line, style="dim", no_wrap=True, overflow="ellipsis")
