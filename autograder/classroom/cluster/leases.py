"""Which submission is lent to which worker, and what becomes of it when nothing comes back. Knows no Dask."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass

SENDS = 4  # of one submission, at most
AHEAD = 2  # submissions at a worker: one at work, and the next


@dataclass(frozen=True)
class Lease:
    """A submission that is lent to a worker since some time, in seconds of the caller's clock."""

    job: str
    worker: str
    since: float


class Leases:
    """The submissions of a class on their way to workers and back.

    What failed, or is overdue after `longest` seconds, is lent again, and the first result counts. What failed or is
    overdue SENDS times is given up. A submission that is lent again may have ended its worker, so it is lent to one
    that has nothing else. A worker has `ahead` of them at most.
    """

    def __init__(self, jobs: Iterable[str], longest: float, ahead: int = AHEAD) -> None:
        self._waiting = deque(jobs)
        self._again: deque[str] = deque()
        self._open: set[str] = set(self._waiting)
        self._longest, self._ahead = longest, ahead
        self._sends: Counter[str] = Counter()
        self._held: defaultdict[str, set[Lease]] = defaultdict(set)
        self._overdue: defaultdict[str, set[Lease]] = defaultdict(set)
        self._lost: list[str] = []

    @property
    def is_done(self) -> bool:
        """Whether every submission is finished or given up."""
        return not self._open

    def held_by(self, worker: str) -> int:
        """How many leases a worker has, overdue ones among them."""
        return len(self._held[worker]) + len(self._overdue[worker])

    def lend(self, worker: str, now: float) -> Lease | None:
        """The next submission for a worker; None if it has enough, or if none waits."""
        held = self._held[worker] | self._overdue[worker]
        self._drop_finished()
        if self._again:
            return None if held else self._lend(self._again.popleft(), worker, now)
        if not self._waiting or len(held) >= self._ahead or any(self._sends[lease.job] > 1 for lease in held):
            return None
        return self._lend(self._waiting.popleft(), worker, now)

    def finish(self, lease: Lease) -> bool:
        """A result came: whether it is the first one of its submission."""
        self._forget(lease)
        is_first = lease.job in self._open
        self._open.discard(lease.job)
        return is_first

    def fail(self, lease: Lease) -> None:
        """Nothing will come of a lease."""
        if lease in self._held[lease.worker]:
            self._lend_again(lease.job)
        self._forget(lease)

    def lose(self, worker: str) -> None:
        """A worker is gone with all that it had."""
        for lease in sorted(self._held[worker], key=lambda one: one.since):
            self.fail(lease)
        self._held.pop(worker, None)
        self._overdue.pop(worker, None)

    def expire(self, silent: Iterable[str], now: float) -> None:
        """From now on these are overdue: the leases of silent workers, and those that take too long."""
        quiet = set(silent)
        for worker, held in self._held.items():
            late = {lease for lease in held if worker in quiet or now - lease.since > self._longest}
            held -= late
            self._overdue[worker] |= late
            for lease in late:
                self._lend_again(lease.job)

    def give_up(self) -> list[str]:
        """The submissions that were lent as often as they may be, and of which nothing came; each is told once."""
        lost, self._lost = [job for job in self._lost if job in self._open], []
        self._open -= set(lost)
        return lost

    def _lend(self, job: str, worker: str, now: float) -> Lease:
        self._sends[job] += 1
        lease = Lease(job, worker, now)
        self._held[worker].add(lease)
        return lease

    def _lend_again(self, job: str) -> None:
        if job in self._open:
            (self._again if self._sends[job] < SENDS else self._lost).append(job)

    def _forget(self, lease: Lease) -> None:
        self._held[lease.worker].discard(lease)
        self._overdue[lease.worker].discard(lease)

    def _drop_finished(self) -> None:
        """Forgets what waits to be lent again although a late result came meanwhile."""
        while self._again and self._again[0] not in self._open:
            self._again.popleft()
