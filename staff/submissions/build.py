"""Builds the sample classes: archives as students hand them in, the same bytes every time.

python staff/submissions/build.py FOLDER     writes FOLDER/assignment2/ and FOLDER/hw4/
python staff/submissions/build.py --golden   grades them and rewrites the golden reports beside this file
"""

import csv
import io
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [path for path in (str(HERE), str(ROOT)) if path not in sys.path]

import assignment2  # noqa: E402
import hw4  # noqa: E402
import writing  # noqa: E402
from rich.console import Console  # noqa: E402

from autograder.classroom.grade import Order, grade_class  # noqa: E402
from autograder.course.manifest import load  # noqa: E402
from autograder.gradebook.sheets import RECEIPT_COLUMNS  # noqa: E402

CLASSES = {"assignment2": assignment2.samples, "hw4": hw4.samples}
GOLDEN = HERE / "golden"
REPORTS = ("verdicts.csv", "grades.csv", "attempts.csv")
SECRET_SEED = 2024
DATA = ROOT / "data" / "samples"
# Enough for every honest answer on a busy machine, and little for those that never end.
SECONDS = 4.0


def write_class(name: str, folder: Path) -> list[Path]:
    """Writes the archives of one class into a folder, which is made; returns them."""
    folder.mkdir(parents=True, exist_ok=True)
    assignment = load(ROOT)[name]
    paths = []
    for sample in CLASSES[name](ROOT):
        path = folder / sample.archive
        path.write_bytes(writing.archive(sample, ROOT, assignment))
        paths.append(path)
    return paths


def grade(name: str, submissions: Path, out: Path, jobs: int) -> int:
    """Grades a class as the golden reports have it; returns how many verdicts are UNGRADED."""
    order = Order(ROOT, load(ROOT)[name], submissions, out, jobs, SECONDS, SECRET_SEED, data=DATA)
    return grade_class(order, Console())


def write_golden() -> None:
    """Grades every class and replaces its golden reports."""
    for name in CLASSES:
        with tempfile.TemporaryDirectory() as temporary:
            submissions, out = Path(temporary) / name, Path(temporary) / "grades"
            write_class(name, submissions)
            grade(name, submissions, out, jobs=1)
            (GOLDEN / name).mkdir(parents=True, exist_ok=True)
            for report in REPORTS:
                text = comparable((out / report).read_text("utf-8-sig"))
                (GOLDEN / name / report).write_text(text, "utf-8-sig", newline="\n")


def comparable(report: str) -> str:
    """A report without receipts: another zlib packs the same class into other bytes."""
    rows = list(csv.reader(io.StringIO(report)))
    kept = [place for place, column in enumerate(rows[0]) if column not in RECEIPT_COLUMNS]
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        [row[place] for place in kept] for row in rows
    )
    return text.getvalue()


def main(arguments: list[str]) -> int:
    """Runs the command line; returns the exit code."""
    if arguments == ["--golden"]:
        write_golden()
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    for name in CLASSES:
        paths = write_class(name, Path(arguments[0]) / name)
        print(f"wrote {len(paths)} submissions to {paths[0].parent}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
