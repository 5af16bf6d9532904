"""Text notebooks as they come from Colab, and what the checks of 1a to 2b say where no mutant or variant reaches."""

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from autograder.authoring import build
from autograder.checks.case import load_module
from autograder.checks.rng import Rng
from autograder.course.course import Course, load_course
from autograder.course.manifest import load
from autograder.course.root import project_root
from autograder.marking.questions import mark_notebook
from autograder.marking.verdict import State, Verdict
from autograder.protocol.inquiry import begin
from autograder.protocol.rules import Rules
from autograder.protocol.session import Session
from autograder.protocol.student import Student
from autograder.sandbox import Sandbox

pytestmark = pytest.mark.slow

ROOT = project_root()
ASSIGNMENT = load(ROOT)["hw4"]
FROM_COLAB = [
    "from google.colab import drive\ndrive.mount('/content/drive')",
    "%cd /content/drive/MyDrive/hw4",
    "!pip install torchtext==0.6.0 torchdata portalocker -q\n!nvidia-smi",
    "import torchtext\nfrom torchtext.datasets import AG_NEWS\nprint(torchtext.__version__)",
    "train_iter, test_iter = torchtext.datasets.AG_NEWS(root='.data', split=('train', 'test'))",
]
TRIES = """
import urllib.request, socket
def rows():
    tried = []
    urllib.request.urlopen = lambda *a, **k: tried.append(a)
    socket.create_connection = lambda *a, **k: tried.append(a)
    kept = list(train_iter)
    return len(kept), kept[0][0] in (1, 2, 3, 4), len(list(test_iter)), tried
"""


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT, ASSIGNMENT, secret_seed=5)


def notebook(topic: str, before: list[str], after: str = "") -> bytes:
    """The solution behind cells of a student's own, and one cell more."""
    solution = build.solution_notebook(build.read_sources(ROOT, [topic]))
    extra = [build.solution_notebook({"x": "# %%\npass\n"}).cells[0] for _ in before]
    for number, (cell, source) in enumerate(zip(extra, before, strict=True)):
        cell.source, cell.id = source, f"own-{number}"
    solution.cells = [*extra, *solution.cells]
    return build.notebook_with_cell(solution, after)


OF_OUTPUTS = {"rnn": "1f", "seq2seq": "2c"}


@pytest.mark.parametrize(("topic", "points"), [("rnn", 25), ("seq2seq", 20)])
def test_a_notebook_from_colab_is_graded_without_its_packages(
    course: Course, sandbox: Sandbox, topic: str, points: float
) -> None:
    name = f"hw4_{topic}.ipynb"
    with Session(sandbox.fork, notebook(topic, FROM_COLAB), name, 60) as session:
        verdicts = mark_notebook(course, session)
    wrong = {(verdict.question, verdict.diagnosis) for verdict in verdicts if verdict.state is not State.PASS}
    assert wrong == {(OF_OUTPUTS[topic], "no figure")}  # the notebook was not run
    assert sum(verdict.points for verdict in verdicts) == points


def test_no_download_is_tried(sandbox: Sandbox) -> None:
    with Session(sandbox.fork, notebook("rnn", FROM_COLAB, TRIES), "hw4_rnn.ipynb", 60) as session:
        assert Student(begin(session, Rules(), 0)).rows() == (1000, True, 200, [])


@pytest.fixture
def mark(course: Course, sandbox: Sandbox) -> Iterator[Callable[..., dict[str, Verdict]]]:
    """Verdicts of a topic's solution with some definitions replaced."""

    def verdicts(topic: str, code: str) -> dict[str, Verdict]:
        name = f"hw4_{topic}.ipynb"
        with Session(sandbox.fork, notebook(topic, [], code), name, 60) as session:
            return {verdict.question: verdict for verdict in mark_notebook(course, session)}

    yield verdicts


def earned(found: dict[str, Verdict], *labels: str) -> list[tuple[float, str]]:
    return [(found[label].points, found[label].diagnosis) for label in labels]


Mark = Callable[..., dict[str, Verdict]]


def test_two_mistakes_in_one_answer_earn_what_the_worse_one_earns(mark: Mark) -> None:
    code = """
def forward(self, inputs, length):
    h = torch.zeros(inputs.shape[1], self.hidden_size)
    for x in self.embedding(inputs):
        h = torch.tanh(x @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
    return (h @ self.weight_ho + self.bias_ho).log_softmax(1)
RNN.forward = forward
"""
    assert earned(mark("rnn", code), "1c") == [(6, "last step for every row + log-softmax")]


