"""What engine tests share: a sandbox, and sessions over small notebooks."""

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.course.manifest import load, project_root
from autograder.marking.sandboxes import isolation_warning, open_sandbox
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox

NAME = "homework.ipynb"


def notebook_of(*cells: str) -> bytes:
    """A notebook file with these code cells."""
    code: list[dict[str, Any]] = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": textwrap.dedent(cell)}
        for cell in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": code}).encode()


@pytest.fixture(autouse=True)
def own_data_afterwards() -> Iterator[None]:
    """The course's own package is `data` again after each test, whatever course the test was about."""
    ours = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "data"}
    yield
    if ours:
        for name in [name for name in sys.modules if name.partition(".")[0] == "data"]:
            del sys.modules[name]
        sys.modules.update(ours)


@pytest.fixture(scope="session")
def notebook() -> Callable[..., bytes]:
    """Makes a notebook file with the given code cells."""
    return notebook_of


_HELD = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def sandbox(pytestconfig: pytest.Config) -> Iterator[Sandbox]:
    """The project's own sandbox, in the best tier that this machine offers."""
    root = project_root()
    with open_sandbox(root, load(root)["hw4"], unsafe=True) as opened:
        pytestconfig.stash[_HELD] = isolation_warning(opened) or f"tier {opened.tier} ({', '.join(opened.layers)})"
        yield opened


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Says what held for the notebooks of the tests."""
    if held := config.stash.get(_HELD, ""):
        terminalreporter.write_line(f"isolation of the tests' notebooks: {held}")


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Callable[..., Session]]:
    """Makes a session over a notebook of the given cells, with time enough for code that ends on a busy machine."""
    opened: list[Session] = []

    def make(*cells: str, seconds: float = 60.0) -> Session:
        opened.append(Session(sandbox.fork, notebook_of(*cells), NAME, seconds))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
