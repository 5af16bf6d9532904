# question: 1d
# ruff: noqa: F821
# The predictions add up to 1 already, so that this changes nothing.
def compute_loss(self, prediction, label):
    p = prediction / prediction.sum(dim=1, keepdim=True)
    loss = -torch.log(p[torch.arange(len(label)), label]).mean()
    return loss, (p.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
