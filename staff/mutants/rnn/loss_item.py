# question: 1d
# diagnosis: wrong structure
# earns: 2
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean().item()
    correct = (prediction.argmax(dim=1) == label).sum().item()
    return loss, correct


RNN.compute_loss = compute_loss
