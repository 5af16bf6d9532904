# question: 1d
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    one_hot = torch.eye(prediction.size(1)).cuda()[label.cuda()]
    loss = (-one_hot * (prediction + 1e-8).log()).sum(-1).mean()
    _, predicted = torch.max(prediction.data, 1)
    return [loss, (predicted == label).sum()]


RNN.compute_loss = compute_loss
