"""hw4_seq2seq.ipynb, 2a and 2b: encoder, decoder with attention, and the model of both. Parameters are drawn by us."""

import torch
from seq2seq_laws import broken_law
from seq2seq_scores import PROBABILITIES, RESHAPED, SHIFTED, flatten, missing_states, scores_name, step_name

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
TANH = "classifier(tanh(fc([context; state])))"
PLAIN = "scores as they are, or a log-softmax; no softmax"
# Earned of the 6 points of the decoder.
STEP = {
    "attention over the batch": Mistake("the softmax of the attention runs over the sentences", ATTENTION, earns=3),
    "attention scaled": Mistake("the scores of the attention are divided by a root", ATTENTION, earns=5),
    "attention without softmax": Mistake("the scores of the attention go through no softmax", ATTENTION, earns=3),
    "attention uniform": Mistake("every word gets the same attention", ATTENTION, earns=3),
    "attention by the former state": Mistake("the former state asks, not the new one", ATTENTION, earns=3),
    "tanh missing": Mistake("the tanh between fc and classifier is missing", TANH, earns=3),
    "ReLU for tanh": Mistake("a ReLU stands in the place of tanh", TANH, earns=3),
    "tanh before fc": Mistake("the tanh comes before fc", TANH, earns=3),
    PROBABILITIES: Mistake("the scores are probabilities, a softmax too many", PLAIN, earns=4),
}
# Earned of the 10 points of 2b. What the decoder alone gets wrong is marked in 2a.
MODEL = {
    SHIFTED: Mistake(
        "the scores at index t are those for trg[:, t + 1]",
        "the step that reads trg[:, t - 1] goes to index t",
        earns=7,
    ),
    PROBABILITIES: Mistake("the scores are probabilities, a softmax too many", PLAIN, earns=8),
    RESHAPED: Mistake("the axes were mixed up by a reshape or view", "permute or transpose moves axes", earns=4),
    "always SOS": Mistake("every step of the decoder reads SOS", FED, earns=5),
    "own predictions fed": Mistake("the steps read the words that the model guessed", FED, earns=5),
    "state not carried": Mistake(
        "a step does not start with the state of the step before", "pass on hidden and cell of the decoder", earns=5
    ),
    "attention over the batch": Mistake("the softmax of the attention runs over the sentences", ATTENTION, earns=4),
    "attention without softmax": Mistake("the scores of the attention go through no softmax", ATTENTION, earns=4),
    "attention uniform": Mistake("every word gets the same attention", ATTENTION, earns=4),
    "target leak": Mistake("the scores for a word change with that word: the model knows what it has to guess", FED),
    # By the laws alone
    "not reproducible": Mistake(
        "two runs with the same input differ", "random numbers, dropout, words that are fed by chance", earns=5
    ),
    "softmax over the positions": Mistake("a softmax runs over the positions of a sentence", PLAIN, earns=4),
    "sentences not independent": Mistake(
        "the sentences of a batch change each other", "axes: a softmax, view or reshape over the wrong one", earns=4
    ),
    "translations not read": Mistake("the words of trg make no difference", FED, earns=4),
    "": Mistake(
        "the scores are wrong",
        "does the decoder start with the encoder's hidden and cell? is every index from 1 on filled, by its own step?",
        earns=4,
    ),
}


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
    except Mismatch:
        return False
    except StudentError as error:
        if error.ended:
            raise
        return False
    if not isinstance(got, torch.Tensor) or got.shape not in shapes(case):
        return False
    name = scores_name(got, case)
    return name is not None and not set(filter(None, name.split(" + "))) & STEP.keys()


def shapes(case):
    """Shapes that the scores may have: (B, out_dim, L), and that without index 0, which is a known mistake."""
    batch, words, length = case.outputs["scores"].shape
    return (batch, words, length + 1), (batch, words, length)


def first_that_works(module, *attempts):
    """What a module returns for the first arguments that it takes, and the error of the very first, if there was one.

    Raises StudentError if it says nothing about the arguments.
    """
    first = None
    for arguments in attempts:
        try:
            return module(*arguments), first
        except StudentError as error:
            if error.diagnosis != "error":
                raise
            first = first or error
    return None, first


