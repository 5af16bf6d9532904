# question: 1d
# diagnosis: wrong values
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    correct = (prediction.argmax(dim=1) == label).sum()
    return correct, loss


RNN.compute_loss = compute_loss
