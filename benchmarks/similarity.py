"""How long `autograder similar` takes for a large class, and how many pairs it finds in one of the course's answers.

    python benchmarks/similarity.py [--students 300] [--assignment hw4] [--models 0]

Each student hands in every notebook of the assignment. In each stands a variant or a mutant of one topic; the class has
all of them before it has one a second time. A line with a figure of the student's own stands in every notebook, so that
no two are the same file; with --models, so many saved models of 4 MiB for each question about them. Prints seconds of
wall and processor time without making the class, and the load before.
"""

import argparse
import io
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

import numpy as np  # noqa: E402
import torch  # noqa: E402
from similar_class import Files, notebook_of, variants, write_class  # noqa: E402

from autograder.classroom.similarity.files import write_files  # noqa: E402
from autograder.classroom.similarity.similar import compare_class  # noqa: E402
from autograder.course.manifest import Assignment, load  # noqa: E402
from autograder.gradebook.gradebook import Gradebook  # noqa: E402

MODEL_VALUES = 1 << 20  # of 4 bytes


def works_of(assignment: Assignment, students: int, models: int) -> list[Files]:
    """What each student hands in."""
    works: list[dict[str, bytes | str]] = [{} for _ in range(students)]
    for notebook, topics in assignment.notebooks.items():
        answers = [one for topic in topics for kind in ("variants", "mutants") for one in variants(topic, kind)]
        for number, answer in enumerate(islice(cycle(answers), students)):
            code = f"{answer.code}\nmine = {number}\n"
            works[number][notebook] = notebook_of(replace(answer, code=code))
    for number, work in enumerate(works):
        for rule in assignment.model_questions.values():
            work |= {f"{rule.folder}/model-{one}.pt": _model(number * models + one) for one in range(models)}
    return list(works)


def _model(seed: int) -> bytes:
    """A saved model with weights of its own, half of them in one large tensor."""
    values = torch.from_numpy(np.random.default_rng(seed).standard_normal(MODEL_VALUES, np.float32))
    file = io.BytesIO()
    torch.save({"embedding": values[: MODEL_VALUES // 2].clone(), "rest": values[MODEL_VALUES // 2 :].clone()}, file)
    return file.getvalue()


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--assignment", default="hw4")
    parser.add_argument("--models", type=int, default=0)
    arguments = parser.parse_args()
    assignment = load(ROOT)[arguments.assignment]
    with tempfile.TemporaryDirectory() as temporary:
        grades = write_class(
            Path(temporary) / "class", works_of(assignment, arguments.students, arguments.models), assignment
        )
        load_before, started, before = os.getloadavg()[0], time.monotonic(), _processor_seconds()
        with Gradebook(grades, assignment, alone=False) as gradebook:
            similarity = compare_class(ROOT, gradebook, [])
        (page, *_) = write_files(similarity, grades / "similarity")
        seconds, busy = time.monotonic() - started, _processor_seconds() - before
        each = f"{len(assignment.notebooks)} notebooks and {arguments.models} models for each question about them"
        print(f"{similarity.people} students, each with {each}, load before {load_before:.1f}")
        print(*similarity.problems[:3], sep="\n", end="\n" if similarity.problems else "")
        print(f"{seconds:.1f} s, {busy:.1f} s of processor time, page of {page.stat().st_size / 1e6:.1f} MB")
        kinds = Counter(row.subject.kind for row in similarity.rows)
        print(f"pairs: {', '.join(f'{number} {kind}' for kind, number in kinds.items()) or 'none'}")


def _processor_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main()
