# question: 1d
# diagnosis: loss summed
# earns: 4
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = 0
    for i in range(len(label)):
        loss = loss - torch.log(prediction[i, label[i]])
    correct = (prediction.argmax(1) == label).sum()
    return loss, correct


RNN.compute_loss = compute_loss
