"""Compares the graders; the package's docstring says how."""

import argparse
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import benchmarks.peers as package
from benchmarks.peers.answers import ANSWERS, make_class
from benchmarks.peers.environment import NoEnvironment, prepare, versions
from benchmarks.peers.graders import Grader, Loop, NbGrader, Otter, Ours, Scores
from benchmarks.process import Usage, least, run
from benchmarks.report import Report, table

FLOOR = "floor"
OURS: dict[str, Callable[[], Grader]] = {
    "pytest": lambda: Loop("pytest", is_slow=True),
    FLOOR: lambda: Loop(FLOOR, is_slow=False),
    "ours-1": lambda: Ours(1),
    "ours-2": lambda: Ours(2),
}
PEERS: dict[str, Callable[[Path, Path], Grader]] = {
    "nbgrader": NbGrader,
    "otter": lambda folder, work: Otter(folder, work, "otter"),
    "otter-api": lambda folder, work: Otter(folder, work, "otter-api"),
}


class Comparison:
    """Runs graders on classes; every run gets a folder of its own in `work`."""

    def __init__(self, names: Sequence[str], work: Path, sizes: tuple[int, int], rounds: int) -> None:
        self._work = work
        self._slow, self._fast = sizes
        self._rounds = rounds
        self.versions: dict[str, str] = {}
        self.graders = self._prepare(names)
        self._ones: dict[str, Usage] = {}

    def _prepare(self, names: Sequence[str]) -> dict[str, Grader]:
        graders: dict[str, Grader] = {name: OURS[name]() for name in names if name in OURS}
        if peers := [name for name in names if name in PEERS]:
            try:
                folder = prepare()
                self.versions = versions(folder)
                graders = {**{name: PEERS[name](folder / "bin", self._work) for name in peers}, **graders}
            except NoEnvironment as error:
                print(f"Left out: {', '.join(peers)}. {error}", flush=True)
        return graders

    def size(self, name: str) -> int:
        """How many submissions a grader is measured on."""
        return self._slow if self.graders[name].is_slow else self._fast

    def rows(self, kinds: Sequence[str], names: Sequence[str]) -> dict[str, dict[str, Any]]:
        """What each grader takes for one more submission of these kinds: the least of some rounds, interleaved."""
        runs: dict[str, list[Usage]] = {name: [] for name in names}
        ones: dict[str, list[Usage]] = {name: [] for name in names}
        scores: dict[str, Scores] = {}
        for _ in range(self._rounds):
            for name in names:
                if name not in self._ones:
                    ones[name].append(self._graded(name, 0, kinds)[0])
                    print(f"{name}: {ones[name][-1].wall:.1f} s, CPU {ones[name][-1].cpu:.1f} s for one", flush=True)
                usage, scores[name] = self._graded(name, self.size(name), kinds)
                runs[name].append(usage)
                print(f"{name}: {usage.wall:.1f} s, CPU {usage.cpu:.1f} s for {self.size(name) + 1}", flush=True)
        self._ones |= {name: least(several) for name, several in ones.items() if several}
        return {name: self._row(name, least(runs[name]), scores) for name in names}

    def _row(self, name: str, usage: Usage, scores: dict[str, Scores]) -> dict[str, Any]:
        one, size = self._ones[name], self.size(name)
        truth, own = scores.get(FLOOR, {}), scores[name]
        same = sum(truth[student] == points for student, points in own.items() if student in truth)
        return {
            "submissions": size,
            "wall": (usage.wall - one.wall) / size,
            "cpu": (usage.cpu - one.cpu) / size,
            "class of one, wall": one.wall,
            "scores like the floor's": f"{same} of {size + 1}" if truth else "",
            "class": asdict(usage),
        }

    def _graded(self, name: str, count: int, kinds: Sequence[str]) -> tuple[Usage, Scores]:
        folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self._work))
        start = self.graders[name].start(make_class(count, kinds), folder)
        program = shutil.which(start.command[0], path=start.environment["PATH"]) or start.command[0]
        command = [program, *start.command[1:]]
        usage = run(command, start.folder, environment=start.environment, log=folder / "log", sample_every=0.5)
        try:
            return usage, self.graders[name].scores(folder)
        except (OSError, ValueError, LookupError) as error:
            print(f"{name} gave no scores ({error}):\n{(folder / 'log').read_text()[-2000:]}", flush=True)
            return usage, {}
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Measures, prints two tables, writes the JSON file."""
    parser = argparse.ArgumentParser(description=package.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graders", default=",".join([*PEERS, *OURS]))
    parser.add_argument("--slow", type=int, default=len(ANSWERS), help="submissions for those that take seconds each")
    parser.add_argument("--fast", type=int, default=40 * len(ANSWERS), help="submissions for the floor and ours")
    parser.add_argument("--rounds", type=int, default=1, help="the least of so many counts")
    parser.add_argument("--kinds", action="store_true", help="also the floor and ours, for each kind of answer alone")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report = Report("peers", vars(options))
    with tempfile.TemporaryDirectory() as work:
        comparison = Comparison(options.graders.split(","), Path(work), (options.slow, options.fast), options.rounds)
        names = list(comparison.graders)
        figures: dict[str, Any] = {"versions": comparison.versions, "class": comparison.rows(list(ANSWERS), names)}
        print(f"\n{_class_table(figures['class'])}\n", flush=True)
        if options.kinds:
            fast = [name for name in names if not comparison.graders[name].is_slow]
            figures["kinds"] = {kind: comparison.rows([kind], fast) for kind in ANSWERS}
            print(f"\n{_kinds_table(figures['kinds'], fast)}", flush=True)
    report.write(figures, options.json)


def _class_table(rows: dict[str, dict[str, Any]]) -> str:
    floor, fastest = rows.get(FLOOR), rows.get("ours-2")

    def ratio(one: dict[str, Any], other: dict[str, Any] | None, clock: str) -> float | None:
        return one[clock] / other[clock] if other else None

    columns = [
        "grader", "submissions", "wall s each", "CPU s each", "times ours-2, wall", "times ours-2, CPU",
        "times the floor's CPU", "class of one, s", "peak MiB, all processes", "scores like the floor's",
    ]  # fmt: skip
    lines = [
        [
            name, row["submissions"], row["wall"], row["cpu"], ratio(row, fastest, "wall"), ratio(row, fastest, "cpu"),
            ratio(row, floor, "cpu"), row["class of one, wall"], row["class"]["tree_mib"],
            row["scores like the floor's"],
        ]
        for name, row in rows.items()
    ]  # fmt: skip
    return table(columns, lines)


def _kinds_table(kinds: dict[str, dict[str, dict[str, Any]]], names: Sequence[str]) -> str:
    columns = [
        "kind of answer",
        *(f"{name}, CPU ms" for name in names),
        *(f"{name}, times the floor" for name in names),
    ]
    lines = [
        [
            kind,
            *(rows[name]["cpu"] * 1000 for name in names),
            *(rows[name]["cpu"] / rows[FLOOR]["cpu"] if FLOOR in rows else None for name in names),
        ]
        for kind, rows in kinds.items()
    ]
    return table(columns, lines)


if __name__ == "__main__":
    main()
