# question: 1d
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    p = prediction.gather(1, label.view(-1, 1))
    loss = -p.log().mean()
    correct = prediction.max(1)[1].eq(label).sum().item()
    return loss, correct


RNN.compute_loss = compute_loss
