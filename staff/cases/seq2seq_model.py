"""A translator of torch's own parts, by which the cases of 2a and 2b are made, with a switch for each known mistake."""

import torch
from case_parameters import Parameters
from torch import Tensor, nn
from torch.nn import functional as F


class Translator:
    """The model of the handout with these parameters; `first` says what comes first in [context; state]."""

    def __init__(self, parameters: Parameters, first: str) -> None:
        self.parameters = parameters
        self.first = first
        self.layers = {part: self._lstm(part) for part in ("encoder", "decoder")}
        self._ran: dict[tuple[object, ...], tuple[Tensor, tuple[Tensor, Tensor]]] = {}

    def _lstm(self, part: str) -> nn.LSTM:
        names = {name.rpartition(".")[2]: value for name, value in self.parameters.items() if f"{part}.lstm." in name}
        layer = nn.LSTM(names["weight_ih_l0"].shape[1], names["weight_hh_l0"].shape[1], batch_first=True)
        layer.load_state_dict(names)
        return layer.requires_grad_(False)

    def _run(self, part: str, words: Tensor, hidden: Tensor, cell: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """What a layer makes of words; most mistakes lie behind it, and so ask for the same again."""
        key = (part, *((tuple(one.shape), one.numpy().tobytes()) for one in (words, hidden, cell)))
        if key not in self._ran:
            embedded = F.embedding(words, self.parameters[f"{part}.embedding.weight"])
            self._ran[key] = self.layers[part](embedded, (hidden, cell))
        return self._ran[key]

    def encode(self, src: Tensor, hidden: Tensor, cell: Tensor) -> dict[str, Tensor]:
        """(B, L), (1, B, H) twice -> outputs (B, L, H), hidden and cell (1, B, H)"""
        outputs, (hidden, cell) = self._run("encoder", src, hidden, cell)
        return {"outputs": outputs, "hidden": hidden, "cell": cell}

    def step(
        self, word: Tensor, hidden: Tensor, cell: Tensor, enc_hiddens: Tensor, attention: str = "", mixing: str = ""
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One step of the decoder: (B, 1), (1, B, H) twice, (B, L, H) -> log-probabilities (B, out_dim), state, cell"""
        former = hidden.transpose(0, 1)  # (B, 1, H)
        state, (hidden, cell) = self._run("decoder", word, hidden, cell)
        context = attend(former if attention == "attention by the former state" else state, enc_hiddens, attention)
        if attention.startswith("context left out"):
            context = state if attention.endswith("state twice") else torch.zeros_like(state)
        parts = [context, state] if self.first == "context" else [state, context]
        joined = torch.cat(parts, 2)
        mixed = self._linear("decoder.fc", joined.tanh() if mixing == "tanh before fc" else joined)
        activation = {"tanh missing": torch.clone, "tanh before fc": torch.clone, "ReLU for tanh": torch.relu}
        mixed = activation.get(mixing, torch.tanh)(mixed)
        return self._linear("decoder.classifier", mixed).squeeze(1).log_softmax(1), hidden, cell

    def _linear(self, name: str, x: Tensor) -> Tensor:
        return F.linear(x, self.parameters[f"{name}.weight"], self.parameters[f"{name}.bias"])

    def scores(
        self, src: Tensor, trg: Tensor, attention: str = "", mixing: str = "", feeding: str = "", states: str = ""
    ) -> Tensor:
        """(B, L), (B, L) -> log-probabilities (B, out_dim, L - 1) of the words at index 1, 2, ..."""
        zeros = torch.zeros(1, len(src), self.layers["encoder"].hidden_size)
        encoded = self.encode(src, zeros, zeros)
        start = hidden, cell = encoded["hidden"], encoded["cell"]
        # The leak reads the very word that it guesses; it may have read SOS before.
        first, last = {"target leak": (0, 0), "target leak | without SOS": (1, 0)}.get(feeding, (0, -1))
        columns, word = [], trg[:, :1]
        for t in range(first, trg.shape[1] + last):
            fed = {"always SOS": trg[:, :1], "own predictions fed": word}.get(feeding, trg[:, t : t + 1])
            scores, hidden, cell = self.step(fed, hidden, cell, encoded["outputs"], attention, mixing)
            columns.append(scores)
            word = scores.argmax(1, keepdim=True)
            kept, _, which = states.partition(" | ")
            hidden = start[0] if kept and which != "cell alone" else hidden
            cell = start[1] if kept and which != "hidden alone" else cell
        return torch.stack(columns[1:] if feeding == "target leak" else columns, 2)


def attend(query: Tensor, states: Tensor, mistake: str = "") -> Tensor:
    """Dot-product attention: queries (B, 1, H), states (B, L, H) -> context (B, 1, H)"""
    scores = query @ states.transpose(1, 2)
    if mistake == "attention over the batch":
        return scores.softmax(0) @ states
    if mistake == "attention without softmax":
        return scores @ states
    if mistake == "attention uniform":
        return states.mean(1, keepdim=True)
    if mistake == "attention uniform | sum":
        return states.sum(1, keepdim=True)
    scale = query.shape[2] ** -0.5 if mistake == "attention scaled" else 1.0
    return F.scaled_dot_product_attention(query, states, states, scale=scale)
