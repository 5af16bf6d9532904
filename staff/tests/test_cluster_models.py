"""Saved models are measured by the workers of a cluster, as on one machine: by those with a GPU's label, if any."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing, contextmanager
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from cluster_class import require_tier
from dask_cluster import Authority, Cluster, Process, judges_of, parent_of
from marks import attempt_of
from rich.console import Console
from test_cli import pack

from autograder.authoring import build
from autograder.classroom.cluster import model_run, model_wire
from autograder.classroom.cluster.choice import ClusterError
from autograder.classroom.cluster.wire import WireError, to_bytes
from autograder.classroom.model_marker import ModelExamination, ModelOutcome
from autograder.classroom.progress import ClassProgress
from autograder.course.root import project_root
from autograder.course.test_sets import TestSet
from autograder.gradebook.file import RecordError
from autograder.marking.verdict import Verdict
from autograder.messages import say
from autograder.models.measurement import Changed, Model, ModelScores
from autograder.models.saved_files import SavedFile

ROOT = project_root()
SCORES = ModelScores(
    "2", (Model("a", 3, "", Changed(2, 1, 2), ("odd",)), Model("b", None, "is missing")), 4, b"\xb0", 1
)
OUTCOME = ModelOutcome(Verdict.scored("2", 5, 10, "too few models", "all\nof it"), SCORES, 1.5)


# --- what travels ---


def test_models_arrive_as_they_were_sent(tmp_path: Path) -> None:
    weights = tmp_path / "there" / "0.pt"
    weights.parent.mkdir()
    weights.write_bytes(b"\x00weights")
    unread = SavedFile(None, say("{count} values", count=3))
    files = {"../a.pt": SavedFile(weights), "b.json": unread, "c.txt": SavedFile(None)}
    asked = [ModelExamination("2", b"notebook", files), ModelExamination("3", b"", {})]
    assert model_wire.size_of(asked) == 8
    sent = model_wire.order_to_bytes(asked)
    (place := tmp_path / "here").mkdir()
    first, second = model_wire.order_from_bytes(sent, place)
    assert second == asked[1] and (first.question, first.content) == ("2", b"notebook")
    assert (
        list(first.files) == list(files) and first.files["b.json"] == unread and first.files["c.txt"] == files["c.txt"]
    )
    arrived = first.files["../a.pt"].path
    assert arrived == place / "0" / "0.pt" and arrived.read_bytes() == b"\x00weights"


def test_what_models_reach_arrives_as_it_was_sent() -> None:
    (one,) = model_wire.outcomes_from_bytes(model_wire.outcomes_to_bytes([OUTCOME]))
    assert (one.scores, one.seconds) == (SCORES, 1.5)
    assert one.verdict == OUTCOME.verdict
    with pytest.raises(WireError, match="another form"):
        model_wire.outcomes_from_bytes(to_bytes([[{}, {}, 1]], [b""]))


def test_test_sets_arrive_as_they_were_sent_each_once() -> None:
    images, labels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4), np.array([1, -1], dtype=np.int64)
    pictures = TestSet("pictures", (images, labels))
    reviews = TestSet("reviews", [(1, "good"), (0, "bad\x00")])
    others = TestSet("others", {"x": torch.ones(2), 1: [None, True, 0.5]})
    sent = model_wire.test_sets_to_bytes({"1": pictures, "2": reviews, "3": pictures, "4": others})
    found = model_wire.test_sets_from_bytes(sent)
    assert list(found) == ["1", "2", "3", "4"] and found["1"] is found["3"] and found["2"].examples == reviews.examples
    assert found["1"].version == pictures.version  # the very arrays
    assert torch.equal(found["4"].examples["x"], torch.ones(2)) and found["4"].examples[1] == [None, True, 0.5]
    with pytest.raises(WireError, match="another form"):
        model_wire.test_sets_from_bytes(to_bytes([{"1": 0}, [["a", ["array", 0]]]], [b"no safetensors"]))


@pytest.mark.parametrize("value", [{1, 2}, np.array(["a"]), b"bytes"])
def test_a_test_set_that_cannot_travel_is_named(value: object) -> None:
    with pytest.raises(ClusterError, match="the test set 'odd' holds a .*, which cannot travel to workers"):
        model_wire.test_sets_to_bytes({"1": TestSet("odd", [value])})


# --- what is lent, and what is left to the grader's machine ---


class Marker:
    """Stands for what finds models: one file for each attempt, or an error."""

    def __init__(self, folder: Path, sizes: Mapping[str, int | None]) -> None:
        self._folder, self._sizes = folder, sizes
        self.kept: list[tuple[str, str, int]] = []
        self.error: Exception | None = None

    @contextmanager
    def examinations(self, attempt: Any) -> Any:
        size = self._sizes[attempt.submission_id]
        if size is None:
            raise OSError("the reading was stopped")
        path = self._folder / "0.pt"
        path.write_bytes(bytes(size))
        yield {"key": ModelExamination("2", b"", {"a.pt": SavedFile(path)})} if size else {}

    def keep(self, attempt: Any, key: str, outcome: ModelOutcome, run: int) -> None:
        if self.error:
            raise self.error
        assert outcome.scores == SCORES
        self.kept.append((attempt.submission_id, key, run))


class Lending:
    """Stands for the workers: asks a phase for all its orders, and answers each, or gives it up."""

    def __init__(self, gives_up: bool = False) -> None:
        self._gives_up = gives_up
        self.sent: list[str] = []

    def lend(self, submissions: Mapping[str, object], phase: model_run._Measuring, ahead: int) -> None:
        assert ahead == 1
        for name in submissions:
            if phase.order(name) is not None:
                self.sent.append(name)
                if self._gives_up:
                    phase.give_up(name)
                else:
                    phase.commit(name, model_wire.outcomes_to_bytes([OUTCOME]), 7)
            phase.end(name)


def measure(monkeypatch: pytest.MonkeyPatch, marker: Marker, lending: Lending, *names: str) -> list[str]:
    """The attempts that are left to this machine."""
    run: Any = model_run.ModelRun.__new__(model_run.ModelRun)
    run._course = run._data = None
    run._gradebook, run._lending = SimpleNamespace(verdicts=lambda _: []), lending
    monkeypatch.setattr(model_run, "ModelMarker", lambda *_: marker)
    monkeypatch.setattr(model_run, "LARGEST", 100)
    readers: Any = None
    console = Console(file=StringIO())
    progress = ClassProgress("measuring", len(names), console)
    with progress.shown():
        left = run.measure([attempt_of(name) for name in names], readers, progress)
    assert f"{len(names)} of {len(names)}" in progress.counts and not progress.at_work
    return [one.submission_id for one in left]


def test_models_that_are_large_or_cannot_be_read_are_left_to_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker, lending = Marker(tmp_path, {"small": 100, "large": 101, "none": 0, "stopped": None}), Lending()
    assert measure(monkeypatch, marker, lending, "small", "large", "none", "stopped") == ["large", "stopped"]
    assert lending.sent == ["small"] and marker.kept == [("small", "key", 7)]


def test_models_that_no_worker_measured_or_that_cannot_be_kept_are_left_to_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = Marker(tmp_path, {"a": 1})
    assert measure(monkeypatch, marker, Lending(gives_up=True), "a") == ["a"]
    marker.error = RecordError("no such attempt")
    assert measure(monkeypatch, marker, Lending(), "a") == ["a"] and marker.kept == []


# --- a real cluster ---


def model_class(folder: Path) -> Path:
    """A class of four: good models, weaker ones, one part alone, and none."""
    folder.mkdir()
    models, names = ROOT / "staff" / "models", ("imdb", "cifar10")
    topics = {"Assignment2-1_RNN.ipynb": ["gru", "imdb"], "Assignment2-2_Transformers.ipynb": ["swin", "cifar10"]}
    notebooks = {
        name: build.to_bytes(build.solution_notebook(build.read_sources(ROOT, its))) for name, its in topics.items()
    }
    chosen = [[models / name for name in names], [models / "weaker" / name for name in names], [models / "imdb"], []]
    for number, places in enumerate(chosen):
        files = dict(notebooks)
        for place in places:
            part = "model_checkpoints/assignment2-1-2" if place.name == "imdb" else "model_checkpoints/assignment2-2-2"
            inside = [path for path in sorted(place.rglob("*")) if path.is_file()]
            files |= {f"{part}/{path.relative_to(place).as_posix()}": path.read_bytes() for path in inside}
        pack(folder / f"2024-2000{number}.tar.gz", files)
    return folder


def rows_of(out: Path) -> list[Any]:
    """All that the gradebook holds of marks and models, but for times and runs."""
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as gradebook:
        marks = gradebook.execute(
            "SELECT submission_id, question, points, diagnosis, message, figure, flags, key FROM verdicts ORDER BY 1, 2"
        ).fetchall()
        return [*marks, *gradebook.execute("SELECT * FROM model_scores ORDER BY submission_id, question").fetchall()]


def grade_command(class_: Path, out: Path, *options: str) -> list[str]:
    settings = ["--assignment", "assignment2", "--secret-seed", "7", "--data", str(ROOT / "data" / "samples")]
    return [sys.executable, "-m", "autograder", "grade", str(class_), "--out", str(out), *settings, *options]


@pytest.mark.nightly
def test_the_label_of_a_gpu_decides_where_models_go_and_the_marks_are_the_same(tmp_path: Path) -> None:
    class_, local, out = model_class(tmp_path / "class"), tmp_path / "local", tmp_path / "cluster"
    assert subprocess.run(grade_command(class_, local, "--jobs", "2"), cwd=ROOT, timeout=900).returncode in (0, 1)
    require_tier(local)
    with ExitStack() as processes:
        authority = Authority(tmp_path / "tls")
        cluster = Cluster(tmp_path, "127.0.0.1", processes, authority)
        plain = cluster.start_worker("plain", "127.0.0.1", "--no-nanny")
        labelled = cluster.start_worker("labelled", "127.0.0.1", "--no-nanny", "--resources", "GPU=1")
        command = grade_command(class_, out, "--scheduler", cluster.address)
        judges: dict[Process, set[int]] = {plain: set(), labelled: set()}
        with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **authority.environment}) as grader:
            while grader.poll() is None:
                for worker, seen in judges.items():
                    seen.update(one for one in judges_of(worker.pid) if parent_of(one) == worker.pid)
                time.sleep(0.2)
    assert grader.returncode in (0, 1)
    assert [len(seen) for seen in judges.values()] == [1, 2]  # a judge of code each, and one of models
    assert rows_of(out) == rows_of(local)
    assert (out / "grades.csv").read_bytes() == (local / "grades.csv").read_bytes()
