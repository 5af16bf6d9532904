# question: 1d
# diagnosis: error
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    return loss, (prediction.argmax(dim=0) == label).sum()


RNN.compute_loss = compute_loss
