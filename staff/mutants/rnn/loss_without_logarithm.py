# question: 1d
# diagnosis: logarithm missing
# earns: 2
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    # as nn.NLLLoss does
    loss = -prediction[range(len(label)), label].mean()
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
