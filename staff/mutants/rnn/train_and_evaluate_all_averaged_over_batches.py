# question: 1e
# diagnosis: mean over the batches
# earns: 3
# ruff: noqa: F821
import numpy as np


def train(model, loader, scheduler):
    model.train()
    losses, accuracies = [], []
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        scheduler.step()
        losses.append(loss.item())
        accuracies.append(correct.item() / len(labels) * 100)
    return float(np.mean(losses)), float(np.mean(accuracies))


@torch.no_grad()
def evaluate(model, loader):
    model.eval()
    losses, accuracies = [], []
    for text, labels, lengths in loader:
        loss, correct = model.compute_loss(model(text, lengths), labels)
        losses.append(loss.item())
        accuracies.append(correct.item() / len(labels) * 100)
    return float(np.mean(losses)), float(np.mean(accuracies))
