"""Lends the submissions of a class to the workers of a cluster until all have come back; knows not what is asked."""

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol

from distributed import Client
from rich.console import Console

from autograder.classroom.cluster import plugin, wire
from autograder.classroom.cluster.leases import AHEAD, Lease, Leases
from autograder.classroom.cluster.tasks import Tasks
from autograder.classroom.cluster.workers import Worker, Workers

_POLL_SECONDS = 0.5


class Phase(Protocol):
    """What is asked about each submission of a class, and what becomes of the answer; runs in the grader."""

    def order(self, submission_id: str) -> bytes | None:
        """What a worker's judge is asked; None if there is nothing to ask."""

    def commit(self, submission_id: str, answer: bytes, run: int) -> None:
        """Records an answer, in the run that it belongs to."""

    def give_up(self, submission_id: str) -> None:
        """No worker gave an answer."""

    def end(self, submission_id: str) -> None:
        """All is done for a submission, whichever way."""


class Lending:
    """The workers of a cluster with the judges of one run, of which a submission takes `longest` seconds at most.

    Ended by `close`. `blobs` are what a judge is started with beside the `settings`; `label` names the resource whose
    workers alone are asked, if there are any.
    """

    def __init__(
        self,
        client: Client,
        settings: dict[str, object],
        blobs: Sequence[bytes],
        versions: dict[str, str],
        start_run: Callable[[int, Sequence[str]], int],
        console: Console,
        longest: float,
        label: str = "",
    ) -> None:
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is lost is told by us
        self._tasks, self._seal, self._longest = Tasks(client), wire.Seal(), longest
        self._name = f"autograder-{self._seal.close(b'')[:6].hex()}"
        start = plugin.Start({**settings, "longest": longest}, self._seal.key, tuple(blobs))
        self._workers = Workers(
            client,
            self._tasks,
            (self._name, self._seal, start),
            versions,
            start_run,
            lambda line: console.print(line, markup=False, soft_wrap=True),
            label,
        )

    def lend(self, submissions: Iterable[str], phase: Phase, ahead: int = AHEAD) -> None:
        """Asks all that a phase has to ask about some submissions; a worker has `ahead` of them at most.

        Raises ClusterError when no worker is left.
        """
        # A worker that falls silent is noticed by that; this is for one that is heard of and does nothing.
        leases, looked = Leases(submissions, 2 * self._longest, ahead), -_POLL_SECONDS
        while not leases.is_done:
            if time.monotonic() - looked >= _POLL_SECONDS:  # and not after every result
                looked = time.monotonic()
                for address in self._workers.look():
                    leases.lose(address)
            self._lend(leases, phase)
            self._tasks.take_in(_POLL_SECONDS)
            leases.expire(self._workers.silent, time.monotonic())
            for submission_id in leases.give_up():
                phase.give_up(submission_id)
                phase.end(submission_id)

    def close(self) -> None:
        """Ends the judges of this run."""
        with suppress(Exception):  # a cluster that is gone has none
            self._workers.close()

    def _lend(self, leases: Leases, phase: Phase) -> None:
        """Gives every worker as much as it may have, those first that have least."""
        for worker in sorted(self._workers.ready, key=lambda one: leases.held_by(one.address)):
            while lease := leases.lend(worker.address, time.monotonic()):
                order = phase.order(lease.job)
                if order is not None:
                    self._send(leases, phase, lease, worker, order)
                elif leases.finish(lease):
                    phase.end(lease.job)

    def _send(self, leases: Leases, phase: Phase, lease: Lease, worker: Worker, order: bytes) -> None:
        def take(sealed: bytes) -> None:
            answer = self._seal.open(sealed)
            if leases.finish(lease):
                phase.commit(lease.job, answer, worker.run)
                phase.end(lease.job)

        def fail(error: Exception) -> None:
            leases.fail(lease)
            if isinstance(error, plugin.NoJudge):
                self._workers.forget(lease.worker)

        sealed, resources = self._seal.close(order), self._workers.resources_of(worker)
        self._tasks.send(lease.worker, plugin.mark, self._name, sealed, take=take, fail=fail, resources=resources)
