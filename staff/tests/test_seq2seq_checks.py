"""The checks of 2a and 2b where mutants and variants do not reach: layers of another edition of the handout."""

from collections.abc import Callable

import pytest
from marks import put as put_check

from autograder.checks.case import load_cases
from autograder.checks.question import collect
from autograder.course.root import project_root
from autograder.marking.verdict import State, Verdict
from autograder.protocol.session import Session

QUESTIONS = {check.name: check for check in collect(project_root() / "tests" / "test_seq2seq.py")}
CASES = load_cases(project_root() / "tests" / "cases" / "seq2seq_model")[:2]

# The attention comes before the LSTM, which reads the context beside the word.
CELLS = """
import torch
from torch import nn

class LSTMEncoder(nn.Module):
    def __init__(self, in_dim, emb_dim, hid_dim):
        super().__init__()
        self.embedding = nn.Embedding(in_dim, emb_dim)
        self.lstm = nn.LSTM(emb_dim, hid_dim, batch_first=True)

    def forward(self, input, hidden, cell):
        return self.lstm(self.embedding(input), (hidden, cell))

class AttnLSTMDecoder(nn.Module):
    def __init__(self, emb_dim, hid_dim, out_dim, dropout, enc_hiddens=None):
        super().__init__()
        self.enc_hiddens = enc_hiddens
        self.embedding = nn.Embedding(out_dim, emb_dim)
        self.lstm = nn.LSTM(emb_dim + hid_dim, hid_dim, batch_first=True)
        self.classifier = nn.Linear(hid_dim, out_dim)

    def forward(self, input, hidden, cell):
        weights = (self.enc_hiddens @ hidden[0].unsqueeze(2)).softmax(1)
        context = weights.transpose(1, 2) @ self.enc_hiddens
        state, (hidden, cell) = self.lstm(torch.cat([self.embedding(input), context], 2), (hidden, cell))
        return self.classifier(state).squeeze(1), hidden, cell

class LSTMSeq2Seq(nn.Module):
    def __init__(self, in_dim, out_dim, emb_dim, hid_dim, device, dropout):
        super().__init__()
        self.hid_dim, self.out_dim = hid_dim, out_dim
        self.encoder = LSTMEncoder(in_dim, emb_dim, hid_dim)
        self.decoder = AttnLSTMDecoder(emb_dim, hid_dim, out_dim, dropout)

    def forward(self, src, trg):
        B, L = trg.shape
        zeros = torch.zeros(1, B, self.hid_dim)
        self.decoder.enc_hiddens, (hidden, cell) = self.encoder(src, zeros, zeros)
        scores = torch.zeros(B, self.out_dim, L)
        for t in range(1, L):
            scores[:, :, t], hidden, cell = self.decoder(trg[:, t - 1 : t], hidden, cell)
        return scores
"""


def put(session: Callable[..., Session], check: str, code: str) -> Verdict:
    return put_check(QUESTIONS[check], session(code), CASES, "seed", earlier={"2a": ()})


def test_the_encoder_is_marked_whatever_the_decoder_is(session: Callable[..., Session]) -> None:
    assert put(session, "test_encoder", CELLS).state is State.PASS


@pytest.mark.parametrize(("check", "name"), [("test_decoder", "AttnLSTMDecoder"), ("test_model", "LSTMSeq2Seq")])
def test_layers_of_another_edition_are_left_to_an_assistant(
    session: Callable[..., Session], check: str, name: str
) -> None:
    verdict = put(session, check, CELLS)
    assert (verdict.state, verdict.diagnosis) == (State.UNGRADED, "unknown layers")
    assert verdict.message.startswith(f"{name} has to be marked by hand") and "lacks" not in verdict.message
    assert ("obeys every law" in verdict.message) == (check == "test_model")


@pytest.mark.parametrize(
    ("right", "wrong", "diagnosis"),
    [
        ("trg[:, t - 1 : t]", "trg[:, t : t + 1]", "target leak"),
        ("scores[:, :, t], hidden, cell", "scores[:, :, t], _, _", "state not carried"),
        ("softmax(1)", "softmax(0)", "sentences not independent"),
        ("self.embedding(input), context", "nn.functional.dropout(self.embedding(input)), context", "not reproducible"),
    ],
)
def test_a_law_that_they_break_is_named(
    session: Callable[..., Session], right: str, wrong: str, diagnosis: str
) -> None:
    assert right in CELLS
    verdict = put(session, "test_model", CELLS.replace(right, wrong))
    assert verdict.diagnosis == diagnosis and verdict.state in (State.FAIL, State.PARTIAL)