def test_a_network_without_the_given_names_and_shapes_is_refused_with_both(mark: Mark) -> None:
    code = """
class RNN(RNN):
    def __init__(self, vocab_size, input_size, hidden_size, num_class):
        nn.Module.__init__(self)
        self.embedding = nn.Embedding(vocab_size, input_size)
        self.mine = nn.Parameter(torch.zeros(input_size, 2))
"""
    verdict = mark("rnn", code)["1c"]
    assert (verdict.points, verdict.diagnosis) == (0, "wrong structure")
    assert "expected weight_ih" in verdict.message and "got mine" in verdict.message


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("class RNN:\n    def __init__(self, *sizes):\n        self.sizes = sizes", "RNN(...) is no module"),
        (
            "class RNN(nn.Module):\n    def __init__(self, *n):\n        super().__init__()\n        self.n = n",
            "has no nn.Embedding",
        ),
    ],
)
def test_what_is_no_network_is_called_so(mark: Mark, code: str, message: str) -> None:
    verdict = mark("rnn", code)["1c"]
    assert (verdict.points, verdict.diagnosis) == (0, "wrong structure") and message in verdict.message


ODD_SCORES = [
    ("return torch.zeros(B, self.out_dim, L, dtype=torch.complex64)", "not reproducible"),
    ("self.n = getattr(self, 'n', 0) + 1\n    return torch.zeros(B, self.out_dim, L) if self.n < 3 else 'x'", ""),
    ("return torch.zeros(B, self.out_dim, L, dtype=torch.bool)", "translations not read"),
    ("return torch.full((B, self.out_dim, L), float('nan'))", "not a number"),
]


@pytest.mark.parametrize(("returns", "diagnosis"), ODD_SCORES)
def test_scores_of_odd_kinds_are_the_answers_fault(mark: Mark, returns: str, diagnosis: str) -> None:
    code = f"def forward(self, src, trg):\n    B, L = trg.shape\n    {returns}\nLSTMSeq2Seq.forward = forward"
    verdict = mark("seq2seq", code)["2b"]
    assert verdict.state in (State.FAIL, State.PARTIAL) and diagnosis in verdict.diagnosis


ODD_VALUES = [
    "None", "'x'", "3", "2.5", "True", "[]", "()", "{}", "object()", "lambda: 0", "nn", "float('nan')", "10**30",
    "torch.zeros(0)", "torch.tensor(1)", "torch.zeros(2, 2, 2)", "torch.zeros(3, 1, 0, 7)", "nn.Linear(2, 2)",
    "torch.zeros(2, 2).to_sparse()", "torch.zeros(3, 5, dtype=torch.complex64)", "torch.tensor(float('inf'))",
    "torch.zeros(3, 5, dtype=torch.bfloat16)", "torch.zeros(4, dtype=torch.bool)", "[[[[[[[[[1]]]]]]]]]",
    "torch.zeros(1).expand(10**6, 10**6)",
]  # fmt: skip
ODD_ANSWERS = {
    "rnn": """
def forward(*arguments): return {value}
collate_batch = train = evaluate = RNN.forward = RNN.compute_loss = forward
""",
    "seq2seq": """
def forward(*arguments): return {value}
LSTMEncoder.forward = AttnLSTMDecoder.forward = LSTMSeq2Seq.forward = forward
""",
}


@pytest.mark.nightly
@pytest.mark.parametrize("wrapped", ["{0}", "({0}, {0})", "({0}, {0}, {0})"])
@pytest.mark.parametrize("topic", ["rnn", "seq2seq"])
def test_odd_values_are_the_answers_fault_never_the_graders(mark: Mark, topic: str, wrapped: str) -> None:
    for value in ODD_VALUES:
        for verdict in mark(topic, ODD_ANSWERS[topic].format(value=wrapped.format(value))).values():
            assert verdict.state is not State.UNGRADED, (value, verdict)
            assert verdict.question == "1b" or verdict.points < verdict.max_points, (value, verdict)


def test_a_gradient_of_another_shape_is_none(mark: Mark) -> None:
    code = """
def compute_loss(self, prediction, label):
    torch.Tensor.grad = property(lambda self: torch.zeros(2))
    picked = prediction[torch.arange(len(label)), label]
    return -picked.log().mean(), (prediction.argmax(1) == label).sum()
RNN.compute_loss = compute_loss
"""
    verdict = mark("rnn", code)["1d"]
    assert (verdict.points, verdict.diagnosis) == (3, "loss without gradient")


def test_what_is_no_encoder_is_called_so(mark: Mark) -> None:
    verdict = mark("seq2seq", "class LSTMEncoder:\n    def __init__(self, *sizes):\n        self.sizes = sizes")["2a"]
    assert (verdict.points, verdict.diagnosis) == (6, "wrong structure")
    assert "LSTMEncoder(...) is no module" in verdict.message


HANGS = "\nimport time\ndef collate_batch(batch):\n    time.sleep(60)\n"


