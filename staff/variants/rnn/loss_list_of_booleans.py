# question: 1d
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    rows = torch.arange(label.numel(), device=label.device)
    loss = torch.mul(torch.log(prediction[rows, label] + 1e-12), -1).mean()
    correct = sum([p == y for p, y in zip(prediction.argmax(1).tolist(), label.tolist(), strict=True)])
    return loss, correct


RNN.compute_loss = compute_loss
