"""Training again: what is run and withheld, what is said of the figure reached, and what a hostile notebook gains."""

import csv
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from autograder.checks.retraining import retraining
from autograder.classroom import retrain
from autograder.classroom.retrain import ReachedFigure, Retrainer, RetrainReport, open_retrainer
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.course.test_sets import copy_without_labels
from autograder.marking.sandboxes import open_retraining_sandbox
from autograder.models.measurement import percent
from autograder.notebook.claims.model import Figure
from data import load_ag_news, load_cifar10

pytestmark = pytest.mark.slow

ROOT = project_root(Path(__file__).parent)
SAMPLES = ROOT / "data" / "samples"
HW4 = load(ROOT)["hw4"]
NEWS, VIT, TRANSLATION = "hw4_rnn.ipynb", "hw4_vit.ipynb", "hw4_seq2seq.ipynb"
Run = Callable[..., RetrainReport]

IMPORTS = """
import torch
from torch import nn
import data
"""
# Looks like the notebook's network and says what `rule` says, so that its accuracy is known without it.
NETWORK = """
class RNN(nn.Module):
    def __init__(self, rule=lambda text: 1):
        super().__init__()
        self.rule, self.weight = rule, nn.Parameter(torch.zeros(1))
    def forward(self, text, lengths):
        classes = torch.tensor([self.rule("".join(map(chr, column.tolist()))) for column in text.T])
        return nn.functional.one_hot(classes, 4) + self.weight
def collate_batch(batch):
    most = max(len(text) for _, text in batch)
    text = torch.tensor([[ord(c) for c in text.ljust(most)] for _, text in batch]).T
    return text, torch.tensor([label - 1 for label, _ in batch]), torch.tensor([len(text) for _, text in batch])
"""
STEP = """
def train(model):
    optimizer = torch.optim.SGD(model.parameters(), 0.0)
    model(torch.zeros(3, 2, dtype=torch.long), torch.ones(2)).sum().backward()
    optimizer.step()
    optimizer.zero_grad()
"""
TRAINED = ("model = RNN()", "train(model)")
PREPARED = (IMPORTS, NETWORK, STEP)


def length_rule(text: str) -> int:
    return len(text.strip()) % 4


def accuracy(rule: Callable[[str], int]) -> str:
    """What a network that follows a rule reaches on the sample's test news."""
    rows = load_ag_news("test", SAMPLES)
    return percent(sum(rule(text) == label - 1 for label, text in rows), len(rows))


@pytest.fixture(scope="module")
def retrainer() -> Iterator[Retrainer]:
    with open_retrainer(ROOT, HW4, SAMPLES, minutes=5) as made:
        yield made


@pytest.fixture(scope="module")
def run(retrainer: Retrainer, notebook: Callable[..., bytes]) -> Iterator[Run]:
    """Runs a notebook of some cells again; the result of `sentences` is that of its only question."""
    with open_retraining_sandbox(ROOT, retrainer.directory, 600, [SAMPLES], unsafe=True) as sandbox:

        def train(*cells: str, name: str = NEWS, claim: str = "", minutes: float = 5) -> RetrainReport:
            (check,) = retrainer.retrainings[name]
            timed = replace(retrainer, minutes=minutes)
            return timed.retrain(sandbox.fork, notebook(*cells), name, {check.question: claim})

        yield train


def sentence(retrained: RetrainReport) -> str:
    """What is said of the only question, with M for the minutes of a run that ended by itself."""
    (said,) = retrained.sentences.values()
    return re.sub(r" in \d+\.\d minutes", " in M minutes", said)


# --- what is run and what is said


def test_the_figure_is_that_of_the_trained_model_on_the_true_labels(run: Run) -> None:
    expected = accuracy(lambda text: 1)
    assert sentence(run(*PREPARED, *TRAINED)) == f"retraining reached {expected} in M minutes; nothing was claimed"


def test_rows_that_collate_batch_sorts_are_put_back(run: Run) -> None:
    rule = "model = RNN(lambda text: len(text.strip()) % 4)"
    sort = """
    as_they_come = collate_batch
    def collate_batch(batch):
        return as_they_come(sorted(batch, key=lambda row: len(row[1])))
    """
    assert accuracy(length_rule) != accuracy(lambda text: 1)
    for cells in ((rule,), (sort, rule)):
        assert sentence(run(*PREPARED, *cells, "train(model)")).startswith(
            f"retraining reached {accuracy(length_rule)}"
        )


