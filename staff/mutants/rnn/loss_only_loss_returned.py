# question: 1d
# diagnosis: wrong structure
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    return -torch.log(prediction[torch.arange(len(label)), label]).mean()


RNN.compute_loss = compute_loss
