"""How many instructions of the processor the warm path takes where it needs no torch, counted by valgrind.

python -m benchmarks.instructions [--record]

Counts hardly change with the load of the machine, so they show what time hides. Each piece of work is run a few times
and many times under `valgrind --tool=callgrind`; the difference tells what one time takes. The bounds of each family of
processors and version of Python lie in instructions.json: --record writes those of this machine, and without it more
than LARGEST times a bound is a failure, with exit code 1. Where there is no valgrind, or no bound, a line says so.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import processor, table

BOUNDS = Path(__file__).with_name("instructions.json")
LARGEST = 1.10
_FEW, _MANY = 1, 6
_TOPIC, _NOTEBOOK = "gru", "Assignment2-1_RNN.ipynb"


def works(folder: Path) -> Mapping[str, Callable[[], Any]]:
    """What is counted: each a function without arguments. `folder` holds what `prepare` wrote."""
    from autograder.course.manifest import load
    from autograder.course.root import project_root
    from autograder.intake.source import source_at
    from autograder.intake.submission import load as load_submission
    from autograder.notebook.notebook import read
    from autograder.notebook.outline import Outline

    assignment = load(project_root())["assignment2"]
    content = (folder / _NOTEBOOK).read_bytes()
    archive = source_at(folder / "2024-20000.tar.gz", assignment)
    frame = json.dumps(Outline.of(read(content)).to_wire())
    return {
        "take an archive in": lambda: load_submission(archive, "2024-20000", assignment),
        "read a notebook": lambda: read(content),
        "describe a notebook": lambda: json.dumps(Outline.of(read(content)).to_wire()),
        "take a description": lambda: Outline.from_wire(json.loads(frame)),
    }


def prepare(folder: Path) -> None:
    """Writes a notebook and an archive of it."""
    from autograder.course.root import project_root
    from benchmarks.submissions import pack, submissions

    (submission,) = submissions(project_root(), "assignment2", 1)
    (folder / _NOTEBOOK).write_bytes(submission[_NOTEBOOK])
    pack(folder, [submission])


def counts(folder: Path) -> dict[str, int]:
    """Instructions for one time of each work."""
    return {
        name: (_counted(folder, name, _MANY) - _counted(folder, name, _FEW)) // (_MANY - _FEW) for name in works(folder)
    }


def machine_key() -> str:
    """What the bounds belong to: the libraries choose their code by the processor, and each Python runs its own."""
    vendor = re.sub(r"[^A-Za-z]+.*", "", processor())
    family = re.search(r"family \d+", processor())
    return f"{vendor} {family[0] if family else 'unknown'}, Python {sys.version_info.major}.{sys.version_info.minor}"


def _counted(folder: Path, name: str, times: int) -> int:
    """Instructions of a fresh process that does a work so many times."""
    out = folder / "callgrind.out"
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", sys.executable, "-m", __spec__.name]
    environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, "--work", name, "--times", str(times), "--folder", str(folder)],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found:
        raise SystemExit(f"valgrind failed at {name!r}:\n{done.stderr[-2000:]}")
    return int(found[1])


def main() -> int:
    """Counts and compares; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="writes the bounds of this machine")
    for hidden in ("--work", "--folder", "--times"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work = works(Path(options.folder))[options.work]
        for _ in range(int(options.times)):
            work()
        return 0
    if not shutil.which("valgrind"):
        print("Instructions were not counted: there is no valgrind here.")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        counted = counts(Path(folder))
    bounds = json.loads(BOUNDS.read_text()) if BOUNDS.exists() else {}
    if options.record:
        BOUNDS.write_text(json.dumps({**bounds, machine_key(): counted}, indent=1, sort_keys=True) + "\n")
    known = bounds.get(machine_key(), {})
    ratios = {name: count / known[name] if name in known else None for name, count in counted.items()}
    rows = [[name, count / 1e6, ratios[name]] for name, count in counted.items()]
    print(table(["work", "million instructions", "times the bound"], rows))
    if not (known or options.record):
        print(f"There are no bounds for {machine_key()} yet: --record writes them.")
    return int(any(ratio is not None and ratio > LARGEST for ratio in ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
