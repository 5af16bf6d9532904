"""Cases of 1e: one epoch of training and one of evaluation over a model that stands in, by loops written out here."""

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from types import ModuleType

import torch
from torch import Tensor

from autograder.checks import Case, Rng, load_module, mistake_key, recipe

given: ModuleType = load_module(Path(__file__).parents[2] / "tests" / "rnn_given_training.py", "given")
Batch = tuple[Tensor, Tensor, Tensor]
CLASSES = 4
RATE = 200.0  # large, since the gradients are small
LOOPS = ("training mode", "zero_grad", "no step", "evaluation mode", "gradients")  # in the names of wrong loops
CLIPPED = 0.1  # the smallest norm to which notebooks clip gradients


@recipe("rnn_training", sizes=[{"rows": (5, 5, 3)}, {"rows": (6, 6, 6, 2)}])
def rnn_training(rng: Rng, rows: Sequence[int]) -> Case:
    """Losses in float64, accuracies in percent, weights after an epoch; the last batch has fewer rows."""
    while True:
        weights = rng.uniform(CLASSES, low=0.5, high=1.5, dtype=torch.float64)
        batches = [
            (rng.integers(1, 40, 7 + number, size), rng.integers(0, CLASSES, size), rng.integers(1, 8, size))
            for number, size in enumerate(rows)
        ]
        stages = {stage.__name__: stage(weights, batches) for stage in (training, evaluation)}
        if all(_tells_apart(outputs) for outputs in stages.values()):
            break
    mistakes = {
        mistake_key(name, variant=stage): one
        for stage, outputs in stages.items()
        for name, one in outputs.items()
        if name
    }
    right = {name: value for outputs in stages.values() for name, value in outputs[""].items()}
    return Case(inputs=(weights, batches, RATE), outputs=right, mistakes=mistakes)


def _tells_apart(outputs: dict[str, dict[str, Tensor]]) -> bool:
    """Whether no two ways to sum up what the right loop gives lead to the same numbers, which is a matter of luck."""
    summed_up = [one for name, one in outputs.items() if not any(part in name for part in LOOPS)]
    numbers = torch.stack([torch.stack([value.double() for value in list(one.values())[:2]]) for one in summed_up])
    return bool(torch.pdist(numbers).min() > 1e-4)


def training(weights: Tensor, batches: Sequence[Batch]) -> dict[str, dict[str, Tensor]]:
    """Outputs of `train`: under "" the right ones, else what known mistakes give."""
    found = {}
    for mode, gradients in product(("", "not in training mode"), ("", "zero_grad missing", "no step")):
        model = given.StandInModel(weights).train(not mode)
        losses, rights = [], []
        for text, labels, lengths in batches:
            if not gradients:
                model.weights.grad = None
            loss, correct = model.compute_loss(model(text, lengths), labels)
            loss.backward()
            assert gradients or model.weights.grad.norm() < CLIPPED / 2, "clipping would show"
            if gradients != "no step":  # not by torch.optim, whose first use costs a second
                with torch.no_grad():
                    model.weights.sub_(model.weights.grad, alpha=RATE)
            losses.append(loss.detach())
            rights.append(correct)
        changed = model.weights.detach()
        for name, (loss, accuracy) in figures(batches, losses, rights).items():
            found[mistake_key(mode, gradients, name)] = {
                "training loss": loss,
                "training accuracy": accuracy,
                "weights after": changed,
            }
    return found


def evaluation(weights: Tensor, batches: Sequence[Batch]) -> dict[str, dict[str, Tensor]]:
    """Outputs of `evaluate`: under "" the right ones, else what known mistakes give."""
    found = {}
    for mode, tracked in product(("", "not in evaluation mode"), ("", "gradients kept track of")):
        model = given.StandInModel(weights).train(bool(mode))
        with torch.set_grad_enabled(bool(tracked)):
            pairs = [model.compute_loss(model(text, lengths), labels) for text, labels, lengths in batches]
        for name, (loss, accuracy) in figures(
            batches, [loss.detach() for loss, _ in pairs], [correct for _, correct in pairs]
        ).items():
            found[mistake_key(mode, tracked, name)] = {"loss": loss, "accuracy": accuracy}
    return found


def figures(
    batches: Sequence[Batch], losses: Sequence[Tensor], rights: Sequence[Tensor]
) -> dict[str, tuple[Tensor, Tensor]]:
    """Mean loss and accuracy in percent from those of the batches, right and wrong."""
    sizes = torch.tensor([len(labels) for _, labels, _ in batches], dtype=torch.float64)
    loss, right = torch.stack(list(losses)), torch.stack(list(rights)).double()
    mean, percent = (loss * sizes).sum() / sizes.sum(), 100 * right.sum() / sizes.sum()
    by_batch, percent_by_batch = loss.mean(), 100 * (right / sizes).mean()
    zero = torch.zeros_like(mean)
    return {
        "": (mean, percent),
        "mean over the batches": (by_batch, percent),
        "mean over the batches | accuracy too": (by_batch, percent_by_batch),
        "accuracy averaged over the batches": (mean, percent_by_batch),
        "accuracy as a share": (mean, percent / 100),
        "mean over the batches + accuracy as a share": (by_batch, percent / 100),
        "mean over the batches + accuracy as a share | of the batches": (by_batch, percent_by_batch / 100),
        "accuracy averaged over the batches + accuracy as a share": (mean, percent_by_batch / 100),
        "loss of the last batch": (loss[-1], percent),
        "losses added up": (loss.sum(), percent),
        "losses divided by the rows": (loss.sum() / sizes.sum(), percent),
        "losses times rows divided by the batches": ((loss * sizes).mean(), percent),
        "loss and accuracy exchanged": (percent, mean),
        "returns 0": (zero, zero),
        "returns 0 | for the loss": (zero, percent),
        "returns 0 | for the accuracy": (mean, zero),
    }
