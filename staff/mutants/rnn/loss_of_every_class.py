# question: 1d
# diagnosis: wrong values
# earns: 2
# ruff: noqa: F821
# Binary cross-entropy of every class.
def compute_loss(self, prediction, label):
    y = nn.functional.one_hot(label, prediction.shape[1]).float()
    p = prediction.clamp(1e-7, 1 - 1e-7)
    loss = -(y * torch.log(p) + (1 - y) * torch.log(1 - p)).sum(1).mean()
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
