"""How long `autograder similar` takes for a large class, and how many pairs it finds in one of the course's answers.

    python benchmarks/similarity.py [--students 300] [--assignment hw4]

Each student hands in every notebook of the assignment. In each stands a variant or a mutant of one topic; the class has
all of them before it has one a second time. A line with a figure of the student's own stands in every notebook, so that
no two are the same file. Prints seconds of wall and processor time without making the class, and the load before.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "staff" / "tests")]

from similar_class import Files, notebook_of, variants, write_class  # noqa: E402

from autograder.classroom.similarity.files import write_files  # noqa: E402
from autograder.classroom.similarity.similar import compare_class  # noqa: E402
from autograder.course.manifest import Assignment, load  # noqa: E402
from autograder.gradebook.gradebook import Gradebook  # noqa: E402


def works_of(assignment: Assignment, students: int) -> list[Files]:
    """What each student hands in."""
    works: list[dict[str, bytes | str]] = [{} for _ in range(students)]
    for notebook, topics in assignment.notebooks.items():
        answers = [one for topic in topics for kind in ("variants", "mutants") for one in variants(topic, kind)]
        for number, answer in enumerate(islice(cycle(answers), students)):
            code = f"{answer.code}\nmine = {number}\n"
            works[number][notebook] = notebook_of(replace(answer, code=code))
    return list(works)


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--assignment", default="hw4")
    arguments = parser.parse_args()
    assignment = load(ROOT)[arguments.assignment]
    with tempfile.TemporaryDirectory() as temporary:
        grades = write_class(Path(temporary) / "class", works_of(assignment, arguments.students), assignment)
        load_before, started, before = os.getloadavg()[0], time.monotonic(), _processor_seconds()
        with Gradebook(grades, assignment, alone=False) as gradebook:
            similarity = compare_class(ROOT, gradebook, [])
        (page, *_) = write_files(similarity, grades / "similarity")
        seconds, busy = time.monotonic() - started, _processor_seconds() - before
        print(
            f"{similarity.people} students, {len(assignment.notebooks)} notebooks each, load before {load_before:.1f}"
        )
        print(f"{seconds:.1f} s, {busy:.1f} s of processor time, page of {page.stat().st_size / 1e6:.1f} MB")
        kinds = Counter(row.subject.kind for row in similarity.rows)
        print(f"pairs: {', '.join(f'{number} {kind}' for kind, number in kinds.items()) or 'none'}")


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
