"""How long a student's own check takes, in times of `import torch`, on a bundle as students get it.

    python benchmarks/check.py [RUNS]

Of several runs, one of each kind after the other, the least counts: other work on the machine only ever adds to them.
CPU seconds are those of all processes. Before them comes a run that does not count: in it Python compiles what the
bundle holds, as torch was compiled when it was installed.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from autograder.authoring.build import read_sources, solution_notebook, to_bytes
from autograder.authoring.release import release
from autograder.course.manifest import load
from autograder.course.root import project_root

# Those whose code imports no torchvision.
MEASURED = {"hw4": ["hw4_rnn.ipynb", "hw4_seq2seq.ipynb"], "assignment2": ["Assignment2-1_RNN.ipynb"]}
IMPORT = [sys.executable, "-c", "import torch"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Times(NamedTuple):
    """Seconds by the clock, and of all cores together."""

    wall: float
    cpu: float


def measure(command: Sequence[str], folder: Path) -> Times:
    """One run of a command; it may end with any status."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, check=False)
    wall, after = time.perf_counter() - began, os.times()
    return Times(wall, after.children_user + after.children_system - before.children_user - before.children_system)


def least(measured: Sequence[Times]) -> Times:
    """The least of several runs, by each clock."""
    return Times(min(one.wall for one in measured), min(one.cpu for one in measured))


def main(runs: int) -> None:
    """Prints a line for each notebook: its solution checked, beside `import torch`."""
    root = project_root(Path(__file__).parent)
    with tempfile.TemporaryDirectory() as scratch:
        for name, notebooks in MEASURED.items():
            assignment = load(root)[name]
            bundle = release(root, assignment, Path(scratch) / name)
            for notebook in notebooks:
                sources = read_sources(root, assignment.notebooks[notebook])
                (bundle / notebook).write_bytes(to_bytes(solution_notebook(sources)))
                check = [sys.executable, "-m", "autograder", "check", notebook]
                measure(check, bundle)
                pairs = [(measure(IMPORT, bundle), measure(check, bundle)) for _ in range(runs)]
                torch, checked = (least(several) for several in zip(*pairs, strict=True))
                print(
                    f"{notebook:32} {checked.wall:6.2f} s, {checked.wall / torch.wall:.2f} times import torch "
                    f"({torch.wall:.2f} s); CPU {checked.cpu:.2f} s, {checked.cpu / torch.cpu:.2f} times",
                    flush=True,
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 5)
