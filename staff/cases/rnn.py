"""Cases of 1a and 1c to 1e: batches of texts, a recurrent network by torch.nn.RNN, its loss, and training.

Source of the network: Elman 1990, "Finding Structure in Time", as torch.nn.RNN computes it.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product

import torch
from case_gradients import gradients
from case_parameters import Parameters, table
from rnn_training import rnn_training
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.checks import Case, Outputs, Rng, mistake_key, recipe

__all__ = ["rnn_collate", "rnn_forward", "rnn_loss", "rnn_training"]

RIGHT: Callable[[Tensor], Tensor] = partial(torch.softmax, dim=1)
WORDS = 40  # ids that the stand-in for the vocabulary has
ROUNDED = ("down", "up")


def draw_texts(rng: Rng, lengths: Sequence[int], words: int) -> list[Tensor]:
    """Ids of texts with these lengths in an order that is sorted neither way; a word is unknown here and there."""
    order = rng.permutation(len(lengths))
    shuffled = [lengths[i] for i in order]
    while len(set(lengths)) > 1 and shuffled in (sorted(lengths), sorted(lengths, reverse=True)):
        shuffled = shuffled[1:-1] + [shuffled[0], shuffled[-1]]
    texts = [rng.integers(1, words, length) for length in shuffled]
    texts[0][1] = texts[1][-1] = 0
    return texts


def batch_of(texts: Sequence[Tensor], labels: Tensor) -> list[tuple[int, str]]:
    """Rows (label from 1, text) as the data set holds them."""
    return [
        (int(label) + 1, " ".join(f"w{i}" if i else "unknown" for i in ids))
        for ids, label in zip(texts, labels, strict=True)
    ]


def mean_length(texts: Sequence[Tensor], rounded: str) -> int:
    """T, the mean length rounded down or up."""
    total = sum(map(len, texts))
    return -(-total // len(texts)) if rounded == "up" else total // len(texts)


def columns(texts: Sequence[Tensor], T: int) -> Tensor:
    """(T, B): the first T ids of every text, and zeros behind."""
    return nn.utils.rnn.pad_sequence([*(ids[:T] for ids in texts), torch.zeros(T, dtype=torch.long)])[:, :-1]


@recipe(
    "rnn_collate",
    sizes=[
        {"lengths": (5, 9, 2, 7)},
        {"lengths": (6, 13, 8)},
        {"lengths": (3, 11, 4, 12, 9)},
        {"lengths": (4, 4)},
    ],
)
def rnn_collate(rng: Rng, lengths: Sequence[int]) -> Case:
    """Batches whose mean length is or is not a whole number; T rounded either way, lengths before or after cutting.

    In one batch all texts are equally long; the first row is also a batch by itself.
    """
    texts = draw_texts(rng, lengths, WORDS)
    labels = rng.permutation(4)[torch.arange(len(texts)) % 4]
    accepted: dict[str, Outputs] = {}
    mistakes: dict[str, Outputs] = {}
    for rounded, cut in product(ROUNDED, (True, False)):
        T, kind = mean_length(texts, rounded), f"T rounded {rounded}, lengths {'after' if cut else 'before'} cutting"
        right = collated(texts, labels, T, cut)
        accepted[kind] = right | first_alone(texts, labels)
        for name, one in wrong_batches(texts, labels, T, cut, right).items():
            mistakes[mistake_key(name, variant=kind)] = one
    return Case(
        inputs=(batch_of(texts, labels),),
        outputs=accepted.pop(next(iter(accepted))),
        accepted=accepted,
        mistakes=mistakes,
    )


def collated(texts: Sequence[Tensor], labels: Tensor, T: int, cut: bool) -> dict[str, Tensor]:
    """What a batch becomes."""
    lengths = torch.tensor([min(len(ids), T) if cut else len(ids) for ids in texts])
    return {"text": columns(texts, T), "labels": labels, "lengths": lengths}


def first_alone(texts: Sequence[Tensor], labels: Tensor) -> dict[str, Tensor]:
    """What a batch of the first row alone becomes, however T is rounded."""
    alone = collated(texts[:1], labels[:1], len(texts[0]), cut=True)
    return {f"{name} of the first row": value for name, value in alone.items()}


def wrong_batches(
    texts: Sequence[Tensor], labels: Tensor, T: int, cut: bool, right: dict[str, Tensor]
) -> dict[str, dict[str, Tensor]]:
    """What known mistakes make of a batch."""
    wrong: dict[str, dict[str, Tensor]] = {}
    for name, reverse in (("ascending", False), ("descending", True)):
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]), reverse=reverse)
        wrong[f"batch sorted | {name}"] = collated([texts[i] for i in order], labels[order], T, cut)
    if len({len(ids) for ids in texts}) == 1:
        wrong["batch sorted | ties"] = collated([*reversed(texts)], labels.flip(0), T, cut)
    for name, length in (("T is the longest", max(map(len, texts))), ("T is the shortest", min(map(len, texts)))):
        wrong[name] = collated(texts, labels, length, cut)
    wrong["axes exchanged"] = {**right, "text": right["text"].T.contiguous()}
    wrong["filled in front"] = {**right, "text": columns([ids[:T].flip(0) for ids in texts], T).flip(0)}
    wrong["cut in front"] = {**right, "text": columns([ids[-T:] for ids in texts], T)}
    wrong["labels from 1"] = {**right, "labels": labels + 1}
    known = [int((ids[:T] != 0).sum() if cut else (ids != 0).sum()) for ids in texts]
    wrong["unknown words not counted"] = {**right, "lengths": torch.tensor(known)}
    wrong["lengths all T"] = {**right, "lengths": torch.full((len(texts),), T)}
    return wrong


@recipe(
    "rnn_forward",
    sizes=[
        {"lengths": (14, 19, 12, 18), "vocab_size": 23, "input_size": 5, "hidden_size": 7, "num_class": 3},
        {"lengths": (13, 22, 15), "vocab_size": 31, "input_size": 8, "hidden_size": 6, "num_class": 5},
    ],
)
def rnn_forward(
    rng: Rng, lengths: Sequence[int], vocab_size: int, input_size: int, hidden_size: int, num_class: int
) -> Case:
    """Probabilities of a batch as `collate_batch` makes it, and of one in which every text is shorter than T.

    The recurrent weights are small, so that after twelve steps h_0 does not show any more.
    """
    texts = draw_texts(rng, lengths, vocab_size)
    parameters = {
        "embedding.weight": rng.normal(vocab_size, input_size),
        "weight_ih": rng.normal(hidden_size, input_size, scale=input_size**-0.5),
        "bias_ih": rng.normal(hidden_size, scale=0.5),
        "weight_hh": small_weights(rng, hidden_size),
        "bias_hh": rng.normal(hidden_size, scale=0.5),
        "weight_ho": rng.normal(num_class, hidden_size),
        "bias_ho": rng.normal(num_class, scale=0.5),
    }
    long = columns(texts, max(map(len, texts)) + 3)
    known, weights = long.clamp_min(1), rng.normal(len(texts), num_class)  # an embedding need not learn the id 0
    last = torch.tensor([len(ids) - 1 for ids in texts])
    accepted: dict[str, Outputs] = {}
    mistakes: dict[str, Outputs] = {}
    for rounded, transposed in product(ROUNDED, (False, True)):
        kind = f"T rounded {rounded}, recurrent weight {'transposed' if transposed else 'as it is'}"
        recurrent = parameters["weight_hh"].T if transposed else parameters["weight_hh"]
        T = mean_length(texts, rounded)
        variables = parameters | {"weight_hh": recurrent}
        batches = {"probabilities": columns(texts, T), "short": long}
        found = gradients(lambda of: probabilities(of, recurrent_states(of, known), last), variables, weights)
        for name, outputs in predictions(variables, texts, batches).items():
            if name:
                mistakes[mistake_key(name, variant=kind)] = outputs
            else:
                accepted[kind] = outputs | found
    T = mean_length(texts, "down")
    return Case(
        inputs=(
            (vocab_size, input_size, hidden_size, num_class),
            batch_of(texts, torch.arange(len(texts)) % 4),
            parameters,
            {"cut": columns(texts, T), "long": long},
            {"cut": torch.tensor([min(len(ids), T) for ids in texts]), "long": torch.tensor([*map(len, texts)])},
            weights,
        ),
        outputs=accepted.pop(next(iter(accepted))),
        accepted=accepted,
        mistakes=mistakes,
    )


def small_weights(rng: Rng, size: int) -> Tensor:
    """(size, size) that shrinks every vector to 0.3 of its length: three tenths to the power of 12 is 5e-7."""
    orthogonal, _ = torch.linalg.qr(rng.normal(size, size, dtype=torch.float64))
    shrinking: Tensor = 0.3 * orthogonal
    return shrinking.float()


def predictions(
    parameters: Parameters, texts: Sequence[Tensor], batches: dict[str, Tensor]
) -> dict[str, dict[str, Tensor]]:
    """Probabilities (B, num_class) of each batch (T, B): under "" the right ones, else what known mistakes give."""
    found: dict[str, dict[str, Tensor]] = {}
    for output, text in batches.items():
        states = recurrent_states(parameters, text)
        last = torch.tensor([min(len(ids), len(text)) - 1 for ids in texts])
        places = {
            "": last,
            "off by one | early": (last - 1).clamp_min(0),
            "off by one | late": (last + 1).clamp_max(len(text) - 1),
            "last step for every row": torch.full_like(last, len(text) - 1),
            "unknown words not counted": (text != 0).sum(0) - 1,
        }
        for (place, step), normalised in product(places.items(), ("", *NORMALISATIONS)):
            value = probabilities(parameters, states, step, NORMALISATIONS.get(normalised, RIGHT))
            found.setdefault(mistake_key(place, normalised), {})[output] = value
    return found


def probabilities(
    parameters: Parameters, states: Tensor, step: Tensor, normalise: Callable[[Tensor], Tensor] = RIGHT
) -> Tensor:
    """(B, num_class) from states (T, B, hidden_size), each row's at its own step (B,)."""
    last = states[step, torch.arange(len(step))]
    return normalise(F.linear(last, parameters["weight_ho"], parameters["bias_ho"]))


NORMALISATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "log-softmax": lambda logits: logits.log_softmax(1),
    "softmax missing": torch.clone,
    "softmax over the batch": lambda logits: logits.softmax(0),
}


def recurrent_states(parameters: Parameters, text: Tensor) -> Tensor:
    """States (T, B, hidden_size) of ids (T, B), by torch.nn.RNN."""
    hidden_size, input_size = parameters["weight_ih"].shape
    names = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
    words = F.embedding(text, parameters["embedding.weight"])
    network = nn.RNN(input_size, hidden_size)
    states: Tensor = torch.func.functional_call(network, {f"{name}_l0": parameters[name] for name in names}, (words,))[
        0
    ]
    return states


@recipe("rnn_loss", sizes=table("rows num_class", (7, 4), (5, 3)))
def rnn_loss(rng: Rng, rows: int, num_class: int) -> Case:
    """Cross-entropy and number of right predictions, by torch.nn.functional; at least one right and one wrong."""
    logits = rng.normal(rows, num_class, scale=1.5).requires_grad_()
    labels = logits.detach().argmax(1)
    labels[: rows // 2] = (labels[: rows // 2] + 1 + rng.integers(0, num_class - 1, rows // 2)) % num_class
    prediction = logits.softmax(1).detach().requires_grad_()
    loss = F.nll_loss(prediction.log(), labels)
    (gradient,) = torch.autograd.grad(loss, prediction)
    chosen = prediction.detach()[range(rows), labels]
    correct = (prediction.argmax(1) == labels).sum()
    wrong = {
        "loss summed": loss * rows,
        "mean over the classes too": loss / num_class,
        "softmax again": F.cross_entropy(prediction, labels),
        "logarithm missing": -chosen.mean(),
        "sign": -loss,
        "one loss for each row": -chosen.log(),
    }
    first = {"loss of the first row": -chosen[0].log(), "correct of the first row": prediction[0].argmax() == labels[0]}
    counts = {"share instead of number": correct / rows, "percentage instead of number": 100 * correct / rows}
    return Case(
        inputs=(prediction.detach(), labels),
        outputs={"loss": loss.detach(), "correct": correct, "gradient": gradient, **first},
        mistakes={name: {"loss": value.detach()} for name, value in wrong.items()}
        | {name: {"correct": value} for name, value in counts.items()},
    )
