# question: 1d
# diagnosis: loss without gradient
# earns: 3
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    p = prediction.detach()
    loss = -torch.log(p[torch.arange(len(label)), label]).mean()
    return loss, (p.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
