# question: 1d
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
criterion = nn.CrossEntropyLoss()


def compute_loss(self, prediction, label):
    loss = criterion(torch.log(prediction), label)
    correct = (prediction.argmax(dim=1) == label).sum()
    return loss, correct


RNN.compute_loss = compute_loss
