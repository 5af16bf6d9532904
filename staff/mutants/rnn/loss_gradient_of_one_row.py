# question: 1d
# diagnosis: loss without gradient
# earns: 3
# ruff: noqa: F821
# Only the last row keeps its gradient.
def compute_loss(self, prediction, label):
    total = 0.0
    for i in range(len(label)):
        total = float(total) - torch.log(prediction[i, label[i]])
    return total / len(label), (prediction.argmax(1) == label).sum()


RNN.compute_loss = compute_loss
