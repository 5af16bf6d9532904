# question: 1d
# diagnosis: sign
# earns: 2
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = torch.log(prediction.gather(1, label[:, None]) + 1e-8).mean()
    correct = sum(int(p.argmax() == y) for p, y in zip(prediction, label, strict=True))
    return loss, correct


RNN.compute_loss = compute_loss
