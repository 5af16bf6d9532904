# question: 1d
# diagnosis: batch of one
# earns: 4
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    prediction, label = prediction.squeeze(), label.squeeze()
    loss = -torch.log(prediction.gather(1, label[:, None])).mean()
    return loss, (prediction.argmax(1) == label).sum()


RNN.compute_loss = compute_loss
