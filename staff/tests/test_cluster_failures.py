"""Workers of a cluster that are killed, frozen and cut off cost a submission another worker, and nobody a mark."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cluster_class import attack, command, marks, pack_class, require_tier, run_grade, tiers
from dask_cluster import Authority, Cluster, Process, judges_of, network, parent_of, wait_for
from killing import descendants
from other_course import example, whole_example

from autograder.authoring.answers import answered_notebook, read_answer
from autograder.authoring.build import read_sources

__all__ = ["example", "whole_example"]
SLEEPS = 0.005  # seconds for each call of a function: a class that takes a while, and no core


class Grader:
    """A grader whose workers fail meanwhile."""

    def __init__(self, course: Path, arguments: list[str], out: Path, environment: dict[str, str]) -> None:
        self._log, self._out = out.with_suffix(".log"), out
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                arguments, cwd=course, stdout=log, stderr=log, env={**os.environ, **environment}
            )

    def said(self) -> str:
        """What it has printed until now; it must not have ended badly."""
        text = self._log.read_text(errors="replace")
        assert self._process.poll() in (None, 0, 1) and "Traceback" not in text, text
        return text

    def says(self, what: str) -> None:
        """Waits for it to print something."""
        wait_for(what, lambda: what in self.said())

    def commits(self, count: int) -> None:
        """Waits for so many verdicts in its gradebook."""

        def are_there() -> bool:
            self.said()
            file = f"file:{self._out}/gradebook.sqlite?mode=ro"
            with suppress(sqlite3.OperationalError), closing(sqlite3.connect(file, uri=True)) as gradebook:
                return bool(gradebook.execute("SELECT count(*) >= ? FROM verdicts", (count,)).fetchone()[0])
            return False

        wait_for(f"{count} verdicts", are_there)

    def end(self) -> str:
        """What it has printed when it is done."""
        self._process.wait(900)
        return self.said()


def is_at_work(pid: int) -> Callable[[], bool]:
    """Whether a judge below a process has a student's process now: one below its warm process."""
    return lambda: any(len(descendants(judge)) > 1 for judge in judges_of(pid))


def kill_at_work(nanny: Process) -> None:
    """Kills a worker while its judge marks somebody; its nanny starts another one."""
    wait_for("a worker at work", is_at_work(nanny.pid))
    os.kill(parent_of(judges_of(nanny.pid)[0]), signal.SIGKILL)


SLOW = f"""

_convolve = convolve


def convolve(*given):
    import time

    time.sleep({SLEEPS})
    return _convolve(*given)
"""


def slow_class(course: Path, folder: Path, size: int) -> Path:
    """Right and wrong answers in turn that sleep, and one that ends its process."""
    files = sorted((course / "staff").glob("[mv]*/*/convolve_*.py"))
    answers = [read_answer(path) for path in files if path.stem != "convolve_built_in"]
    sources, hand_in = read_sources(course, ["convolution"]), dict[str, bytes]()
    for number in range(size):
        one = answers[number % len(answers)]
        hand_in[f"ab{1000 + number}"] = answered_notebook(sources, replace(one, code=one.code + SLOW))
    return pack_class(folder, hand_in | {"zz0001": attack(course, "import os; os._exit(0)")})


@pytest.mark.nightly
def test_workers_killed_frozen_and_cut_off_give_the_same_marks(example: Path, tmp_path: Path) -> None:
    class_ = slow_class(example, tmp_path / "class", size=30)
    run_grade(example, command(class_, tmp_path / "local", "--jobs", "2"))
    require_tier(tmp_path / "local")
    authority = Authority(tmp_path / "tls")
    with network() as net, ExitStack() as processes:
        host = net.HERE if net else "127.0.0.1"
        cluster = Cluster(tmp_path, host, processes, authority)
        killed = cluster.start_worker("killed", host)
        frozen = cluster.start_worker("frozen", host, "--no-nanny")
        if net:
            cluster.start_worker("cut", net.THERE, "--no-nanny", before=net.inside)
        out = tmp_path / "cluster"
        arguments = command(class_, out, "--scheduler", cluster.address)
        grader = Grader(example, arguments, out, authority.environment)
        grader.commits(2)
        kill_at_work(killed)
        wait_for("work at the one to be frozen", is_at_work(frozen.pid))
        os.kill(frozen.pid, signal.SIGSTOP)
        grader.says("is gone. What it had goes to others.")
        if net:
            net.cut()
        kill_at_work(killed)
        wait_for("silence", lambda: grader.said().count("was not heard of for 30 s") == (2 if net else 1))
        os.kill(frozen.pid, signal.SIGCONT)
        if net:
            net.mend()
        said = grader.end()
    print(said)
    assert said.count("is gone.") >= 2 and "failed to teardown" not in (tmp_path / "killed.log").read_text()
    assert marks(out) == marks(tmp_path / "local"), said
    assert tiers(out) == tiers(tmp_path / "local")
