# question: 1d
# diagnosis: forbidden call
# earns: 0
# ruff: noqa: F821
def compute_loss(self, prediction, label):
    loss = self.criterion(torch.log(prediction), label)
    return loss, (prediction.argmax(dim=1) == label).sum()


RNN.compute_loss = compute_loss

# region: RNN.__init__
shape_weight_ih = (input_size, hidden_size)
shape_bias_ih = (hidden_size,)
shape_weight_hh = (hidden_size, hidden_size)
shape_bias_hh = (hidden_size,)
shape_weight_ho = (hidden_size, num_class)
shape_bias_ho = (num_class,)
self.criterion = nn.NLLLoss()
