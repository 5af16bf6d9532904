"""Trains every solution notebook on real data; writes docs/results.md with its pictures, and staff/outputs/.

    python staff/references.py --data DIR --out OUT     # or: make references DATA=DIR [OUT=references]

As many notebooks run at a time as there are cores, one thread each, the longest first. OUT/<assignment>/ then holds
the executed notebooks, their `model_checkpoints/` and their `runs/` side by side: a submission that `autograder grade`
marks. Beside each notebook lie what it printed last (`.log`) and what all its attempts took (`.json`, whose form is in
reference_runs/record.py).

Run it again after an interruption: a notebook whose executed copy has the code cells of the present solution and no
error is kept, and a training cell that saves its state goes on from there. Nothing here knows which data a run had:
take another OUT for other data. A notebook that fails does not stop the others. Exit code 0: everything is trained,
1: a notebook failed, 2: wrong usage, 130: interrupted.
"""

import argparse
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

import nbformat
from reference_runs.figures import QUESTIONS
from reference_runs.page import write_page
from reference_runs.record import RecordError, cores
from reference_runs.training import Job, train

from autograder.authoring.outputs import record
from autograder.course.manifest import load
from autograder.course.root import project_root

PRINTED = ("rnn", "seq2seq", "vit")
LONGEST_FIRST = ("cifar10", "imdb", "vit", "rnn", "seq2seq")  # so that no core idles beside the longest


def jobs(root: Path, out: Path) -> list[Job]:
    """The notebooks of all accuracy questions that the course at `root` has, the longest first."""
    manifest, found = load(root), []
    for question in sorted(QUESTIONS, key=lambda question: LONGEST_FIRST.index(question.topic)):
        assignment = manifest.get(question.assignment)
        if assignment is not None and question.notebook in assignment.notebooks:
            folder = out / assignment.name
            state = [folder / "runs" / question.topic]
            if question.label in assignment.model_questions:
                state.append(folder / assignment.model_questions[question.label].folder)
            found.append(Job(question.notebook, assignment.notebooks[question.notebook], folder, tuple(state)))
    return found


def say(line: str) -> None:
    """Prints a line in one piece, so that lines of several threads do not mix."""
    print(f"{line}\n", end="", flush=True)


def train_all(root: Path, data: Path, out: Path) -> bool:
    """Trains what is not trained yet; returns whether every notebook now is. KeyboardInterrupt ends all of them."""
    stopped = Event()
    one = partial(train, root, data=data, stopped=stopped, report=say)
    with ThreadPoolExecutor(cores()) as pool:
        try:
            runs = [pool.submit(one, job) for job in jobs(root, out)]
            results = [run.result() for run in runs]
            return all(results)
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)


def record_outputs(root: Path, out: Path) -> None:
    """Keeps the outputs of trained notebooks whose questions are marked by what they print, in staff/outputs/."""
    for job in jobs(root, out):
        executed = job.path
        for topic in job.topics:
            if executed.exists() and topic in PRINTED:
                record(nbformat.read(executed, as_version=4), root / "staff" / "outputs" / f"{topic}.json")


def main() -> int:
    """Trains, writes the page, and returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a data directory, see docs/data.md")
    parser.add_argument("--out", type=Path, required=True, help="the folder that runs are kept in")
    options = parser.parse_args()
    root = project_root()
    if not options.data.is_dir():
        parser.error(f"{options.data}: no such folder")
    data, out = options.data.absolute(), options.out.absolute()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the notebooks as Ctrl-C does
    try:
        trained = train_all(root, data, out)
        write_page(root / "docs", out)
        record_outputs(root, out)
    except KeyboardInterrupt:
        print("interrupted; the same command continues from here", file=sys.stderr)
        return 130
    except RecordError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"wrote {root / 'docs' / 'results.md'}")
    return 0 if trained else 1


if __name__ == "__main__":
    sys.exit(main())
