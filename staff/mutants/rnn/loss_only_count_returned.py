# question: 1d
# diagnosis: wrong structure
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    correct = (prediction.argmax(dim=1) == label).sum()
    print(f"loss {loss.item():.3f}")
    return correct


RNN.compute_loss = compute_loss
