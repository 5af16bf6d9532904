# question: 1d
# diagnosis: loss without gradient
# earns: 3
# ruff: noqa: F821
@torch.no_grad()
def compute_loss(self, prediction, label):
    loss = -prediction.log().gather(1, label.unsqueeze(1)).mean()
    correct = prediction.argmax(1).eq(label).sum()
    return loss, correct


RNN.compute_loss = compute_loss
