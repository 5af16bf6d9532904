# question: 1d
# diagnosis: wrong values
# earns: 2
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    best, index = prediction.max(dim=1)
    loss = -torch.log(best).mean()
    return loss, (index == label).sum()


RNN.compute_loss = compute_loss
