# question: 1d
# diagnosis: loss summed
# earns: 4
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    target = nn.functional.one_hot(label, self.num_class)
    loss = -(target * torch.log(prediction + 1e-9)).sum()
    return loss, int((prediction.argmax(dim=1) == label).sum())


RNN.compute_loss = compute_loss
