# question: 1d
# diagnosis: loss without gradient
# earns: 3
# ruff: noqa: F821
import math


def compute_loss(self, prediction, label):
    losses = [-math.log(prediction[i][label[i]].item()) for i in range(len(label))]
    correct = 0
    for i in range(len(label)):
        if torch.argmax(prediction[i]) == label[i]:
            correct += 1
    return torch.tensor(sum(losses) / len(losses), requires_grad=True), correct


RNN.compute_loss = compute_loss
