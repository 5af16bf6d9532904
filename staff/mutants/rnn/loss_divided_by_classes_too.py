# question: 1d
# diagnosis: mean over the classes too
# earns: 4
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    target = torch.zeros_like(prediction).scatter_(1, label.unsqueeze(1), 1.0)
    loss = -torch.mean(target * torch.log(prediction + 1e-12))  # 모든 원소의 평균
    correct = torch.sum(prediction.argmax(dim=-1) == label)
    return loss, correct


RNN.compute_loss = compute_loss
