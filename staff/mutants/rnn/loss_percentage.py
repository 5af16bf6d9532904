# question: 1d
# diagnosis: percentage instead of number
# earns: 4
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = -torch.log(prediction[torch.arange(len(label)), label]).mean()
    right = (prediction.argmax(dim=1) == label).sum().item()
    return loss, 100 * right / len(label)  # 정확도 (%)


RNN.compute_loss = compute_loss
