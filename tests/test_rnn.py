"""hw4_rnn.ipynb: batches of texts, a recurrent network by hand, its loss, training and evaluation, an experiment."""

from pathlib import Path
from typing import Any

import rnn_network
import torch
from rnn_batches import on_a_batch, on_short_texts, one_by_one, pair, short_texts, single, whole_number
from rnn_mistakes import COLLATE, COUNT, EVALUATE, FORWARD, LOSS, TRAIN, diagnose_shapes
from torch import Tensor

from autograder.checks import (
    Case,
    Claims,
    Handle,
    Mismatch,
    Student,
    StudentError,
    attempt,
    expect,
    join,
    learnable,
    question,
    robust,
    say,
    still_right,
)

HERE = Path(__file__).parent
TEXTS = dict.fromkeys(
    ("tokenizer", "encoder", "vocab", "text_pipeline", "label_pipeline", "DEVICE", "device", "vocab_size", "num_class"),
    (HERE / "rnn_given_texts.py").read_text(encoding="utf-8"),
)
TRAINING = {"stand_in_training": (HERE / "rnn_given_training.py").read_text(encoding="utf-8")}

# Predefined layers, by their modules and by the functions behind them.
LAYERS_BY_HAND = [
    "torch.nn.RNN*", "torch.nn.LSTM*", "torch.nn.GRU*", "torch.nn.*Linear*", "torch.nn.Transformer*",
    "torch.nn.*MultiheadAttention", "torch.rnn_*", "torch.lstm*", "torch.gru*", "torch._VF.*", "torch.ops.*",
]  # fmt: skip
ALLOWED_LAYERS = [
    f"torch.nn.{name}"
    for name in (
        "Embedding", "Dropout*", "Identity", "ParameterList", "ParameterDict", "ModuleList", "ModuleDict", "Sequential",
        "*ReLU*", "ELU", "CELU", "SELU", "GELU", "SiLU", "Mish", "*Sigmoid", "Tanh*", "Hard*", "Soft*", "LogSoftmax",
        "*Loss",  # that is a matter of 1d
    )
]  # fmt: skip
LOSSES = [
    "torch.nn.*Loss*", "torch.nn.functional.*loss*", "torch.nn.functional.*cross_entropy*",
    "torch.nn.functional.kl_div", "torch.cross_entropy_loss", "torch.nll_loss*", "torch.kl_div",
    "torch.binary_cross_entropy*", "torch.ops.*",
    "torch._C._nn.*loss*", "torch._C._nn.*cross_entropy*",
]  # fmt: skip
SIZES = ("vocab_size", "input_size", "hidden_size", "num_class")
RETURNED = "mean cross-entropy, number of right predictions"
FIGURES = "mean loss, accuracy in percent"
GRADIENT = """
def loss_gradient(model, prediction, label):
    prediction = prediction.clone().requires_grad_()
    model.compute_loss(prediction, label)[0].backward()
    return prediction.grad
"""


COLLATE_ROBUST = robust(3, "batch of one")
AS_FLOAT = {"text": say("text as float"), "labels": say("labels as float"), "lengths": say("lengths as float")}


@question("1a", points=3, cases="rnn_collate")
def test_collate_batch(student: Student, case: Case) -> None:
    """Texts side by side, cut and filled up to the mean length, in the order of the rows; labels from 0; lengths."""
    student.given(**TEXTS)
    batch = one_by_one(student.collate_batch(*case.inputs))
    dims = {"text": "(T, B)", "labels": "(B,)", "lengths": "(B,)"}
    look_at = "collate_batch: the order of the rows, T, and what is behind the end of a short text"
    expect.matches(batch, case, dims=dims, mistakes=COLLATE, look_at=look_at)
    for name, part in zip(dims, batch, strict=True):
        dtype = str(part.dtype).removeprefix("torch.")
        expect.that(
            whole_number(part),
            say(
                "{name} holds the right numbers as {dtype}\nexpected torch.long: they are looked up and counted with",
                name=name,
                dtype=dtype,
            ),
            diagnosis=AS_FLOAT[name],
            earns=2,
            look_at="where the tensor is made: dtype=torch.long",
            got=part,
            shows="{}.dtype, torch.long",
        )
    alone = one_by_one(attempt(student.collate_batch, case.inputs[0][:1]))
    right = tuple(case.outputs[f"{name} of the first row"] for name in dims)
    still_right("collate_batch", alone, right, COLLATE_ROBUST, "batch of one")


