"""Ctrl-C: work stops at once, and the process ends soon even if some part of it does not notice."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EXIT_CODE = 130  # as shells have it for Ctrl-C
_PATIENCE_SECONDS = 2.0  # what is in the gradebook is complete at any moment, so that nothing is lost by haste


@contextmanager
def prompt_end(message: str) -> Iterator[None]:
    """In the block, SIGINT and SIGTERM raise KeyboardInterrupt; a while later the process ends in any case.

    `message` is what is said on stderr then. For the main thread only.
    """

    def interrupt(*_: object) -> None:
        timer = threading.Timer(_PATIENCE_SECONDS, _end)
        timer.daemon = True
        timer.start()
        for one in before:
            signal.signal(one, signal.SIG_IGN)  # a second Ctrl-C must not stop the tidying up
        raise KeyboardInterrupt

    def _end() -> None:
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()
        os._exit(EXIT_CODE)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
