# question: 1c
# diagnosis: last step for every row + softmax over the batch
# earns: 6
# ruff: noqa: F821
def forward(self, inputs, length):
    T, B = inputs.shape
    x = self.embedding(inputs)
    h = torch.zeros(B, self.hidden_size).to(inputs.device)
    for i in range(T):
        h = torch.tanh(x[i] @ self.weight_ih + self.bias_ih + h @ self.weight_hh + self.bias_hh)
    return torch.softmax(h @ self.weight_ho + self.bias_ho, 0)


RNN.forward = forward
