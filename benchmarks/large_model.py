"""Measures what a saved model as large as may be costs the grader: python benchmarks/large_model.py [MIB].

The small GRU of the sample class gets a parameter of MIB mebibytes (500), is saved as a `.pt` file, packed into a
tar.gz archive, taken out, read and measured on the sample reviews. Prints seconds and the peak memory of each process.
"""

import resource
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import torch

from autograder.authoring.build import read_sources, solution_notebook, to_bytes
from autograder.course.course import load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.course.test_sets import test_sets_of
from autograder.intake.source import source_at
from autograder.marking.sandboxes import open_scoring_sandbox
from autograder.models.measure import ModelScorer, models_of
from autograder.models.reading import take_models
from autograder.sandbox.reader import Readers

QUESTION, TOPIC, NOTEBOOK = "2-1-2", "imdb", "Assignment2-1_RNN.ipynb"
LAYER = "self.dropout = nn.Dropout(dropout)"


def write_archive(root: Path, folder: str, mib: int, path: Path) -> None:
    """A submission of one model, whose weights are mostly a parameter that nothing uses."""
    models = root / "staff" / "models" / TOPIC
    weights = torch.load(models / "gru.pt", weights_only=True)
    large = path.with_suffix(".pt")
    torch.save(weights | {"table": torch.randn(mib, 1 << 18)}, large)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        archive.add(large, f"{folder}/gru.pt")
        for name in ("gru.json", "vocab.json"):
            archive.add(models / name, f"{folder}/{name}")
    large.unlink()


def peak(who: int) -> float:
    """The largest resident size so far, in MiB."""
    return resource.getrusage(who).ru_maxrss / 1024


def main() -> None:
    """Does as the module says."""
    root, mib = project_root(), int(sys.argv[1]) if len(sys.argv) > 1 else 500
    assignment = load(root)["assignment2"]
    course, rule = load_course(root, assignment), assignment.model_questions[QUESTION]
    source = solution_notebook(read_sources(root, [TOPIC]))
    content = to_bytes(source).replace(
        LAYER.encode(), f"{LAYER}; self.table = nn.Parameter(torch.zeros({mib}, {1 << 18}))".encode()
    )
    (check,) = (check for _, check in course.model_checks if check.question == QUESTION)
    data = test_sets_of(root, assignment, root / "data" / "samples")[QUESTION]
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "2024-20001.tar.gz"
        write_archive(root, rule.folder, mib, archive)
        with (
            open_scoring_sandbox(root, assignment, course.imports) as sandbox,
            Readers([archive], [take_models.__module__]) as readers,
        ):
            before, started = peak(resource.RUSAGE_SELF), time.monotonic()
            with models_of(readers, [source_at(archive, assignment)], [rule]) as files:
                taken = time.monotonic()
                print(f"taken out in {taken - started:.0f} s", *files[rule.folder])
                scores = ModelScorer(check, rule, data, sandbox.fork).measure(content, NOTEBOOK, files[rule.folder])[1]
                print(f"measured in {time.monotonic() - taken:.0f} s: {scores.figure}", *scores.models)
    print(f"peak memory: grader {before:.0f} MiB before, {peak(resource.RUSAGE_SELF):.0f} MiB after", end="; ")
    print(f"the largest process that it started {peak(resource.RUSAGE_CHILDREN):.0f} MiB")


if __name__ == "__main__":
    main()
