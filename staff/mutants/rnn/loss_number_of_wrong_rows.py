# question: 1d
# diagnosis: wrong values
# earns: 3
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    wrong = torch.count_nonzero(prediction.argmax(dim=1) - label)
    return loss, wrong


RNN.compute_loss = compute_loss
