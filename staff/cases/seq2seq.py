"""Cases of 2a and 2b: a translator by torch.nn.LSTM and torch's own attention, right and with known mistakes.

Sources: Sutskever et al. 2014, "Sequence to Sequence Learning with Neural Networks", section 2; Luong et al. 2015,
"Effective Approaches to Attention-based Neural Machine Translation", section 3.1 (the score "dot").
"""

from itertools import product

import torch
from case_parameters import Parameters, linear, table
from seq2seq_model import Translator
from torch import Tensor, nn

from autograder.checks import Case, Outputs, Rng, mistake_key, recipe

ATTENTION = (
    "attention over the batch", "attention scaled", "attention without softmax", "attention uniform",
    "attention uniform | sum", "attention by the former state", "context left out | state twice",
    "context left out | zeros",
)  # fmt: skip
MIXING = ("tanh missing", "ReLU for tanh", "tanh before fc")
FEEDING = ("always SOS", "target leak", "target leak | without SOS", "own predictions fed")
STATES = ("state not carried", "state not carried | cell alone", "state not carried | hidden alone")


@recipe(
    "seq2seq_model",
    sizes=table("batch length in_dim out_dim emb_dim hid_dim", (3, 6, 13, 11, 5, 7), (2, 8, 12, 14, 6, 9)),
)
def seq2seq_model(rng: Rng, batch: int, length: int, in_dim: int, out_dim: int, emb_dim: int, hid_dim: int) -> Case:
    """What encoder, one step of the decoder and the whole model return; context or state first, as it was learnt.

    No sentence is filled up, so that leaving out the filling or not is the same.
    """
    parameters = draw_parameters(rng, in_dim, out_dim, emb_dim, hid_dim)
    src = rng.integers(3, in_dim, batch, length)
    trg = torch.cat([torch.zeros(batch, 1, dtype=torch.long), rng.integers(3, out_dim, batch, length - 1)], 1)
    # Large enough that an attention weight depends on which state asks for it.
    hidden, cell = (rng.normal(1, batch, hid_dim) for _ in range(2))
    enc_hiddens, word = rng.normal(batch, length, hid_dim, scale=1.5), rng.integers(3, out_dim, batch, 1)
    accepted: dict[str, Outputs] = {}
    mistakes: dict[str, Outputs] = {}
    for first in ("context", "state"):
        model = Translator(parameters, first)
        encoded = model.encode(src, hidden, cell)
        accepted[f"{first} first"] = encoded | {
            "scores": model.scores(src, trg),
            "step": model.step(word, hidden, cell, enc_hiddens)[0],
        }
        for name, outputs in wrong_steps(model, word, hidden, cell, enc_hiddens).items():
            mistakes[mistake_key(name, variant=f"{first} first, one step")] = outputs
        for name, scores in wrong_scores(model, src, trg).items():
            mistakes[mistake_key(name, variant=f"{first} first")] = {"scores": scores}
    zeros = torch.zeros(1, batch, hid_dim)
    for kind, start in {
        "zeros": (zeros, zeros),
        "hidden twice": (hidden, hidden),
        "cell twice": (cell, cell),
        "exchanged": (cell, hidden),
        "hidden alone": (hidden, zeros),
        "cell alone": (zeros, cell),
    }.items():
        mistakes[f"first state not used | {kind}"] = model.encode(src, *start)
    return Case(
        inputs=((in_dim, out_dim, emb_dim, hid_dim), parameters, (src, trg), (hidden, cell), (word, enc_hiddens)),
        outputs=accepted.pop("context first"),
        accepted=accepted,
        mistakes=mistakes,
    )


def draw_parameters(rng: Rng, in_dim: int, out_dim: int, emb_dim: int, hid_dim: int) -> Parameters:
    """Those of the whole model, by their names in it, large enough that words and states make a difference."""
    lstm = {name: rng.normal(*value.shape, scale=0.7) for name, value in nn.LSTM(emb_dim, hid_dim).named_parameters()}
    return {
        "encoder.embedding.weight": rng.normal(in_dim, emb_dim),
        **{f"encoder.lstm.{name}": value for name, value in lstm.items()},
        "decoder.embedding.weight": rng.normal(out_dim, emb_dim),
        **{f"decoder.lstm.{name}": rng.normal(*value.shape, scale=0.7) for name, value in lstm.items()},
        **linear(rng, "decoder.fc", hid_dim, 2 * hid_dim),
        **linear(rng, "decoder.classifier", out_dim, hid_dim),
    }  # fmt: skip


def wrong_steps(
    model: Translator, word: Tensor, hidden: Tensor, cell: Tensor, enc_hiddens: Tensor
) -> dict[str, dict[str, Tensor]]:
    """What known mistakes in the decoder make of one step."""
    return {
        mistake_key(attention, mixing): {"step": model.step(word, hidden, cell, enc_hiddens, attention, mixing)[0]}
        for attention, mixing in product(("", *ATTENTION), ("", *MIXING))
        if attention or mixing
    }


def wrong_scores(model: Translator, src: Tensor, trg: Tensor) -> dict[str, Tensor]:
    """What known mistakes in model and decoder, alone and together, make of sentences and translations."""
    return {
        mistake_key(attention, mixing, feeding, states): model.scores(src, trg, attention, mixing, feeding, states)
        for attention, mixing, feeding, states in product(
            ("", *ATTENTION), ("", *MIXING), ("", *FEEDING), ("", *STATES)
        )
        if 0 < sum(map(bool, (attention, mixing, feeding, states))) <= 2
    }
