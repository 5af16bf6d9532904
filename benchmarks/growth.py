"""How cost, memory and files grow with a class: 10, 100, 1,000, 10,000 submissions of assignment 2's code.

python -m benchmarks.growth --folder DIR [--stages 10,100,1000] [--jobs 2] [--plot docs/images/growth.svg]

Of each class 2 % attack the grader (endless loops, too much memory, forks, crashes), and a question has two seconds.
Each stage is a class and a gradebook of its own in DIR, which has to stay: what is interrupted, by Ctrl-C or by the end
of the machine, goes on where it was when the same command is given again, and what it took before is added. Stages that
are complete are shown again and not repeated.
"""

import argparse
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from autograder.course.root import project_root
from benchmarks.ours import run_ours
from benchmarks.process import Usage
from benchmarks.report import Report, table
from benchmarks.submissions import pack, submissions

ASSIGNMENT, SEED = "assignment2", 7
HOSTILE = 0.02
LIMIT_SECONDS = 2.0
_SAMPLE_SECONDS = 5.0
_COLUMNS = {
    "submissions": "submissions",
    "wall s each": "wall s each",
    "CPU s each": "CPU s each",
    "grader MiB": "grader's peak MiB",
    "all MiB": "all processes' peak MiB",
    "gradebook MB": "gradebook MB",
    "class page MB": "class page MB",
    "legs": "times started",
}


class Stage:
    """A class of one size. `legs` are what the grader took each time that it was started."""

    def __init__(self, size: int, folder: Path, jobs: int) -> None:
        self.size = size
        self._root = project_root()
        self._folder = folder / f"class-of-{size}"
        self._grades = self._folder / "grades"
        self._jobs = jobs
        self._path = self._folder / "stage.json"
        state: dict[str, Any] = json.loads(self._path.read_text()) if self._path.exists() else {}
        self.complete: bool = state.get("complete", False)
        self._legs: list[dict[str, Any]] = state.get("legs", [])

    def run(self) -> None:
        """Grades what is left of the class; what it takes is noted every few seconds."""
        if self.complete:
            return
        pack(self._folder / "class", submissions(self._root, ASSIGNMENT, self.size, HOSTILE))
        loads = {"began": time.strftime("%Y-%m-%d %H:%M"), "load": os.getloadavg()[0]}
        self._legs.append(loads)

        def note(usage: Usage) -> None:
            self._legs[-1] = {**loads, **asdict(usage)}
            self._keep()

        options = ["--out", self._grades, "--jobs", self._jobs, "--secret-seed", SEED, "--limit-seconds", LIMIT_SECONDS]
        command = ["grade", self._folder / "class", "--assignment", ASSIGNMENT, *options]
        usage = run_ours(self._root, *command, log=self._folder / "log", sample_every=_SAMPLE_SECONDS, on_sample=note)
        self.complete = True
        note(usage)

    def figures(self) -> dict[str, Any]:
        """What the stage came to."""
        legs = [leg for leg in self._legs if "wall" in leg]
        return {
            "submissions": self.size,
            "wall s each": sum(leg["wall"] for leg in legs) / self.size,
            "CPU s each": sum(leg["cpu"] for leg in legs) / self.size,
            "grader MiB": max(leg["peak_mib"] or 0.0 for leg in legs),
            "all MiB": max(leg["tree_mib"] or 0.0 for leg in legs),
            "gradebook MB": _megabytes(*self._grades.glob("gradebook.sqlite*")),
            "class page MB": _megabytes(self._grades / "class.html"),
            "legs": len(legs),
            "load": [leg["load"] for leg in legs],
        }

    def _keep(self) -> None:
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps({"complete": self.complete, "legs": self._legs}, indent=1))
        part.replace(self._path)


def draw(figures: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draws time, memory and files against the size of the class."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    sizes = [one["submissions"] for one in figures]
    panels = {
        "seconds per submission": ("wall s each", "CPU s each"),
        "peak memory, MiB": ("grader MiB", "all MiB"),
        "files, MB": ("gradebook MB", "class page MB"),
    }
    with rc_context({"svg.hashsalt": "autograder", "svg.fonttype": "none", "font.size": 9}):
        figure = Figure(figsize=(9.6, 3.0), layout="constrained")
        for axes, (title, names) in zip(figure.subplots(1, len(panels)), panels.items(), strict=True):
            for name, style in zip(names, ("o-", "s--"), strict=True):
                axes.plot(sizes, [one[name] for one in figures], style, label=_COLUMNS[name])
            axes.set(title=title, xlabel="submissions", xscale="log", ylim=(0, None))
            axes.spines[["top", "right"]].set_visible(False)
            axes.legend(frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None})


def _megabytes(*paths: Path) -> float:
    return sum(path.stat().st_size for path in paths) / 1e6


def main() -> None:
    """Runs the stages, prints the table, writes the JSON file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="keeps the classes and their gradebooks")
    parser.add_argument("--stages", default="10,100,1000", help="sizes, and 10000, which takes long")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--plot", type=Path, help="an SVG file")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = Report("growth", vars(options))
    figures: list[dict[str, Any]] = []
    for size in map(int, options.stages.split(",")):
        stage = Stage(size, options.folder, options.jobs)
        stage.run()
        figures.append(stage.figures())
        print(f"{size}: {figures[-1]}", flush=True)
    print(f"\n{table(list(_COLUMNS.values()), [[one[name] for name in _COLUMNS] for one in figures])}")
    if options.plot:
        draw(figures, options.plot)
    report.write({"stages": figures}, options.json)


if __name__ == "__main__":
    main()
