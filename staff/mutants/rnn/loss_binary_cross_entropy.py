# question: 1d
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    target = torch.eye(prediction.size(1))[label].to(prediction.device)
    loss = nn.BCELoss()(prediction, target)
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
