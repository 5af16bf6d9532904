# question: 1d
# ruff: noqa: F821
import numpy as np


def compute_loss(self, prediction, label):
    loss = torch.stack([-torch.log(prediction[i, y]) for i, y in enumerate(label.tolist())]).mean()
    predicted = prediction.detach().cpu().numpy().argmax(axis=1)
    return loss, np.sum(predicted == label.cpu().numpy())


RNN.compute_loss = compute_loss
