# question: 1d
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    log_p = torch.log(torch.clamp(prediction, 1e-7, 1.0))
    loss = 0
    for i in range(len(label)):
        loss += -log_p[i][label[i]]
    loss = loss / len(label)
    # 맞힌 개수
    correct = int((prediction.argmax(dim=1) == label).sum())
    return loss, correct


RNN.compute_loss = compute_loss
