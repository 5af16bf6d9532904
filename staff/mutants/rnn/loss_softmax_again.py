# question: 1d
# diagnosis: softmax again
# earns: 2
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    log_p = torch.log_softmax(prediction, dim=1)
    loss = -log_p[torch.arange(len(label)), label].mean()
    correct = (log_p.argmax(1) == label).sum()
    return loss, correct


RNN.compute_loss = compute_loss
