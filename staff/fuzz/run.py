"""Fuzzes the grader with archives, notebooks and replies of workers; the same inputs for the same seed and project.

python staff/fuzz/run.py --inputs 10000 --seed 7 [--kind archives] [--failures FOLDER]
python staff/fuzz/run.py --replay FOLDER/archives-000001.json
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [
    path for path in (str(HERE), str(HERE.parent / "submissions"), str(ROOT)) if path not in sys.path
]  # fmt: skip

from harness import ASSIGNMENT, PEAK_MIB, PROCESSOR_SECONDS, Harness, Summary, Trial  # noqa: E402
from inputs import KINDS, Input, generate  # noqa: E402

from autograder.course.manifest import load  # noqa: E402
from autograder.marking.sandboxes import open_sandbox  # noqa: E402

SHARES = {"archives": 0.5, "notebooks": 0.2, "frames": 0.3}  # of all inputs


def counts(inputs: int, kind: str | None) -> dict[str, int]:
    """How many inputs of each kind are tried."""
    return {kind: inputs} if kind else {name: round(inputs * share) for name, share in SHARES.items()}


def fuzz(harness: Harness, kind: str, count: int, seed: int, failures: Path | None) -> Summary:
    """Tries so many inputs of a kind; those that fail are written to the folder `failures`, at once."""

    def report(one: Input, trial: Trial) -> None:
        if not trial.problems:
            return
        print(f"FAILED: {one.kind}, {one.made}: {trial.problems[0]}", flush=True)
        if failures:
            failures.mkdir(parents=True, exist_ok=True)
            path = failures / f"{kind}-{len(list(failures.iterdir())):06d}.json"
            one.save(path)
            print(f"replay: python staff/fuzz/run.py --replay {path}", flush=True)

    return harness.try_all(generate(kind, seed, count, harness.materials), report)


def show(kind: str, summary: Summary) -> None:
    """Prints the figures of one kind."""
    made = ", ".join(f"{name} {count}" for name, count in sorted(summary.made.items()))
    print(f"\n{kind}: {summary.inputs} inputs ({made}), {summary.rows} rows, {len(summary.failed)} failed")
    print(f"{summary.seconds:.1f} s, {summary.slowest:.2f} s the slowest (at most {PROCESSOR_SECONDS:g} s of CPU time)")
    print(f"peak memory {summary.peak_mib:.0f} MiB above the start (at most {PEAK_MIB:.0f})")
    print(f"{len(summary.outcomes)} distinct outcomes:")
    for text, count in summary.outcomes.most_common():
        print(f"{count:7d}  {text}")


def main(arguments: Sequence[str]) -> int:
    """Runs the command line; returns 1 if any input failed or has no row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--failures", type=Path, help="where inputs that fail are written")
    parser.add_argument("--replay", type=Path, nargs="+", default=[], help="inputs that failed, to be tried again")
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}")
    failed = False
    started = time.monotonic()
    with open_sandbox(ROOT, load(ROOT)[ASSIGNMENT]) as sandbox, tempfile.TemporaryDirectory() as work:
        harness = Harness(ROOT, Path(work), sandbox)
        for path in chosen.replay:
            summary = harness.try_all([Input.load(path)])
            show(str(path), summary)
            print(*(problem for _, trial in summary.failed for problem in trial.problems), sep="\n")
            failed |= bool(summary.failed)
        for kind, count in counts(chosen.inputs, chosen.kind).items() if not chosen.replay else ():
            summary = fuzz(harness, kind, count, chosen.seed, chosen.failures and chosen.failures.resolve())
            show(kind, summary)
            failed |= bool(summary.failed) or summary.rows != summary.inputs
    print(f"\n{time.monotonic() - started:.0f} s in all, seed {chosen.seed}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
