"""hw4_seq2seq.ipynb: encoder, decoder with attention, and the model of both, with parameters of ours; its training."""

from collections.abc import Mapping

from seq2seq_laws import broken_law, minds_filling
from seq2seq_mistakes import ENCODER, MODEL, STEP
from seq2seq_modules import (
    first_that_works,
    give,
    make,
    make_model,
    model_name,
    works_in_the_model,
)
from seq2seq_scores import flatten, missing_states, step_name
from torch import Tensor

from autograder.checks import (
    Case,
    Claims,
    Mismatch,
    Student,
    attempt,
    expect,
    learnable_by_slope,
    question,
    repeatable,
    robust,
    say,
)

STEP_SCORES = '{}.squeeze().log_softmax(-1), example.expected["step"]'
ENCODER_ROBUST, DECODER_ROBUST = robust(4, "detached"), robust(6, "detached")


@question("2a", points=4, cases="seq2seq_model")
def test_encoder(student: Student, case: Case) -> None:
    """Among what the encoder returns are the outputs of its LSTM, the last state and the last cell."""
    give(student, case)
    (in_dim, _, emb_dim, hid_dim), _, (src, _), (hidden, cell), _ = case.inputs
    encoder, values = make(student, case, "LSTMEncoder", "encoder.", in_dim, emb_dim, hid_dim)
    returned, arguments, error = first_that_works(encoder, (src, hidden, cell), (src, (hidden, cell)))
    missing = missing_states(returned, case.outputs)
    shows = f'{{}}, example.expected["{missing[0]}"]' if missing else ""  # it is searched among all that is returned
    if not missing:
        if not case.secret:
            learnable_by_slope("LSTMEncoder", encoder, arguments, returned, values, ENCODER_ROBUST)
        return
    for name in ENCODER:
        wrong = [outputs for key, outputs in case.mistakes.items() if key.startswith(name)]
        if not all(missing_states(returned, outputs) for outputs in wrong):
            expect.raise_mistake("the encoder", name, ENCODER, got=returned, shows=shows)
    if works_in_the_model(student, case):
        return
    if returned is None and error:
        raise error
    raise Mismatch(
        say("not among what the encoder returns, by their values: {names} of its LSTM", names=", ".join(missing)),
        say(
            "expected outputs {outputs}, hidden and cell {states}",
            outputs=str(tuple(case.outputs["outputs"].shape)),
            states=str(tuple(hidden.shape)),
        ),
        expect.got_line(returned),
        expect.with_the(case),
        expect.to_look_at("self.embedding, then self.lstm with (hidden, cell)"),
        diagnosis="wrong values" if list(flatten(returned)) else "wrong structure",
        costs={name: 2.0 if name == "outputs" else 1.0 for name in missing},
        got=error if returned is None else returned,
        shows=shows,
        about="LSTMEncoder",
    )


@question("2a", points=6, cases="seq2seq_model")
def test_decoder(student: Student, case: Case) -> None:
    """One of the tensors that a step returns are the scores classifier(tanh(fc([context; state])))."""
    give(student, case)
    (_, out_dim, emb_dim, hid_dim), _, _, (hidden, cell), (word, enc_hiddens) = case.inputs
    decoder, values = make(student, case, "AttnLSTMDecoder", "decoder.", emb_dim, hid_dim, out_dim, 0.0, enc_hiddens)
    returned, arguments, error = first_that_works(
        decoder,
        (word, hidden, cell),
        (word, hidden[0], cell[0]),
        (word[:, 0], hidden, cell),
        (word, hidden, cell, enc_hiddens),
        (word, (hidden, cell)),
        (word, (hidden, cell), enc_hiddens),
    )
    name = step_name(returned, case)
    if name == "" and not case.secret:
        learnable_by_slope("AttnLSTMDecoder", decoder, arguments, returned, values, DECODER_ROBUST)
    if name == "" or (name is None and works_in_the_model(student, case)):
        return
    found = [one for one in flatten(returned) if one.squeeze().shape == case.outputs["step"].shape]
    shown = {"got": found[0], "shows": STEP_SCORES} if found else {"got": error if returned is None else returned}
    if name and expect.named(name, STEP):
        expect.raise_mistake("the decoder", name, STEP, expect.with_the(case), **shown)
    if returned is None and error:
        raise error
    raise Mismatch(
        "not among what the decoder returns, by their values: the scores of the words",
        say("expected {shape} = (B, out_dim), or (B, 1, out_dim)", shape=str(tuple(case.outputs["step"].shape))),
        expect.got_line(returned),
        expect.with_the(case),
        expect.to_look_at("the equations of 2a, one after the other; print the shapes"),
        diagnosis="wrong values" if list(flatten(returned)) else "wrong structure",
        about="AttnLSTMDecoder",
        **shown,
    )


