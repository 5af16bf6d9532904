"""Stands in for model, loader and scheduler when `train` and `evaluate` of hw4_rnn.ipynb are marked.

Its text goes to the student's process. The model is no network: it is made so that the numbers of its losses tell
whether it was in training mode, whether gradients were kept track of, and with which weights it was called.
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn

Batch = tuple[Tensor, Tensor, Tensor]


class StandInModel(nn.Module):
    """Predicts (B, classes) of text (T, B) and lengths (B,) with weights (classes,)."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights.clone())

    def forward(self, text: Tensor, length: Tensor) -> Tensor:
        """(T, B), (B,) -> (B, classes)"""
        classes = torch.arange(1.0, len(self.weights) + 1, dtype=torch.float64)
        features = torch.sin(torch.outer(text.double().mean(0) + 0.1 * length.double(), classes))
        if self.training:
            features = 1.5 * features
        return features * self.weights + (0.3 if torch.is_grad_enabled() else 0.0)

    def compute_loss(self, prediction: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        """(B, classes), (B,) -> a small loss, so that clipping its gradients changes nothing; number of right ones."""
        loss = 0.001 * ((prediction - nn.functional.one_hot(label, prediction.shape[1])) ** 2).sum(1).mean()
        guessed = [row.index(max(row)) for row in prediction.tolist()]
        return loss, torch.tensor(sum(map(int.__eq__, guessed, label.tolist())))


class StandInLoader:
    """Batches as `collate_batch` returns them, any number of times."""

    def __init__(self, batches: list[Batch]) -> None:
        self.batches = batches
        self.batch_size = len(batches[0][1])
        self.dataset = range(sum(len(labels) for _, labels, _ in batches))

    def __iter__(self) -> Iterator[Batch]:
        return iter(self.batches)

    def __len__(self) -> int:
        return len(self.batches)


class StandInOptimizer:
    """Plain gradient descent; not by torch.optim, whose first use costs half a second."""

    def __init__(self, model: nn.Module, rate: float) -> None:
        self.model = model
        self.param_groups: list[dict[str, Any]] = [{"params": list(model.parameters()), "lr": rate}]

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients."""
        self.model.zero_grad(set_to_none)

    @torch.no_grad()
    def step(self) -> None:
        """Changes the weights."""
        for parameter in self.model.parameters():
            if parameter.grad is not None:
                parameter.sub_(self.param_groups[0]["lr"] * parameter.grad)


class StandInScheduler:
    """The methods of ScheduledOptim; `update` changes nothing, as it may be called anywhere."""

    def __init__(self, optimizer: StandInOptimizer) -> None:
        self.optimizer = optimizer

    def zero_grad(self) -> None:
        """Forgets the gradients."""
        self.optimizer.zero_grad()

    def step(self) -> None:
        """Changes the weights."""
        self.optimizer.step()

    def get_lr(self) -> float:
        """The learning rate."""
        return float(self.optimizer.param_groups[0]["lr"])

    def update(self) -> None:
        """Would change the learning rate."""


def stand_in_training(
    weights: Tensor, batches: list[Batch], rate: float
) -> tuple[StandInModel, StandInLoader, StandInScheduler]:
    """Model, loader and scheduler that belong together."""
    model = StandInModel(weights)
    return model, StandInLoader(batches), StandInScheduler(StandInOptimizer(model, rate))
