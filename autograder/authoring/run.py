"""Runs a notebook of the course from top to bottom, as a student would, and keeps its outputs."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

from autograder.authoring import build
from autograder.authoring.finish import finish
from autograder.course.data_package import import_data
from autograder.course.manifest import load


class RunError(Exception):
    """A notebook that does not run to its end; the message says which cell and which error, or what is missing."""


def run_notebook(
    root: Path,
    name: str,
    sources: Mapping[str, str],
    out: Path,
    data: Path | None,
    skeleton: bool,
    report: Callable[[str], None],
) -> Path:
    """Executes a notebook in the folder `out` and writes it there, outputs included; returns its path.

    `sources` are the scripts of its topics. `data` is the data directory, None the samples of the course's package;
    the notebook finds it in the environment variable HOMEWORK_DATA. A skeleton may raise NotImplementedError, a
    solution nothing. `report` gets a line after every code cell. Raises RunError, after the notebook was written or
    where nbclient is missing, and BuildError.
    """
    try:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, DeadKernelError
    except ImportError as error:
        raise RunError("nbclient is not installed: pip install nbclient ipykernel") from error

    notebook = build.skeleton_notebook(sources) if skeleton else build.solution_notebook(sources)
    for assignment in load(root).values():
        if name in assignment.notebooks:
            finish(notebook, root, assignment, name)
    out.mkdir(parents=True, exist_ok=True)
    started = monotonic()

    def executed(*, cell_index: int, **_: object) -> None:
        report(f"cell {cell_index + 1} of {len(notebook.cells)}, {monotonic() - started:.0f} s")

    client = NotebookClient(
        notebook,
        kernel_name="python3",
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
        timeout=None,
        resources={"metadata": {"path": str(out)}},
        allow_error_names=["NotImplementedError"] if skeleton else [],
        on_cell_executed=executed,
    )
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(root), *filter(None, [os.environ.get("PYTHONPATH")])])
    }
    if directory := data or getattr(import_data(root), "SAMPLES", None):
        environment["HOMEWORK_DATA"] = str(Path(directory).absolute())
    try:
        client.execute(env=environment)
    except CellExecutionError as error:
        cell = sum("execution_count" in one and one.execution_count is not None for one in notebook.cells)
        raise RunError(f"{name}, code cell {cell}: {error.ename}: {error.evalue}") from None
    except DeadKernelError as error:
        raise RunError(f"{name}: {error}") from None
    finally:
        (out / name).write_bytes(build.to_bytes(notebook))
    return out / name