def test_labels_that_only_know_four_classes_are_enough(run: Run) -> None:
    four = """
    as_they_come = collate_batch
    def collate_batch(batch):
        return as_they_come([({1: 1, 2: 2, 3: 3, 4: 4}[label], text) for label, text in batch])
    """
    assert accuracy(lambda text: 1) in sentence(run(*PREPARED, four, *TRAINED))


def test_of_several_models_the_best_one_counts_wherever_it_lies(run: Run) -> None:
    best = max(range(4), key=lambda kind: accuracy(lambda text: kind))
    cells = (
        *TRAINED,
        f"models = {{'best': RNN(lambda text: {best})}}",
        "other = RNN()\ntrain(other)\nwrapped = nn.Sequential(RNN())",
    )
    assert accuracy(lambda text: best) in sentence(run(*PREPARED, *cells))


def test_claims_are_compared(run: Run) -> None:
    shown = accuracy(lambda text: 1)
    said = [sentence(run(*PREPARED, *TRAINED, claim=claim)) for claim in (shown, "99.00 %", "1.00 %")]
    assert said[0].endswith(f"which agrees with the claimed {shown}")
    assert said[1].endswith("much lower than the claimed 99.00 %")
    assert said[2].endswith("better than the claimed 1.00 %")


def test_a_cell_that_raises_does_not_end_the_run(run: Run) -> None:
    said = sentence(run("nothing_of_this_name", *PREPARED, "import sys; sys.exit()", *TRAINED))
    first = "code cell 1: NameError: name 'nothing_of_this_name' is not defined (and 1 more)"
    assert said == f"retraining reached {accuracy(lambda text: 1)} in M minutes; nothing was claimed; {first}"


def test_a_run_without_a_trained_model_is_told_with_its_first_error(run: Run) -> None:
    assert sentence(run(IMPORTS, "def f(:", "raise ValueError('x')")) == "retraining failed: code cell 3: ValueError: x"
    nothing = "retraining failed: no trained RNN was found after the run"
    assert sentence(run(*PREPARED)) == nothing
    assert sentence(run(*PREPARED, "small = RNN()")) == nothing


def test_a_model_that_gives_no_answers_is_told(run: Run) -> None:
    odd = "RNN.forward = lambda self, text, lengths: torch.zeros(3)"
    said = sentence(run(*PREPARED, *TRAINED, odd))
    assert said == "retraining failed: the RNN cannot be asked: what forward returns has a wrong shape"
    assert "has_no_such_name" in sentence(run(*PREPARED, *TRAINED, "del collate_batch", "has_no_such_name"))


def test_steps_by_hand_are_training_too(run: Run) -> None:
    by_hand = "model = RNN()\nmodel(torch.zeros(3, 2, dtype=torch.long), torch.ones(2)).sum().backward()"
    assert accuracy(lambda text: 1) in sentence(run(*PREPARED, by_hand))


def test_magics_colab_and_figures_do_nothing(run: Run) -> None:
    colab = """
    !pip install nothing
    %matplotlib inline
    from google.colab import drive, files
    import os, google.colab
    drive.mount("/content/drive")
    os.chdir("/content/drive/MyDrive/hw4")
    files.download("x")
    import sys
    assert "google.colab" not in sys.modules
    """
    figures = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nplt.savefig('curve.png')"
    said = sentence(run(colab, "%%bash\nexit 1", *PREPARED, figures, *TRAINED))
    assert "code cell" not in said and accuracy(lambda text: 1) in said


def test_files_and_logs_may_be_written_and_classes_pickled(run: Run) -> None:
    cell = """
    from torch.utils.tensorboard import SummaryWriter
    writer = SummaryWriter("runs/rnn")
    writer.add_scalar("loss", 1.0, 1)
    writer.close()
    class Kept(nn.Module):
        pass
    torch.save(Kept(), "kept.pt")
    print(type(torch.load("kept.pt", weights_only=False)).__name__)
    torch.save(torch.zeros(8_000_000), "large.pt")
    """
    retrained = run(*PREPARED, cell, *TRAINED)
    assert "code cell" not in sentence(retrained)
    assert dict(retrained.printed)[4] == "Kept\n"


def test_what_a_cell_shows_is_kept_with_its_value_and_its_error(run: Run) -> None:
    printed = dict(run("import sys\nprint('a', file=sys.stderr)\nprint('b')\n6 * 7", "print('c')\n1 / 0").printed)
    assert printed == {1: "b\n\na\n\n42", 2: "c\n\nZeroDivisionError"}


