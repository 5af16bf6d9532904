"""How long each check cell of each notebook takes in a student's kernel, beside `import torch`, and what it says.

    python benchmarks/check_cells.py [skeleton|half|solution]... [--data DIRECTORY]

Each notebook is run from top to bottom from an unpacked bundle in an empty folder. `half` is the skeleton with every
second cell answered. A cell that trains for over a minute is interrupted, as a student may; the file, from which
the check takes what was printed, has the outputs that are recorded of a whole run. DIRECTORY is a data directory,
otherwise the samples.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from autograder.authoring.build import read_sources, solution_notebook, to_bytes
from autograder.authoring.outputs import recorded, with_outputs
from autograder.authoring.release import release
from autograder.course.data_package import import_data
from autograder.course.manifest import Assignment, load
from autograder.course.root import project_root
from autograder.notebook.given import is_check

ROOT = project_root(Path(__file__).parent)
KINDS = ("skeleton", "half", "solution")
CELL_SECONDS = 60


def import_seconds() -> float:
    """Seconds that `import torch` takes in a fresh process now."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import torch"], check=True)
    return time.perf_counter() - began


def cells_of(kind: str, skeleton: Any, solution: Any) -> Any:
    """The notebook of a kind: both have the same cells by their ids."""
    answers = {cell.id: cell.source for cell in solution.cells if cell.cell_type == "code"}
    unwritten = [cell for cell in skeleton.cells if answers.get(cell.id, cell.source) != cell.source]
    for number, cell in enumerate(unwritten):
        if kind == "solution" or (kind == "half" and number % 2):
            cell.source = answers[cell.id]
    return skeleton


def timed_checks(notebook: Any, folder: Path, data: str) -> Iterator[tuple[str, float, str]]:
    """Runs a notebook in a folder; of each check cell its source, its seconds and what it shows."""
    began, seconds = {}, {}

    def starts(*, cell_index: int, **_: object) -> None:
        began[cell_index] = time.perf_counter()

    def ends(*, cell_index: int, **_: object) -> None:
        seconds[cell_index] = time.perf_counter() - began[cell_index]

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=CELL_SECONDS,
        interrupt_on_timeout=True,
        allow_errors=True,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=starts,
        on_cell_executed=ends,
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    client.execute(env=environment | {"HOMEWORK_DATA": data})
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type != "code":
            continue
        for output in cell.outputs:
            if output.output_type == "error" and output.ename not in ("NotImplementedError", "KeyboardInterrupt"):
                yield cell.source[:40], seconds[number], f"{output.ename}: {output.evalue}"
        if is_check(cell.source):
            shown = [str(one.get("text") or one.get("data", {}).get("text/plain", "")) for one in cell.outputs]
            yield cell.source, seconds[number], "\n".join(shown)


def measure(assignment: Assignment, kind: str, scratch: Path, data: str) -> None:
    """Prints a block for each notebook of an assignment."""
    bundle = release(ROOT, assignment, scratch / kind / assignment.name)
    for name, topics in assignment.notebooks.items():
        notebook = cells_of(kind, nbformat.read(bundle / name, 4), solution_notebook(read_sources(ROOT, topics)))
        outputs = recorded(ROOT, topics) if kind == "solution" else {}
        (bundle / name).write_bytes(with_outputs(to_bytes(notebook), outputs))
        print(f"\n== {name}, {kind}; import torch {import_seconds():.2f} s, load {os.getloadavg()[0]:.1f}", flush=True)
        for source, seconds, shown in timed_checks(notebook, bundle, data):
            print(f"{seconds:7.2f} s  {source}\n           " + shown.strip().replace("\n", "\n           "), flush=True)


def main() -> None:
    """Measures the kinds that are named, or all of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--data", default=str(getattr(import_data(ROOT), "SAMPLES", "")))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for kind in options.kinds or KINDS:
            for assignment in load(ROOT).values():
                measure(assignment, kind, Path(scratch), options.data)


if __name__ == "__main__":
    main()
