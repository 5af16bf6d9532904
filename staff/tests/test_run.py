"""Notebooks run from top to bottom as a student would run them: skeletons as handed out, solutions on the samples."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from typer.testing import CliRunner

from autograder.authoring import build
from autograder.authoring.run import RunError, run_notebook
from autograder.cli.app import app
from autograder.course.manifest import load
from autograder.course.root import project_root

ROOT = project_root()
TOPICS = {name: topics for one in load(ROOT).values() for name, topics in one.notebooks.items()}
GIVEN_PRINTS = {
    "hw4_rnn.ipynb": ["1,000 texts to train with", "258 ids", "RNN.__init__ is not written", "is no `model`"],
    "hw4_seq2seq.ipynb": ["2,000 sentence pairs, 2,000 kept", "LSTMSeq2Seq.forward is not written yet", "no `model`"],
    "hw4_vit.ipynb": ["950 images to train with", "50 to validate, 200 to test", "ViT.__init__ is not", "no `model`"],
    "Assignment2-1_RNN.ipynb": [
        "gru_forward is not written yet",
        "SentimentGRU.__init__ is not written yet",
        "no curves in runs/imdb yet",
        "no model is saved in model_checkpoints/assignment2-1-2 yet",
    ],
    "Assignment2-2_Transformers.ipynb": [
        "cal_window_transformer_block is not written yet",
        "vit_config is not written yet",
        "no curves in runs/cifar10 yet",
        "swin: nothing is saved in model_checkpoints/assignment2-2-2/swin",
    ],
}
# Where a solution says how many epochs it trains, and the optimizer steps for each model that a test has time for:
# an epoch of the samples is 7 to 29 steps, and a step of a Swin takes up to 4 seconds on a slow core.
BUDGETS = {
    "hw4_rnn.ipynb": (r"(EPOCHS = )\d+", "75 // len(train_loader)"),
    "hw4_seq2seq.ipynb": (r"(, epochs = .+, )\d+", "232 // len(train_loader)"),
    "hw4_vit.ipynb": (r"(EPOCHS = )\d+", "70 // len(train_loader)"),
    "Assignment2-1_RNN.ipynb": (r"(epochs=)\d+", "8 * 64 // len(train_rows)"),
    "Assignment2-2_Transformers.ipynb": (r"(epochs=)\d+", "7 // len(train_loader)"),
}


def within_budget(name: str) -> dict[str, str]:
    """The sources of a solution whose training ends after a number of steps."""
    pattern, epochs = BUDGETS[name]
    sources = {
        topic: re.subn(pattern, rf"\g<1>{epochs}", text)
        for topic, text in build.read_sources(ROOT, TOPICS[name]).items()
    }
    assert sum(count for _, count in sources.values()) > 0
    return {topic: text for topic, (text, _) in sources.items()}


def run(name: str, out: Path, skeleton: bool = False, sources: dict[str, str] | None = None) -> Any:
    """The executed notebook, a solution within its budget."""
    lines: list[str] = []
    sources = sources or (build.read_sources(ROOT, TOPICS[name]) if skeleton else within_budget(name))
    path = run_notebook(ROOT, name, sources, out, None, skeleton, lines.append)
    cells = nbformat.read(path, as_version=4).cells
    assert len(lines) == sum(cell.cell_type == "code" for cell in cells)
    assert re.fullmatch(rf"cell \d+ of {len(cells)}, \d+ s", lines[-1])
    return cells


def outputs(cells: Any) -> list[Any]:
    return [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]


def printed(cells: Any) -> str:
    return "".join(output.text for output in outputs(cells) if output.output_type == "stream")


def pictures(cells: Any) -> int:
    return sum("image/png" in output.get("data", {}) for output in outputs(cells))


@pytest.mark.slow
@pytest.mark.parametrize("name", TOPICS)
def test_a_skeleton_runs_and_says_what_is_not_written(name: str, tmp_path: Path) -> None:
    cells = run(name, tmp_path, skeleton=True)
    assert not [output.evalue for output in outputs(cells) if output.output_type == "error"]
    assert "Warning" not in printed(cells).replace("TqdmWarning", "")  # of a library, where ipywidgets is missing
    for text in GIVEN_PRINTS[name]:
        assert text in printed(cells)


def logged(run_folder: Path, text: str) -> set[str]:
    """The tags of a TensorBoard log, which has to hold a value of each for every epoch that was printed."""
    events = EventAccumulator(str(run_folder))
    events.Reload()
    epochs = list(range(1, len(re.findall(r"^epoch \d+:", text, re.MULTILINE)) + 1))
    tags = set(events.Tags()["scalars"])
    assert len(epochs) > 1 and all([one.step for one in events.Scalars(tag)] == epochs for tag in tags)
    return tags


@pytest.mark.nightly
def test_the_rnn_learns_the_sample_and_logs_it(tmp_path: Path) -> None:
    cells = run("hw4_rnn.ipynb", tmp_path)
    accuracy = re.search(r"Test accuracy: ([\d.]+) %", printed(cells))
    assert accuracy and float(accuracy[1]) > 70
    assert pictures(cells) == 2  # its curves, and the given table of what is taken for what
    tags = {"loss/train", "loss/valid", "accuracy/train", "accuracy/valid", "learning rate"}
    assert logged(tmp_path / "runs" / "rnn", printed(cells)) == tags


@pytest.mark.nightly
def test_the_translator_learns_the_sample_and_plots_it(tmp_path: Path) -> None:
    cells = run("hw4_seq2seq.ipynb", tmp_path)
    perplexity = re.search(r"Test perplexity: ([\d.]+)", printed(cells))
    assert perplexity and 1 < float(perplexity[1]) < 7
    assert pictures(cells) == 2  # its curves, and the given attention maps
    tags = {"loss/train", "loss/valid", "perplexity/train", "perplexity/valid", "learning rate"}
    assert logged(tmp_path / "runs" / "seq2seq", printed(cells)) == tags


@pytest.mark.nightly
def test_the_vision_transformer_learns_the_sample(tmp_path: Path) -> None:
    text = printed(run("hw4_vit.ipynb", tmp_path))
    accuracy = re.search(r"Test accuracy: ([\d.]+) %", text)
    assert accuracy and float(accuracy[1]) > 40  # of ten classes
    assert logged(tmp_path / "runs" / "vit", text) == {"loss/train", "accuracy/valid", "learning rate"}


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["Assignment2-1_RNN.ipynb", "Assignment2-2_Transformers.ipynb"])
def test_the_other_solutions_run(name: str, tmp_path: Path) -> None:
    assert "is not written yet" not in printed(run(name, tmp_path))


@pytest.mark.parametrize(
    ("device", "operations", "enabled"),
    [
        ("cpu", SimpleNamespace(_is_mkldnn_bf16_supported=lambda: True), True),
        ("cpu", SimpleNamespace(_is_mkldnn_bf16_supported=lambda: False), False),
        ("cpu", SimpleNamespace(), False),  # a torch that cannot tell
        ("cuda", SimpleNamespace(_is_mkldnn_bf16_supported=lambda: True), False),
    ],
)
@pytest.mark.parametrize("topic", ["vit", "cifar10"])
def test_training_uses_bfloat16_on_processors_that_have_it(
    topic: str, device: str, operations: object, enabled: bool
) -> None:
    text = build.read_sources(ROOT, [topic])[topic]
    (condition,) = re.findall(r"^BFLOAT16 = (.+)$", text, re.MULTILINE)
    torch = SimpleNamespace(ops=SimpleNamespace(mkldnn=operations))
    assert eval(condition, {"DEVICE": SimpleNamespace(type=device), "torch": torch}) is enabled
    assert text.count("dtype=torch.bfloat16, enabled=BFLOAT16") == text.count("bfloat16") == 1


BROKEN = {"broken": "# %%\nprint('before')\n\n# %% [markdown]\n# Text\n\n# %%\n1 / 0\n\n# %%\nprint('after')\n"}


@pytest.mark.slow
def test_an_error_names_the_cell_and_keeps_the_notebook(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"broken\.ipynb, code cell 2: ZeroDivisionError: division by zero"):
        run("broken.ipynb", tmp_path, sources=BROKEN)
    cells = nbformat.read(tmp_path / "broken.ipynb", as_version=4).cells
    assert printed(cells) == "before\n" and "after" not in printed(cells)


@pytest.mark.slow
def test_a_kernel_that_dies_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"broken\.ipynb: .*died"):
        run("broken.ipynb", tmp_path, sources={"broken": "# %%\nimport os\n\nos._exit(3)\n"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["hw4_nothing.ipynb"], "is not the name of a notebook"),
        (["hw4_rnn.ipynb", "--data", "nowhere"], "nowhere: no such folder"),
    ],
)
def test_wrong_usage_is_one_line(arguments: list[str], message: str, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", *arguments, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2 and message in result.output.replace("\n", "")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_command_runs_a_skeleton(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["run", "Assignment2-1_RNN.ipynb", "--skeleton", "--out", str(tmp_path)])
    assert result.exit_code == 0 and "wrote" in result.output
    assert (tmp_path / "Assignment2-1_RNN.ipynb").is_file()


@pytest.mark.slow
def test_the_named_data_directory_is_the_only_one_looked_at(tmp_path: Path) -> None:
    empty = tmp_path / "data"
    empty.mkdir()
    arguments = ["run", "hw4_seq2seq.ipynb", "--data", str(empty), "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "MissingData: eng-fra.txt is missing" in result.output and str(empty) in result.output.replace("\n", "")
