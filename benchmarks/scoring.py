"""What scoring a saved model costs in the sandbox, against a bare loop over the same batches in one process.

python -m benchmarks.scoring --models FOLDER --data DIR

FOLDER is a submission, such as the one that `make references` leaves; DIR is a data directory. Both sides use one
thread. A model counts from its fork to its last answer: reading the notebook, building the model, sending weights and
inputs included. Tells wall and CPU seconds, that of all processes, and the peak memory of each side in MiB.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import torch  # noqa: E402
from imdb_reviews import Reviews  # noqa: E402

from autograder.course.course import load_course  # noqa: E402
from autograder.course.manifest import load  # noqa: E402
from autograder.course.test_sets import TestSet, test_sets_of  # noqa: E402
from autograder.intake.source import source_at  # noqa: E402
from autograder.marking.sandboxes import open_scoring_sandbox  # noqa: E402
from autograder.models.measure import ModelScorer, models_of  # noqa: E402
from autograder.models.reading import take_models  # noqa: E402
from autograder.sandbox.reader import Readers  # noqa: E402
from benchmarks.process import cpu_seconds, descendants  # noqa: E402
from benchmarks.report import Report, table  # noqa: E402

ASSIGNMENT = load(ROOT)["assignment2"]


class Seconds(NamedTuple):
    """By the clock, and of all cores."""

    wall: float
    cpu: float


def timed(work: Callable[[], object]) -> Seconds:
    """What a piece of work takes in this process and in those that it has started."""

    def cpu() -> float:
        return sum(map(cpu_seconds, descendants(os.getpid())))

    began, used = time.perf_counter(), cpu()
    work()
    return Seconds(time.perf_counter() - began, cpu() - used)


def bare_gru(folder: Path, name: str, notebook: Path, data: TestSet) -> Seconds:
    """What the test reviews take through one saved GRU in this process."""
    cells = json.loads(notebook.read_text())["cells"]
    source = next("".join(cell["source"]) for cell in cells if "class SentimentGRU" in "".join(cell["source"]))
    names: dict[str, Any] = {"torch": torch, "nn": torch.nn, "PAD": 0}
    exec(source, names)
    config, vocabulary = (json.loads((folder / f"{file}.json").read_text()) for file in (name, "vocab"))
    fields = ("embed_dim", "hidden_dim", "num_layers", "is_bidirectional", "dropout", "output_dim")
    model = names["SentimentGRU"](len(vocabulary), *(config[field] for field in fields))
    model.load_state_dict(torch.load(folder / f"{name}.pt", weights_only=True))
    model.eval()
    batches = [(text, lengths) for _, text, lengths in Reviews(data, vocabulary).batches()]

    @torch.inference_mode()
    def infer() -> None:
        for text, lengths in batches:
            model(text, lengths)

    return timed(infer)


def bare_classifier(folder: Path, name: str, data: TestSet) -> Seconds:
    """What the test pictures take through one saved classifier in this process."""
    from transformers import AutoModelForImageClassification

    model = AutoModelForImageClassification.from_pretrained(folder / name).eval()
    settings = json.loads((folder / name / "preprocess.json").read_text())
    mean, std = (torch.tensor(settings[part])[:, None, None] for part in ("mean", "std"))
    images = torch.from_numpy(data.examples[0]).permute(0, 3, 1, 2)

    @torch.inference_mode()
    def infer() -> None:
        for batch in images.split(500):
            model(pixel_values=(batch.float() / 255 - mean) / std).logits.argmax(1)

    return timed(infer)


def peak(who: int) -> float:
    """The largest resident size so far, in MiB."""
    return resource.getrusage(who).ru_maxrss / 1024


def main() -> None:
    """Measures every model in the sandbox, then bare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    report, rows = Report("scoring", vars(options)), list[dict[str, Any]]()
    torch.set_num_threads(1)
    course, data = load_course(ROOT, ASSIGNMENT), test_sets_of(ROOT, ASSIGNMENT, options.data)
    with (
        open_scoring_sandbox(ROOT, ASSIGNMENT, course.imports) as sandbox,
        Readers([options.models], [take_models.__module__]) as readers,
        models_of(readers, [source_at(options.models, ASSIGNMENT)], list(ASSIGNMENT.model_questions.values())) as files,
    ):
        for notebook, check in course.model_checks:
            rule = ASSIGNMENT.model_questions[check.question]
            folder, path = options.models / rule.folder, options.models / notebook
            for name in sorted(
                found.stem if rule.data == "imdb" else found.parent.name for found in folder.glob(rule.models)
            ):
                kept = {
                    file: value
                    for file, value in files[rule.folder].items()
                    if file.startswith((f"{name}.", f"{name}/", "vocab"))
                }
                test_set = data[check.question]
                scorer = ModelScorer(check, rule, test_set, sandbox.fork)
                imdb = rule.data == "imdb"
                bare = bare_gru(folder, name, path, test_set) if imdb else bare_classifier(folder, name, test_set)
                isolated = timed(partial(scorer.measure, path.read_bytes(), notebook, kept))
                rows.append({"model": f"{check.question} {name}", "isolated": isolated, "bare": bare})
    print(_table(rows))
    memory = {"grader": peak(resource.RUSAGE_SELF), "worker": peak(resource.RUSAGE_CHILDREN)}
    print(f"\nPeak memory: grader {memory['grader']:.0f} MiB, a worker {memory['worker']:.0f} MiB")
    report.write({"models": rows, "peak MiB": memory}, options.json)


def _table(rows: list[dict[str, Any]]) -> str:
    columns = ["model", "isolated, wall s", "CPU s", "bare, wall s", "CPU s", "ratio, wall", "ratio, CPU"]
    return table(
        columns,
        [
            [
                row["model"],
                *row["isolated"],
                *row["bare"],
                *(a / b for a, b in zip(row["isolated"], row["bare"], strict=True)),
            ]
            for row in rows
        ],
    )


if __name__ == "__main__":
    main()
