# question: 1d
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    B, num_class = prediction.shape
    mask = torch.arange(num_class, device=label.device).expand(B, num_class) == label.unsqueeze(1)
    loss = -torch.log(prediction[mask]).mean()
    correct = (mask & (prediction == prediction.max(dim=1, keepdim=True).values)).sum()
    return loss, correct


RNN.compute_loss = compute_loss