def test_pictures_are_classified_as_the_notebook_normalises_them(run: Run) -> None:
    cell = """
    class ViT(nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(10))
        def forward(self, images):
            brightest = images.mean((2, 3)).argmax(1)
            return nn.functional.one_hot(brightest, 10) + self.weight
    model = ViT()
    model(torch.ones(1, 3, 2, 2)).sum().backward()
    """
    images, labels = load_cifar10("test", SAMPLES)
    right = int((images.mean((1, 2)).argmin(1) == labels).sum())
    said = sentence(run(IMPORTS, "def normalise(images):\n    return -images.float()", cell, name=VIT))
    assert said.startswith(f"retraining reached {percent(right, len(labels))} in ")
    missing = "retraining failed: the ViT cannot be asked: normalise is not defined in the notebook"
    assert sentence(run(IMPORTS, cell, name=VIT)) == missing


def test_a_perplexity_is_taken_from_what_the_run_prints(run: Run) -> None:
    cell = "value = 5.0\nprint(f'Test perplexity: {value:.2f}')"
    said = sentence(run(cell, name=TRANSLATION, claim="perplexity 3.86"))
    assert said == "retraining reached perplexity 5 in M minutes, much higher than the claimed perplexity 3.86"
    named = "retraining failed: no test perplexity was printed, but perplexity 4.2 (called validation)"
    assert sentence(run("print('Validation perplexity: 4.2')", name=TRANSLATION)) == named
    silent = sentence(run("print('nothing')", name=TRANSLATION))
    assert silent == "retraining failed: no test perplexity was printed"


def test_saved_outputs_are_not_what_the_run_prints(retrainer: Retrainer, notebook: Callable[..., bytes]) -> None:
    shown = b'"outputs": [{"output_type": "stream", "name": "stdout", "text": "Test perplexity: 5.00"}]'
    content = notebook("print('nothing')").replace(b'"outputs": []', shown)
    assert b"5.00" in content
    with open_retraining_sandbox(ROOT, retrainer.directory, 600, unsafe=True) as sandbox:
        found = retrainer.retrain(sandbox.fork, content, TRANSLATION, {"2c": "perplexity 5"})
    assert found.sentences == {"2c": "retraining failed: no test perplexity was printed"}


# --- the budget, and notebooks that want to do harm


EPOCHS = """
import time
for epoch in range(1, 1001):
    train(model)
    print(f"epoch {epoch}/1000: loss 0.5")
    time.sleep(0.2)
"""


def test_a_run_that_takes_too_long_is_stopped_and_its_model_asked(run: Run) -> None:
    retrained = run(*PREPARED, "model = RNN()", EPOCHS, "never = 1 / 0", claim="99.00 %", minutes=0.1)
    said = sentence(retrained)
    assert said.startswith("retraining stopped after ") and " of 1000: " in said
    assert said.endswith(f": {accuracy(lambda text: 1)}; claimed 99.00 %")
    assert "epoch 1/1000: loss 0.5" in dict(retrained.printed)[5]


def test_a_stopped_run_without_a_model_says_so(run: Run) -> None:
    said = sentence(run(*PREPARED, "while True: pass", minutes=0.02))
    assert said.startswith("retraining stopped after ") and said.endswith(": no trained RNN was found after the run")


def test_a_cell_may_not_catch_the_end(run: Run) -> None:
    cell = """
    caught = []
    while len(caught) < 2:
        try:
            while True: pass
        except BaseException as end:
            caught.append(end)
    while True: pass
    """
    said = sentence(run(*PREPARED, *TRAINED, cell, minutes=0.1))
    assert said.startswith("retraining stopped after ") and accuracy(lambda text: 1) in said


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("import os\nos._exit(3)", "retraining failed: the notebook ended the Python process (exit code 3)"),
        ("import ctypes\nctypes.string_at(0)", "retraining failed: the notebook ended the Python process (SIGSEGV)"),
        ("rows = []\nwhile True: rows.append(torch.empty(1 << 28))", "code cell 4: "),
    ],
)
def test_a_notebook_that_ends_its_process_or_takes_all_memory_fails_alone(run: Run, cell: str, says: str) -> None:
    assert says in sentence(run(*PREPARED, cell))
    assert accuracy(lambda text: 1) in sentence(run(*PREPARED, *TRAINED))


def test_a_run_that_does_not_stop_is_killed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrain, "GRACE_SECONDS", 2.0)
    cell = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    assert sentence(run(*PREPARED, *TRAINED, cell, minutes=0.1)) == (
        "retraining failed: the run did not stop after 0.1 minutes and had to be killed"
    )


