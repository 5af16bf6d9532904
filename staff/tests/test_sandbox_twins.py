"""Sandboxes that share one import: twins work side by side, apart from each other, and end without a trace."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sandbox_talk import ask, end, ready, start_or_skip, warm

from autograder.sandbox import ChildEnded, Sandbox, SandboxUnavailable
from autograder.sandbox.control import Closed

DENIED = ("EACCES", "ENOENT", "EPERM")


@pytest.fixture(params=[1, 2])
def pair(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, Sandbox]]:
    with start_or_skip(request.param) as first, first.twin() as twin:
        yield first, twin


def folder(sandbox: Sandbox) -> Path:
    return warm(sandbox)._folder


def test_twins_are_shut_in_alike_and_work_at_the_same_time(pair: tuple[Sandbox, Sandbox]) -> None:
    first, twin = pair
    assert (twin.tier, twin.layers) == (first.tier, first.layers)
    one, other = ready(first), ready(twin)
    assert ask(one, "measure", "abc") == 3 and ask(other, "measure", "ab") == 2
    assert ask(other, "read", __file__) in DENIED and ask(other, "fork") in DENIED
    assert end(other, "leave", 4).code == 4
    assert ask(one, "measure", "a") == 1
    assert ask(ready(twin), "measure", "abcd") == 4


def test_twins_have_scratch_folders_of_their_own(pair: tuple[Sandbox, Sandbox]) -> None:
    first, twin = pair
    one, other = ready(first), ready(twin)
    ask(one, "write", "note", "first")
    assert ask(other, "listing", ".") == []
    here, there = (ask(child, "surroundings") for child in (one, other))
    assert here["folder"] != there["folder"]
    assert ask(other, "read", f"{here['folder']}/note") in DENIED
    ask(other, "write", "note", "twin")
    assert ask(ready(twin), "listing", ".") == []


def test_a_twin_can_have_a_twin(pair: tuple[Sandbox, Sandbox]) -> None:
    with pair[1].twin() as third:
        assert ask(ready(third), "measure", "abc") == 3
        assert ask(ready(pair[1]), "measure", "ab") == 2


def test_a_child_that_lives_is_ended_by_a_twin(pair: tuple[Sandbox, Sandbox]) -> None:
    child = ready(pair[0])
    with pair[0].twin() as third:
        assert ask(ready(third), "measure", "abc") == 3
    with pytest.raises(ChildEnded):
        ask(child, "measure", "abc")


def test_a_twin_outlives_the_end_of_its_origin_by_starting_anew() -> None:
    with start_or_skip(1) as first, first.twin() as twin:
        ready(twin)
        os.kill(first._warm._process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        with pytest.raises(Closed):  # the kernel takes its time to end what lives in the same namespace
            while True:
                twin._warm._control.next()
        assert ask(ready(twin), "measure", "abc") == 3
        assert ask(ready(first), "measure", "ab") == 2


def test_no_twin_of_a_dead_process() -> None:
    with start_or_skip(2) as first:
        os.kill(first._warm._process.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        first._warm._process.wait()  # type: ignore[attr-defined]
        with pytest.raises(SandboxUnavailable, match="did not start"):
            first.twin()


def test_nothing_is_left_of_twins() -> None:
    with start_or_skip(2) as first:
        place = folder(first)
        with first.twin() as twin:
            ask(ready(twin), "write", "note")
        twin.close()
    assert not place.exists()
