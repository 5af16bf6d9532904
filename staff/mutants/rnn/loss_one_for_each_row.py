# question: 1d
# diagnosis: one loss for each row
# earns: 2
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    one_hot = torch.eye(prediction.shape[1], device=prediction.device)[label]
    loss = -(one_hot * torch.log(prediction + 1e-9)).sum(dim=1)
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss
