# question: 1d
# diagnosis: loss summed, share instead of number
# earns: 3
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).sum()
    accuracy = (prediction.argmax(dim=1) == label).sum() / len(label)
    return loss, accuracy


RNN.compute_loss = compute_loss
