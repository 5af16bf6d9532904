"""The workers of a cluster: each is given a judge, left out if it must not mark, and watched."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from distributed import Client, Future

from autograder.classroom.cluster import plugin, wire
from autograder.classroom.cluster.choice import ClusterError
from autograder.classroom.cluster.tasks import Tasks
from autograder.classroom.cluster.version import refusal_of

SILENT_SECONDS = 30.0  # without a heartbeat: a worker sends one or two a second
START_SECONDS = 300.0  # of a judge: torch on a slow and busy machine
PATIENCE_SECONDS = 120.0  # without any worker, once there was one


@dataclass
class Worker:
    """What is known of a worker: since when, the run that its marks belong to once its judge is ready, or why not.

    `is_labelled` says that it offers the resource that is looked for.
    """

    address: str
    since: float
    is_labelled: bool = False
    is_asked: bool = False  # to mark
    run: int = 0
    refusal: str = ""
    judge: "Future[Any] | None" = None  # kept, for the judge ends when nobody has it
    last_seen: float = 0.0  # by the scheduler's clock
    heard: float = 0.0  # by ours
    is_missed: bool = False  # and that was told

    @property
    def is_silent(self) -> bool:
        """Whether it was not heard of for so long that it may be gone."""
        return time.monotonic() - self.heard > SILENT_SECONDS


class Workers:
    """The workers that a scheduler knows now.

    `name` is that of their judges' plugin, `start` what a judge is started with, `versions` what it has to report.
    `start_run` gives the run of the marks that a tier and its layers isolate; `tell` is told who is left out. Where
    some offer the resource `label`, they alone are asked.
    """

    def __init__(
        self,
        client: Client,
        tasks: Tasks,
        judge: tuple[str, wire.Seal, plugin.Start],
        versions: dict[str, str],
        start_run: Callable[[int, Sequence[str]], int],
        tell: Callable[[str], None],
        label: str = "",
    ) -> None:
        self._client, self._tasks, self._versions, self._start_run, self._tell = (
            client, tasks, versions, start_run, tell,
        )  # fmt: skip
        self._name, self._seal, self._start = judge
        self._label = label
        self._known: dict[str, Worker] = {}
        self._runs: dict[tuple[int, tuple[str, ...]], int] = {}
        self._last_hope = time.monotonic()

    @property
    def ready(self) -> list[Worker]:
        """Those that can mark now."""
        return [one for one in self._chosen() if one.run and not one.is_silent]

    def resources_of(self, worker: Worker) -> dict[str, float]:
        """What a task takes of the resources that a worker offers."""
        return {self._label: 1} if worker.is_labelled else {}

    @property
    def silent(self) -> list[str]:
        """The addresses of those that were not heard of for long."""
        return [one.address for one in self._known.values() if one.is_silent]

    def look(self) -> list[str]:
        """Asks the scheduler who is there, and starts the judges of those that are new; who has gone.

        Raises ClusterError if there is no scheduler any more, or nobody who could mark.
        """
        there = self._ask_scheduler()
        now = time.monotonic()
        gone = list(self._known.keys() - there.keys())
        for address in gone:
            self._tell(f"Worker {address} is gone. What it had goes to others.")
            self.forget(address)
        for address, about in there.items():
            worker = self._known.get(address)
            if worker is None:
                offered = about.get("resources", {}).get(self._label, 0)
                worker = self._known[address] = Worker(address, now, is_labelled=offered >= 1)
            if about["last_seen"] != worker.last_seen:
                worker.last_seen, worker.heard = about["last_seen"], now
            self._tell_of_silence(worker)
        for worker in self._chosen():
            if not worker.is_asked:
                worker.is_asked, worker.since = True, now
                self._find(worker)
        self._require_hope(now)
        return gone

    def _chosen(self) -> list[Worker]:
        """Those with the label that are neither refused nor silent; if there are none, all."""
        known = list(self._known.values())
        return [one for one in known if one.is_labelled and not one.refusal and not one.is_silent] or known

    def _ask_scheduler(self) -> dict[str, Any]:
        """The workers that it knows. `Client.scheduler_info` names some, or none: it is a cache."""
        scheduler = self._client.scheduler
        if self._client.status != "running" or scheduler is None:  # nothing can be sent; what was sent is lost
            raise ClusterError("the scheduler is gone")
        try:
            about = self._client.sync(scheduler.identity, callback_timeout=SILENT_SECONDS)
        except (OSError, TimeoutError) as error:
            raise ClusterError(f"the scheduler does not answer: {error}") from None
        workers: dict[str, Any] = about["workers"]
        return workers

    def forget(self, address: str) -> None:
        """A worker is gone with its judge; one that is found at this address is a new one."""
        self._tasks.cancel(address)
        self._known.pop(address, None)

    def close(self) -> None:
        """Lets the judges end."""
        self._tasks.cancel()
        self._known.clear()

    def _tell_of_silence(self, worker: Worker) -> None:
        if worker.is_silent and not worker.is_missed:
            told = f"was not heard of for {SILENT_SECONDS:g} s. What it has goes to others"
        elif worker.is_missed and not worker.is_silent:
            told = "is back"
        else:
            return
        worker.is_missed = worker.is_silent
        self._tell(f"Worker {worker.address} {told}.")

    def _require_hope(self, now: float) -> None:
        """Raises ClusterError if every worker is refused, or if none has been there for long."""
        known = list(self._known.values())
        starting = [one for one in known if not one.run and not one.refusal and now - one.since < START_SECONDS]
        if self.ready or starting or not (known or self._runs):  # before the first one comes, a queue may be long
            self._last_hope = now
        refused = [f"worker {one.address}: {one.refusal}" for one in known if one.refusal]
        if refused and len(refused) == len(known):
            raise ClusterError("\n".join(["no worker of the cluster may mark", *refused[:5]]))
        if now - self._last_hope > PATIENCE_SECONDS:
            raise ClusterError(f"no worker of the cluster has answered for {PATIENCE_SECONDS:g} s")

    def _find(self, worker: Worker) -> None:
        """Asks for our wheel first: without it a worker could not even read what is sent to it."""
        self._tasks.send(
            worker.address,
            version,
            "autograder",
            take=lambda _: self._start_judge(worker),
            fail=lambda error: self._refuse(worker, f"it has no package autograder ({error})"),
        )

    def _start_judge(self, worker: Worker) -> None:
        def take(sealed: bytes) -> None:
            report, _ = wire.from_bytes(self._seal.open(sealed))
            if refusal := report.get("problem") or refusal_of(report, self._versions):
                self._refuse(worker, refusal)
            else:
                worker.run = self._run_of(report)

        worker.judge = self._tasks.send(
            worker.address,
            plugin.install,
            self._name,
            self._start,
            take=take,
            fail=lambda error: self._refuse(worker, str(error)),
        )

    def _run_of(self, report: dict[str, Any]) -> int:
        isolation = report["tier"], tuple(report["layers"])
        if isolation not in self._runs:
            self._runs[isolation] = self._start_run(*isolation)
        return self._runs[isolation]

    def _refuse(self, worker: Worker, why: str) -> None:
        if worker.address in self._known:
            worker.refusal = why
            self._tell(f"Worker {worker.address} is left out: {why}")
