"""The checks as pytest tests of a module `homework`, which a notebook was turned into."""

import os
import signal
from collections.abc import Iterator
from types import FrameType

import homework  # type: ignore[import-not-found]
import pytest
from homework_checks import CHECKS, judge


@pytest.fixture(autouse=True)
def time_limit() -> Iterator[None]:
    """Ends what takes longer, if it is Python code."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, float(os.environ["LIMIT_SECONDS"]))
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


@pytest.mark.parametrize("name", CHECKS)
def test_check(name: str) -> None:
    """One check, put to the names of the module."""
    judge(name, vars(homework))