@question("1b", points=2)
def test_shapes(student: Student) -> None:
    """The six parameters have the shapes of the equations, each as it is or transposed."""
    sizes = {"input": 5, "hidden": 7, "classes": 3}
    network = rnn_network.make(student, 11, *sizes.values())
    diagnose_shapes(rnn_network.own_parameters(network), **sizes)


FORWARD_ROBUST = robust(10, "detached", "batch of one")


@question("1c", points=10, cases="rnn_forward", forbid=LAYERS_BY_HAND, allow_layers=ALLOWED_LAYERS)
def test_forward(student: Student, case: Case) -> None:
    """The probabilities equal those of torch.nn.RNN at the last word of each text, whatever h_0 is.

    The batch is the student's own if that works, else the case's; in a second one every text is shorter than T.
    """
    sizes, *_ = case.inputs
    student.given(**TEXTS | {name: f"{name} = {size}" for name, size in zip(SIZES, sizes, strict=True)})
    network = rnn_network.make(student, *sizes)
    network.eval()
    look_at = "a step for each row of inputs; the state after the last word of each text; softmax over the classes"
    asked = on_a_batch(student, network, case)
    dims = {"probabilities": "(B, num_class)"}
    try:
        expect.matches(asked.got, case, dims=dims, mistakes=FORWARD, look_at=look_at)
    except Mismatch as mismatch:
        mismatch.lines[1:1] = filter(None, [asked.whose])
        raise
    short = on_short_texts(network, case, asked.order)
    right = expect.matches(short, case, dims={"short": "(B, num_class)"}, mistakes=FORWARD, look_at=look_at)
    text, length = short_texts(case, [0])
    still_right("forward", attempt(network, text, length), right["short"][:1], FORWARD_ROBUST, "batch of one")
    if case.secret:
        return
    text, length = short_texts(case, asked.order)
    known, weights = text.clamp_min(1), case.inputs[-1][asked.order]  # an embedding need not learn the id 0
    learnable("forward", network, (known, length), weights, right, asked.places, FORWARD_ROBUST)


LOSS_ROBUST, COUNT_ROBUST = robust(3, "batch of one"), robust(2, "batch of one")


@question("1d", points=3, cases="rnn_loss", forbid=LOSSES)
def test_loss(student: Student, case: Case) -> None:
    """The loss is the mean cross-entropy of probabilities, and gradients flow through it."""
    prediction, label = case.inputs
    student.given(**TEXTS, loss_gradient=GRADIENT)
    network = rnn_network.make(student, 11, 5, 7, prediction.shape[1])
    compute_loss = network.compute_loss
    loss, _ = pair("compute_loss", compute_loss(prediction, label), RETURNED)
    tolerance = 1e-4  # something small may be added before the logarithm
    look_at = "-log of the label's probability; the mean over the rows"
    if isinstance(loss, float):
        look_at = ".item(): without it the loss stays a tensor, which backward() needs"
    expect.matches(single(loss), case, dims={"loss": ""}, mistakes=LOSS, atol=tolerance, look_at=look_at)
    try:
        gradient = student.loss_gradient(network, prediction, label)
    except StudentError as error:
        gradient = error
    shown = {"got": gradient, "shows": '{}, example.expected["gradient"]'}
    expect.that(
        isinstance(gradient, torch.Tensor)
        and gradient.shape == prediction.shape
        and expect.is_close(
            through_softmax(prediction, gradient), through_softmax(prediction, case.outputs["gradient"]), atol=1e-3
        ),
        "the loss has the right value, but not the right gradient, so nothing would be learnt",
        diagnosis="loss without gradient",
        earns=1,
        look_at=".item(), .detach(), torch.tensor(...) and argmax on the way from prediction to loss",
        **shown,
    )
    alone = first_row_alone(compute_loss, case, 0)
    still_right("the loss", alone, case.outputs["loss of the first row"], LOSS_ROBUST, "batch of one")


def first_row_alone(compute_loss: Handle, case: Case, part: int) -> Any:
    """Of what `compute_loss` returns for a batch of the first row alone, one of the two values; or the error."""
    prediction, label = case.inputs
    returned = one_by_one(attempt(compute_loss, prediction[:1], label[:1]))
    return single(returned[part]) if isinstance(returned, tuple) and len(returned) == 2 else returned