def test_a_gigabyte_of_output_is_cut_and_the_figure_found(run: Run) -> None:
    cell = """
    print("begin")
    for _ in range(1000):
        print("x" * (1 << 20))
    print("end")
    """
    retrained = run(*PREPARED, cell, *TRAINED)
    text = dict(retrained.printed)[4]
    assert text.startswith("begin\n") and text.endswith("\nend\n") and "\n...\n" in text and len(text) < 210_000
    assert accuracy(lambda text: 1) in sentence(retrained)


def test_forged_replies_are_no_replies(run: Run) -> None:
    forged = "import autograder.worker.full_run as r\nr.FullRun.printed = lambda self: 7"
    told = sentence(run(*PREPARED, *TRAINED, forged))
    assert told == "retraining failed: the notebook sent a report of the run that makes no sense"


# --- what is withheld


def test_a_notebook_sees_the_training_data_and_no_test_labels(run: Run) -> None:
    cell = """
    import data
    print([len({label for label, _ in data.load_ag_news(split)}) for split in ("train", "test")])
    print(data.load_ag_news("test")[0])
    from torchtext.datasets import AG_NEWS
    print({label for label, _ in AG_NEWS(split="test")})
    print(*(data.load_cifar10(split)[1].max() for split in ("train", "test")), data.load_cifar10("test")[0].sum())
    """
    _, text = load_ag_news("test", SAMPLES)[0]
    pictures, labels = load_cifar10("test", SAMPLES)
    assert max(labels.tolist()) == 9 and {label for label, _ in load_ag_news("test", SAMPLES)} == {1, 2, 3, 4}
    assert dict(run(cell).printed)[1].splitlines() == ["[4, 1]", str((1, text)), "{1}", f"9 0 {pictures.sum()}"]


def test_the_true_labels_cannot_be_read(run: Run) -> None:
    path = SAMPLES / "ag_news" / "test.csv"
    assert path.is_file()
    said = sentence(run(f"print(open({str(path)!r}).read())"))
    assert said.startswith("retraining failed: code cell 1: PermissionError") or "FileNotFoundError" in said


def test_the_copy_is_readable_for_everybody_whole_and_gone_at_the_end() -> None:
    with copy_without_labels(ROOT, SAMPLES, ["ag_news", "imdb", "eng_fra", "cifar10"]) as copy:
        files = [path for path in copy.rglob("*") if path.is_file()]
        assert copy.stat().st_mode & 0o005 == 0o005 and all(path.stat().st_mode & 0o004 for path in files)
        for path in files:
            same = path.read_bytes() == (SAMPLES / path.relative_to(copy)).read_bytes()
            assert same == (path.name in ("train.csv", "eng-fra.txt"))
        assert len(files) == 6
        with (copy / "imdb" / "test.csv").open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        assert header == ["label", "text"] and {label for label, _ in rows} == {"1"}
    assert not copy.exists()


def test_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=r"ag_news/train\.csv is missing"),
        open_retrainer(ROOT, HW4, tmp_path, 1),
    ):
        pass
    with pytest.raises(FileNotFoundError, match="assignment2 has no question whose training can be run again"):
        open_retrainer(ROOT, load(ROOT)["assignment2"], SAMPLES, 1).__enter__()


# --- figures


def test_the_margin_of_an_accuracy_shrinks_with_the_test_set() -> None:
    small, large = (ReachedFigure.by(torch.arange(size) % 4 > 0) for size in (100, 10_000))
    assert (small.shown, large.shown) == ("75.00 %", "75.00 %")
    error = 100 * math.sqrt(2 * 0.75 * 0.25 / 10_000)
    assert large.margin == pytest.approx(2 + 3 * error) and small.margin == pytest.approx(2 + 30 * error)
    assert large.lead("72.00 %") == pytest.approx(3) and large.lead("") is None


def test_a_perplexity_leads_when_it_is_lower() -> None:
    figure = Figure("perplexity", ("test",), 4.0, False, "test", 1, 1, "")
    reached = ReachedFigure.printed(figure)
    assert (reached.lead("perplexity 5") or 0) > reached.margin > 0 > (reached.lead("perplexity 3.9") or 0)


def test_a_function_that_takes_other_fixtures_is_refused() -> None:
    for function in (lambda student: 1, lambda claims, model: 1, lambda model, rng: 1):
        with pytest.raises(TypeError, match="takes claims alone, or model with student and data"):
            retraining("1f", model="RNN", data="ag_news")(function)
