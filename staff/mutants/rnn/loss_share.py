# question: 1d
# diagnosis: share instead of number
# earns: 4
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    accuracy = (prediction.argmax(dim=1) == label).float().mean()
    return loss, accuracy


RNN.compute_loss = compute_loss
