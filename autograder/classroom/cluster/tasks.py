"""Functions that run as tasks of one worker each; what comes of them is taken in by the thread that sends them."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Mapping
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from distributed import Client, Future

_FETCH_SECONDS = 10.0
_CANCELLED = (concurrent.futures.CancelledError, asyncio.CancelledError)
Take = Callable[[Any], None]
Fail = Callable[[Exception], None]


class CancelledTask(Exception):
    """A task was given up by this side, or by the cluster."""


class Tasks:
    """The tasks of a client that are under way."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._ended: SimpleQueue[tuple[Future[Any], Take, Fail]] = SimpleQueue()
        self._worker_of: dict[Future[Any], str] = {}

    def send(
        self,
        worker: str,
        function: Callable[..., Any],
        *given: Any,
        take: Take,
        fail: Fail,
        resources: Mapping[str, float] | None = None,
    ) -> "Future[Any]":
        """Runs a function on one worker; the worker keeps its value as long as somebody keeps the future.

        `take_in` gives the value to `take`, or to `fail` why there is none. While it runs it has so much of the
        worker's `resources`, which Dask counts.
        """
        where: dict[str, Any] = {"workers": [worker], "allow_other_workers": False, "resources": resources}
        future = self._client.submit(function, *given, **where, pure=False, retries=0)
        self._worker_of[future] = worker
        future.add_done_callback(partial(self._put, take, fail))
        return future

    def take_in(self, seconds: float) -> None:
        """Waits so long at most for a task that ends, and takes in all that have ended."""
        try:
            while True:
                self._take(*self._ended.get(timeout=seconds))
                seconds = 0.001
        except Empty:
            return

    def cancel(self, worker: str = "") -> None:
        """Gives up what a worker was sent, or all workers: Dask would wait for one that never comes back."""
        for future in [one for one, its in self._worker_of.items() if worker in ("", its)]:
            del self._worker_of[future]
            future.cancel()

    def _put(self, take: Take, fail: Fail, future: "Future[Any]") -> None:
        self._ended.put((future, take, fail))

    def _take(self, future: "Future[Any]", take: Take, fail: Fail) -> None:
        self._worker_of.pop(future, None)
        try:
            value = future.result(timeout=_FETCH_SECONDS)
        except _CANCELLED:
            fail(CancelledTask("it was cancelled"))
            return
        except Exception as error:  # of the task, of its worker, of Dask
            fail(error)
            return
        take(value)
