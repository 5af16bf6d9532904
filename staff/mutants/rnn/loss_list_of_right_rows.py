# question: 1d
# diagnosis: wrong shape
# earns: 3
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    return loss, prediction.argmax(dim=1) == label


RNN.compute_loss = compute_loss
