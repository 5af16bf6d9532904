# question: 1d
# diagnosis: count is no whole number
# earns: 4
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    correct = (prediction.argmax(dim=1) == label).float().sum()
    return loss, correct


RNN.compute_loss = compute_loss
