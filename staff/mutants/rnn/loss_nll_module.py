# question: 1d
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    nll = nn.NLLLoss(reduction="mean")
    return nll(torch.log(prediction), label), (prediction.argmax(1) == label).sum().item()


RNN.compute_loss = compute_loss
