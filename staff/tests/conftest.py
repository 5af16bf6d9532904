"""What engine tests share: a sandbox, and sessions over small notebooks."""

import json
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.sandboxes import open_sandbox
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox

NAME = "homework.ipynb"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts files with slow tests first, so that no process begins one when the others have nothing left to do."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


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


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    """The project's own sandbox, in the best tier that this machine offers; `verify` says which one that is."""
    root = project_root()
    with open_sandbox(root, load(root)["hw4"], unsafe=True) as opened:
        yield opened


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
