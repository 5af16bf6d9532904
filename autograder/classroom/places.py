"""Places to work: so many submissions use the cores at once, and one that only waits leaves its place to the next."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Places:
    """`number` places for submissions; see `sandbox.child.Place` for how one is lent.

    Who has lent a place and takes it back does not wait for it. So more than `number` may work for a while, and until
    they are fewer no other submission begins.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._closed = False
        self._condition = Condition()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Waits for a free place, and has it during the block; once `close` was called, it waits no more."""
        with self._condition:
            self._condition.wait_for(lambda: self._free > 0 or self._closed)
            self._free -= 1
        try:
            yield
        finally:
            self.lend()

    def lend(self) -> None:
        """Leaves a place to whoever waits for one."""
        with self._condition:
            self._free += 1
            self._condition.notify()

    def take_back(self) -> None:
        """Takes a place, whether one is free or not."""
        with self._condition:
            self._free -= 1

    def close(self) -> None:
        """Lets everybody go on who waits."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
