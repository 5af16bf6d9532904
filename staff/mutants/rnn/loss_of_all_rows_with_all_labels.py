# question: 1d
# diagnosis: wrong values
# earns: 2
# ruff: noqa: F821
# prediction[:, label] is (B, B).
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[:, label]).mean()
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
