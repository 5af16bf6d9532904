# question: 1c
# diagnosis: last step for every row + log-softmax
# earns: 6
# ruff: noqa: F821
def forward(self, inputs, length):
    hidden = torch.randn(inputs.shape[1], self.hidden_size, device=inputs.device)
    for words in inputs:
        x = self.embedding(words)
        hidden = torch.tanh(x @ self.weight_ih + self.bias_ih + hidden @ self.weight_hh + self.bias_hh)
    return torch.log(torch.softmax(hidden @ self.weight_ho + self.bias_ho, dim=1))


RNN.forward = forward