def through_softmax(prediction: Tensor, gradient: Tensor) -> Tensor:
    """The gradient at the scores behind the probabilities: how a loss goes on from probabilities may differ."""
    weighted = prediction * gradient
    return weighted - prediction * weighted.sum(1, keepdim=True)


@question("1d", points=2, cases="rnn_loss", forbid=LOSSES)
def test_count(student: Student, case: Case) -> None:
    """The number of right predictions is a whole number."""
    prediction, label = case.inputs
    student.given(**TEXTS)
    network = rnn_network.make(student, 11, 5, 7, prediction.shape[1])
    compute_loss = network.compute_loss
    _, correct = pair("compute_loss", compute_loss(prediction, label), RETURNED)
    look_at = "the most probable class of every row, compared with its label; how many are equal (no mean, no .float())"
    counted = single(one_by_one(correct))
    expect.matches(counted, case, dims={"correct": ""}, mistakes=COUNT, look_at=look_at)
    expect.that(
        whole_number(counted),
        say("the number of right predictions is {what}, not a whole number", what=expect.describe(correct)),
        diagnosis="count is no whole number",
        earns=1,
        look_at=look_at,
        got=correct,
        shows="torch.as_tensor({}).dtype, torch.long",
    )
    alone = first_row_alone(compute_loss, case, 1)
    still_right("the number", alone, case.outputs["correct of the first row"], COUNT_ROBUST, "batch of one")


@question("1e", points=3, cases="rnn_training")
def test_train(student: Student, case: Case) -> None:
    """An epoch over a model that stands in gives the losses and the weights of plain gradient descent."""
    student.given(**TEXTS, **TRAINING)
    model, loader, scheduler = student.stand_in_training(*case.inputs)
    model.eval()
    figures = pair("train", student.train(model, loader, scheduler), FIGURES)
    expect.matches(
        (*map(single, one_by_one(figures)), model.weights), case,
        dims={"training loss": "", "training accuracy": "in percent", "weights after": "the epoch"},
        mistakes=TRAIN, atol=1e-6, rtol=1e-4,
        look_at="for every batch: zero_grad, loss, backward, step; sums of losses times rows, and of right predictions",
    )  # fmt: skip
    if not student.uses("update", of="ScheduledOptim"):
        expect.raise_mistake("the training", "update missing", TRAIN)


@question("1e", points=2, cases="rnn_training")
def test_evaluate(student: Student, case: Case) -> None:
    """Nothing is trained, dropped out or kept track of; mean loss and accuracy are over the rows."""
    student.given(**TEXTS, **TRAINING)
    weights, *_ = case.inputs
    model, loader, _ = student.stand_in_training(*case.inputs)
    figures = pair("evaluate", student.evaluate(model, loader), FIGURES)
    look_at = "model.eval(), torch.no_grad(), and the sums over all batches"
    kept = expect.is_close(model.weights, weights)
    advice = "no backward() and no step() in evaluate"
    expect.that(kept, "evaluate changes the weights of the model", diagnosis="weights changed", look_at=advice)
    expect.matches(
        tuple(map(single, one_by_one(figures))), case,
        dims={"loss": "", "accuracy": "in percent"}, mistakes=EVALUATE, atol=1e-6, rtol=1e-4, look_at=look_at,
    )  # fmt: skip


TEST_NEWS = 7_600
LOGGED = {say("training"): ["train"], say("validation"): ["valid", "test"]}
WRITER = "writer.add_scalar in the loop over the epochs: loss and accuracy, of training and of validation"


@question("1f", points=5)
def test_experiment(claims: Claims) -> None:
    """The saved output shows a test accuracy above 70 %; losses and accuracies are logged to TensorBoard."""
    figure = claims.best("accuracy", of=["RNN"], examples=TEST_NEWS)
    claims.reach(figure, figure.amount > 70, "more than 70 %", diagnosis="not above 70 %")
    missing = [
        say("no {metric} of {name}", metric=metric, name=name)
        for name, words in LOGGED.items()
        for metric in (say("loss"), say("accuracy"))
        if not claims.is_logged(words, metric)
    ]
    unlogged = say("the code logs {scalars} to TensorBoard", scalars=join(missing, ", "))
    claims.must_be_test(figure, worth=say("3 points, since {reason}", reason=unlogged) if missing else "5 points")
    message = say("{figure}, but {reason}", figure=figure.shown, reason=unlogged)
    expect.that(not missing, message, diagnosis="not logged", earns=3, look_at=WRITER)
