"""Trains solution notebooks, each in a process of its own with one thread, and goes on where a former run stopped."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from signal import SIGTERM
from threading import Event
from time import monotonic

import nbformat
from reference_runs.executed import code, read_executed
from reference_runs.record import Record, RecordError, machine, read_record

from autograder.authoring import build

POLL_SECONDS = 1.0  # the most that a record lacks after a power cut


@dataclass(frozen=True)
class Job:
    """One notebook to train: its topics, the folder it runs in, and the folders below that keep the state of training.

    `state` holds TensorBoard logs and checkpoints; it is removed when it belongs to other code than the present.
    """

    notebook: str
    topics: tuple[str, ...]
    folder: Path
    state: tuple[Path, ...]

    @property
    def path(self) -> Path:
        """The executed notebook."""
        return self.folder / self.notebook

    @property
    def record(self) -> Path:
        """What its attempts took."""
        return self.path.with_suffix(".json")

    @property
    def log(self) -> Path:
        """What its last attempt printed."""
        return self.path.with_suffix(".log")


def train(root: Path, job: Job, data: Path, stopped: Event, report: Callable[[str], None]) -> bool:
    """Executes a notebook unless that is done already; returns whether it is executed without an error.

    `report` gets a line when it is kept, starts, is done or fails. `stopped` ends it, with its time on record.
    """
    try:
        solution = build.solution_notebook(build.read_sources(root, job.topics))
        if is_executed(job.path, solution):
            report(f"{job.notebook}: kept")
            return True
        record = _prepared(job, code_digest(solution))
    except (build.BuildError, RecordError) as error:
        report(f"{job.notebook}: FAILED: {error}")
        return False
    report(f"{job.notebook}: {f'continues after {record.seconds:.0f} s' if record.attempts else 'starts'}")
    record, exit_code = _attempt(root, job, data, record, stopped)
    if stopped.is_set():
        return False
    if exit_code == 0 and is_executed(job.path, solution):
        report(f"{job.notebook}: done, {record.seconds:.0f} s, at most {record.peak_mib:.0f} MiB")
        return True
    message = job.log.read_text(encoding="utf-8").rpartition("autograder: ")[2].strip()
    report(f"{job.notebook}: FAILED with exit code {exit_code}: {message}")
    return False


def code_digest(solution: nbformat.NotebookNode) -> str:
    """SHA-256 of the code cells, as hexadecimal digits."""
    return hashlib.sha256(json.dumps(code(solution)).encode()).hexdigest()


def is_executed(path: Path, solution: nbformat.NotebookNode) -> bool:
    """Whether a notebook has the code cells of the solution, all of them executed and none with an error."""
    notebook = read_executed(path)
    return notebook is not None and code(notebook) == code(solution)


def _prepared(job: Job, digest: str) -> Record:
    """The record to go on with. What other code left is removed: its models would be taken for those of this code."""
    record = read_record(job.record)
    job.folder.mkdir(parents=True, exist_ok=True)
    job.path.unlink(missing_ok=True)
    if record is not None and record.code == digest:
        return replace(record, machine=machine())
    for folder in job.state:
        shutil.rmtree(folder, ignore_errors=True)
    return Record(digest, 0, 0.0, 0.0, machine())


def _attempt(root: Path, job: Job, data: Path, before: Record, stopped: Event) -> tuple[Record, int]:
    """Runs the notebook once; the record with this attempt added, which is written all the while, and the exit code."""
    command = [sys.executable, "-m", "autograder", "run", job.notebook, "--out", str(job.folder), "--data", str(data)]
    started = monotonic()

    def recorded(peak_mib: float = 0.0) -> Record:
        seconds, peak_mib = before.seconds + monotonic() - started, max(before.peak_mib, peak_mib)
        record = replace(before, attempts=before.attempts + 1, seconds=round(seconds, 1), peak_mib=round(peak_mib, 1))
        record.write(job.record)
        return record

    with job.log.open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this script alone, which then ends the notebook once
        )
    ended, status, usage = os.wait4(process.pid, os.WNOHANG)
    while not ended:
        recorded()
        if stopped.wait(POLL_SECONDS):
            os.kill(process.pid, SIGTERM)
        ended, status, usage = os.wait4(process.pid, 0 if stopped.is_set() else os.WNOHANG)
    process.returncode = os.waitstatus_to_exitcode(status)
    # `autograder run` waits for its kernel, whose memory therefore counts here; Linux gives KiB
    return recorded(usage.ru_maxrss / 1024), process.returncode