def test_a_collate_batch_that_hangs_costs_its_own_question_and_says_so_in_the_next(
    course: Course, sandbox: Sandbox
) -> None:
    with Session(sandbox.fork, notebook("rnn", [], HANGS), "hw4_rnn.ipynb", 2) as session:
        found = {verdict.question: verdict for verdict in mark_notebook(course, session)}
    assert [found[label].diagnosis for label in ("1a", "1c")] == ["time limit", "time limit"]
    assert earned(found, "1b", "1d", "1e") == [(2, ""), (5, ""), (5, "")]


def test_a_model_that_ends_the_process_says_so_in_every_question_that_needs_it(mark: Mark) -> None:
    code = """
import os
def encode(self, input, hidden, cell):
    return None
LSTMEncoder.forward = encode
def forward(self, src, trg):
    os._exit(3)
LSTMSeq2Seq.forward = forward
"""
    found = mark("seq2seq", code)
    assert [found[label].diagnosis for label in ("2a", "2b")] == ["crash", "crash"]


# Laws of a translator, for models that are no known one: what a model of the check's own would answer.
laws: Any = load_module(ROOT / "tests" / "seq2seq_laws.py", "laws")
WORDS = 11


class Answers:
    """A model (src, trg) -> scores, with what it keeps from call to call."""

    def __init__(self, forward: Callable[..., torch.Tensor]) -> None:
        self.calls = 0
        self.forward = forward

    def __call__(self, src: torch.Tensor, trg: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return self.forward(self, src, trg)


def carried(_: Answers, src: torch.Tensor, trg: torch.Tensor) -> torch.Tensor:
    """Scores that obey every law: they depend on the sentence and on all words before."""
    seen = torch.cat([torch.zeros(len(trg), 1), (trg[:, :-1] * torch.arange(1, trg.shape[1])).cumsum(1)], 1)
    features = torch.sin(torch.arange(1.0, WORDS + 1)[:, None] * (seen + 0.3 * src.sum(1, keepdim=True))[:, None])
    return features.float()


@pytest.mark.parametrize(
    ("name", "forward"),
    [
        ("", carried),
        ("not a number", lambda model, src, trg: carried(model, src, trg).log()),
        ("not reproducible", lambda model, src, trg: carried(model, src, trg) + model.calls),
        ("softmax over the positions", lambda model, src, trg: carried(model, src, trg).softmax(2)),
        ("softmax over the positions", lambda model, src, trg: carried(model, src, trg)[:, :, 1:].log_softmax(2)),
        ("target leak", lambda model, src, trg: carried(model, src, trg) + trg[:, None]),
        ("target leak", lambda model, src, trg: carried(model, src, trg) + trg[:, None, -1:]),
        ("sentences not independent", lambda model, src, trg: carried(model, src, trg) + src.sum()),
        ("translations not read", lambda model, src, trg: carried(model, src, torch.zeros_like(trg))),
        (
            "state not carried",
            lambda model, src, trg: torch.sin(trg.roll(1, 1)[:, None] * torch.arange(1.0, WORDS + 1)[:, None]),
        ),
    ],
)
def test_a_broken_law_is_named(name: str, forward: Callable[..., torch.Tensor]) -> None:
    rng = Rng("laws")
    src, trg = rng.integers(3, 13, 3, 6), rng.integers(3, WORDS, 3, 6)

    def with_free_index(model: Answers, src: torch.Tensor, trg: torch.Tensor) -> torch.Tensor:
        scores = forward(model, src, trg)
        return scores if scores.shape[2] == trg.shape[1] else torch.cat([torch.zeros(len(src), WORDS, 1), scores], 2)

    assert laws.broken_law(Answers(with_free_index), src, trg, WORDS) == name


@pytest.mark.parametrize(
    ("minds", "forward"),
    [
        (False, carried),
        (False, lambda model, src, trg: carried(model, torch.where(src == 2, 0, src), trg)),
        (
            True,
            lambda model, src, trg: carried(model, src[(src != 2).sum(1).argsort(descending=True, stable=True)], trg),
        ),
        (True, lambda model, src, trg: carried(model, src * (src != 2).all(0), trg)),
        (
            True,
            lambda model, src, trg: (
                carried(model, src, trg) * torch.where((src == 2).any(1), math.nan, 1.0)[:, None, None]
            ),
        ),
        (True, lambda model, src, trg: "scores"),
    ],
)
def test_sentences_may_be_filled_up(minds: bool, forward: Callable[..., Any]) -> None:
    rng = Rng("filling")
    src, trg = rng.integers(3, 13, 3, 6), rng.integers(3, WORDS, 3, 6)
    assert laws.minds_filling(Answers(forward), src, trg) is minds
