# question: 1e
# ruff: noqa: F821
import numpy as np


def train(model, loader, scheduler):
    model.train()
    losses, corrects, sizes = [], [], []
    for text, labels, lengths in loader:
        scheduler.zero_grad()
        loss, correct = model.compute_loss(model(text, lengths), labels)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), max_norm=1)
        scheduler.step()
        losses.append(loss.item())
        corrects.append(int(correct))
        sizes.append(len(labels))
    return np.average(losses, weights=sizes), 100 * np.sum(corrects) / np.sum(sizes)