MODEL_ROBUST = robust(10)
SCORES = '{}.log_softmax(1)[:, :, 1:], example.expected["scores"]'


@question("2b", points=10, cases="seq2seq_model", after=["2a"])
def test_model(student: Student, case: Case, earlier: Mapping[str, tuple[str, ...]]) -> None:
    """The scores at index t come from the right word before, the state carried on, and attention to the sentence."""
    give(student, case)
    model, values = make_model(student, case)
    name = model_name(model(*case.inputs[2]), case)
    if name != "":
        model.train()  # teacher forcing may be a matter of training; nothing is dropped out
        if model_name(model(*case.inputs[2]), case) == "":
            name = ""
        else:
            model.eval()
    if name == "" and not case.secret and minds_filling(model, *case.inputs[2]):
        name = "filled up sentences"
    if name is None:
        src, trg = case.inputs[2]
        diagnosis = broken_law(model, src, trg, words=case.outputs["scores"].shape[1]) or "wrong values"
    else:
        diagnosis = " + ".join(part for part in name.split(" + ") if part in MODEL)
    if expect.named(diagnosis, MODEL):
        shown = {"got": attempt(model, *case.inputs[2]), "shows": SCORES} if diagnosis != "filled up sentences" else {}
        expect.raise_mistake("LSTMSeq2Seq", diagnosis, MODEL, expect.with_the(case), **shown)
    if name == "" and not case.secret:
        got = model(*case.inputs[2])
        repeatable("LSTMSeq2Seq", model, case.inputs[2], got, MODEL_ROBUST, guessed)
        if "detached" not in earlier["2a"]:
            learnable_by_slope("LSTMSeq2Seq", model, case.inputs[2], got, values, MODEL_ROBUST, guessed)


def guessed(scores: Tensor) -> Tensor:
    """(B, out_dim, L) -> (B, out_dim, L - 1): index 0 is free."""
    return scores[:, :, 1:]


CURVES = {say("the perplexity (or loss)"): ("perplexity", "loss"), say("the learning rate"): ("rate",)}


@question("2c", points=10, after=["2b"])
def test_perplexity(claims: Claims, earlier: Mapping[str, tuple[str, ...]]) -> None:
    """The saved output shows a test perplexity under 7, and curves of the perplexity and of the learning rate.

    It is void if the model knew the words that it had to guess.
    """
    figure = claims.best("perplexity", of=["LSTMSeq2Seq", "AttnLSTMDecoder"])
    expect.that(
        "target leak" not in earlier["2b"],
        say("{figure} is void: 2b shows that the model knows the words which it has to guess", figure=figure.shown),
        diagnosis="void",
        look_at="2b first; then train again",
    )
    claims.reach(figure, figure.amount < 7, "less than 7", diagnosis="not under 7")
    missing = [name for name, words in CURVES.items() if not claims.has_curve(*words)]
    undrawn = say("the saved outputs show no curve of {name}", name=missing[0] if missing else "")
    for name in missing[1:]:
        undrawn = say("{undrawn} and none of {name}", undrawn=undrawn, name=name)
    claims.must_be_test(figure, worth=say("7 points, since {reason}", reason=undrawn) if missing else "10 points")
    look_at = "plot both over the epochs, with plt.ylabel, and save the notebook with its outputs"
    message = say("{figure}, but {reason}", figure=figure.shown, reason=undrawn)
    expect.that(not missing, message, diagnosis="no curve", earns=7, look_at=look_at)
