# question: 1d
# ruff: noqa: F821
import torch.nn.functional as F


def compute_loss(self, prediction, label):
    target = F.one_hot(label, num_classes=prediction.shape[1])
    loss = -torch.sum(target * torch.log(prediction + 1e-9)) / prediction.shape[0]
    correct = torch.sum(torch.argmax(prediction, dim=1) == label)
    return loss, correct


RNN.compute_loss = compute_loss
