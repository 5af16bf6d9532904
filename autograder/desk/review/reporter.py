"""Reports of a class that is being reviewed: written in the background, so that nobody waits for them to mark."""

import threading
import time

from autograder.gradebook.file import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.messages import say
from autograder.notebook.text import one_line
from autograder.pages.reports import catch_up

_QUIET_SECONDS = 2.0  # after a decision, for the next one
_LONGEST_SECONDS = 20.0  # of decisions that follow each other


class Reporter:
    """Writes what decisions make old in a thread of its own; what `problem` says keeps it from that."""

    def __init__(self, gradebook: Gradebook) -> None:
        self.problem = ""
        self._gradebook = gradebook
        self._woken, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        """Begins, with what somebody who was killed may have left."""
        self._woken.set()
        self._thread.start()

    def wake(self) -> None:
        """Says that something was decided."""
        self._woken.set()

    def close(self) -> None:
        """Writes what is left, and ends."""
        self._closing.set()
        self._woken.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closing.is_set():
            self._woken.wait()
            first = time.monotonic()
            while self._woken.is_set() and time.monotonic() - first < _LONGEST_SECONDS:
                self._woken.clear()
                self._closing.wait(_QUIET_SECONDS)
            self._woken.clear()
            self._write()

    def _write(self) -> None:
        try:
            with Gradebook(self._gradebook.folder, self._gradebook.assignment, alone=False) as gradebook:
                catch_up(gradebook)
            self.problem = ""
        except (GradebookError, OSError) as error:
            why = one_line(str(error), 300)
            self.problem = say("The marks are kept, but the reports cannot be written: {why}", why=why)
