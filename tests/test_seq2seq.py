"""hw4_seq2seq.ipynb, 2a and 2b: encoder, decoder with attention, and the model of both. Parameters are drawn by us."""

import torch
from seq2seq_scores import PROBABILITIES, SHIFTED, flatten, law, missing_states, scores_name, step_name

from autograder import expect
from autograder.expect import Mismatch, Mistake
from autograder.parameters import assign
from autograder.question import question
from autograder.session import StudentError

# What the notebook's own cells would give, by the names that modules use from outside of them.
GIVEN = """
import torch
from types import SimpleNamespace
in_dim, out_dim, emb_dim, hid_dim = {sizes}
device = DEVICE = torch.device("cpu")
MAX_LENGTH = {length} - 1
BATCH_SIZE = {batch}
dataset = SimpleNamespace(
    input_lang=SimpleNamespace(n_words=in_dim), output_lang=SimpleNamespace(n_words=out_dim), length=MAX_LENGTH + 1
)
"""
NAMES = ("in_dim", "out_dim", "emb_dim", "hid_dim", "device", "DEVICE", "MAX_LENGTH", "BATCH_SIZE", "dataset")

ATTENTION = "softmax(h . s_1, ..., h . s_L): for each sentence on its own, over its L words"
FED = "the step for index t reads trg[:, t - 1]"
# Earned of the 6 points of the decoder.
STEP = {
    "attention over the batch": Mistake("the softmax of the attention runs over the sentences", ATTENTION, earns=3),
    "attention scaled": Mistake("the scores of the attention are divided by a root", ATTENTION, earns=5),
    "attention without softmax": Mistake("the scores of the attention go through no softmax", ATTENTION, earns=3),
    "attention uniform": Mistake("every word gets the same attention", ATTENTION, earns=3),
    "attention by the former state": Mistake(
        "the former state asks for attention, not the new one", ATTENTION, earns=3
    ),
    "tanh missing": Mistake("the tanh between fc and classifier is missing", "classifier(tanh(fc(...)))", earns=3),
    PROBABILITIES: Mistake("these are probabilities", "scores as they are, or a log-softmax; no softmax", earns=4),
}
# Earned of the 10 points of 2b. What the decoder alone gets wrong is marked in 2a.
MODEL = {
    SHIFTED: Mistake("the scores at index t are those for trg[:, t + 1]", "index 0 is nobody's", earns=7),
    PROBABILITIES: Mistake("these are probabilities", "scores as they are, or a log-softmax; no softmax", earns=8),
    "always SOS": Mistake("every step of the decoder reads SOS", FED, earns=5),
    "own predictions fed": Mistake("the steps read the words that the model guessed", FED, earns=5),
    "translations not read": Mistake("the words of trg make no difference", FED, earns=5),
    "state not carried": Mistake("every step starts with the encoder's state", "hidden and cell of each step", earns=5),
    "attention over the batch": Mistake("the sentences of a batch change each other", ATTENTION, earns=4),
    "attention without softmax": Mistake("the scores of the attention go through no softmax", ATTENTION, earns=4),
    "attention uniform": Mistake("every word gets the same attention", ATTENTION, earns=4),
    "target leak": Mistake("the scores for a word change with that word: the model knows what it has to guess", FED),
}  # fmt: skip


def given(student, case):
    """Supplies the notebook's globals with the sizes of the case."""
    sizes, _, (src, _), *_ = case.inputs
    source = GIVEN.format(sizes=sizes, length=src.shape[1], batch=src.shape[0])
    student.given(**dict.fromkeys(NAMES, source))


def part_of(parameters, name):
    """The parameters of one module of the model."""
    return {key.removeprefix(f"{name}."): value for key, value in parameters.items() if key.startswith(f"{name}.")}


def make_model(student, case):
    """LSTMSeq2Seq with the parameters of the case."""
    (in_dim, out_dim, emb_dim, hid_dim), parameters, *_ = case.inputs
    model = student.LSTMSeq2Seq(in_dim, out_dim, emb_dim, hid_dim, torch.device("cpu"), 0.0)
    assign("LSTMSeq2Seq", model, parameters)
    model.eval()
    return model


def works_in_the_model(student, case):
    """Whether encoder and decoder do their part in the student's own LSTMSeq2Seq, which may be wrong in other ways."""
    try:
        got = make_model(student, case)(*case.inputs[2])
    except (StudentError, Mismatch):
        return False
    if not isinstance(got, torch.Tensor) or got.dim() != 3:
        return False
    name = scores_name(got, case)
    return name is not None and not set(filter(None, name.split(" + "))) & STEP.keys()


