"""Reference runs: what is executed is kept, time adds up, failures are named, the page tells what was printed.

The notebooks of these tests train nothing: scripts of a few lines, and notebooks and event files made by hand.
"""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import nbformat
import pytest
from torch.utils.tensorboard import SummaryWriter

from autograder.authoring import build
from autograder.course.manifest import load
from autograder.course.root import project_root

ROOT = project_root(Path(__file__).parent)
sys.path.insert(0, str(ROOT / "staff"))

import references  # noqa: E402
from reference_runs import curves, figures, training  # noqa: E402
from reference_runs.page import write_page  # noqa: E402
from reference_runs.record import Record, RecordError, read_record  # noqa: E402

MANIFEST = r"""
student_id = '\d{4}-\d{5}'
[hw4]
title = "Homework"
deadline = 2024-01-01T00:00:00
timezone = "UTC"
archive = "{student_id}.zip"
points = 2
required = ["hw4_rnn.ipynb", "hw4_vit.ipynb"]
notebooks = { "hw4_rnn.ipynb" = ["rnn"], "hw4_vit.ipynb" = ["vit"] }
notebook_points = { "hw4_rnn.ipynb" = 1, "hw4_vit.ipynb" = 1 }
questions = { 1f = 1, 3e = 1 }
limits = { seconds = 5, memory_mib = 512 }
"""
RNN = """# %%
import os
from pathlib import Path

Path("runs/rnn").mkdir(parents=True, exist_ok=True)
held = b"x" * (300 * 2**20)  # resident memory of the kernel
with Path("runs/rnn/executions").open("a") as executions:
    executions.write(os.environ["OMP_NUM_THREADS"] + os.environ["HOMEWORK_DATA"] + "\\n")
# %%
print("epoch 1: loss 0.500, validation 70.00 %")
print("Test accuracy: 71.25 %")
"""
MACHINE = "2 cores, Python 3.11.0, torch 2.6.0"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course of two notebooks; that of `vit` raises an error."""
    course = tmp_path / "course"
    files = {
        "assignments.toml": MANIFEST,
        "staff/solutions/rnn.py": RNN,
        "staff/solutions/vit.py": "# %%\nprint('Test accuracy: 99.00 %')\n# %%\nraise ValueError('no\\npictures')\n",
        "data/nothing.csv": "",
    }
    for name, text in files.items():
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text(text)
    return course


def command(root: Path, out: Path) -> list[str]:
    return [sys.executable, str(ROOT / "staff" / "references.py"), "--data", str(root / "data"), "--out", str(out)]


def references_of(root: Path, out: Path) -> tuple[int, str]:
    done = subprocess.run(command(root, out), cwd=root, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def executions(out: Path) -> list[str]:
    return (out / "hw4/runs/rnn/executions").read_text().splitlines()


def write_notebook(path: Path, *printed: str, error: str = "") -> None:
    """A notebook of one executed cell."""
    outputs = [nbformat.v4.new_output("stream", name="stdout", text=line + "\n") for line in printed]
    if error:
        outputs.append(nbformat.v4.new_output("error", ename=error, evalue="", traceback=[]))
    cell = nbformat.v4.new_code_cell("train()", outputs=outputs, execution_count=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(build.to_bytes(nbformat.v4.new_notebook(cells=[cell])))


def write_log(folder: Path, **scalars: list[float]) -> None:
    """An event file with a value of each tag for epochs 1, 2, ..."""
    with SummaryWriter(str(folder)) as writer:
        for tag, values in scalars.items():
            for epoch, value in enumerate(values, start=1):
                writer.add_scalar(tag, value, epoch)


@pytest.mark.nightly
def test_one_failure_stops_no_other_and_what_is_executed_is_kept(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, text = references_of(root, out)
    assert code == 1
    assert "hw4_vit.ipynb: FAILED with exit code 2: hw4_vit.ipynb, code cell 2: ValueError: no\npictures" in text
    assert executions(out) == [f"1{root / 'data'}"]  # one thread
    record = read_record(out / "hw4/hw4_rnn.json")
    assert record is not None and record.attempts == 1 and record.seconds > 0
    assert 300 < record.peak_mib < 1000  # that of the kernel, in MiB
    page = (root / "docs/results.md").read_text()
    assert "| 1f, `hw4_rnn.ipynb` | test accuracy above 70 % | 71.25 % | 1 | " in page
    assert "| 3e, `hw4_vit.ipynb` | test accuracy at least 65 % | not run |" in page  # whatever it printed before

    (root / "staff/solutions/vit.py").write_text("# %%\nprint('Test accuracy: 64.99 %')\n")
    code, text = references_of(root, out)
    assert code == 0 and "hw4_rnn.ipynb: kept" in text and "hw4_vit.ipynb: done" in text
    assert len(executions(out)) == 1 and read_record(out / "hw4/hw4_rnn.json") == record
    page = (root / "docs/results.md").read_text()
    assert "| test accuracy at least 65 % | 64.99 %, **missed** | 0 | " in page

    (root / "staff/solutions/rnn.py").write_text(RNN.replace("71.25", "72.50"))
    assert references_of(root, out)[0] == 0
    assert len(executions(out)) == 1  # what the former code left is gone
    renewed = read_record(out / "hw4/hw4_rnn.json")
    assert renewed is not None and renewed.attempts == 1 and renewed.code != record.code


@pytest.mark.nightly
def test_a_run_that_was_stopped_goes_on_and_adds_up_its_time(root: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (root / "staff/solutions/vit.py").write_text("# %%\nprint('Test accuracy: 65.00 %')\n")
    waiting = "import time\nwhile Path('../../wait').exists():\n    time.sleep(0.05)\n# %%\n"
    (root / "staff/solutions/rnn.py").write_text(RNN.replace("# %%\nprint", f"# %%\n{waiting}print", 1))
    (tmp_path / "wait").touch()
    process = subprocess.Popen(command(root, out), cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    executed = out / "hw4/runs/rnn/executions"
    try:
        while not executed.is_file() or read_record(out / "hw4/hw4_rnn.json") is None:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        text = process.communicate()[0].decode()
    finally:
        (tmp_path / "wait").unlink()  # what was not stopped ends now
    assert process.returncode == 130 and "continues from here" in text
    stopped = read_record(out / "hw4/hw4_rnn.json")
    assert stopped is not None and stopped.attempts == 1 and stopped.peak_mib > 300
    assert not (root / "docs").exists()  # a page of half the runs would replace a whole one

    code, text = references_of(root, out)
    assert code == 0 and f"hw4_rnn.ipynb: continues after {stopped.seconds:.0f} s" in text
    whole = read_record(out / "hw4/hw4_rnn.json")
    assert whole is not None and whole.attempts == 2 and whole.seconds > stopped.seconds
    assert len(executions(out)) == 2  # the state of the first attempt was there for the second


def test_an_executed_notebook_without_a_record_is_kept(root: Path, tmp_path: Path) -> None:
    (job,) = (one for one in references.jobs(root, tmp_path / "out") if one.notebook == "hw4_rnn.ipynb")
    solution = build.solution_notebook({"rnn": RNN})
    for number, cell in enumerate(solution.cells, start=1):
        cell.execution_count = number
    job.folder.mkdir(parents=True)
    job.path.write_bytes(build.to_bytes(solution))
    said: list[str] = []
    assert training.train(root, job, root / "data", Event(), said.append)
    assert said == ["hw4_rnn.ipynb: kept"] and not job.record.exists()


@pytest.mark.parametrize("broken", ["other code", "not executed", "error"])
def test_only_the_whole_solution_counts_as_executed(broken: str, tmp_path: Path) -> None:
    solution = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("train()")])
    path = tmp_path / "hw4_rnn.ipynb"
    write_notebook(path)
    assert training.is_executed(path, solution)
    if broken == "error":
        write_notebook(path, error="ValueError")
    else:
        notebook = nbformat.read(path, as_version=4)
        notebook.cells[0] |= {"source": "cheat()"} if broken == "other code" else {"execution_count": None}
        path.write_bytes(build.to_bytes(notebook))
    assert not training.is_executed(path, solution)


def test_a_file_that_is_no_record_is_an_error_and_removes_nothing(root: Path, tmp_path: Path) -> None:
    job = references.jobs(root, tmp_path / "out")[-1]
    job.state[0].mkdir(parents=True)
    job.record.write_text('{"seconds": 3}')
    with pytest.raises(RecordError, match=rf"{re.escape(str(job.record))}: not a record"):
        read_record(job.record)
    said: list[str] = []
    assert not training.train(root, job, root / "data", Event(), said.append)
    assert said[0].startswith("hw4_rnn.ipynb: FAILED: ") and job.state[0].is_dir()


def test_the_questions_are_those_of_the_manifest() -> None:
    manifest = load(ROOT)
    for question in figures.QUESTIONS:
        assignment = manifest[question.assignment]
        assert question.topic in assignment.notebooks[question.notebook]
        if question.label in assignment.model_questions:
            assert (question.relation, question.threshold) == (
                "at least",
                assignment.model_questions[question.label].threshold,
            )
    jobs = references.jobs(ROOT, Path("out"))
    assert [job.notebook for job in jobs[:2]] == ["Assignment2-2_Transformers.ipynb", "Assignment2-1_RNN.ipynb"]
    assert {job.notebook for job in jobs} == {name for one in manifest.values() for name in one.notebooks}
    state = [Path("out/assignment2/runs/imdb"), Path("out/assignment2/model_checkpoints/assignment2-1-2")]
    assert list(jobs[1].state) == state


@pytest.mark.parametrize(
    ("label", "figure", "text"),
    [
        ("1f", 70.0, "70.00 %, **missed**"),
        ("1f", 70.01, "70.01 %"),
        ("2c", 7.0, "7.00, **missed**"),
        ("2c", 6.99, "6.99"),
        ("3e", 65.0, "65.00 %"),
        ("2-1-2", 87.99, "87.99 %, **missed**"),
    ],
)
def test_a_threshold_is_above_below_or_at_least(label: str, figure: float, text: str) -> None:
    (question,) = (one for one in figures.QUESTIONS if one.label == label)
    assert question.text(figure) == text


def write_class_of_runs(out: Path) -> None:
    """The runs of three notebooks: one model, five models whose lines tell seconds since the start, two of an epoch."""
    write_notebook(
        out / "hw4/hw4_seq2seq.ipynb",
        "2,000 sentence pairs, 1,900 kept",
        "epoch 1: learning rate 0.00400, training perplexity 20.00, validation perplexity 12.00",
        "epoch 2: learning rate 0.00200, training perplexity 9.00, validation perplexity 6.50",
        "Test perplexity: 6.40",
    )
    perplexities = {"perplexity/train": [20.0, 9.0], "perplexity/valid": [12.0, 6.5], "learning rate": [4e-3, 2e-3]}
    write_log(out / "hw4/runs/seq2seq", **perplexities)
    names = ["gru", "gru-b", "gru-c", "gru-d", "gru-e"]
    epochs = [
        f"{name}, epoch {epoch} of 2: training loss 0.5 accuracy 70.00 %, validation loss 0.4 accuracy 80.00 %, {s} s"
        for name, (epoch, s) in itertools.product(names, [(1, 60), (2, 150)])
    ]
    tests = [f"{name}: test accuracy 8{number}.50 %" for number, name in enumerate(names, start=4)]
    write_notebook(out / "assignment2/Assignment2-1_RNN.ipynb", *epochs, *tests)
    for name in names:
        scalars = ("loss/train", "loss/valid", "accuracy/train", "accuracy/valid")
        write_log(out / "assignment2/runs/imdb" / name, **{tag: [70.0, 80.0] for tag in scalars})
    write_notebook(
        out / "assignment2/Assignment2-2_Transformers.ipynb",
        "950 pictures to train with, 50 to validate, 200 to test",
        "vit, epoch 1 of 2: loss 1.0, validation 60.00 %, 60 s\nvit, epoch 2 of 2: loss 0.9, validation 61.00 %, 90 s",
        "swin, epoch 1 of 1: loss 1.000, validation 74.00 %, 30 s",
        "vit: 552,714 parameters, test accuracy 61.20 %",
        "swin: 700,000 parameters, test accuracy 73.00 %",
    )
    for name in ("Assignment2-1_RNN", "Assignment2-2_Transformers"):
        Record("00", 1, 1800.0, 2300.5, MACHINE).write(out / "assignment2" / f"{name}.json")


def test_the_page_tells_what_the_notebooks_printed(tmp_path: Path) -> None:
    out, docs = tmp_path / "out", tmp_path / "docs"
    (docs / "results").mkdir(parents=True)
    (docs / "results/1f.svg").write_text("of a former run")
    write_class_of_runs(out)
    write_page(docs, out)
    page = (docs / "results.md").read_text()
    for line in (
        "| 1f, `hw4_rnn.ipynb` | test accuracy above 70 % | not run |  |  |  |",
        "| 2c, `hw4_seq2seq.ipynb` | test perplexity below 7 | 6.40 | 2 | not measured | not measured |",
        "| 2-1-2, `Assignment2-1_RNN.ipynb` | test accuracy at least 88 % | 88.50 % (`gru-e`) | 10 (5 models) "
        "| 30.0 | 2,300 |",
        "| 2-2-2, `Assignment2-2_Transformers.ipynb` | test accuracy at least 73 % | 73.00 % (`swin`) | 3 (2 models) "
        "| 30.0 | 2,300 |",
        "| model | test accuracy | epochs | minutes of training |",
        "| `gru-b` | 85.50 % | 2 | 2.5 |",
        "| model | parameters | test accuracy | epochs | minutes of training |",
        "| `vit` | 552,714 | 61.20 % | 2 | 2.5 |",
        "Data: 2,000 sentence pairs, 1,900 kept.",
        "Data: 950 pictures to train with, 50 to validate, 200 to test.",
        "![Curves of 2-1-2 over the epochs](results/2-1-2.svg)",
    ):
        assert line in page.splitlines(), line
    assert page.count(f"The machine: {MACHINE}.\n") == 1
    assert str(tmp_path) not in page and os.uname().nodename not in page
    assert sorted(path.name for path in (docs / "results").iterdir()) == ["2-1-2.svg", "2c.svg"]
    assert "results/2-2-2.svg" not in page  # it has no log


@pytest.mark.slow
def test_pictures_are_small_and_the_same_bytes_again(tmp_path: Path) -> None:
    write_class_of_runs(tmp_path / "out")
    for docs in ("a", "b"):
        write_page(tmp_path / docs, tmp_path / "out")
    for name in ("2c.svg", "2-1-2.svg"):
        first, second = ((tmp_path / docs / "results" / name).read_bytes() for docs in ("a", "b"))
        assert first == second and len(first) < 60_000
    text = first.decode()
    for label in ("gru-e", "validation", "training", "threshold (test set)", "accuracy (%)", "cross-entropy (nats)"):
        assert label in text, label
    assert "<dc:date>" not in text


def test_the_last_value_of_an_epoch_counts(tmp_path: Path) -> None:
    write_log(tmp_path, **{"loss/train": [3.0, 2.0, 9.0]})
    write_log(tmp_path, **{"loss/train": [2.5, 1.5]})
    assert curves.read_runs(tmp_path) == {"": {"loss/train": {1: 2.5, 2: 1.5, 3: 9.0}}}


def test_runs_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for name in ("vit", "swin"):
        write_log(tmp_path / name, **{"accuracy/valid": [60.0]})
    assert list(curves.read_runs(tmp_path)) == ["swin", "vit"]
    assert curves.read_runs(tmp_path / "nothing") == {}


def test_a_record_has_the_documented_form(tmp_path: Path) -> None:
    record = Record("5f1d", 2, 3971.2, 2251.6, MACHINE)
    record.write(tmp_path / "a.json")
    expected = {"code": "5f1d", "attempts": 2, "seconds": 3971.2, "peak_mib": 2251.6, "machine": MACHINE}
    assert json.loads((tmp_path / "a.json").read_text()) == expected
    assert read_record(tmp_path / "a.json") == record and read_record(tmp_path / "b.json") is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
