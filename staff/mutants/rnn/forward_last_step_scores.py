# question: 1c
# diagnosis: last step for every row + softmax missing
# earns: 6
# ruff: noqa: F821
def forward(self, inputs, length):
    embedded = self.embedding(inputs)
    hidden = torch.randn(embedded.size(1), self.hidden_size, device=embedded.device)
    for t in range(embedded.size(0)):
        hidden = torch.tanh(embedded[t] @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
    return hidden @ self.weight_ho + self.bias_ho


RNN.forward = forward