@question("2a", points=4, cases="seq2seq_model")
def test_encoder(student, case):
    """Among what the encoder returns are the outputs of its LSTM, the last state and the last cell."""
    given(student, case)
    (in_dim, _, emb_dim, hid_dim), parameters, (src, _), states, _ = case.inputs
    encoder = student.LSTMEncoder(in_dim, emb_dim, hid_dim)
    assign("LSTMEncoder", encoder, part_of(parameters, "encoder"))
    encoder.eval()
    returned, error = _try(encoder, src, *states)
    missing = missing_states(returned, case.outputs)
    if not missing:
        return
    unused = not missing_states(returned, case.mistakes["first state not used"])
    expect.that(
        not unused,
        "the encoder starts with zeros, whatever hidden and cell it gets",
        diagnosis="first state not used",
        earns=3,
        look_at="self.lstm(..., (hidden, cell))",
    )
    if works_in_the_model(student, case):
        return
    if error:
        raise error
    raise Mismatch(
        f"the encoder does not return {', '.join(missing)} of its LSTM",
        f"expected among what it returns: outputs {tuple(case.outputs['outputs'].shape)}, "
        f"hidden and cell {tuple(states[0].shape)}",
        f"got {expect.describe(returned)}",
        f"with the {case}",
        "look at: self.embedding, then self.lstm with (hidden, cell)",
        diagnosis="wrong values" if list(flatten(returned)) else "wrong structure",
        costs={name: {"outputs": 2.0}.get(name, 1.0) for name in missing},
    )


@question("2a", points=6, cases="seq2seq_model")
def test_decoder(student, case):
    """One of the tensors that a step returns are the scores classifier(tanh(fc([context; state])))."""
    given(student, case)
    (_, out_dim, emb_dim, hid_dim), parameters, _, (hidden, cell), (word, enc_hiddens) = case.inputs
    decoder = student.AttnLSTMDecoder(emb_dim, hid_dim, out_dim, 0.0, enc_hiddens)
    assign("AttnLSTMDecoder", decoder, part_of(parameters, "decoder"))
    decoder.eval()
    returned, error = _try(decoder, word, hidden, cell)
    if error:
        returned, _ = _try(decoder, word, hidden[0], cell[0])
    name = step_name(returned, case)
    if name == "" or (name is None and works_in_the_model(student, case)):
        return
    mistake = expect.named(name, STEP) if name else None
    if not mistake and error:
        raise error
    raise Mismatch(
        f"the decoder: {mistake.says}" if mistake else "nothing that the decoder returns are the scores of the words",
        f"expected {tuple(case.outputs['step'].shape)} = (B, out_dim) or (B, 1, out_dim) among what it returns",
        f"got {expect.describe(returned)}",
        f"with the {case}",
        f"look at: {mistake.look_at if mistake else 'the equations of 2a, one after the other; print the shapes'}",
        diagnosis=name if mistake else "wrong values",
        earns=mistake.earns if mistake else 0,
    )


def _try(module, *arguments):
    """What a module returns, and the error that it raised instead; one that says nothing about it is raised on."""
    try:
        return module(*arguments), None
    except StudentError as error:
        if error.diagnosis != "error":
            raise
        return None, error


@question("2b", points=10, cases="seq2seq_model")
def test_model(student, case):
    """The scores at index t come from the right word before, the state carried on, and attention to the sentence."""
    given(student, case)
    src, trg = case.inputs[2]
    model = make_model(student, case)
    got = model(src, trg)
    batch, words, length = case.outputs["scores"].shape
    shapes = {(batch, words, length + 1), (batch, words, length)}
    if not isinstance(got, torch.Tensor) or got.shape not in shapes:
        expect.shape("LSTMSeq2Seq(...)(src, trg)", got, (batch, words, length + 1), dims="(B, out_dim, L)")
    name = scores_name(got, case)
    if name is None:
        model.train()  # teacher forcing may be a matter of training; nothing is dropped out
        name = scores_name(model(src, trg), case)
    if name is None:
        expect.shape("LSTMSeq2Seq(...)(src, trg)", got, (batch, words, length + 1), dims="(B, out_dim, L)")
        name = law(model, src, trg, got)
        expect.that(
            bool(name),
            "the scores are wrong, though each knows the right words before it and no later ones",
            diagnosis="wrong values",
            earns=4,
            look_at="what the encoder's state, the decoder's step (2a) and its attention work on",
        )
    own = " + ".join(part for part in name.split(" + ") if part in MODEL)
    if own:
        mistake = expect.named(own, MODEL)
        message = f"LSTMSeq2Seq: {mistake.says}\nwith the {case}"
        expect.that(False, message, diagnosis=own, earns=mistake.earns, look_at=mistake.look_at)
