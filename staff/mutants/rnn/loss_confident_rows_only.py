# question: 1d
# diagnosis: wrong values
# earns: 3
# ruff: noqa: F821
# Counts a row as right only where the label's probability is high.
def compute_loss(self, prediction, label):
    p = prediction[torch.arange(len(label)), label]
    return -torch.log(p).mean(), (p > 0.9).sum()


RNN.compute_loss = compute_loss
