# question: 1d
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
import torch.nn.functional as F


def compute_loss(self, prediction, label):
    loss = F.cross_entropy(prediction, label)
    correct = (prediction.argmax(dim=1) == label).sum()
    return loss, correct


RNN.compute_loss = compute_loss
