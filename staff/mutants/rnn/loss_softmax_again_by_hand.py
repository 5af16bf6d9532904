# question: 1d
# diagnosis: softmax again
# earns: 2
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    # -log(exp(x_y) / sum_j exp(x_j))
    chosen = prediction.gather(1, label.view(-1, 1)).squeeze(1)
    loss = torch.mean(torch.log(torch.exp(prediction).sum(dim=1)) - chosen)
    return loss, (prediction.max(dim=1).indices == label).sum().item()


RNN.compute_loss = compute_loss
