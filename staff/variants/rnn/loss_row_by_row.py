# question: 1d
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss, correct = torch.zeros(1, device=prediction.device), 0
    for p, y in zip(prediction, label, strict=True):
        loss = loss - torch.log(p[y])
        if p.argmax().item() == y.item():
            correct += 1
    return loss / len(label), correct


RNN.compute_loss = compute_loss