@question("2a", points=4, cases="seq2seq_model")
def test_encoder(student, case):
    """Among what the encoder returns are the outputs of its LSTM, the last state and the last cell."""
    given(student, case)
    (in_dim, _, emb_dim, hid_dim), parameters, (src, _), (hidden, cell), _ = case.inputs
    encoder = student.LSTMEncoder(in_dim, emb_dim, hid_dim)
    assign("LSTMEncoder", encoder, part_of(parameters, "encoder"))
    encoder.eval()
    returned, error = first_that_works(encoder, (src, hidden, cell), (src, (hidden, cell)))
    missing = missing_states(returned, case.outputs)
    if not missing:
        return
    unused = [wrong for name, wrong in case.mistakes.items() if name.startswith("first state not used")]
    expect.that(
        all(missing_states(returned, wrong) for wrong in unused),
        "the encoder does not start with the hidden and the cell that it gets",
        diagnosis="first state not used",
        earns=3,
        look_at="self.lstm(..., (hidden, cell))",
    )
    if works_in_the_model(student, case):
        return
    if returned is None and error:
        raise error
    raise Mismatch(
        f"not among what the encoder returns, by their values: {', '.join(missing)} of its LSTM",
        f"expected outputs {tuple(case.outputs['outputs'].shape)}, hidden and cell {tuple(hidden.shape)}",
        f"got {expect.describe(returned)}",
        f"with the {case}",
        "look at: self.embedding, then self.lstm with (hidden, cell)",
        diagnosis="wrong values" if list(flatten(returned)) else "wrong structure",
        costs={name: {"outputs": 2.0}.get(name, 1.0) for name in missing},
        about="LSTMEncoder",
    )


@question("2a", points=6, cases="seq2seq_model")
def test_decoder(student, case):
    """One of the tensors that a step returns are the scores classifier(tanh(fc([context; state])))."""
    given(student, case)
    (_, out_dim, emb_dim, hid_dim), parameters, _, (hidden, cell), (word, enc_hiddens) = case.inputs
    decoder = student.AttnLSTMDecoder(emb_dim, hid_dim, out_dim, 0.0, enc_hiddens)
    assign("AttnLSTMDecoder", decoder, part_of(parameters, "decoder"))
    decoder.eval()
    returned, error = first_that_works(
        decoder,
        (word, hidden, cell),
        (word, hidden[0], cell[0]),
        (word[:, 0], hidden, cell),
        (word, hidden, cell, enc_hiddens),
        (word, (hidden, cell)),
        (word, (hidden, cell), enc_hiddens),
    )
    name = step_name(returned, case)
    if name == "" or (name is None and works_in_the_model(student, case)):
        return
    mistake = expect.named(name, STEP) if name else None
    if mistake:
        message = f"the decoder: {mistake.says}\nwith the {case}"
        expect.that(False, message, diagnosis=name, earns=mistake.earns, look_at=mistake.look_at)
    if returned is None and error:
        raise error
    raise Mismatch(
        "not among what the decoder returns, by their values: the scores of the words",
        f"expected {tuple(case.outputs['step'].shape)} = (B, out_dim), or (B, 1, out_dim)",
        f"got {expect.describe(returned)}",
        f"with the {case}",
        "look at: the equations of 2a, one after the other; print the shapes",
        diagnosis="wrong values" if list(flatten(returned)) else "wrong structure",
        about="AttnLSTMDecoder",
    )


@question("2b", points=10, cases="seq2seq_model")
def test_model(student, case):
    """The scores at index t come from the right word before, the state carried on, and attention to the sentence."""
    given(student, case)
    src, trg = case.inputs[2]
    model = make_model(student, case)
    name = name_of(model, case)
    if name != "":
        model.train()  # teacher forcing may be a matter of training; nothing is dropped out
        name = {"": ""}.get(name_of(model, case), name)
        model.eval()
    if name is None:
        name = broken_law(model, src, trg, case.outputs["scores"].shape[1])
        mistake, diagnosis = MODEL[name], name or "wrong values"
    else:
        diagnosis = " + ".join(part for part in name.split(" + ") if part in MODEL)
        mistake = expect.named(diagnosis, MODEL)
    if diagnosis:
        message = f"LSTMSeq2Seq: {mistake.says}\nwith the {case}"
        expect.that(False, message, diagnosis=diagnosis, earns=mistake.earns, look_at=mistake.look_at)


def name_of(model, case):
    """By which mistakes the model's scores are what they are; "" for right ones, None for unknown ones."""
    got = model(*case.inputs[2])
    if not isinstance(got, torch.Tensor) or got.shape not in shapes(case):
        look_at = "forward returns one tensor, with the words as its second axis: permute moves axes"
        expect.shape("LSTMSeq2Seq(...)(src, trg)", got, shapes(case)[0], dims="(B, out_dim, L)", look_at=look_at)
    return scores_name(got, case)
