"""How near right answers come to the tolerances: the solution and every variant, question by question.

    python benchmarks/margins.py [--seed 1]

Prints, for each question, how many comparisons passed, and the largest share of its tolerance that a right answer used:
1 % means that the answer may be a hundred times less exact. 3b is recomputed under many readings of its layers at once,
so that only its gradients and its repeated calls are seen here.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import torch

from autograder.authoring import build
from autograder.authoring.answers import answered_notebook, read_answer
from autograder.checks import closeness
from autograder.cli.common import prepare_process
from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.ask import Diagnoses
from autograder.marking.question import ask_question
from autograder.marking.sandboxes import open_sandbox
from autograder.protocol.session import Session
from autograder.sandbox import Sandbox


class Margins:
    """What passed, by question: the share of its tolerance that the worst value of each comparison used."""

    def __init__(self) -> None:
        self.question = ""
        self.shares: dict[str, list[float]] = defaultdict(list)

    def watch(self) -> None:
        """Looks on at every comparison of this process from now on."""
        is_close, tolerance = closeness.is_close, closeness.tolerance

        def watched(got: object, want: torch.Tensor, *, atol: float | None = None, rtol: float | None = None) -> bool:
            passes = is_close(got, want, atol=atol, rtol=rtol)
            absolute, relative = tolerance(want, atol, rtol)
            if passes and isinstance(got, torch.Tensor) and want.is_floating_point() and want.numel():
                allowed = absolute + relative * want.double().abs()
                share = ((got.double() - want.double()).abs() / allowed).nan_to_num(0.0).max()
                self.shares[self.question].append(float(share))
            return passes

        closeness.is_close = watched


def right_answers(root: Path, topics: list[str]) -> Iterator[bytes]:
    """The notebook with the solution, and with each variant of its topics."""
    sources = build.read_sources(root, topics)
    yield build.to_bytes(build.solution_notebook(sources))
    for topic in topics:
        for path in sorted((root / "staff" / "variants" / topic).glob("*.py")):
            yield answered_notebook(sources, read_answer(path))


def mark(course: Course, sandbox: Sandbox, name: str, content: bytes, margins: Margins) -> None:
    """Puts all code questions of a notebook to it."""
    earlier: Diagnoses = {}
    with Session(sandbox.fork, content, name, course.assignment.limits.seconds) as session:
        for question in course.checks_by_question(name):
            margins.question = question
            ask_question(course, session, question, earlier)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="of the secret cases")
    seed = parser.parse_args().seed
    prepare_process()
    root, margins = project_root(), Margins()
    margins.watch()
    for assignment in load(root).values():
        course = load_course(root, assignment, secret_seed=seed)
        with open_sandbox(root, assignment) as sandbox:
            for name, topics in assignment.notebooks.items():
                for content in right_answers(root, list(topics)):
                    mark(course, sandbox, name, content, margins)
    print(f"{'question':<10}{'comparisons':>12}{'largest share':>15}")
    for question, shares in margins.shares.items():
        print(f"{question:<10}{len(shares):>12}{100 * max(shares):>13.2g} %")


if __name__ == "__main__":
    main()
